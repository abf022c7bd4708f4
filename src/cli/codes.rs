//! `carnival codes --out DIR`: writes the printed codes, or replaces one.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::http::api::answers::PointCodeView;
use crate::messages::commands::CommandMessage as Message;
use crate::pictures::Qr;
use crate::rules::ids::PointId;
use crate::rules::lang::Lang;

use super::client::{Client, Published, new_nonce};
use super::console::{CliError, make_folder, print_line, say, write_file};
use super::settings::ConfigFile;

/// Pixels per module: a code of 33 modules is 1640 pixels wide including its margin, sharp at 12 cm.
const PIXELS_PER_MODULE: u16 = 40;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The output folder; it is created if it does not exist.
    #[arg(long)]
    out: PathBuf,
    /// Replace the code of this point and write the new one. The old poster is refused within seconds; stamps stay.
    #[arg(long, value_name = "POINT")]
    reissue: Option<PointId>,
}

/// Runs `carnival codes`.
pub(crate) async fn codes(arguments: Arguments, lang: Lang) -> Result<(), CliError> {
    let Arguments { config, out, reissue: point } = arguments;
    let (mut client, published) = Client::connect(&config, None, lang).await?;
    // Create the folder first: replacing a code that cannot be written would leave the point without a code.
    make_folder(&out, lang)?;
    if let Some(point) = &point {
        reissue(&mut client, &published, point, lang).await?;
    }
    let codes =
        client.codes().await?.into_iter().filter(|code| point.as_ref().is_none_or(|point| code.point == *point));
    let (codes, without): (Vec<_>, Vec<_>) = codes.partition(|code| code.printed);
    for code in &codes {
        write_code(&out, code, lang)?;
    }
    for code in without {
        print_without_poster(&code.name, lang);
    }
    let (count, folder) = (codes.len(), out.display());
    print_line(&say(lang, &Message::CodesWritten { count: &count, folder: &folder }));
    if point.is_some() {
        print_line(&say(lang, &Message::OldPosterRefused));
    }
    client.close().await;
    Ok(())
}

/// Prints that a point has no poster.
pub(crate) fn print_without_poster(name: &str, lang: Lang) {
    print_line(&say(lang, &Message::WithoutPoster { name: &name }));
}

async fn reissue(client: &mut Client, published: &Published, point: &PointId, lang: Lang) -> Result<(), CliError> {
    let known = published.point(point, lang)?;
    if !known.codes.printed {
        let name = &known.name;
        return Err(say(lang, &Message::NoPosterToReplace { name: &name }).into());
    }
    let nonce = new_nonce()?;
    client.send(client.post(&format!("/v1/organiser/points/{point}/reissue")).json(&json!({ "nonce": nonce }))).await?;
    Ok(())
}

fn write_code(out: &Path, code: &PointCodeView, lang: Lang) -> Result<(), CliError> {
    let PointCodeView { name, link, file_name, .. } = code;
    let qr = Qr::new(link)?;
    for (extension, picture) in [("svg", qr.svg().into_bytes()), ("png", qr.png(PIXELS_PER_MODULE)?)] {
        write_file(&out.join(format!("{file_name}.{extension}")), picture, lang)?;
    }
    print_line(&format!("{file_name}  {link}  {name}"));
    Ok(())
}
