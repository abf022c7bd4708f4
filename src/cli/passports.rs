//! `carnival passports --count N`: creates paper passports.

use std::path::PathBuf;

use crate::actions::prints::codes::{PaperPassport, paper_passports};
use crate::actions::prints::print_documents::{self, MAX_PASSPORTS, PassportBatch};
use crate::rules::lang::Lang;

use super::bootstrap::{self, ConfigFile};
use super::console::{CliError, info, print_line};
use super::output_files;

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
    let app = bootstrap::connect_shared(&config, lang).await?;
    let Some(out) = out else {
        print_passports(&paper_passports(&app, count).await.map_err(|error| bootstrap::describe_error(error, lang))?);
        info(lang.pick("要印成卡片（PDF），加上 --out 文件夹。", "For cards to print (PDF), add --out FOLDER."));
        return Ok(());
    };
    // Create the folder first: serials that are taken but cannot be written are lost.
    output_files::make_folder(&out, lang)?;
    let mut remaining = count;
    while remaining > 0 {
        let batch = remaining.min(MAX_PASSPORTS);
        let PassportBatch { pdf, passports } =
            print_documents::passports(&app, batch).await.map_err(|error| bootstrap::describe_error(error, lang))?;
        let path = out.join(format!("{}.pdf", pdf.name));
        std::fs::write(&path, pdf.bytes).map_err(|cause| output_files::cannot_write(&path, &cause, lang))?;
        print_passports(&passports);
        let (shown, pages) = (path.display(), batch.div_ceil(8));
        info(&lang.pick(
            format!("已写好 {batch} 张集章护照（A4，{pages} 页）：{shown}"),
            format!("Wrote {batch} paper passports ({pages} A4 pages) to {shown}"),
        ));
        remaining -= batch;
    }
    Ok(())
}

fn print_passports(passports: &[PaperPassport]) {
    for passport in passports {
        print_line(&format!("{}\t{}\t{}", passport.serial, passport.code, passport.link));
    }
}
