//! Codes read from pictures, by a decoder that is not ours.

use resvg::tiny_skia::Pixmap;
use rqrr::PreparedImage;

/// The texts of all codes on a page.
pub(super) fn of_page(page: &Pixmap) -> Vec<String> {
    let (width, height) = (page.width() as usize, page.height() as usize);
    let data = page.data();
    // Green is most of how bright a colour is.
    let mut image = PreparedImage::prepare_from_greyscale(width, height, |x, y| data[(y * width + x) * 4 + 1]);
    let grids = image.detect_grids();
    grids.into_iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}
