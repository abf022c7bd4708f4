//! Paper passports: eight cards on an A4 page with cut marks, each with a code and a box for the ink stamp of every
//! point.

use std::fmt::Write;

use askama::Template;

use super::poster::A4_MM;
use super::qr::{Qr, QrError};
use super::renderer::DrawError;
use super::svg_document::{SvgDocument, pdf};
use super::text_layout::{TextBox, TextLine, to_f32};
use crate::messages::messages;
use crate::messages::prints::PrintTexts;
use crate::rules::carnival::design::Colour;
use crate::rules::carnival::{Carnival, Point};
use crate::rules::ids::CardSerial;
use crate::rules::lang::Lang;

/// Number of cards on a page.
pub const CARDS_PER_PAGE: usize = 8;

/// Width and height of a card, in tenths of a millimetre. Two columns and four rows leave at least 8.5 mm to the page
/// edges.
pub(super) const CARD_SIZE: (f32, f32) = (950.0, 700.0);

/// Top left corner of the first card.
pub(super) const FIRST_CARD: (f32, f32) = (100.0, 85.0);

/// Side of the code with its quiet zone.
const CODE_SIDE: f32 = 310.0;

/// Area of the stamp boxes on a card: left, top, width, height.
const BOX_AREA: (f32, f32, f32, f32) = (190.0, 340.0, 724.0, 330.0);

/// Maximum number of boxes in a row.
const MAX_BOXES_PER_ROW: usize = 10;

/// A paper passport to print.
#[derive(Clone, Debug)]
pub struct PassportCard {
    /// Serial number of the card.
    pub serial: CardSerial,
    /// Text of its code.
    pub link: String,
}

#[derive(Template)]
#[template(path = "paper_passports.svg")]
struct Page {
    texts: &'static PrintTexts,
    cut_marks: String,
    ink: Colour,
    carnival: TextLine,
    cards: Vec<CardView>,
    rows: Vec<BoxRow>,
    side: f32,
}

struct CardView {
    x: f32,
    y: f32,
    serial: String,
    module: f32,
    modules: String,
}

/// Boxes of one route.
#[derive(Clone)]
struct BoxRow {
    ink: Colour,
    name: Vec<TextLine>,
    y: f32,
    boxes: Vec<StampBox>,
}

#[derive(Clone)]
struct StampBox {
    x: f32,
    number: u16,
}

/// The pages of these cards, as a PDF.
///
/// # Errors
/// Fails if a name has a character that no font has, or if the PDF cannot be written.
pub fn passports_pdf(carnival: &Carnival, cards: &[PassportCard]) -> Result<Vec<u8>, DrawError> {
    let pages: Result<Vec<SvgDocument>, DrawError> =
        cards.chunks(CARDS_PER_PAGE).map(|cards| page(carnival, cards)).collect();
    let title = messages(Lang::PRINTED).texts().prints.paper_passport;
    Ok(pdf(&format!("{} · {title}", carnival.name), A4_MM, &pages?)?)
}

/// Renders a card that is thrown away, so that a name that cannot be drawn is found before serials are taken.
///
/// # Errors
/// Fails if a name has a character that no font has.
pub fn dry_run_passports(carnival: &Carnival) -> Result<(), DrawError> {
    let sample = CardSerial::try_from(1).map(|serial| PassportCard { serial, link: carnival.name.clone() });
    page(carnival, &sample.into_iter().collect::<Vec<_>>()).map(drop)
}

fn page(carnival: &Carnival, cards: &[PassportCard]) -> Result<SvgDocument, DrawError> {
    let cards: Result<Vec<CardView>, QrError> =
        cards.iter().enumerate().map(|(nth, card)| card_view(nth, card)).collect();
    let (rows, side) = rows(carnival);
    let page = Page {
        texts: &messages(Lang::PRINTED).texts().prints,
        cut_marks: cut_marks(),
        ink: carnival.routes.first().map_or(Colour::default_for_route(0), |route| carnival.colour(route)),
        carnival: TextLine::fit(&carnival.name, 94.0, 540.0, 34.0),
        cards: cards?,
        rows,
        side,
    };
    Ok(SvgDocument::parse(&page.render().unwrap_or_default())?)
}

fn card_view(nth: usize, card: &PassportCard) -> Result<CardView, QrError> {
    let qr = Qr::new(&card.link)?;
    let (column, row) = (to_f32(nth % 2), to_f32(nth / 2));
    Ok(CardView {
        x: FIRST_CARD.0 + CARD_SIZE.0 * column,
        y: FIRST_CARD.1 + CARD_SIZE.1 * row,
        serial: format!("{:06}", card.serial.get()),
        module: CODE_SIDE / f32::from(qr.side()),
        modules: qr.path(),
    })
}

/// One or more rows per route, and the side of a box: the largest with which all rows fit.
fn rows(carnival: &Carnival) -> (Vec<BoxRow>, f32) {
    let of_route = |route| carnival.points_of(route).collect::<Vec<&Point>>();
    let pieces: Vec<_> = carnival
        .routes
        .iter()
        .flat_map(|route| {
            of_route(&route.id).chunks(MAX_BOXES_PER_ROW).map(|points| (route, points.to_vec())).collect::<Vec<_>>()
        })
        .collect();
    let (left, top, width, height) = BOX_AREA;
    let max_boxes = pieces.iter().map(|(_, points)| points.len()).max().unwrap_or(1);
    let high = height / to_f32(pieces.len().max(1));
    let side = (high * 0.93).min(width / to_f32(max_boxes) * 0.95).min(110.0);
    let row = |(nth, (route, points)): (usize, &(&crate::rules::carnival::Route, Vec<&Point>))| {
        let y = top + high * to_f32(nth) + (high - side) / 2.0;
        let step = width / to_f32(max_boxes);
        BoxRow {
            ink: carnival.colour(route),
            name: TextBox {
                width: 140.0,
                middle_y: y + side / 2.0,
                height: high * 0.95,
                max_size: 27.0,
                balance: true,
            }
            .lay_out(&route.name),
            y,
            boxes: points
                .iter()
                .enumerate()
                .map(|(nth, point)| StampBox { x: left + step * to_f32(nth), number: point.number.get() })
                .collect(),
        }
    };
    (pieces.iter().enumerate().map(row).collect(), side)
}

/// Marks at the page edges and crosses where four cards meet. They lie outside the cards' edges, so that no line
/// remains on a cut card.
pub(super) fn cut_marks() -> String {
    let mut path = String::new();
    let (right, bottom) = (FIRST_CARD.0 + 2.0 * CARD_SIZE.0, FIRST_CARD.1 + 4.0 * CARD_SIZE.1);
    // Writing to a `String` cannot fail.
    for column in [0.0, 1.0, 2.0] {
        let x = FIRST_CARD.0 + CARD_SIZE.0 * column;
        let _ = write!(path, "M{x} 20V{}M{x} {}V2950", FIRST_CARD.1 - 15.0, bottom + 15.0);
    }
    for row in [0.0, 1.0, 2.0, 3.0, 4.0] {
        let y = FIRST_CARD.1 + CARD_SIZE.1 * row;
        let _ = write!(path, "M30 {y}H{}M{} {y}H2070", FIRST_CARD.0 - 15.0, right + 15.0);
    }
    for row in [1.0, 2.0, 3.0] {
        let (x, y) = (FIRST_CARD.0 + CARD_SIZE.0, FIRST_CARD.1 + CARD_SIZE.1 * row);
        let _ = write!(path, "M{} {y}H{}M{x} {}V{}", x - 14.0, x + 14.0, y - 14.0, y + 14.0);
    }
    path
}
