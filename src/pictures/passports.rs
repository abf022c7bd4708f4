//! Paper passports: eight cards on an A4 page, with marks to cut by, a code each, and a box for the ink stamp of each point.

use std::fmt::Write;

use askama::Template;

use super::PictureError;
use super::lines::{Block, Line, number};
use super::poster::A4_MM;
use super::qr::Qr;
use super::sheet::{Sheet, SheetError, pdf};
use crate::rules::carnival::{Carnival, Point};
use crate::rules::design::Colour;
use crate::rules::ids::CardSerial;

/// Cards on a page.
pub const ON_A_PAGE: usize = 8;

/// A card's width and height, in tenths of a millimetre: two beside each other and four above each other, eight and a half millimetres from the edges of the page at least.
const CARD: (f32, f32) = (950.0, 700.0);

/// Where the first card begins.
const FIRST: (f32, f32) = (100.0, 85.0);

/// The side of the code with its quiet zone.
const CODE_SIDE: f32 = 310.0;

/// Where the boxes lie on a card: left, top, width, height.
const BOXES: (f32, f32, f32, f32) = (190.0, 340.0, 724.0, 330.0);

/// The most boxes in a row.
const IN_A_ROW: usize = 10;

/// A paper passport to be printed.
#[derive(Clone, Debug)]
pub struct Card {
    /// Its serial.
    pub serial: CardSerial,
    /// What its code says.
    pub link: String,
}

/// Why there are no cards.
#[derive(Debug, thiserror::Error)]
pub enum CardsError {
    /// A code could not be made.
    #[error(transparent)]
    Code(#[from] PictureError),
    /// A page could not be drawn.
    #[error(transparent)]
    Sheet(#[from] SheetError),
}

#[derive(Template)]
#[template(path = "passports.svg")]
struct Page {
    marks: String,
    ink: Colour,
    carnival: Line,
    cards: Vec<Drawn>,
    rows: Vec<Row>,
    side: f32,
}

struct Drawn {
    x: f32,
    y: f32,
    serial: String,
    module: f32,
    modules: String,
}

/// Boxes of one route.
#[derive(Clone)]
struct Row {
    ink: Colour,
    name: Vec<Line>,
    y: f32,
    boxes: Vec<Place>,
}

#[derive(Clone)]
struct Place {
    x: f32,
    number: u16,
}

/// The pages of these cards, as a PDF.
///
/// # Errors
/// When a name has a character that no font has, or the PDF cannot be written.
pub fn passports_pdf(carnival: &Carnival, cards: &[Card]) -> Result<Vec<u8>, CardsError> {
    let pages: Result<Vec<Sheet>, CardsError> = cards.chunks(ON_A_PAGE).map(|cards| page(carnival, cards)).collect();
    Ok(pdf(&format!("{} · 集章护照", carnival.name), A4_MM, &pages?)?)
}

/// Draws a card that nobody gets, so that what cannot be drawn is known before serials are taken.
///
/// # Errors
/// When a name has a character that no font has.
pub fn proof_passports(carnival: &Carnival) -> Result<(), CardsError> {
    let nobody = CardSerial::try_from(1).map(|serial| Card { serial, link: carnival.name.clone() });
    page(carnival, &nobody.into_iter().collect::<Vec<_>>()).map(drop)
}

fn page(carnival: &Carnival, cards: &[Card]) -> Result<Sheet, CardsError> {
    let cards: Result<Vec<Drawn>, PictureError> =
        cards.iter().enumerate().map(|(nth, card)| drawn(nth, card)).collect();
    let (rows, side) = rows(carnival);
    let page = Page {
        marks: marks(),
        ink: carnival.routes.first().map_or(Colour::default_for_route(0), |route| carnival.colour(route)),
        carnival: Line::fit(&carnival.name, 94.0, 540.0, 34.0),
        cards: cards?,
        rows,
        side,
    };
    Ok(Sheet::read(&page.render().unwrap_or_default())?)
}

fn drawn(nth: usize, card: &Card) -> Result<Drawn, PictureError> {
    let qr = Qr::new(&card.link)?;
    let (column, row) = (number(nth % 2), number(nth / 2));
    Ok(Drawn {
        x: FIRST.0 + CARD.0 * column,
        y: FIRST.1 + CARD.1 * row,
        serial: format!("{:06}", card.serial.get()),
        module: CODE_SIDE / f32::from(qr.side()),
        modules: qr.path(),
    })
}

/// A row or more for each route, and the side of a box: as large as all of them fit.
fn rows(carnival: &Carnival) -> (Vec<Row>, f32) {
    let of_route = |route| carnival.points_of(route).collect::<Vec<&Point>>();
    let pieces: Vec<_> = carnival
        .routes
        .iter()
        .flat_map(|route| {
            of_route(&route.id).chunks(IN_A_ROW).map(|points| (route, points.to_vec())).collect::<Vec<_>>()
        })
        .collect();
    let (left, top, width, height) = BOXES;
    let most = pieces.iter().map(|(_, points)| points.len()).max().unwrap_or(1);
    let high = height / number(pieces.len().max(1));
    let side = (high * 0.93).min(width / number(most) * 0.95).min(110.0);
    let row = |(nth, (route, points)): (usize, &(&crate::rules::carnival::Route, Vec<&Point>))| {
        let y = top + high * number(nth) + (high - side) / 2.0;
        let step = width / number(most);
        Row {
            ink: carnival.colour(route),
            name: Block { room: 140.0, middle: y + side / 2.0, height: high * 0.95, most: 27.0, even: true }
                .set(&route.name),
            y,
            boxes: points
                .iter()
                .enumerate()
                .map(|(nth, point)| Place { x: left + step * number(nth), number: point.number.get() })
                .collect(),
        }
    };
    (pieces.iter().enumerate().map(row).collect(), side)
}

/// Marks at the edges of the page and crosses where four cards meet, so that nothing of a mark stays on a card's side.
fn marks() -> String {
    let mut path = String::new();
    let (right, bottom) = (FIRST.0 + 2.0 * CARD.0, FIRST.1 + 4.0 * CARD.1);
    // Writing to a String cannot fail.
    for column in [0.0, 1.0, 2.0] {
        let x = FIRST.0 + CARD.0 * column;
        let _ = write!(path, "M{x} 20V{}M{x} {}V2950", FIRST.1 - 15.0, bottom + 15.0);
    }
    for row in [0.0, 1.0, 2.0, 3.0, 4.0] {
        let y = FIRST.1 + CARD.1 * row;
        let _ = write!(path, "M30 {y}H{}M{} {y}H2070", FIRST.0 - 15.0, right + 15.0);
    }
    for row in [1.0, 2.0, 3.0] {
        let (x, y) = (FIRST.0 + CARD.0, FIRST.1 + CARD.1 * row);
        let _ = write!(path, "M{} {y}H{}M{x} {}V{}", x - 14.0, x + 14.0, y - 14.0, y + 14.0);
    }
    path
}
