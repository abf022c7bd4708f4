//! Everything that decides how a postcard looks, as text: two cards with the same plan are the same picture.

use askama::Template;
use sha2::{Digest, Sha256};

use super::super::artwork::Source;
use super::super::lines::{Block, Line};
use super::super::raster::Form;
use super::measures::Size;
use super::own::Own;
use super::picture::Picture;
use super::place::Spot;
use crate::rules::carnival::Carnival;
use crate::rules::design::{ArtworkPath, CardPattern, Colour};
use crate::rules::greeting::Greeting;
use crate::rules::lang::Lang;
use crate::rules::postcard::Postcard;

/// A postcard that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The carnival.
    pub carnival: &'a Carnival,
    /// What stands on it.
    pub card: &'a Postcard<'a>,
    /// What was written on it.
    pub greeting: Option<&'a Greeting>,
    /// How large.
    pub size: Size,
    /// In which form.
    pub form: Form,
}

/// A postcard that can be drawn, whoever asked for it.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) size: Size,
    pub(super) form: Form,
    pub(super) artwork: Option<Picture>,
    pub(super) ground: String,
    pub(super) face: String,
    pub(super) own: String,
    pub(super) spots: Vec<Spot>,
}

#[derive(Template)]
#[template(path = "postcard_ground.svg")]
struct Ground {
    colour: Colour,
    pattern: CardPattern,
}

#[derive(Template)]
#[template(path = "postcard_face.svg")]
struct Face {
    ink: Colour,
    paper: Colour,
    title: Line,
    week: Line,
    carnival: Vec<Line>,
}

/// Where the name of the carnival stands.
const CARNIVAL: Block = Block { room: 404.0, middle: 878.0, height: 110.0, most: 38.0, even: true };

impl Plan {
    /// The plan of a postcard; the files of its artwork are looked at, not read.
    #[must_use]
    pub fn of(wanted: Wanted<'_>, source: &Source) -> Plan {
        let Wanted { carnival, card, greeting, size, form } = wanted;
        let (route, ink) = (card.route, carnival.colour(card.route));
        let picture = |path: &ArtworkPath| Picture::of(path, source);
        let ground = Ground { colour: ink, pattern: carnival.pattern(route) };
        let week = format!("第{}周 · {}", card.week, route.days.text(Lang::Zh));
        let face = Face {
            ink,
            paper: Colour::PAPER,
            title: Line::fit(&route.name, 150.0, 1_040.0, 96.0),
            week: Line::fit(&week, 206.0, 1_040.0, 40.0),
            carnival: CARNIVAL.set(&carnival.name),
        };
        let spots = card.slots.iter().map(|place| Spot::of(place, ink, card.radius_mm, &picture));
        Plan {
            size,
            form,
            artwork: route.artwork.as_ref().map(picture),
            ground: drawn(&ground),
            face: drawn(&face),
            own: drawn(&Own::of(ink, card, greeting)),
            spots: spots.collect(),
        }
    }

    /// What artwork, title and panel are known by.
    pub(super) fn face_key(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(format!("{:?} {:?}", self.size, self.artwork));
        for text in [&self.ground, &self.face] {
            hash.update(text.len().to_be_bytes());
            hash.update(text);
        }
        hash.finalize().into()
    }

    /// What the picture is known by: alike for the same picture, different for any other.
    #[must_use]
    pub fn key(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(concat!("postcard ", env!("CARGO_PKG_VERSION")));
        hash.update(self.face_key());
        hash.update(format!("{:?} {:?}", self.form, self.spots));
        hash.update(&self.own);
        hash.finalize().into()
    }
}

/// The text of a drawing. Writing to a String cannot fail.
fn drawn(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
