//! Codes read from pictures, by a decoder that is not ours.

mod work_budget;

use std::panic::{AssertUnwindSafe, catch_unwind};

use resvg::tiny_skia::Pixmap;
use rqrr::{Point, PreparedImage};

use self::work_budget::{MeteredImage, WorkBudget};
use super::grayscale::GrayscaleImage;
use super::photo;
use super::raster::RasterError;

/// The texts of all codes on a page.
pub(super) fn read_page(page: &Pixmap) -> Vec<String> {
    let (width, height) = (page.width() as usize, page.height() as usize);
    let data = page.data();
    // Green is most of how bright a colour is.
    let mut image = PreparedImage::prepare_from_greyscale(width, height, |x, y| data[(y * width + x) * 4 + 1]);
    let grids = image.detect_grids();
    grids.into_iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

/// One way to look at a photo.
struct ScanPass {
    /// Only at photos that are larger than this: it would show nothing new of others.
    only_above: usize,
    /// Pixels on the longer side.
    max_side: usize,
    /// Whether light stands for dark, as a screen at night has it.
    inverted: bool,
    /// What part of the photo a pixel is held against; without one, as the decoder does it by itself.
    window_divisor: Option<usize>,
}

const fn pass(only_above: usize, max_side: usize, inverted: bool, window_divisor: Option<usize>) -> ScanPass {
    ScanPass { only_above, max_side, inverted, window_divisor }
}

/// What finds the most comes first. Small photos have less noise and take less time, large ones show a poster across
/// the street.
const PASSES: [ScanPass; 5] = [
    pass(0, 1200, false, Some(8)),
    pass(1200, 2000, false, Some(8)),
    pass(0, 1200, true, Some(8)),
    pass(0, 1200, false, None),
    pass(0, 3000, false, Some(20)),
];

/// The first code of a photo that `known` knows; of several, the largest.
///
/// A second of work at most, and about 100 MB.
///
/// # Errors
/// When it is no JPEG or PNG, is broken, or has too many pixels, which is seen before anything is decoded.
pub fn find<T>(bytes: &[u8], known: impl Fn(&str) -> Option<T>) -> Result<Option<T>, RasterError> {
    // A decoder that fails loudly has met a broken photo as well.
    let photo =
        catch_panic(|| photo::read(bytes)).unwrap_or_else(|| Err(RasterError::Corrupt("it cannot be read".into())))?;
    let side = photo.width.max(photo.height);
    let budget = WorkBudget::default();
    for pass in PASSES.iter().filter(|pass| side > pass.only_above) {
        let found = catch_panic(|| texts(&photo, pass, &budget)).unwrap_or_default();
        if let Some(found) = found.iter().find_map(|text| known(text)) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// What is done, unless it was given up in the middle.
fn catch_panic<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// The texts of all codes, the largest first: that is the one that was aimed at.
fn texts(photo: &GrayscaleImage, pass: &ScanPass, budget: &WorkBudget) -> Vec<String> {
    let scaled = photo.downscaled(pass.max_side);
    let scaled = if pass.inverted { scaled.inverted() } else { scaled };
    let mut image = match pass.window_divisor {
        Some(window_divisor) => {
            PreparedImage::without_preparation(MeteredImage::new(scaled.adaptive_threshold(window_divisor), budget))
        }
        None => PreparedImage::prepare(MeteredImage::new(scaled, budget)),
    };
    let read = |grid: rqrr::Grid<_>| Some((area(&grid.bounds), grid.decode().ok()?.1));
    let mut found: Vec<(i64, String)> = image.detect_grids().into_iter().filter_map(read).collect();
    found.sort_by_key(|(area, _)| std::cmp::Reverse(*area));
    found.into_iter().map(|(_, text)| text).collect()
}

/// Twice the area between four corners.
fn area(corners: &[Point; 4]) -> i64 {
    let next = corners.iter().cycle().skip(1);
    let cross = |(a, b): (&Point, &Point)| i64::from(a.x) * i64::from(b.y) - i64::from(b.x) * i64::from(a.y);
    corners.iter().zip(next).map(cross).sum::<i64>().abs()
}
