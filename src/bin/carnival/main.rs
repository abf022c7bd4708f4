//! The command line.

mod artwork;
mod bootstrap;
mod check;
mod codes;
mod console;
mod invite;
mod output_files;
mod passports;
mod posters;
mod publish;
mod purge;
mod records;
mod rehearse;
mod serve;
mod signals;
mod simulation;
mod store_access;
mod transfer;
mod wechat_setup;

use std::path::PathBuf;
use std::process::ExitCode;

use carnival::rules::lang::Lang;
use clap::{Parser, Subcommand};
use console::{fatal, print_line};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Check-ins, stamps and gifts for community carnivals.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    /// The language of what is printed: zh or en. Without it, the locale decides.
    #[arg(long, global = true, value_parser = |text: &str| Lang::from_tag(text).ok_or("zh or en"))]
    lang: Option<Lang>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Try it out: serve the sample carnival on this machine, with its clock set inside the first route.
    Rehearse(rehearse::Arguments),
    /// Serve a carnival, as a file of settings says; stops at SIGTERM or Ctrl-C.
    Serve(bootstrap::ConfigFile),
    /// Read a carnival file and tell every mistake, with its line and what to write instead.
    Check {
        /// The carnival file.
        file: PathBuf,
    },
    /// Write the printed codes of the points as SVG and PNG; or replace the code of one.
    Codes(codes::Arguments),
    /// Write the posters as PDF, each read back from its own page, and the volunteers' card.
    Posters(posters::Arguments),
    /// Print serial, code and link of new paper passports, separated by tabs, and write them as cards (PDF).
    Passports(passports::Arguments),
    /// Publish a carnival file beside a running server, list what was published, or put an earlier version back.
    Publish(publish::Arguments),
    /// Invite volunteers and organisers, list who came, end invitations and sessions.
    Invite(invite::Arguments),
    /// Write what happened as CSV for a spreadsheet program: check-ins, redemptions, movements of stock,
    /// or the gift ledger; beside a running server or without one.
    Records(records::Arguments),
    /// Write everything that is kept into one file, to move it into another store. No server may run.
    Export(transfer::ExportArguments),
    /// Read such a file into an empty store, and check that all of it is there.
    Import(transfer::ImportArguments),
    /// After the carnival's last day: delete whatever is about people, and keep the counts. No server may run.
    Purge(purge::Arguments),
    /// Print the API's document (OpenAPI, JSON).
    Openapi,
}

fn main() -> ExitCode {
    let Arguments { lang, command } = Arguments::parse();
    let lang = lang.unwrap_or_else(locale_language);
    let outcome = carnival::http::block_on(async move {
        match command {
            Command::Rehearse(arguments) => rehearse::rehearse(arguments, lang).await,
            Command::Serve(config) => serve::serve(&config, lang).await,
            Command::Check { file } => check::check(&file, lang),
            Command::Codes(arguments) => codes::codes(arguments, lang).await,
            Command::Posters(arguments) => posters::posters(arguments, lang).await,
            Command::Passports(arguments) => passports::passports(arguments, lang).await,
            Command::Publish(arguments) => publish::publish(arguments, lang).await,
            Command::Invite(arguments) => invite::invite(arguments, lang).await,
            Command::Records(arguments) => records::records(arguments, lang).await,
            Command::Export(arguments) => transfer::export(arguments, lang).await,
            Command::Import(arguments) => transfer::import(arguments, lang).await,
            Command::Purge(arguments) => purge::purge(arguments, lang).await,
            Command::Openapi => {
                print_line(carnival::http::routes::openapi_json().trim_end());
                Ok(())
            }
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            fatal(&failed.to_string());
            ExitCode::FAILURE
        }
    }
}

/// The language of the locale; English where it names none of ours, as command lines do.
fn locale_language() -> Lang {
    let values = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    values.into_iter().find(|value| !value.is_empty()).and_then(|value| Lang::from_tag(&value)).unwrap_or(Lang::En)
}
