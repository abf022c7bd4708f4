//! Renders a postcard: the route's artwork with the stamp slots of its points, the collected stamps, and a greeting.
//!
//! The parts that cards share are cached as pixels: the artwork with title and panel, and each slot, empty or with the
//! postmark of an hour. Only the progress and the greeting are rendered for each card.

mod dimensions;
mod personal_layer;
mod render_plan;
mod stamp_slot;

use std::sync::Arc;

use resvg::tiny_skia::{Color, FilterQuality, Pixmap, PixmapPaint, Transform};
use ring::digest::{Context, SHA256};

pub use self::dimensions::PostcardSize;
use self::dimensions::{OVERSAMPLING, SLOT_AREA};
pub use self::render_plan::{PostcardRequest, RenderPlan};
use self::stamp_slot::{ArtworkFile, Inlay, InlayArtwork, SlotDrawing};
use super::artwork::Artwork;
use super::bundled_artwork;
use super::raster;
use super::renderer::{DrawError, ImageBytes, ImageKey, Layer, Renderer};
use super::svg_document::{SvgDocument, SvgError};
use crate::rules::carnival::design::Colour;

impl Renderer {
    /// The render plan of a postcard. Cheap enough to compute on a thread that serves requests.
    #[must_use]
    pub fn plan_postcard(&self, request: PostcardRequest<'_>) -> RenderPlan {
        RenderPlan::of(request, &self.artwork)
    }

    /// Renders a postcard.
    ///
    /// # Errors
    /// Fails if the greeting or a name has a character that no font has, or if the picture cannot be encoded.
    pub fn render_postcard(&self, plan: &RenderPlan) -> Result<ImageBytes, DrawError> {
        self.get_or_render(plan.key(), || {
            let mut pixels = Pixmap::clone(self.base_layer(plan)?.as_ref());
            let scale = plan.size.scale();
            SvgDocument::parse(&plan.personal)?.draw(Transform::from_scale(scale, scale), &mut pixels.as_mut());
            for slot in &plan.slots {
                self.draw_slot(slot, scale, &mut pixels)?;
            }
            Ok(raster::encode(&pixels, plan.format, plan.size.dpi())?)
        })
    }

    /// Artwork, title and panel.
    fn base_layer(&self, plan: &RenderPlan) -> Result<Arc<Pixmap>, DrawError> {
        self.layers.get_or_insert_with(&Layer::Base(plan.base_key()), || {
            let (width, height) = plan.size.pixels();
            let mut pixels = Pixmap::new(width, height).ok_or(SvgError::TooLarge)?;
            pixels.fill(Color::from_rgba8(Colour::PAPER.red, Colour::PAPER.green, Colour::PAPER.blue, u8::MAX));
            let art = self.artwork_or(plan.artwork.as_ref(), &plan.background)?.cover(width, height)?;
            pixels.draw_pixmap(0, 0, art.as_ref(), &PixmapPaint::default(), Transform::identity(), None);
            let scale = plan.size.scale();
            SvgDocument::parse(&plan.frame)?.draw(Transform::from_scale(scale, scale), &mut pixels.as_mut());
            Ok(Arc::new(pixels))
        })
    }

    /// Reads an artwork file of the carnival. If it went missing or broke after it was checked, that is logged for the
    /// operator, and the bundled fallback is drawn: residents still get their postcard.
    fn artwork_or(&self, picture: Option<&ArtworkFile>, fallback: &str) -> Result<Artwork, DrawError> {
        let read = picture.and_then(|ArtworkFile { path, .. }| {
            let read = self.artwork.read(path);
            read.inspect_err(|cause| tracing::error!(%path, %cause, "an artwork file cannot be used")).ok()
        });
        read.map_or_else(|| Ok(Artwork::Vector(SvgDocument::parse(fallback)?)), Ok)
    }

    /// Draws a slot onto the card. A rotated slot is cached larger than it is drawn, so that it stays sharp.
    fn draw_slot(&self, slot: &SlotDrawing, scale: f32, target: &mut Pixmap) -> Result<(), DrawError> {
        let upright = slot.rotation == 0.0;
        let oversampling = if upright { 1.0 } else { OVERSAMPLING };
        let unit = slot.scale * scale * oversampling;
        let layer = Layer::Slot(slot_key(slot, unit));
        let pixels = self.layers.get_or_insert_with(&layer, || self.slot_pixmap(slot, unit).map(Arc::new))?;
        let moved = Transform::from_scale(1.0 / oversampling, 1.0 / oversampling)
            .post_translate(SLOT_AREA.0 * slot.scale * scale, SLOT_AREA.1 * slot.scale * scale)
            .post_rotate(slot.rotation)
            .post_translate(slot.centre.0 * scale, slot.centre.1 * scale);
        let (transform, quality) = if upright {
            (Transform::from_translate(moved.tx.round(), moved.ty.round()), FilterQuality::Nearest)
        } else {
            (moved, FilterQuality::Bilinear)
        };
        let paint = PixmapPaint { quality, ..PixmapPaint::default() };
        target.draw_pixmap(0, 0, pixels.as_ref().as_ref(), &paint, transform, None);
        Ok(())
    }

    /// A slot without rotation, at `unit` pixels per unit of its SVG.
    fn slot_pixmap(&self, slot: &SlotDrawing, unit: f32) -> Result<Pixmap, DrawError> {
        let mut pixels =
            Pixmap::new(ceil_pixels(SLOT_AREA.2 * unit), ceil_pixels(SLOT_AREA.3 * unit)).ok_or(SvgError::TooLarge)?;
        SvgDocument::parse(&slot.svg)?.draw(Transform::from_scale(unit, unit), &mut pixels.as_mut());
        for Inlay { artwork, centre, side } in &slot.inlays {
            let (picture, word) = match artwork {
                InlayArtwork::File(picture) => (Some(picture), "star"),
                InlayArtwork::Bundled(word) => (None, *word),
            };
            let art = self
                .artwork_or(picture, bundled_artwork::day_mark(word))?
                .contain(ceil_pixels(side * unit), ceil_pixels(side * unit))?;
            let middle = ((centre.0 - SLOT_AREA.0 - side / 2.0) * unit, (centre.1 - SLOT_AREA.1 - side / 2.0) * unit);
            let transform = Transform::from_translate(middle.0.round(), middle.1.round());
            pixels.draw_pixmap(0, 0, art.as_ref(), &PixmapPaint::default(), transform, None);
        }
        Ok(pixels)
    }
}

/// Hash of everything that determines how a slot looks, except its position and rotation.
fn slot_key(slot: &SlotDrawing, unit: f32) -> ImageKey {
    sha256(&[&unit.to_be_bytes(), format!("{:?}", slot.inlays).as_bytes(), slot.svg.as_bytes()])
}

/// The hash of these parts, one after the other.
fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    for part in parts {
        hash.update(part);
    }
    let hash = hash.finish();
    std::array::from_fn(|at| hash.as_ref()[at])
}

/// A side in pixels, rounded up.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred pixels")]
fn ceil_pixels(side: f32) -> u32 {
    side.ceil() as u32
}
