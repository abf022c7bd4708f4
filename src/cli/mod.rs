//! Entry point of the `carnival` command line: the subcommands, and the language of the output.

mod bootstrap;
mod check;
mod client;
mod codes;
mod console;
mod edits;
mod invite;
mod logging;
mod notice;
mod passports;
mod point;
mod posters;
mod publish;
mod purge;
mod records;
mod rehearse;
mod route;
mod secrets;
mod serve;
mod settings;
mod signals;
mod simulation;
mod store_access;
mod transfer;
mod wechat_setup;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::rules::lang::Lang;
use clap::{Parser, Subcommand};
use console::{fatal, print_line};

/// Check-ins, stamps and gifts for community carnivals.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    /// The language of the output: zh or en. Without it, the locale decides.
    #[arg(long, global = true, value_parser = |text: &str| Lang::from_tag(text).ok_or("zh or en"))]
    lang: Option<Lang>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Try it: serve the sample carnival on this machine, with its clock set inside the first route.
    Rehearse(rehearse::Arguments),
    /// Serve a carnival according to a settings file; stops at SIGTERM or Ctrl-C.
    Serve(settings::ConfigFile),
    /// Check a carnival file and report every mistake, with its line and a correction.
    Check {
        /// The carnival file.
        file: PathBuf,
    },
    /// Write the printed codes of the points as SVG and PNG, or replace the code of one point.
    Codes(codes::Arguments),
    /// Write the posters as PDF, each verified by decoding its own page, and the volunteers' card.
    Posters(posters::Arguments),
    /// Print serial, code and link of new paper passports, separated by tabs, and write them as cards (PDF).
    Passports(passports::Arguments),
    /// Publish a carnival file, list the published versions, or restore an earlier one; a running server may stay up.
    Publish(publish::Arguments),
    /// Close a point, today, on another day or for good, and open it again; a running server may stay up.
    Point(point::Arguments),
    /// Move a route to other days; a running server may stay up.
    Route(route::Arguments),
    /// Set or remove the notice for residents; a running server may stay up.
    Notice(notice::Arguments),
    /// Invite volunteers and organisers, list invitations and their sessions, end them.
    Invite(invite::Arguments),
    /// Write records as CSV for a spreadsheet program: check-ins, redemptions, stock movements, or the gift ledger;
    /// with or without a running server.
    Records(records::Arguments),
    /// Write all stored data into one file, to move it into another store. No server may run.
    Export(transfer::ExportArguments),
    /// Read an exported file into an empty store, and verify that it arrived completely. No server may run.
    Import(transfer::ImportArguments),
    /// After the carnival's last day: delete all data about people, and keep the counts. No server may run.
    Purge(purge::Arguments),
    /// Print the API's OpenAPI document as JSON.
    Openapi,
}

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let Arguments { lang, command } = Arguments::parse();
    let lang = lang.unwrap_or_else(locale_language);
    let outcome = crate::http::block_on(async move {
        match command {
            Command::Rehearse(arguments) => rehearse::rehearse(arguments, lang).await,
            Command::Serve(config) => serve::serve(&config, lang).await,
            Command::Check { file } => check::check(&file, lang),
            Command::Codes(arguments) => codes::codes(arguments, lang).await,
            Command::Posters(arguments) => posters::posters(arguments, lang).await,
            Command::Passports(arguments) => passports::passports(arguments, lang).await,
            Command::Publish(arguments) => publish::publish(arguments, lang).await,
            Command::Point(arguments) => point::point(arguments, lang).await,
            Command::Route(arguments) => route::route(arguments, lang).await,
            Command::Notice(arguments) => notice::notice(arguments, lang).await,
            Command::Invite(arguments) => invite::invite(arguments, lang).await,
            Command::Records(arguments) => records::records(arguments, lang).await,
            Command::Export(arguments) => transfer::export(arguments, lang).await,
            Command::Import(arguments) => transfer::import(arguments, lang).await,
            Command::Purge(arguments) => purge::purge(arguments, lang).await,
            Command::Openapi => {
                print_line(crate::http::routes::openapi_json(None).trim_end());
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

/// The language of the locale. English if the locale names no supported language, as is usual for command lines.
fn locale_language() -> Lang {
    let values = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    values.into_iter().find(|value| !value.is_empty()).and_then(|value| Lang::from_tag(&value)).unwrap_or(Lang::En)
}
