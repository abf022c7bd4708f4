//! `carnival passports --count N`.

use std::path::PathBuf;

use carnival::actions::prints::{self, MOST_PASSPORTS};
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
    /// The folder for the cards as PDF, eight to an A4 page and a thousand to a file; it is made if it is not there.
    #[arg(long, default_value = ".")]
    out: PathBuf,
}

/// Writes new paper passports as PDF, and prints serial, code and link of each, separated by tabs.
pub(crate) async fn passports(arguments: Arguments, lang: Lang) -> Result<(), Failed> {
    let Arguments { config, count, out } = arguments;
    let app = setup::beside(&config, lang).await?;
    // First the folder: serials that were taken and could not be written are lost.
    files::make_folder(&out, lang)?;
    let mut left = count;
    while left > 0 {
        let these = left.min(MOST_PASSPORTS);
        let print = prints::passports(&app, these).await.map_err(|error| setup::in_words(error, lang))?;
        let path = out.join(format!("{}.pdf", print.pdf.name));
        std::fs::write(&path, print.pdf.bytes).map_err(|cause| files::cannot_write(&path, &cause, lang))?;
        for passport in print.passports {
            say(&format!("{}\t{}\t{}", passport.serial, passport.code, passport.link));
        }
        let (shown, pages) = (path.display(), these.div_ceil(8));
        tell(&lang.pick(
            format!("已写好 {these} 张集章护照（A4，{pages} 页）：{shown}"),
            format!("Wrote {these} paper passports ({pages} A4 pages) to {shown}"),
        ));
        left -= these;
    }
    Ok(())
}
