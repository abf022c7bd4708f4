//! The parts of a postcard that belong to one passport: progress, completion and greeting.

use std::f32::consts::TAU;
use std::fmt::Write;

use askama::Template;

use crate::messages::messages;
use crate::pictures::text_layout::{TextBox, TextLine};
use crate::rules::carnival::design::Colour;
use crate::rules::lang::Lang;
use crate::rules::prints::greeting::Greeting;
use crate::rules::prints::postcard::Postcard;

#[derive(Template)]
#[template(path = "postcard_personal.svg")]
pub(super) struct PersonalLayer {
    ink: Colour,
    complete: Option<Complete>,
    progress: TextLine,
    greeting: Vec<TextLine>,
}

struct Complete {
    word: &'static str,
    day: String,
    rosette: String,
}

/// Area of the greeting.
const GREETING: TextBox = TextBox { width: 836.0, middle_y: 902.0, height: 180.0, max_size: 46.0, balance: false };

impl PersonalLayer {
    pub(super) fn of(ink: Colour, card: &Postcard<'_>, greeting: Option<&Greeting>) -> PersonalLayer {
        let texts = &messages(Lang::PRINTED).texts().prints;
        let complete = |day| Complete { word: texts.complete, day: (texts.complete_on)(day), rosette: rosette() };
        let progress = match card.complete_on {
            None => (texts.progress)(card.stamped, card.needed),
            Some(day) => (texts.completed)(day, card.stamped),
        };
        PersonalLayer {
            ink,
            complete: card.complete_on.map(complete),
            progress: TextLine::fit(&progress, 976.0, 410.0, 33.0),
            greeting: greeting.map_or_else(Vec::new, |greeting| GREETING.lay_out(greeting.as_str())),
        }
    }
}

/// Path of a circle with twenty scallops.
fn rosette() -> String {
    let point = |nth: u8, radius: f32| {
        let (sine, cosine) = (TAU * f32::from(nth) / 40.0).sin_cos();
        (radius * cosine, radius * sine)
    };
    let (x, y) = point(0, 92.0);
    let mut path = format!("M{x:.1} {y:.1}");
    for nth in 0..20 {
        let ((by_x, by_y), (x, y)) = (point(2 * nth + 1, 112.0), point(2 * nth + 2, 92.0));
        // Writing to a `String` cannot fail.
        let _ = write!(path, "Q{by_x:.1} {by_y:.1} {x:.1} {y:.1}");
    }
    path + "z"
}
