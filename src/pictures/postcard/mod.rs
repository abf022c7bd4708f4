//! A postcard as a picture: the route's artwork, and on it the places of its points, the stamps that were gathered, and a greeting.
//!
//! What does not depend on whose card it is lies ready as pixels: the artwork with title and panel, and each place, with the postmark of an hour or without one. Only the rest is drawn anew: the greeting, and how far the card is.

mod measures;
mod own;
mod picture;
mod place;
mod plan;

use std::sync::Arc;

use resvg::tiny_skia::{Color, FilterQuality, Pixmap, PixmapPaint, Transform};
use sha2::{Digest, Sha256};

pub use self::measures::Size;
use self::measures::{SPARE, SPOT};
use self::picture::{Drawing, Picture};
use self::place::{Inlay, Spot};
pub use self::plan::{Plan, Wanted};
use super::artwork::Art;
use super::raster;
use super::sample;
use super::sheet::{Sheet, SheetError};
use super::studio::{Bytes, DrawError, Key, Layer, Studio};
use crate::rules::design::Colour;

impl Studio {
    /// The plan of a postcard: cheap, so that it can be asked on the way.
    #[must_use]
    pub fn plan(&self, wanted: Wanted<'_>) -> Plan {
        Plan::of(wanted, &self.artwork)
    }

    /// Draws a postcard.
    ///
    /// # Errors
    /// When a greeting or a name has a character that no font has, and when it cannot be written.
    pub fn postcard(&self, plan: &Plan) -> Result<Bytes, DrawError> {
        self.finish(plan.key(), || {
            let mut pixels = Pixmap::clone(self.face(plan)?.as_ref());
            let scale = plan.size.scale();
            Sheet::read(&plan.own)?.draw(Transform::from_scale(scale, scale), &mut pixels.as_mut());
            for spot in &plan.spots {
                self.place(spot, scale, &mut pixels)?;
            }
            Ok(raster::write(&pixels, plan.form, plan.size.dpi())?)
        })
    }

    /// Artwork, title and panel.
    fn face(&self, plan: &Plan) -> Result<Arc<Pixmap>, DrawError> {
        self.layers.get_or_insert_with(&Layer::Face(plan.face_key()), || {
            let (width, height) = plan.size.pixels();
            let mut pixels = Pixmap::new(width, height).ok_or(SheetError::TooLarge)?;
            pixels.fill(Color::from_rgba8(Colour::PAPER.red, Colour::PAPER.green, Colour::PAPER.blue, u8::MAX));
            let art = match self.artwork_of(plan.artwork.as_ref()) {
                Some(art) => art,
                None => Art::Drawn(Sheet::read(&plan.ground)?),
            };
            let art = art.cover(width, height)?;
            pixels.draw_pixmap(0, 0, art.as_ref(), &PixmapPaint::default(), Transform::identity(), None);
            let scale = plan.size.scale();
            Sheet::read(&plan.face)?.draw(Transform::from_scale(scale, scale), &mut pixels.as_mut());
            Ok(Arc::new(pixels))
        })
    }

    /// A file of the carnival's. One that went away or broke since it was checked must not take the postcard from anybody: it is told to the operator, and what the program has itself stands in.
    fn artwork_of(&self, picture: Option<&Picture>) -> Option<Art> {
        let path = &picture?.path;
        let read = self.artwork.read(path);
        read.inspect_err(|cause| tracing::error!(%path, %cause, "a file of artwork cannot be used")).ok()
    }

    /// Lays a place onto the card. It is kept larger than it is drawn if it is turned, so that it stays sharp.
    fn place(&self, spot: &Spot, scale: f32, onto: &mut Pixmap) -> Result<(), DrawError> {
        let straight = spot.turned == 0.0;
        let spare = if straight { 1.0 } else { SPARE };
        let unit = spot.scale * scale * spare;
        let layer = Layer::Place(spot_key(spot, unit));
        let pixels = self.layers.get_or_insert_with(&layer, || self.spot(spot, unit).map(Arc::new))?;
        let moved = Transform::from_scale(1.0 / spare, 1.0 / spare)
            .post_translate(SPOT.0 * spot.scale * scale, SPOT.1 * spot.scale * scale)
            .post_rotate(spot.turned)
            .post_translate(spot.at.0 * scale, spot.at.1 * scale);
        let (transform, quality) = if straight {
            (Transform::from_translate(moved.tx.round(), moved.ty.round()), FilterQuality::Nearest)
        } else {
            (moved, FilterQuality::Bilinear)
        };
        let paint = PixmapPaint { quality, ..PixmapPaint::default() };
        onto.draw_pixmap(0, 0, pixels.as_ref().as_ref(), &paint, transform, None);
        Ok(())
    }

    /// A place by itself, at so many pixels a unit.
    fn spot(&self, spot: &Spot, unit: f32) -> Result<Pixmap, DrawError> {
        let mut pixels = Pixmap::new(whole(SPOT.2 * unit), whole(SPOT.3 * unit)).ok_or(SheetError::TooLarge)?;
        Sheet::read(&spot.svg)?.draw(Transform::from_scale(unit, unit), &mut pixels.as_mut());
        for Inlay { what, at, side } in &spot.inlays {
            let art = match what {
                Drawing::File(picture) => self.artwork_of(Some(picture)),
                Drawing::Ours(word) => Some(Art::Drawn(Sheet::read(sample::mark(word))?)),
            };
            let art = match art {
                Some(art) => art,
                None => Art::Drawn(Sheet::read(sample::mark("star"))?),
            };
            let art = art.within(whole(side * unit), whole(side * unit))?;
            let middle = ((at.0 - SPOT.0 - side / 2.0) * unit, (at.1 - SPOT.1 - side / 2.0) * unit);
            let transform = Transform::from_translate(middle.0.round(), middle.1.round());
            pixels.draw_pixmap(0, 0, art.as_ref(), &PixmapPaint::default(), transform, None);
        }
        Ok(pixels)
    }
}

/// What a place looks like, but for where it lies and how it is turned.
fn spot_key(spot: &Spot, unit: f32) -> Key {
    let mut hash = Sha256::new();
    hash.update(unit.to_be_bytes());
    hash.update(format!("{:?}", spot.inlays));
    hash.update(&spot.svg);
    hash.finalize().into()
}

/// A side in whole pixels, upwards.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred pixels")]
fn whole(side: f32) -> u32 {
    side.ceil() as u32
}
