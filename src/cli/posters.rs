//! `carnival posters --out DIR`: writes the posters and the volunteers' card.

use std::path::{Path, PathBuf};

use crate::messages::commands::CommandMessage as Message;
use crate::rules::ids::PointId;
use crate::rules::lang::Lang;

use super::client::Client;
use super::codes::print_without_poster;
use super::console::{CliError, make_folder, print_line, say, write_file};
use super::settings::ConfigFile;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The output folder; it is created if it does not exist.
    #[arg(long)]
    out: PathBuf,
    /// Only the poster of this point, for example after its code was replaced.
    #[arg(long, value_name = "POINT")]
    point: Option<PointId>,
}

/// Runs `carnival posters`: one PDF per poster, one with all of them, and the volunteers' card.
pub(crate) async fn posters(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let Arguments { config, out, point } = arguments;
    let (mut client, published) = Client::connect(&config, None, lang).await?;
    make_folder(&out, lang)?;
    if let Some(point) = &point {
        published.point(point, lang)?;
    }
    // The server explains why a requested point has no poster.
    let codes =
        client.codes().await?.into_iter().filter(|code| point.as_ref().is_none_or(|point| code.point == *point));
    let (codes, without): (Vec<_>, Vec<_>) = codes.partition(|code| code.printed || point.is_some());
    for code in without {
        print_without_poster(&code.name, lang);
    }
    for code in &codes {
        let (route, file) = (format!("/v1/organiser/points/{}/poster", code.point), format!("{}.pdf", code.file_name));
        write_document(&mut client, &route, &out.join(file), lang).await?;
    }
    if point.is_none() {
        write_document(&mut client, "/v1/organiser/posters", &out.join("posters.pdf"), lang).await?;
        write_document(&mut client, "/v1/organiser/volunteer-card", &out.join("volunteer-card.pdf"), lang).await?;
        print_line(&say(lang, &Message::PostersWritten { count: &codes.len() }));
    }
    client.close().await;
    Ok(())
}

async fn write_document(client: &mut Client, route: &str, path: &Path, lang: Lang) -> Result<(), CliError> {
    write_file(path, client.bytes(client.get(route)).await?, lang)?;
    print_line(&path.display().to_string());
    Ok(())
}
