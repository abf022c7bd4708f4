//! Codes read from pictures, by a decoder that is not ours.

mod patience;

use std::panic::{AssertUnwindSafe, catch_unwind};

use resvg::tiny_skia::Pixmap;
use rqrr::{Point, PreparedImage};

use self::patience::{Looked, Patience};
use super::grey::Grey;
use super::photo;
use super::raster::RasterError;

/// The texts of all codes on a page.
pub(super) fn of_page(page: &Pixmap) -> Vec<String> {
    let (width, height) = (page.width() as usize, page.height() as usize);
    let data = page.data();
    // Green is most of how bright a colour is.
    let mut image = PreparedImage::prepare_from_greyscale(width, height, |x, y| data[(y * width + x) * 4 + 1]);
    let grids = image.detect_grids();
    grids.into_iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

/// One way to look at a photo.
struct Look {
    /// Only at photos that are larger than this: it would show nothing new of others.
    beyond: usize,
    /// Pixels on the longer side.
    longest: usize,
    /// Whether light stands for dark, as a screen at night has it.
    night: bool,
    /// What part of the photo a pixel is held against; without one, as the decoder does it by itself.
    part: Option<usize>,
}

const fn look(beyond: usize, longest: usize, night: bool, part: Option<usize>) -> Look {
    Look { beyond, longest, night, part }
}

/// What finds the most comes first. Small photos have less noise and take less time, large ones show a poster across
/// the street.
const LOOKS: [Look; 5] = [
    look(0, 1200, false, Some(8)),
    look(1200, 2000, false, Some(8)),
    look(0, 1200, true, Some(8)),
    look(0, 1200, false, None),
    look(0, 3000, false, Some(20)),
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
        quietly(|| photo::read(bytes)).unwrap_or_else(|| Err(RasterError::Broken("it cannot be read".into())))?;
    let side = photo.width.max(photo.height);
    let patience = Patience::default();
    for look in LOOKS.iter().filter(|look| side > look.beyond) {
        let found = quietly(|| texts(&photo, look, &patience)).unwrap_or_default();
        if let Some(found) = found.iter().find_map(|text| known(text)) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// What is done, unless it was given up in the middle.
fn quietly<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// The texts of all codes, the largest first: that is the one that was aimed at.
fn texts(photo: &Grey, look: &Look, patience: &Patience) -> Vec<String> {
    let seen = photo.within(look.longest);
    let seen = if look.night { seen.negative() } else { seen };
    let mut image = match look.part {
        Some(part) => PreparedImage::without_preparation(Looked::new(seen.dark_by_surroundings(part), patience)),
        None => PreparedImage::prepare(Looked::new(seen, patience)),
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
