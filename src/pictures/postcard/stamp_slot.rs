//! The slot of a point on a postcard: a postmark, or an empty outline. Rendered separately, because it looks the same
//! on the cards of everyone who checked in during the same hour.

use askama::Template;

use super::dimensions::{DAY_MARK_CENTRE, DAY_MARK_SIDE, MOTIF_SIDE};
use crate::messages::messages;
use crate::pictures::artwork::ArtworkSource;
use crate::pictures::text_layout::{TextBox, TextLine, fitting_size};
use crate::rules::carnival::design::{ArtworkPath, Colour, MarkSymbol};
use crate::rules::lang::Lang;
use crate::rules::prints::postcard::{PostcardSlot, Postmark, RADIUS_MM};

/// A slot ready to be rendered.
#[derive(Clone, Debug)]
pub(super) struct SlotDrawing {
    /// SVG of the rings and texts.
    pub(super) svg: String,
    /// Artwork drawn on top.
    pub(super) inlays: Vec<Inlay>,
    /// Centre of the slot on the card.
    pub(super) centre: (f32, f32),
    /// Scale of the slot on the card: units of the card per unit of `svg`.
    pub(super) scale: f32,
    /// Rotation in degrees, clockwise.
    pub(super) rotation: f32,
}

/// An artwork file in its current version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ArtworkFile {
    pub(super) path: ArtworkPath,
    version: (u128, u64),
}

/// Artwork inside a stamp slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum InlayArtwork {
    /// A bundled day mark, by its keyword.
    Bundled(&'static str),
    /// A file of the carnival.
    File(ArtworkFile),
}

impl ArtworkFile {
    /// The file in its current version, from its metadata; the content is not read.
    pub(super) fn of(path: &ArtworkPath, source: &ArtworkSource) -> ArtworkFile {
        ArtworkFile { path: path.clone(), version: source.file_version(path) }
    }
}

/// A motif or a day mark.
#[derive(Clone, Debug)]
pub(super) struct Inlay {
    pub(super) artwork: InlayArtwork,
    /// Centre, relative to the centre of the slot.
    pub(super) centre: (f32, f32),
    /// Side of its square.
    pub(super) side: f32,
}

#[derive(Template)]
#[template(path = "empty_slot.svg")]
struct EmptySlot {
    ink: Colour,
    paper: Colour,
    number: u16,
    name: Vec<TextLine>,
}

#[derive(Template)]
#[template(path = "postmark.svg")]
struct StampedSlot {
    ink: Colour,
    paper: Colour,
    name: String,
    name_size: f32,
    date: String,
    /// The point's number, shown if it has no motif.
    number: Option<u16>,
    marked: bool,
}

/// Area of the point's name in an empty slot; the number is above it.
const NAME: TextBox = TextBox { width: 158.0, middle_y: 12.0, height: 84.0, max_size: 25.0, balance: true };

/// Length of the arc that carries the point's name.
const ARC_LENGTH: f32 = 292.0;

/// Maximum font size on the arc.
const MAX_ARC_LETTERS: f32 = 23.0;

impl SlotDrawing {
    pub(super) fn of(
        place: &PostcardSlot<'_>,
        ink: Colour,
        radius_mm: f64,
        artwork_file: &impl Fn(&ArtworkPath) -> ArtworkFile,
    ) -> SlotDrawing {
        let point = place.point;
        let svg = match &place.postmark {
            Some(postmark) => stamped(place, postmark, ink).render(),
            None => {
                EmptySlot { ink, paper: Colour::PAPER, number: point.number.get(), name: NAME.lay_out(&name(place)) }
                    .render()
            }
        };
        SlotDrawing {
            svg: svg.unwrap_or_default(),
            inlays: place.postmark.as_ref().map_or_else(Vec::new, |postmark| inlays(place, postmark, artwork_file)),
            centre: (to_f32(place.at.x_mm * 10.0), to_f32(place.at.y_mm * 10.0)),
            scale: to_f32(radius_mm / RADIUS_MM),
            rotation: place.postmark.map_or(0.0, |postmark| f32::from(postmark.rotation)),
        }
    }
}

fn stamped(place: &PostcardSlot<'_>, postmark: &Postmark<'_>, ink: Colour) -> StampedSlot {
    let (point, at) = (place.point, postmark.at);
    StampedSlot {
        ink,
        paper: Colour::PAPER,
        name_size: fitting_size(&point.name, ARC_LENGTH, MAX_ARC_LETTERS),
        name: point.name.clone(),
        date: (messages(Lang::PRINTED).texts().prints.stamped_at)(at),
        number: point.stamp.is_none().then(|| point.number.get()),
        marked: postmark.mark.is_some(),
    }
}

fn name(place: &PostcardSlot<'_>) -> String {
    match place.point.closed {
        None => place.point.name.clone(),
        Some(_) => (messages(Lang::PRINTED).texts().prints.closed_point)(&place.point.name),
    }
}

fn inlays(
    place: &PostcardSlot<'_>,
    postmark: &Postmark<'_>,
    artwork_file: &impl Fn(&ArtworkPath) -> ArtworkFile,
) -> Vec<Inlay> {
    let motif = place.point.stamp.as_ref();
    let motif = motif.map(|path| Inlay {
        artwork: InlayArtwork::File(artwork_file(path)),
        centre: (0.0, 0.0),
        side: MOTIF_SIDE,
    });
    let mark = postmark.mark.map(|mark| {
        let artwork = match mark {
            MarkSymbol::Custom(path) => InlayArtwork::File(artwork_file(path)),
            bundled => InlayArtwork::Bundled(bundled.keyword()),
        };
        Inlay { artwork, centre: DAY_MARK_CENTRE, side: DAY_MARK_SIDE }
    });
    motif.into_iter().chain(mark).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "positions on a card, in tenths of a millimetre")]
fn to_f32(value: f64) -> f32 {
    value as f32
}
