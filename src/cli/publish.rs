//! `carnival publish`: publishes, lists and restores versions of the carnival.

use std::path::PathBuf;

use reqwest::RequestBuilder;

use crate::http::api::answers::{CheckedView, PublicationQuery, PublishedView, VersionsView, WarningView};
use crate::messages::commands::CommandMessage as Message;
use crate::rules::lang::Lang;

use super::check;
use super::client::{Client, Published};
use super::console::{CliError, print_line, say, write_all_to_stdout};
use super::settings::ConfigFile;

#[derive(clap::Args)]
#[group(id = "which", required = true, multiple = false, args = ["file", "list", "show", "put_back"])]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The carnival file to publish. It is checked and compared with the current version, and replaces it.
    file: Option<PathBuf>,
    /// The author's name, shown in the list of versions.
    #[arg(long, value_name = "NAME", default_value = "command line", conflicts_with_all = ["list", "show"])]
    by: String,
    /// Only check whether it could be published.
    #[arg(long, requires = "file")]
    check: bool,
    /// Publish although this undoes changes of others: the code that the list of these changes ends with.
    #[arg(long, value_name = "CODE", conflicts_with_all = ["list", "show"])]
    confirm: Option<String>,
    /// Print the published file, to change and publish it. Its first line names its version; leave it there.
    #[arg(long)]
    show: bool,
    /// List the published versions, newest first.
    #[arg(long)]
    list: bool,
    /// Publish this earlier version again, as a new version.
    #[arg(long, value_name = "VERSION")]
    put_back: Option<u64>,
}

/// Runs `carnival publish`.
pub(crate) async fn publish(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let Arguments { config, file, by, check: only_checks, confirm, show, list: _, put_back } = arguments;
    // Read the file first, so that a missing file opens no store.
    let text = file.as_ref().map(|file| check::read_text(file, lang)).transpose()?;
    let file_name = file.map_or_else(|| "carnival.toml".to_owned(), |file| file.display().to_string());
    let (mut client, published) = Client::connect(&config, Some(file_name.clone()), lang).await?;
    let query = PublicationQuery { by, check: only_checks, confirm };
    match (text, put_back) {
        (Some(text), _) => {
            check::parse_carnival(&text, &file_name, lang)?;
            let request = client.post("/v1/operator/publications").query(&query).body(text);
            if only_checks {
                print_notes(&client.json::<CheckedView>(request).await?.notes);
                print_line(&say(lang, &Message::CanBePublished));
            } else {
                publish_and_print(&mut client, request, lang).await?;
            }
        }
        (None, Some(version)) => {
            let request = client.post(&format!("/v1/operator/publications/{version}")).query(&query);
            publish_and_print(&mut client, request, lang).await?;
        }
        (None, None) if show => drop(write_all_to_stdout(published.file.as_bytes())?),
        (None, None) => list(&mut client, published, lang).await?,
    }
    client.close().await;
    Ok(())
}

fn print_notes(notes: &[WarningView]) {
    for note in notes {
        print_line(&note.says);
    }
}

async fn publish_and_print(client: &mut Client, request: RequestBuilder, lang: Lang) -> Result<(), CliError> {
    let PublishedView { version, changed, notes, routes, .. } = client.json(request).await?;
    let name = client.published().await?.carnival.name;
    print_notes(&notes);
    if !changed {
        print_line(&say(lang, &Message::NothingPublished { name: &name, version: &version }));
        return Ok(());
    }
    print_line(&say(lang, &Message::Published { name: &name, version: &version }));
    for route in routes {
        let (name, required, total) = (route.name, route.asks, route.of);
        print_line(&say(lang, &Message::RouteRequires { name: &name, required: &required, total: &total }));
    }
    Ok(())
}

async fn list(client: &mut Client, published: Published, lang: Lang) -> Result<(), CliError> {
    let mut path = "/v1/organiser/carnival/versions".to_owned();
    loop {
        let page = client.json::<VersionsView>(client.get(&path)).await?;
        for one in page.versions {
            let counts =
                if one.version == published.version { say(lang, &Message::CurrentVersion) } else { String::new() };
            print_line(&format!("{}  {}  {}{counts}", one.version, one.at, one.by));
        }
        let Some(before) = page.before else { return Ok(()) };
        path = format!("/v1/organiser/carnival/versions?before={before}");
    }
}
