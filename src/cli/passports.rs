//! `carnival passports --count N`: creates paper passports.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::actions::prints::print_documents::MAX_PASSPORTS;
use crate::actions::prints::printed_codes::PaperPassport;
use crate::http::api::answers::{PassportsRequest, PassportsView};
use crate::messages::commands::CommandMessage as Message;
use crate::rules::lang::Lang;

use super::client::{Client, new_nonce};
use super::console::{CliError, info, make_folder, print_line, say, write_file};
use super::settings::ConfigFile;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// How many. Serials never repeat between print runs.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    count: u32,
    /// Write the cards as PDF to this folder, eight to an A4 page and a thousand to a file; it is created if it does
    /// not exist.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Runs `carnival passports`.
pub(crate) async fn passports(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let Arguments { config, count, out } = arguments;
    let (mut client, _) = Client::connect(&config, None, lang).await?;
    if let Some(out) = &out {
        // Create the folder first: serials that are taken but cannot be written are lost.
        make_folder(out, lang)?;
    }
    let mut remaining = count;
    while remaining > 0 {
        let batch = if out.is_some() { remaining.min(MAX_PASSPORTS) } else { remaining };
        let request = PassportsRequest { count: batch, cards: out.is_some(), nonce: new_nonce()? };
        let PassportsView { passports, cards } =
            client.json(client.post("/v1/operator/passports").json(&request)).await?;
        let file = out.as_ref().zip(cards).map(|(out, cards)| (out.join(cards.file_name), cards.pdf));
        if let Some((path, pdf)) = &file {
            write_file(path, STANDARD.decode(pdf)?, lang)?;
        }
        for PaperPassport { serial, code, link } in passports {
            print_line(&format!("{serial}\t{code}\t{link}"));
        }
        if let Some((path, _)) = file {
            let (file, pages) = (path.display(), batch.div_ceil(8));
            info(&say(lang, &Message::PassportsWritten { batch: &batch, pages: &pages, file: &file }));
        }
        remaining -= batch;
    }
    if out.is_none() {
        info(&say(lang, &Message::CardsHint));
    }
    client.close().await;
    Ok(())
}
