//! `carnival records check-ins|redemptions|stock|ledger`: writes a report as CSV.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::actions::statistics::reports::{self, Filters, Report, ReportStream};
use crate::rules::lang::Lang;
use jiff::civil::Date;

use super::bootstrap::{self, ConfigFile};
use super::console::{CliError, info, write_all_to_stdout};

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
        ReportKind::CheckIns => Report::CheckIns,
        ReportKind::Redemptions => Report::Redemptions,
        ReportKind::Stock => Report::Stock,
        ReportKind::Ledger => Report::Ledger,
    };
    let app = bootstrap::connect_shared(&config, lang).await?;
    let filters = Filters { day, ..Filters::default() };
    let mut stream =
        reports::open(&app, report, filters, lang).await.map_err(|error| bootstrap::describe_error(error, lang))?;
    let Some(out) = out else { return to_stdout(&mut stream, lang).await };
    // The report names staff, so only the file's owner may read it.
    let file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&out)
        .map_err(|cause| cannot_write(&out, &cause, lang))?;
    if let Err(failed) = to_file(&mut stream, file, &out, lang).await {
        // An incomplete file would pass for a complete one. If removing it fails, the first error is still the one to
        // report.
        let _removed = fs::remove_file(&out);
        return Err(failed);
    }
    let out = out.display();
    info(&lang.pick(format!("已写好：{out}"), format!("Wrote {out}")));
    Ok(())
}

async fn to_stdout(stream: &mut ReportStream, lang: Lang) -> Result<(), CliError> {
    while let Some(chunk) = stream.next_chunk().await.map_err(|error| bootstrap::describe_error(error, lang))? {
        if !write_all_to_stdout(&chunk)? {
            break;
        }
    }
    Ok(())
}

async fn to_file(stream: &mut ReportStream, mut file: File, path: &Path, lang: Lang) -> Result<(), CliError> {
    while let Some(chunk) = stream.next_chunk().await.map_err(|error| bootstrap::describe_error(error, lang))? {
        file.write_all(&chunk).map_err(|cause| cannot_write(path, &cause, lang))?;
    }
    file.sync_all().map_err(|cause| cannot_write(path, &cause, lang))
}

fn cannot_write(path: &Path, cause: &std::io::Error, lang: Lang) -> CliError {
    let path = path.display();
    if cause.kind() == std::io::ErrorKind::AlreadyExists {
        return lang
            .pick(
                format!("{path} 已经存在，不会覆盖；请换个文件名。"),
                format!("{path} already exists and is not overwritten; choose another file."),
            )
            .into();
    }
    lang.pick(format!("写不进 {path}：{cause}"), format!("{path} cannot be written: {cause}")).into()
}
