//! `carnival records check-ins|redemptions|stock|ledger`: writes a report as CSV.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use reqwest::Response;

use crate::actions::statistics::reports;
use crate::messages::commands::CommandMessage as Message;
use crate::rules::lang::Lang;

use super::client::Client;
use super::console::{CliError, cannot_write, info, say, write_all_to_stdout};
use super::settings::ConfigFile;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Which records.
    #[arg(value_name = "BOOK")]
    kind: ReportKind,
    /// One day of the carnival, such as 2023-04-14. Without it, all days.
    #[arg(long, value_parser = |text: &str| reports::parse_day(text).ok_or("a day, such as 2023-04-14"))]
    day: Option<Date>,
    /// The file to write, which must not exist. Without it, standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum ReportKind {
    /// Every stamp: time, point, passport number, source.
    CheckIns,
    /// Every gift handed over or voided: who, where, when, why.
    Redemptions,
    /// Every stock movement: delivered, damaged, corrected, moved.
    Stock,
    /// The gift ledger (礼品收发存) by day, gift and place.
    Ledger,
}

/// Runs `carnival records`.
pub(crate) async fn records(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let Arguments { config, kind, day, out } = arguments;
    let report = match kind {
        ReportKind::CheckIns => "check-ins",
        ReportKind::Redemptions => "redemptions",
        ReportKind::Stock => "stock",
        ReportKind::Ledger => "ledger",
    };
    let (mut client, _) = Client::connect(&config, lang).await?;
    let day = day.map(|day| ("day", day.to_string()));
    let stream = client.send(client.get(&format!("/v1/organiser/{report}.csv")).query(day.as_slice())).await?;
    let written = match &out {
        None => to_stdout(&client, stream).await,
        Some(out) => to_file(&client, stream, out, lang).await,
    };
    client.close().await;
    written
}

async fn to_stdout(client: &Client, mut stream: Response) -> Result<(), CliError> {
    while let Some(chunk) = stream.chunk().await.map_err(|error| client.no_answer(&error))? {
        if !write_all_to_stdout(&chunk)? {
            break;
        }
    }
    Ok(())
}

async fn to_file(client: &Client, stream: Response, out: &Path, lang: Lang) -> Result<(), CliError> {
    // The report names staff, so only the file's owner may read it.
    let file = File::options().write(true).create_new(true).mode(0o600).open(out).map_err(|cause| {
        if cause.kind() != ErrorKind::AlreadyExists {
            return cannot_write(out, &cause, lang);
        }
        say(lang, &Message::RecordsFileExists { path: &out.display() }).into()
    })?;
    if let Err(failed) = fill_file(client, stream, file, out, lang).await {
        // An incomplete file would pass for a complete one. If removing it fails, the first error is still the one to
        // report.
        let _removed = fs::remove_file(out);
        return Err(failed);
    }
    let out = out.display();
    info(&say(lang, &Message::RecordsWritten { out: &out }));
    Ok(())
}

async fn fill_file(
    client: &Client,
    mut stream: Response,
    mut file: File,
    path: &Path,
    lang: Lang,
) -> Result<(), CliError> {
    while let Some(chunk) = stream.chunk().await.map_err(|error| client.no_answer(&error))? {
        file.write_all(&chunk).map_err(|cause| cannot_write(path, &cause, lang))?;
    }
    file.sync_all().map_err(|cause| cannot_write(path, &cause, lang))
}
