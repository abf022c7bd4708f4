//! `carnival passports --count N`.

use std::path::PathBuf;

use carnival::actions::codes::{PaperPassport, paper_passports};
use carnival::actions::prints::{self, MOST_PASSPORTS, PrintRun};
use carnival::rules::lang::Lang;

use super::files;
use super::setup::{self, ConfigFile};
use super::terminal::{Failed, say, tell};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// How many; their serials never repeat between print runs.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    count: u32,
    /// Write the cards as PDF to this folder, eight to an A4 page and a thousand to a file; it is made if it is not there.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Prints serial, code and link of new paper passports, separated by tabs, and writes them as cards.
pub(crate) async fn passports(arguments: Arguments, lang: Lang) -> Result<(), Failed> {
    let Arguments { config, count, out } = arguments;
    let app = setup::beside(&config, lang).await?;
    let Some(out) = out else {
        list(&paper_passports(&app, count).await.map_err(|error| setup::in_words(error, lang))?);
        tell(lang.pick("要印成卡片（PDF），加上 --out 文件夹。", "For cards to print (PDF), add --out FOLDER."));
        return Ok(());
    };
    // First the folder: serials that were taken and could not be written are lost.
    files::make_folder(&out, lang)?;
    let mut left = count;
    while left > 0 {
        let these = left.min(MOST_PASSPORTS);
        let PrintRun { pdf, passports } =
            prints::passports(&app, these).await.map_err(|error| setup::in_words(error, lang))?;
        let path = out.join(format!("{}.pdf", pdf.name));
        std::fs::write(&path, pdf.bytes).map_err(|cause| files::cannot_write(&path, &cause, lang))?;
        list(&passports);
        let (shown, pages) = (path.display(), these.div_ceil(8));
        tell(&lang.pick(
            format!("已写好 {these} 张集章护照（A4，{pages} 页）：{shown}"),
            format!("Wrote {these} paper passports ({pages} A4 pages) to {shown}"),
        ));
        left -= these;
    }
    Ok(())
}

fn list(passports: &[PaperPassport]) {
    for passport in passports {
        say(&format!("{}\t{}\t{}", passport.serial, passport.code, passport.link));
    }
}
