//! The place of a point on a card: its postmark, or the outline that waits for one. Drawn by itself, because it is the same on the cards of all who were there in that hour.

use askama::Template;

use super::super::lines::{Block, Line, fit};
use super::measures::{MARK, MARK_AT, MOTIF};
use super::picture::{Drawing, Picture};
use crate::rules::design::{ArtworkPath, Colour, MarkSymbol};
use crate::rules::postcard::{PostcardSlot, Postmark, RADIUS_MM};

/// A place as it is drawn.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// Rings and texts.
    pub(super) svg: String,
    /// What lies on it.
    pub(super) inlays: Vec<Inlay>,
    /// Where its middle lies on the card.
    pub(super) at: (f32, f32),
    /// Units of the card for one of its own.
    pub(super) scale: f32,
    /// Degrees, clockwise.
    pub(super) turned: f32,
}

/// A motif or a day's mark.
#[derive(Clone, Debug)]
pub(super) struct Inlay {
    pub(super) what: Drawing,
    /// Where its middle lies, from that of the place.
    pub(super) at: (f32, f32),
    /// The side of its square.
    pub(super) side: f32,
}

#[derive(Template)]
#[template(path = "place_open.svg")]
struct Open {
    ink: Colour,
    paper: Colour,
    number: u16,
    name: Vec<Line>,
}

#[derive(Template)]
#[template(path = "postmark.svg")]
struct Stamped {
    ink: Colour,
    paper: Colour,
    name: String,
    name_size: f32,
    date: String,
    /// In place of a motif.
    number: Option<u16>,
    marked: bool,
}

/// Where the name of a point stands that is not yet stamped; its number stands above.
const NAME: Block = Block { room: 158.0, middle: 12.0, height: 84.0, most: 25.0, even: true };

/// How long the arc is on which the name of a point stands.
const ARC: f32 = 292.0;

/// The largest letters on it.
const ARC_LETTERS: f32 = 23.0;

impl Spot {
    pub(super) fn of(
        place: &PostcardSlot<'_>,
        ink: Colour,
        radius_mm: f64,
        picture: &impl Fn(&ArtworkPath) -> Picture,
    ) -> Spot {
        let point = place.point;
        let svg = match &place.postmark {
            Some(postmark) => stamped(place, postmark, ink).render(),
            None => {
                Open { ink, paper: Colour::PAPER, number: point.number.get(), name: NAME.set(&name(place)) }.render()
            }
        };
        Spot {
            svg: svg.unwrap_or_default(),
            inlays: place.postmark.as_ref().map_or_else(Vec::new, |postmark| inlays(place, postmark, picture)),
            at: (single(place.at.x_mm * 10.0), single(place.at.y_mm * 10.0)),
            scale: single(radius_mm / RADIUS_MM),
            turned: place.postmark.map_or(0.0, |postmark| f32::from(postmark.rotation)),
        }
    }
}

fn stamped(place: &PostcardSlot<'_>, postmark: &Postmark<'_>, ink: Colour) -> Stamped {
    let (point, at) = (place.point, postmark.at);
    Stamped {
        ink,
        paper: Colour::PAPER,
        name_size: fit(&point.name, ARC, ARC_LETTERS),
        name: point.name.clone(),
        date: format!("{}.{}.{} {}时", at.year(), at.month(), at.day(), at.hour()),
        number: point.stamp.is_none().then(|| point.number.get()),
        marked: postmark.mark.is_some(),
    }
}

fn name(place: &PostcardSlot<'_>) -> String {
    match place.point.closed {
        None => place.point.name.clone(),
        Some(_) => format!("{}（已关闭）", place.point.name),
    }
}

fn inlays(place: &PostcardSlot<'_>, postmark: &Postmark<'_>, picture: &impl Fn(&ArtworkPath) -> Picture) -> Vec<Inlay> {
    let motif = place.point.stamp.as_ref();
    let motif = motif.map(|path| Inlay { what: Drawing::File(picture(path)), at: (0.0, 0.0), side: MOTIF });
    let mark = postmark.mark.map(|mark| {
        let what = match &mark.mark {
            MarkSymbol::Custom(path) => Drawing::File(picture(path)),
            ours => Drawing::Ours(ours.keyword()),
        };
        Inlay { what, at: MARK_AT, side: MARK }
    });
    motif.into_iter().chain(mark).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "places on a card, in tenths of a millimetre")]
fn single(value: f64) -> f32 {
    value as f32
}
