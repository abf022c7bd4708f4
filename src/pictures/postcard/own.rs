//! What is on one card alone: its places with or without a stamp, how far it is, and the greeting.

use std::f32::consts::TAU;
use std::fmt::Write;

use askama::Template;

use super::super::lines::{Block, Line, fit};
use crate::rules::greeting::Greeting;
use crate::rules::look::Colour;
use crate::rules::postcard::{Place, Postcard, Postmark};

/// The radius of a postmark in its own drawing.
const RADIUS: f64 = 105.0;

#[derive(Template)]
#[template(path = "postcard_own.svg")]
pub(super) struct Own {
    ink: Colour,
    paper: Colour,
    complete: Option<Complete>,
    open: Vec<Open>,
    postmarks: Vec<Stamped>,
    progress: Line,
    greeting: Vec<Line>,
}

struct Complete {
    day: String,
    rosette: String,
}

/// A place that waits for its stamp.
struct Open {
    x: f64,
    y: f64,
    scale: f64,
    number: u16,
    name: Vec<Line>,
}

/// A place with its stamp.
struct Stamped {
    x: f64,
    y: f64,
    scale: f64,
    turned: i16,
    name: String,
    name_size: f32,
    date: String,
    /// In place of a motif.
    number: Option<u16>,
    marked: bool,
}

/// Where the greeting stands.
const GREETING: Block = Block { room: 836.0, middle: 902.0, height: 180.0, most: 46.0, even: false };

/// Where the name of a point stands that is not yet stamped; its number stands above.
const NAME: Block = Block { room: 158.0, middle: 12.0, height: 84.0, most: 25.0, even: true };

/// How long the arc is on which the name of a point stands.
const ARC: f32 = 292.0;

/// The largest letters on it.
const ARC_LETTERS: f32 = 23.0;

impl Own {
    pub(super) fn of(ink: Colour, card: &Postcard<'_>, greeting: Option<&Greeting>) -> Own {
        let scale = tenths(card.radius_mm * 10.0 / RADIUS * 100.0) / 100.0;
        let open = card.places.iter().filter(|place| place.postmark.is_none()).map(|place| Open {
            x: tenths(place.at.x_mm * 10.0),
            y: tenths(place.at.y_mm * 10.0),
            scale,
            number: place.point.number.get(),
            name: NAME.set(&name(place)),
        });
        let stamped = card.places.iter().filter_map(|place| Some(stamped(place, place.postmark.as_ref()?, scale)));
        Own {
            ink,
            paper: Colour::PAPER,
            complete: card
                .complete_on
                .map(|day| Complete { day: format!("{}月{}日", day.month(), day.day()), rosette: rosette() }),
            open: open.collect(),
            postmarks: stamped.collect(),
            progress: Line::fit(&progress(card), 976.0, 410.0, 33.0),
            greeting: greeting.map_or_else(Vec::new, |greeting| GREETING.set(greeting.as_str())),
        }
    }
}

fn stamped(place: &Place<'_>, postmark: &Postmark<'_>, scale: f64) -> Stamped {
    let at = postmark.at;
    Stamped {
        x: tenths(place.at.x_mm * 10.0),
        y: tenths(place.at.y_mm * 10.0),
        scale,
        turned: postmark.turned,
        name_size: fit(&place.point.name, ARC, ARC_LETTERS),
        name: place.point.name.clone(),
        date: format!("{}.{}.{} {}时", at.year(), at.month(), at.day(), at.hour()),
        number: place.point.stamp.is_none().then(|| place.point.number.get()),
        marked: postmark.mark.is_some(),
    }
}

fn name(place: &Place<'_>) -> String {
    match place.point.closed {
        None => place.point.name.clone(),
        Some(_) => format!("{}（已关闭）", place.point.name),
    }
}

fn progress(card: &Postcard<'_>) -> String {
    match card.complete_on {
        None => format!("已盖 {} 枚章，集齐要 {} 枚", card.stamped, card.needed),
        Some(day) => format!("{}年{}月{}日集齐，共 {} 枚章", day.year(), day.month(), day.day(), card.stamped),
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// A circle with twenty scallops.
fn rosette() -> String {
    let point = |nth: u8, radius: f32| {
        let (sine, cosine) = (TAU * f32::from(nth) / 40.0).sin_cos();
        (radius * cosine, radius * sine)
    };
    let (x, y) = point(0, 92.0);
    let mut path = format!("M{x:.1} {y:.1}");
    for nth in 0..20 {
        let ((by_x, by_y), (x, y)) = (point(2 * nth + 1, 112.0), point(2 * nth + 2, 92.0));
        // Writing to a String cannot fail.
        let _ = write!(path, "Q{by_x:.1} {by_y:.1} {x:.1} {y:.1}");
    }
    path + "z"
}
