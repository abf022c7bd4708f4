//! Files to print: posters, paper passports, the volunteer card.

use std::sync::Arc;

use serde::Deserialize;

use super::printed_codes::{self, PaperPassport, PassportWrite, PrintedCode, paper_passports};
use crate::actions::app::{App, Error, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::staff::invitations::InvitationLink;
use crate::messages::messages;
use crate::messages::prints::PrintTexts;
use crate::pictures::fonts::FontError;
use crate::pictures::paper_passports::{PassportCard, dry_run_passports, passports_pdf};
use crate::pictures::poster::{Poster, PosterCode, posters_pdf};
use crate::pictures::renderer::DrawError;
use crate::pictures::roster_sheet::{RosterCard, roster_pdf};
use crate::pictures::svg_document::SvgError;
use crate::pictures::volunteer_card::volunteer_card_pdf;
use crate::rules::ids::{InvitationId, PointId};
use crate::rules::lang::Lang;
use crate::rules::refusals::{CarnivalRefusal, PrintRefusal};
use crate::rules::staff::invitation_terms::InvitationTerms;

/// Maximum number of paper passports per request: 125 pages.
pub const MAX_PASSPORTS: u32 = 1_000;

/// File format of a poster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PosterFormat {
    /// For printers.
    Pdf,
    /// For preview, at 150 dpi.
    Png,
    /// For editing.
    Svg,
}

/// A file to print.
#[derive(Clone, Debug)]
pub struct PrintDocument {
    /// Content of the file.
    pub bytes: Vec<u8>,
    /// File name for people, without extension.
    pub name: String,
}

/// A batch of new paper passports.
#[derive(Clone, Debug)]
pub struct PassportBatch {
    /// Their pages.
    pub pdf: PrintDocument,
    /// Their codes.
    pub passports: Vec<PaperPassport>,
}

/// The poster of one point. Its code is read back from the rendered page before it is returned.
///
/// # Errors
/// A refusal for an unknown point or a point without a printed code; a page whose code cannot be read back.
pub async fn poster(app: &App, point: &PointId, format: PosterFormat) -> Result<PrintDocument> {
    let current = app.current();
    let code = printed_codes::printed(app, &current).into_iter().find(|code| code.point.id == *point);
    let code = code.ok_or(CarnivalRefusal::PointUnknown)?;
    if !code.point.codes.printed {
        return Err(PrintRefusal::NoPoster { point: code.point.name }.into());
    }
    let name = file_name(&code);
    let rendered = app.render_pool.run(move |_| {
        let poster = render_poster(&current, &code)?;
        match format {
            PosterFormat::Pdf => posters_pdf(&title(&current), &[poster]),
            PosterFormat::Png => poster.png(),
            PosterFormat::Svg => Ok(poster.svg().into_bytes()),
        }
    });
    Ok(PrintDocument { bytes: rendered.await??, name })
}

/// All posters as one PDF, in the order of the carnival file. Points that use only a tablet's display code have none.
///
/// # Errors
/// A page whose code cannot be read back.
pub async fn posters(app: &App) -> Result<PrintDocument> {
    let current = app.current();
    let name = format!("{}-{}", current.carnival.name, texts().posters);
    let codes = codes_with_posters(app, &current);
    let rendered = app.render_pool.run(move |_| {
        let posters: std::result::Result<Vec<Poster>, _> =
            codes.iter().map(|code| render_poster(&current, code)).collect();
        posters_pdf(&title(&current), &posters?)
    });
    Ok(PrintDocument { bytes: rendered.await??, name })
}

/// The printed codes of the points that have posters.
#[must_use]
pub fn codes_with_posters(app: &App, current: &CurrentCarnival) -> Vec<PrintedCode> {
    printed_codes::printed(app, current).into_iter().filter(|code| code.point.codes.printed).collect()
}

/// File name of a poster without extension: number, point and generation.
#[must_use]
pub fn file_name(code: &PrintedCode) -> String {
    format!("{:03}-{}-g{}", code.point.number.get(), code.point.id, code.generation)
}

/// Creates paper passports, eight to a page. Serials are never reused; a repeated write prints the same ones.
///
/// # Errors
/// A refusal if the write's nonce was used for another number; the store fails or has no serials left; a name has a character that no font has, which is checked before serials
/// are taken.
pub async fn passports(app: &App, count: u32, write: PassportWrite<'_>) -> Result<PassportBatch> {
    let current = app.current();
    let proof = Arc::clone(&current);
    app.render_pool.run(move |_| dry_run_passports(&proof.carnival)).await??;
    let passports = paper_passports(app, count, Some(write)).await?;
    let cards: Vec<PassportCard> = passports
        .iter()
        .map(|passport| PassportCard { serial: passport.serial, link: passport.link.clone() })
        .collect();
    let (first, last) = (cards.first().map(|card| card.serial.get()), cards.last().map(|card| card.serial.get()));
    let name = format!("passports-{:06}-{:06}", first.unwrap_or_default(), last.unwrap_or_default());
    let pages = app.render_pool.run(move |_| passports_pdf(&current.carnival, &cards));
    Ok(PassportBatch { pdf: PrintDocument { bytes: pages.await??, name }, passports })
}

/// The volunteer card.
///
/// # Errors
/// A name has a character that no font has.
pub async fn volunteer_card(app: &App) -> Result<PrintDocument> {
    let current = app.current();
    let name = format!("{}-{}", current.carnival.name, texts().volunteer_card);
    let rendered = app.render_pool.run(move |_| volunteer_card_pdf(&current.carnival));
    Ok(PrintDocument { bytes: rendered.await??, name })
}

/// Draws the sheet of a roster and throws it away, so that a name that cannot be drawn is found before anybody is invited.
///
/// # Errors
/// A name has a character that no font has.
pub async fn dry_run_roster(app: &App, terms: &[InvitationTerms]) -> Result<()> {
    let (current, now) = (app.current(), app.now());
    let id = InvitationId::from_bytes([0; 16]);
    let card = |terms: &InvitationTerms| RosterCard { invitation: terms.offered(id.clone(), now), link: String::new() };
    let cards: Vec<RosterCard> = terms.iter().map(card).collect();
    app.render_pool.run(move |_| roster_pdf(&current.carnival, &cards)).await??;
    Ok(())
}

/// The sheet of a roster, eight volunteers to a page.
///
/// # Errors
/// A name has a character that no font has.
pub async fn roster_sheet(app: &App, links: &[InvitationLink]) -> Result<PrintDocument> {
    let current = app.current();
    let name = format!("{}-{}", current.carnival.name, texts().roster_title);
    let card = |new: &InvitationLink| RosterCard { invitation: new.invitation.clone(), link: new.link.clone() };
    let cards: Vec<RosterCard> = links.iter().map(card).collect();
    let rendered = app.render_pool.run(move |_| roster_pdf(&current.carnival, &cards));
    Ok(PrintDocument { bytes: rendered.await??, name })
}

fn render_poster(current: &CurrentCarnival, code: &PrintedCode) -> std::result::Result<Poster, DrawError> {
    let PrintedCode { point, generation, link, .. } = code;
    Poster::of(&current.carnival, PosterCode { point, generation: *generation, link })
}

fn texts() -> &'static PrintTexts {
    &messages(Lang::PRINTED).texts().prints
}

fn title(current: &CurrentCarnival) -> String {
    format!("{} · {}", current.carnival.name, texts().posters)
}

/// A missing character is a refusal that names it; every other failure is ours.
impl From<DrawError> for Error {
    fn from(error: DrawError) -> Error {
        match error {
            DrawError::Svg(SvgError::Font(FontError::MissingCharacter(found))) => {
                PrintRefusal::CannotBePrinted { found }.into()
            }
            error => Error::RenderFailed(error.to_string()),
        }
    }
}
