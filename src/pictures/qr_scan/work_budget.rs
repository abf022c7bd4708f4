//! Limits the work of decoding one photo.
//!
//! The decoder tries every combination of three finder patterns and copies the whole picture for each, so a picture
//! full of finder patterns, or of noise, would keep it busy for minutes. It reads pixels through a type of this module,
//! which counts the reads and aborts by unwinding: the only way out of the loops of a foreign library.

use std::cell::Cell;
use std::panic::resume_unwind;
use std::rc::Rc;

use image::{GenericImage, GenericImageView, GrayImage, Luma};

use crate::pictures::grayscale::GrayscaleImage;

/// Most of a second of work; a photo of twelve megapixels without a code takes half of it.
const MAX_PIXEL_READS: u64 = 300_000_000;
/// Copying a pixel is cheaper than reading it.
const COPIED_PIXELS_PER_READ: u64 = 16;
/// A code has three finder patterns, a page of eight cards 24. More are a texture, and each pattern would be compared
/// with all others.
const MAX_CORNERS: u32 = 400;
/// The value with which the decoder marks a finder pattern.
const CORNER_PAINT: u8 = 2;

/// The remaining reads, shared by all passes over one photo.
#[derive(Clone)]
pub(super) struct WorkBudget(Rc<Cell<u64>>);

impl Default for WorkBudget {
    fn default() -> WorkBudget {
        WorkBudget(Rc::new(Cell::new(MAX_PIXEL_READS)))
    }
}

impl WorkBudget {
    fn spend(&self, reads: u64) {
        match self.0.get().checked_sub(reads) {
            Some(left) => self.0.set(left),
            None => abort(),
        }
    }
}

/// Unwinds without calling the panic hook, because nothing is wrong with the program.
fn abort() -> ! {
    resume_unwind(Box::new("work budget exhausted"))
}

/// An image that counts the decoder's reads and painted finder patterns.
pub(super) struct MeteredImage {
    pixels: GrayImage,
    budget: WorkBudget,
    /// The last painted value, and the number of finder patterns painted.
    last_paint: u8,
    corners: u32,
}

impl MeteredImage {
    pub(super) fn new(photo: GrayscaleImage, budget: &WorkBudget) -> MeteredImage {
        let side = |length: usize| u32::try_from(length).unwrap_or_default();
        let pixels = GrayImage::from_raw(side(photo.width), side(photo.height), photo.shades).unwrap_or_default();
        MeteredImage { pixels, budget: budget.clone(), last_paint: 0, corners: 0 }
    }
}

impl Clone for MeteredImage {
    fn clone(&self) -> MeteredImage {
        let (width, height) = self.pixels.dimensions();
        self.budget.spend(u64::from(width) * u64::from(height) / COPIED_PIXELS_PER_READ);
        MeteredImage { pixels: self.pixels.clone(), budget: self.budget.clone(), ..*self }
    }
}

impl GenericImageView for MeteredImage {
    type Pixel = Luma<u8>;

    /// Counted too: a search outside the picture reads nothing else.
    fn dimensions(&self) -> (u32, u32) {
        self.budget.spend(1);
        self.pixels.dimensions()
    }

    fn get_pixel(&self, x: u32, y: u32) -> Luma<u8> {
        self.budget.spend(1);
        *self.pixels.get_pixel(x, y)
    }
}

impl GenericImage for MeteredImage {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Luma<u8> {
        self.pixels.get_pixel_mut(x, y)
    }

    fn put_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        let [paint] = pixel.0;
        if paint == CORNER_PAINT && self.last_paint != CORNER_PAINT {
            self.corners += 1;
            if self.corners > MAX_CORNERS {
                abort();
            }
        }
        self.last_paint = paint;
        self.pixels.put_pixel(x, y, pixel);
    }

    fn blend_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.put_pixel(x, y, pixel);
    }
}

#[cfg(test)]
mod tests {
    use rqrr::PreparedImage;

    use super::*;
    use crate::pictures::qr_scan::catch_panic;

    /// Finder patterns side by side, in a grid.
    fn finder_grid(corners: usize) -> GrayscaleImage {
        let side = corners * 9;
        let dark = |x: usize, y: usize| {
            let (x, y) = (x % 9, y % 9);
            let ring = x < 7 && y < 7 && (x.min(y) == 0 || x.max(y) == 6);
            ring || ((2..5).contains(&x) && (2..5).contains(&y))
        };
        let shades = (0..side * side).map(|place| u8::from(dark(place % side, place / side))).collect();
        GrayscaleImage { width: side, height: side, shades }
    }

    fn scan(photo: GrayscaleImage, budget: &WorkBudget) -> Option<usize> {
        catch_panic(|| PreparedImage::without_preparation(MeteredImage::new(photo, budget)).detect_grids().len())
    }

    #[test]
    fn a_picture_full_of_finder_patterns_is_aborted() {
        assert!(scan(finder_grid(2), &WorkBudget::default()).is_some(), "four finder patterns are within the limit");
        let budget = WorkBudget::default();
        assert_eq!(scan(finder_grid(25), &budget), None, "625 are not");
        assert!(budget.0.get() > MAX_PIXEL_READS / 2, "aborted before comparing them with each other");
    }

    #[test]
    fn an_exhausted_budget_aborts_the_scan() {
        let budget = WorkBudget(Rc::new(Cell::new(5_000)));
        let white = || GrayscaleImage { width: 40, height: 40, shades: vec![0; 1600] };
        assert_eq!(scan(white(), &budget), Some(0));
        assert_eq!(scan(white(), &budget), None, "the budget is shared by all passes");
    }
}
