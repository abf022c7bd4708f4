//! The render plan of a postcard: everything that determines its pixels, as text. Equal plans give equal pictures.

use askama::Template;

use super::dimensions::PostcardSize;
use super::personal_layer::PersonalLayer;
use super::sha256;
use super::stamp_slot::{ArtworkFile, SlotDrawing};
use crate::messages::messages;
use crate::pictures::artwork::ArtworkSource;
use crate::pictures::raster::ImageFormat;
use crate::pictures::text_layout::{TextBox, TextLine};
use crate::rules::carnival::Carnival;
use crate::rules::carnival::design::{ArtworkPath, CardPattern, Colour};
use crate::rules::lang::Lang;
use crate::rules::prints::greeting::Greeting;
use crate::rules::prints::postcard::Postcard;

/// A requested postcard.
#[derive(Clone, Copy, Debug)]
pub struct PostcardRequest<'a> {
    /// The carnival.
    pub carnival: &'a Carnival,
    /// The slots, stamps and progress to show.
    pub card: &'a Postcard<'a>,
    /// The greeting to print on it.
    pub greeting: Option<&'a Greeting>,
    /// Output size.
    pub size: PostcardSize,
    /// Output format.
    pub format: ImageFormat,
}

/// A postcard that is ready to be rendered, independent of the resident who requested it.
#[derive(Clone, Debug)]
pub struct RenderPlan {
    pub(super) size: PostcardSize,
    pub(super) format: ImageFormat,
    pub(super) artwork: Option<ArtworkFile>,
    pub(super) background: String,
    pub(super) frame: String,
    pub(super) personal: String,
    pub(super) slots: Vec<SlotDrawing>,
}

#[derive(Template)]
#[template(path = "postcard_background.svg")]
struct Background {
    colour: Colour,
    pattern: CardPattern,
}

#[derive(Template)]
#[template(path = "postcard_frame.svg")]
struct Frame {
    ink: Colour,
    paper: Colour,
    title: TextLine,
    week: TextLine,
    carnival: Vec<TextLine>,
}

/// Area of the carnival's name.
const CARNIVAL: TextBox = TextBox { width: 404.0, middle_y: 878.0, height: 110.0, max_size: 38.0, balance: true };

impl RenderPlan {
    /// The plan of a postcard; of its artwork files only the metadata is read.
    #[must_use]
    pub fn of(request: PostcardRequest<'_>, source: &ArtworkSource) -> RenderPlan {
        let PostcardRequest { carnival, card, greeting, size, format } = request;
        let (route, ink) = (card.route, carnival.colour(card.route));
        let picture = |path: &ArtworkPath| ArtworkFile::of(path, source);
        let background = Background { colour: ink, pattern: carnival.pattern(route) };
        let words = messages(Lang::PRINTED);
        let week = (words.texts().prints.week)(card.week, &words.days(route.days));
        let frame = Frame {
            ink,
            paper: Colour::PAPER,
            title: TextLine::fit(&route.name, 150.0, 1_040.0, 96.0),
            week: TextLine::fit(&week, 206.0, 1_040.0, 40.0),
            carnival: CARNIVAL.lay_out(&carnival.name),
        };
        let slots = card.slots.iter().map(|place| SlotDrawing::of(place, ink, card.radius_mm, &picture));
        RenderPlan {
            size,
            format,
            artwork: route.artwork.as_ref().map(picture),
            background: rendered(&background),
            frame: rendered(&frame),
            personal: rendered(&PersonalLayer::of(ink, card, greeting)),
            slots: slots.collect(),
        }
    }

    /// Hash of everything that determines the base layer: artwork, title and panel.
    pub(super) fn base_key(&self) -> [u8; 32] {
        let artwork = format!("{:?} {:?}", self.size, self.artwork);
        let [background, frame] =
            [&self.background, &self.frame].map(|text| (text.len().to_be_bytes(), text.as_bytes()));
        sha256(&[artwork.as_bytes(), &background.0, background.1, &frame.0, frame.1])
    }

    /// Hash of everything that determines the picture: equal for equal pictures, different for different ones.
    #[must_use]
    pub fn key(&self) -> [u8; 32] {
        let version = concat!("postcard ", env!("CARGO_PKG_VERSION"));
        let slots = format!("{:?} {:?}", self.format, self.slots);
        sha256(&[version.as_bytes(), &self.base_key(), slots.as_bytes(), self.personal.as_bytes()])
    }
}

/// The SVG of a template. Writing to a `String` cannot fail.
fn rendered(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
