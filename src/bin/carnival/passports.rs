//! `carnival passports --count N`.

use carnival::actions::codes::paper_passports;
use carnival::rules::lang::Lang;

use super::setup::{self, ConfigFile};
use super::terminal::{Failed, say};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// How many; their serials never repeat between print runs.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    count: u32,
}

/// Prints serial, code and link of new paper passports, separated by tabs.
pub(crate) async fn passports(arguments: Arguments, lang: Lang) -> Result<(), Failed> {
    let app = setup::beside(&arguments.config, lang).await?;
    let passports = paper_passports(&app, arguments.count).await.map_err(|error| setup::in_words(error, lang))?;
    for passport in passports {
        say(&format!("{}\t{}\t{}", passport.serial, passport.code, passport.link));
    }
    Ok(())
}
