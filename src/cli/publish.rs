//! `carnival publish`: publishes, lists and restores versions of the carnival.

use std::path::{Path, PathBuf};

use crate::actions::carnival::publish::{self, Publication};
use crate::actions::{App, Error};
use crate::http::api::views;
use crate::messages::messages;
use crate::rules::carnival::change::ChangeWarning;
use crate::rules::lang::Lang;

use super::bootstrap::{self, ConfigFile};
use super::check;
use super::console::{CliError, print_line};

#[derive(clap::Args)]
#[group(id = "which", required = true, multiple = false, args = ["file", "list", "put_back"])]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The carnival file to publish. It is checked and compared with the current version, and replaces it.
    file: Option<PathBuf>,
    /// The author's name, shown in the list of versions.
    #[arg(long, value_name = "NAME", default_value = "command line", conflicts_with = "list")]
    by: String,
    /// Only check whether it could be published.
    #[arg(long, requires = "file")]
    check: bool,
    /// List the published versions, newest first.
    #[arg(long)]
    list: bool,
    /// Publish this earlier version again, as a new version.
    #[arg(long, value_name = "VERSION")]
    put_back: Option<u64>,
}

/// Runs `carnival publish`.
pub(crate) async fn publish(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let Arguments { config, file, by, check, list: _, put_back } = arguments;
    // Read the file first, so that a missing file opens no store.
    let text = file.as_ref().map(|file| check::read_text(file, lang)).transpose()?;
    let app = bootstrap::connect_to_publish(&config, lang).await?;
    let describe = |error: Error| describe(error, file.as_deref(), lang);
    match (text, put_back) {
        (Some(text), _) if check => {
            print_comparison(&publish::dry_run(&app, &text).await.map_err(describe)?, lang);
            print_line(lang.pick("可以发布。", "It can be published."));
        }
        (Some(text), _) => print_published(&publish::publish(&app, &text, &by, None).await.map_err(describe)?, lang),
        (None, Some(version)) => {
            print_published(&publish::roll_back(&app, version, &by).await.map_err(describe)?, lang);
        }
        (None, None) => list(&app, lang).await?,
    }
    Ok(())
}

/// Describes an error; mistakes in the file read as in `carnival check`.
fn describe(error: Error, file: Option<&Path>, lang: Lang) -> CliError {
    match error {
        Error::Mistakes(mistakes) => {
            let name = file.map_or_else(|| "carnival.toml".to_owned(), |file| file.display().to_string());
            messages(lang).mistake_report(&mistakes, &name).into()
        }
        error => bootstrap::describe_error(error, lang),
    }
}

fn print_comparison(notes: &[ChangeWarning], lang: Lang) {
    for note in notes {
        print_line(&messages(lang).change_warning(note));
    }
}

fn print_published(publication: &Publication, lang: Lang) {
    print_comparison(&publication.warnings, lang);
    let (version, name) = (publication.current.version, &publication.current.carnival.name);
    if !publication.changed {
        print_line(&lang.pick(
            format!("{name}：与第 {version} 版相同，没有变化。"),
            format!("{name}: the same as version {version}, which is current; nothing changed."),
        ));
        return;
    }
    print_line(&lang.pick(
        format!("{name}：已发布第 {version} 版，两秒内各处生效。"),
        format!("{name}: version {version} is published; every server uses it within two seconds."),
    ));
    let carnival = &publication.current.carnival;
    for route in &carnival.routes {
        let (required, total) = (carnival.required_stamps(route), carnival.point_count(&route.id));
        print_line(&lang.pick(
            format!("  {}：集齐要 {required} 个章，共 {total} 个点位", route.name),
            format!("  {}: {required} stamps of {total} points complete it", route.name),
        ));
    }
}

async fn list(app: &App, lang: Lang) -> Result<(), CliError> {
    let current = app.current();
    for one in publish::versions(app).await.map_err(|error| bootstrap::describe_error(error, lang))? {
        let counts = if one.version == current.version { lang.pick("  ← 生效中", "  ← current") } else { "" };
        print_line(&format!("{}  {}  {}{counts}", one.version, views::local_time(&current, one.at), one.by));
    }
    Ok(())
}
