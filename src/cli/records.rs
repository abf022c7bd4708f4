//! `carnival records check-ins|redemptions|stock|ledger|hours`: writes a report as CSV.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use clap::builder::PossibleValue;
use jiff::civil::Date;
use reqwest::Response;

use crate::actions::statistics::reports;
use crate::messages::commands::CommandMessage as Message;
use crate::rules::lang::Lang;

use super::client::Client;
use super::console::{CliError, cannot_write, create_private_file, info, say, write_all_to_stdout};
use super::settings::ConfigFile;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Which records.
    #[arg(value_name = "BOOK")]
    kind: ReportKind,
    /// One day, such as 2023-04-14, also before or after the carnival. Without it, all days.
    #[arg(long, value_parser = parse_day)]
    day: Option<DayFilter>,
    /// The file to write, which must not exist. Without it, standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// A day; none if it was given empty, as in a script whose variable is not set.
#[derive(Clone, Copy)]
struct DayFilter(Option<Date>);

fn parse_day(text: &str) -> Result<DayFilter, &'static str> {
    if text.is_empty() {
        return Ok(DayFilter(None));
    }
    let day = reports::parse_day(text).ok_or("a day, such as 2023-04-14")?;
    Ok(DayFilter(Some(day)))
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum ReportKind {
    /// Every stamp: time, point, passport number, kind, source.
    CheckIns,
    /// Every gift handed over or voided: who, where, when, why.
    Redemptions,
    /// Every stock movement: delivered, damaged, corrected, moved.
    Stock,
    /// The gift ledger (礼品收发存) by day, gift and place.
    Ledger,
    /// The hours of staff: who was on duty where, from when to when.
    Hours,
}

/// Runs `carnival records`.
pub(crate) async fn records(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let Arguments { config, kind, day, out } = arguments;
    let (mut client, _) = Client::connect(&config, None, lang).await?;
    let day = day.and_then(|DayFilter(day)| day);
    let (day, report) = (day.map(|day| ("day", day.to_string())), kind.to_possible_value());
    let route = format!("/v1/organiser/{}.csv", report.as_ref().map_or("", PossibleValue::get_name));
    let stream = client.send(client.get(&route).query(day.as_slice())).await?;
    let written = write(&client, stream, out.as_deref(), lang).await;
    client.close().await;
    written
}

/// Writes the report to a new file, or to standard output. An incomplete file would pass for a complete one, so it is
/// removed.
async fn write(client: &Client, mut stream: Response, out: Option<&Path>, lang: Lang) -> Result<(), CliError> {
    // The report names staff, so only the file's owner may read it.
    let file = out.map(|out| create_private_file(out).map_err(|cause| unwritable(out, &cause, lang))).transpose()?;
    let out = out.unwrap_or(Path::new(""));
    while let Some(chunk) = stream.chunk().await.map_err(|error| client.no_answer(&error))? {
        if let Some(file) = &file {
            file.as_file().write_all(&chunk).map_err(|cause| cannot_write(out, &cause, lang))?;
        } else if !write_all_to_stdout(&chunk)? {
            break;
        }
    }
    if let Some(file) = file {
        let kept = file.as_file().sync_all().and_then(|()| file.keep().map_err(|failed| failed.error));
        kept.map_err(|cause| cannot_write(out, &cause, lang))?;
        info(&say(lang, &Message::RecordsWritten { out: &out.display() }));
    }
    Ok(())
}

fn unwritable(out: &Path, cause: &std::io::Error, lang: Lang) -> CliError {
    match cause.kind() {
        ErrorKind::AlreadyExists => say(lang, &Message::RecordsFileExists { path: &out.display() }).into(),
        _ => cannot_write(out, cause, lang),
    }
}
