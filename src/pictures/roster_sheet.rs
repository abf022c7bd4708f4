//! A roster to print: eight cards on an A4 page with cut marks, each with the code that lets one volunteer come on duty.

use askama::Template;

use super::paper_passports::{CARD_SIZE, CARDS_PER_PAGE, FIRST_CARD, cut_marks};
use super::poster::A4_MM;
use super::qr::Qr;
use super::renderer::DrawError;
use super::svg_document::{SvgDocument, pdf};
use super::text_layout::{TextLine, to_f32};
use crate::messages::messages;
use crate::messages::prints::PrintTexts;
use crate::rules::carnival::Carnival;
use crate::rules::carnival::design::Colour;
use crate::rules::lang::Lang;
use crate::rules::staff::Invitation;

/// Side of a code with its quiet zone, in tenths of a millimetre.
const CODE_SIDE: f32 = 360.0;

/// Width of the text beside the code.
const TEXT_WIDTH: f32 = 500.0;

/// Width of the text below the code.
const FULL_WIDTH: f32 = 870.0;

/// A card to print.
#[derive(Clone, Debug)]
pub struct RosterCard {
    /// The invitation, which names the person.
    pub invitation: Invitation,
    /// Text of its code.
    pub link: String,
}

#[derive(Template)]
#[template(path = "roster_sheet.svg")]
struct Page {
    texts: &'static PrintTexts,
    cut_marks: String,
    ink: Colour,
    carnival: TextLine,
    help: [(u16, &'static str); 2],
    cards: Vec<CardView>,
}

struct CardView {
    x: f32,
    y: f32,
    name: TextLine,
    place: TextLine,
    shift: TextLine,
    until: TextLine,
    module: f32,
    modules: String,
}

/// The pages of a roster, as a PDF.
///
/// # Errors
/// Fails if a name has a character that no font has, or if the PDF cannot be written.
pub fn roster_pdf(carnival: &Carnival, cards: &[RosterCard]) -> Result<Vec<u8>, DrawError> {
    let pages: Result<Vec<SvgDocument>, DrawError> =
        cards.chunks(CARDS_PER_PAGE).map(|cards| page(carnival, cards)).collect();
    let title = messages(Lang::PRINTED).texts().prints.roster_title;
    Ok(pdf(&format!("{} · {title}", carnival.name), A4_MM, &pages?)?)
}

fn page(carnival: &Carnival, cards: &[RosterCard]) -> Result<SvgDocument, DrawError> {
    let texts = &messages(Lang::PRINTED).texts().prints;
    let cards: Result<Vec<CardView>, DrawError> =
        cards.iter().enumerate().map(|(nth, card)| card_view(carnival, nth, card, texts)).collect();
    let [first, second] = texts.roster_help;
    let page = Page {
        texts,
        cut_marks: cut_marks(),
        ink: carnival.routes.first().map_or(Colour::default_for_route(0), |route| carnival.colour(route)),
        carnival: TextLine::fit(&carnival.name, 92.0, TEXT_WIDTH, 30.0),
        help: [(500, first), (548, second)],
        cards: cards?,
    };
    Ok(SvgDocument::parse(&page.render().unwrap_or_default())?)
}

fn card_view(
    carnival: &Carnival,
    nth: usize,
    card: &RosterCard,
    texts: &'static PrintTexts,
) -> Result<CardView, DrawError> {
    let RosterCard { invitation, link } = card;
    let qr = Qr::new(link)?;
    let (column, row) = (to_f32(nth % 2), to_f32(nth / 2));
    let entry = invitation.roster.as_ref();
    let name = entry.map(|entry| entry.name.to_string()).unwrap_or_default();
    let place = invitation.place.as_ref().map(|place| carnival.station_name(place)).unwrap_or_default();
    let shift = entry.and_then(|entry| entry.shift).map(|shift| (texts.shift)(shift)).unwrap_or_default();
    let until = (texts.valid_until)(&carnival.zoned(invitation.until));
    Ok(CardView {
        x: FIRST_CARD.0 + CARD_SIZE.0 * column,
        y: FIRST_CARD.1 + CARD_SIZE.1 * row,
        name: TextLine::fit(&name, 236.0, TEXT_WIDTH, 78.0),
        place: TextLine::fit(&place, 316.0, TEXT_WIDTH, 44.0),
        shift: TextLine::fit(&shift, 384.0, TEXT_WIDTH, 40.0),
        until: TextLine::fit(&until, 596.0, FULL_WIDTH, 32.0),
        module: CODE_SIDE / f32::from(qr.side()),
        modules: qr.path(),
    })
}
