//! Photos that strangers send, read as grey and within bounds: their size is seen before anything is decoded.

mod jpeg;
mod png;

use super::grey::Grey;
use super::raster::{self, Form, RasterError};

/// Reads a photo; within about 100 MB, whatever is sent.
pub(super) fn read(bytes: &[u8]) -> Result<Grey, RasterError> {
    match raster::form_of(bytes)? {
        Form::Jpeg => jpeg::read(bytes),
        Form::Png => png::read(bytes),
    }
}
