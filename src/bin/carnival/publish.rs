//! `carnival publish FILE`.

use std::path::{Path, PathBuf};

use carnival::actions::publish::{self, Publication};
use carnival::actions::{App, Error};
use carnival::http::views;
use carnival::rules::carnival_file;
use carnival::rules::change::Note;
use carnival::rules::lang::Lang;

use super::check;
use super::setup::{self, ConfigFile};
use super::terminal::{Failed, say};

#[derive(clap::Args)]
#[group(id = "which", required = true, multiple = false, args = ["file", "list", "put_back"])]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The carnival file to publish. It is checked, compared with what counts, and counts from then on.
    file: Option<PathBuf>,
    /// In whose name; versions are listed with it.
    #[arg(long, value_name = "NAME", default_value = "command line", conflicts_with = "list")]
    by: String,
    /// Only say whether it could be published.
    #[arg(long, requires = "file")]
    check: bool,
    /// List the versions that were published, the newest first.
    #[arg(long)]
    list: bool,
    /// Publish this earlier version again, as the newest.
    #[arg(long, value_name = "VERSION")]
    put_back: Option<u64>,
}

/// Publishes, lists, puts back.
pub(crate) async fn publish(arguments: Arguments, lang: Lang) -> Result<(), Failed> {
    let Arguments { config, file, by, check, list: _, put_back } = arguments;
    // First the file, so that nothing is opened for one that is not there.
    let text = file.as_ref().map(|file| check::read(file, lang)).transpose()?;
    let app = setup::publisher(&config, lang).await?;
    let in_words = |error: Error| in_words(error, file.as_deref(), lang);
    match (text, put_back) {
        (Some(text), _) if check => {
            tell(&publish::look(&app, &text).await.map_err(in_words)?, lang);
            say(lang.pick("可以发布。", "It can be published."));
        }
        (Some(text), _) => tell_done(&publish::publish(&app, &text, &by, None).await.map_err(in_words)?, lang),
        (None, Some(version)) => tell_done(&publish::put_back(&app, version, &by).await.map_err(in_words)?, lang),
        (None, None) => list(&app, lang).await?,
    }
    Ok(())
}

/// Mistakes in the words of `carnival check`, whatever else as everywhere.
fn in_words(error: Error, file: Option<&Path>, lang: Lang) -> Failed {
    match error {
        Error::Mistakes(mistakes) => {
            let name = file.map_or_else(|| "carnival.toml".to_owned(), |file| file.display().to_string());
            carnival_file::report(&mistakes, &name, lang).into()
        }
        error => setup::in_words(error, lang),
    }
}

fn tell(notes: &[Note], lang: Lang) {
    for note in notes {
        say(&note.say(lang));
    }
}

fn tell_done(done: &Publication, lang: Lang) {
    tell(&done.notes, lang);
    let (version, name) = (done.current.version, &done.current.carnival.name);
    if !done.changed {
        say(&lang.pick(
            format!("{name}：与第 {version} 版相同，没有变化。"),
            format!("{name}: the same as version {version}, which counts; nothing changed."),
        ));
        return;
    }
    say(&lang.pick(
        format!("{name}：已发布第 {version} 版，两秒内各处生效。"),
        format!("{name}: version {version} is published; every server goes by it within two seconds."),
    ));
    let carnival = &done.current.carnival;
    for route in &carnival.routes {
        let (asks, of) = (carnival.needed(route), carnival.all_points(&route.id));
        say(&lang.pick(
            format!("  {}：集齐要 {asks} 个章，共 {of} 个点位", route.name),
            format!("  {}: {asks} stamps of {of} points complete it", route.name),
        ));
    }
}

async fn list(app: &App, lang: Lang) -> Result<(), Failed> {
    let current = app.current();
    for one in publish::versions(app).await.map_err(|error| setup::in_words(error, lang))? {
        let counts = if one.version == current.version { lang.pick("  ← 生效中", "  ← counts") } else { "" };
        say(&format!("{}  {}  {}{counts}", one.version, views::local(&current, one.at), one.by));
    }
    Ok(())
}
