//! Photos that strangers send, read as grey and within bounds: their size is seen before anything is decoded.

mod jpeg;
mod png;

use super::grayscale::GrayscaleImage;
use super::raster::{self, ImageFormat, RasterError};

/// Reads a photo; within about 100 MB, whatever is sent.
pub(super) fn read(bytes: &[u8]) -> Result<GrayscaleImage, RasterError> {
    match raster::guess_format(bytes)? {
        ImageFormat::Jpeg => jpeg::read(bytes),
        ImageFormat::Png => png::read(bytes),
    }
}
