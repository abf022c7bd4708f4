//! Decodes untrusted photos to grayscale within limits; the size is checked before decoding.

mod jpeg_to_grayscale;
mod png_to_grayscale;

use super::grayscale::GrayscaleImage;
use super::raster::{self, ImageFormat, RasterError};

/// Decodes a photo in at most about 100 MB of memory.
pub(super) fn read(bytes: &[u8]) -> Result<GrayscaleImage, RasterError> {
    match raster::guess_format(bytes)? {
        ImageFormat::Jpeg => jpeg_to_grayscale::read(bytes),
        ImageFormat::Png => png_to_grayscale::read(bytes),
    }
}
