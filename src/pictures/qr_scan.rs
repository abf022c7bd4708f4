//! Reads QR codes from photos and rendered pages, with the decoder `rqrr`.

mod work_budget;

use std::panic::{AssertUnwindSafe, catch_unwind};

use resvg::tiny_skia::Pixmap;
use rqrr::{Point, PreparedImage};

use self::work_budget::{MeteredImage, WorkBudget};
use super::grayscale::GrayscaleImage;
use super::photo;
use super::raster::RasterError;

/// The texts of all codes on a rendered page.
pub(super) fn read_page(page: &Pixmap) -> Vec<String> {
    let (width, height) = (page.width() as usize, page.height() as usize);
    let data = page.data();
    // Green contributes most to brightness.
    let mut image = PreparedImage::prepare_from_greyscale(width, height, |x, y| data[(y * width + x) * 4 + 1]);
    let grids = image.detect_grids();
    grids.into_iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

/// Parameters of one attempt to find a code in a photo.
struct ScanPass {
    /// Skipped for photos whose longer side is not above this: the pass would see nothing new.
    only_above: usize,
    /// Longer side that the photo is scaled down to, in pixels.
    max_side: usize,
    /// Whether dark and light are swapped, as in a screen's night mode.
    inverted: bool,
    /// Window of the adaptive threshold, as a divisor of the photo's shorter side; `None` uses the decoder's own
    /// threshold.
    window_divisor: Option<usize>,
}

const fn pass(only_above: usize, max_side: usize, inverted: bool, window_divisor: Option<usize>) -> ScanPass {
    ScanPass { only_above, max_side, inverted, window_divisor }
}

/// Most successful passes first. Small photos have less noise and take less time; large ones show a poster across the
/// street.
const PASSES: [ScanPass; 5] = [
    pass(0, 1200, false, Some(8)),
    pass(1200, 2000, false, Some(8)),
    pass(0, 1200, true, Some(8)),
    pass(0, 1200, false, None),
    pass(0, 3000, false, Some(20)),
];

/// The first code in a photo that `known` recognises; of several, the largest.
///
/// Takes at most about a second of work and 100 MB.
///
/// # Errors
/// Fails if the photo is not a JPEG or PNG, is corrupt, or has too many pixels; the size is checked before decoding.
pub fn find<T>(bytes: &[u8], known: impl Fn(&str) -> Option<T>) -> Result<Option<T>, RasterError> {
    // A panic of the decoder means that the photo is corrupt.
    let photo =
        catch_panic(|| photo::read(bytes)).unwrap_or_else(|| Err(RasterError::Corrupt("the decoder failed".into())))?;
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

/// The result of the work, or `None` if it panicked or was aborted.
fn catch_panic<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// The texts of all codes, the largest first: the largest is the one the camera was aimed at.
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

/// Twice the area of a quadrilateral.
fn area(corners: &[Point; 4]) -> i64 {
    let next = corners.iter().cycle().skip(1);
    let cross = |(a, b): (&Point, &Point)| i64::from(a.x) * i64::from(b.y) - i64::from(b.x) * i64::from(a.y);
    corners.iter().zip(next).map(cross).sum::<i64>().abs()
}
