//! `carnival check FILE`: checks a carnival file.

use std::io::ErrorKind;
use std::path::Path;

use crate::messages::commands::CommandMessage as Message;
use crate::messages::messages;
use crate::pictures::artwork::ArtworkSource;
use crate::pictures::preflight;
use crate::rules::carnival::Carnival;
use crate::rules::carnival_file;
use crate::rules::lang::Lang;

use super::console::{CliError, info, print_line, say};

/// Runs `carnival check`.
pub(crate) fn check(file: &Path, lang: Lang) -> Result<(), CliError> {
    let text = read_text(file, lang)?;
    let carnival = parse_carnival(&text, &file.display().to_string(), lang)?;
    let mistakes = preflight::check(&text, &carnival, None, &artwork_of(file));
    if !mistakes.is_empty() {
        return Err(messages(lang).mistake_report(&mistakes, &file.display().to_string()).into());
    }
    // Names were checked above, so these characters are in other texts.
    let elsewhere = preflight::unprintable_characters(&text);
    if !elsewhere.is_empty() {
        info(&say(lang, &Message::NoGlyphElsewhere { places: &elsewhere }));
    }
    let (routes, points, gifts) = (carnival.routes.len(), carnival.points.len(), carnival.gifts.len());
    let name = &carnival.name;
    print_line(&say(lang, &Message::CarnivalChecked { name: &name, routes: &routes, points: &points, gifts: &gifts }));
    Ok(())
}

/// Parses a carnival file. The error reports its mistakes under this name.
pub(crate) fn parse_carnival(text: &str, name: &str, lang: Lang) -> Result<Carnival, CliError> {
    carnival_file::parse(text).map_err(|mistakes| messages(lang).mistake_report(&mistakes, name).into())
}

/// The folder of a carnival file, which holds its artwork.
pub(crate) fn artwork_of(file: &Path) -> ArtworkSource {
    ArtworkSource::Folder(file.parent().map(Path::to_path_buf).unwrap_or_default())
}

/// Reads a UTF-8 text file.
pub(crate) fn read_text(file: &Path, lang: Lang) -> Result<String, CliError> {
    let shown = file.display();
    let bytes = std::fs::read(file).map_err(|cause| match cause.kind() {
        ErrorKind::NotFound => say(lang, &Message::NoFile { file: &shown }),
        _ => say(lang, &Message::FileUnreadable { file: &shown, cause: &cause }),
    })?;
    let text = String::from_utf8(bytes).map_err(|_| say(lang, &Message::FileNotUtf8 { file: &shown }))?;
    Ok(text)
}
