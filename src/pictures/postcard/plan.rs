//! Everything that decides how a postcard looks, as text: two cards with the same plan are the same picture.

use askama::Template;
use sha2::{Digest, Sha256};

use super::super::artwork::Source;
use super::super::lines::{Block, Line};
use super::super::raster::Form;
use super::measures::{MARK, MARK_AT, MOTIF, Size};
use super::own::Own;
use crate::rules::carnival::Carnival;
use crate::rules::greeting::Greeting;
use crate::rules::lang::Lang;
use crate::rules::look::{ArtworkPath, Colour, Mark, Pattern};
use crate::rules::postcard::{Place, Postcard, Postmark};

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
    pub(super) motifs: Vec<Motif>,
}

/// A file of artwork as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Picture {
    pub(super) path: ArtworkPath,
    state: (u128, u64),
}

/// A motif or a mark, and where it is drawn: the middle of its postmark, how it is turned, and what it is there.
#[derive(Clone, Debug)]
pub(super) struct Motif {
    pub(super) what: Drawing,
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) scale: f32,
    pub(super) turned: f32,
    /// From the middle of the postmark to its own.
    pub(super) offset: (f32, f32),
    /// Its side, in units of the postmark.
    pub(super) side: f32,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Drawing {
    /// One of the program's own marks, by its word.
    Ours(&'static str),
    /// A file of the carnival's.
    File(Picture),
}

#[derive(Template)]
#[template(path = "postcard_ground.svg")]
struct Ground {
    colour: Colour,
    pattern: Pattern,
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

/// Where the name of the carnival stands, and its place or theme.
const CARNIVAL: Block = Block { room: 404.0, middle: 878.0, height: 110.0, most: 38.0, even: true };

impl Plan {
    /// The plan of a postcard; the files of its artwork are looked at, not read.
    #[must_use]
    pub fn of(wanted: Wanted<'_>, source: &Source) -> Plan {
        let Wanted { carnival, card, greeting, size, form } = wanted;
        let (route, ink) = (card.route, carnival.colour(card.route));
        let picture = |path: &ArtworkPath| Picture { path: path.clone(), state: source.state(path) };
        let ground = Ground { colour: ink, pattern: carnival.pattern(route) };
        let week = format!("第{}周 · {}", card.week, route.days.say(Lang::Zh));
        let face = Face {
            ink,
            paper: Colour::PAPER,
            title: Line::fit(&route.name, 150.0, 1_040.0, 96.0),
            week: Line::fit(&week, 206.0, 1_040.0, 40.0),
            carnival: CARNIVAL.set(&carnival.name),
        };
        let stamps = card.places.iter().filter_map(|place| Some((place, place.postmark.as_ref()?)));
        Plan {
            size,
            form,
            artwork: route.artwork.as_ref().map(picture),
            ground: drawn(&ground),
            face: drawn(&face),
            own: drawn(&Own::of(ink, card, greeting)),
            motifs: stamps.flat_map(|(place, postmark)| motifs(place, postmark, card.radius_mm, &picture)).collect(),
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
        hash.update(format!("{:?} {:?}", self.form, self.motifs));
        hash.update(&self.own);
        hash.finalize().into()
    }
}

/// The text of a drawing. Writing to a String cannot fail.
fn drawn(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}

fn motifs(
    place: &Place<'_>,
    postmark: &Postmark<'_>,
    radius_mm: f64,
    picture: &impl Fn(&ArtworkPath) -> Picture,
) -> Vec<Motif> {
    let at = |what, offset, side| Motif {
        what,
        x: single(place.at.x_mm * 10.0),
        y: single(place.at.y_mm * 10.0),
        scale: single(radius_mm / 10.5),
        turned: f32::from(postmark.turned),
        offset,
        side,
    };
    let motif = place.point.stamp.as_ref().map(|path| at(Drawing::File(picture(path)), (0.0, 0.0), MOTIF));
    let mark = postmark.mark.map(|mark| {
        let what = match &mark.mark {
            Mark::Drawn(path) => Drawing::File(picture(path)),
            ours => Drawing::Ours(ours.word()),
        };
        at(what, MARK_AT, MARK)
    });
    motif.into_iter().chain(mark).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "places on a card, in tenths of a millimetre")]
fn single(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
