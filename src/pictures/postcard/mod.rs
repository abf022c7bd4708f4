//! A postcard as a picture: the route's artwork, and on it the places of its points, the stamps that were gathered, and a greeting.
//!
//! What does not depend on whose card it is lies ready as pixels: the artwork with title and panel, and each stamp's motif. Only the rest is drawn anew: texts, rings and outlines.

mod measures;
mod own;
mod plan;

use std::sync::Arc;

use resvg::tiny_skia::{Color, FilterQuality, Pixmap, PixmapPaint, Transform};

use self::measures::SPARE;
pub use self::measures::Size;
pub(super) use self::plan::Drawing;
use self::plan::{Motif, Picture};
pub use self::plan::{Plan, Wanted};
use super::artwork::Art;
use super::raster;
use super::sample;
use super::sheet::{Sheet, SheetError};
use super::studio::{Bytes, DrawError, Layer, Studio};
use crate::rules::look::Colour;

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
            for motif in &plan.motifs {
                self.stamp(motif, scale, &mut pixels)?;
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

    fn stamp(&self, motif: &Motif, scale: f32, onto: &mut Pixmap) -> Result<(), DrawError> {
        let drawn = motif.side * motif.scale * scale;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred pixels")]
        let kept = (drawn * SPARE).ceil() as u32;
        let pixels = self.layers.get_or_insert_with(&Layer::Motif(motif.what.clone(), kept), || {
            let art = match &motif.what {
                Drawing::File(picture) => self.artwork_of(Some(picture)),
                Drawing::Ours(_) => None,
            };
            let art = match (art, &motif.what) {
                (Some(art), _) => art,
                (None, Drawing::Ours(word)) => Art::Drawn(Sheet::read(sample::mark(word))?),
                (None, Drawing::File(_)) => Art::Drawn(Sheet::read(sample::mark("star"))?),
            };
            Ok::<_, DrawError>(Arc::new(art.within(kept, kept)?))
        })?;
        let transform = Transform::from_scale(1.0 / SPARE, 1.0 / SPARE)
            .post_translate(-drawn / 2.0, -drawn / 2.0)
            .post_translate(motif.offset.0 * motif.scale * scale, motif.offset.1 * motif.scale * scale)
            .post_rotate(motif.turned)
            .post_translate(motif.x * scale, motif.y * scale);
        let paint = PixmapPaint { quality: FilterQuality::Bilinear, ..PixmapPaint::default() };
        onto.draw_pixmap(0, 0, pixels.as_ref().as_ref(), &paint, transform, None);
        Ok(())
    }
}
