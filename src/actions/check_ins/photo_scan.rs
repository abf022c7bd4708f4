//! Reads a code from a photo, for browsers without a scanner.

use crate::actions::app::{App, Result};
use crate::pictures::qr_scan;
use crate::pictures::raster::RasterError;
use crate::rules::refusals::CodeRefusal;
use crate::tokens::{Code, codes};

/// A code found in a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedCode {
    /// The bare code, as other actions accept it.
    pub text: String,
    /// The parsed code. Whether it is still valid is decided by the action that receives it.
    pub code: Code,
}

/// Reads a code of this carnival from a photo; if there are several, the largest. The photo is not stored.
///
/// # Errors
/// A refusal when there is none, or when the photo is damaged or too large;
/// [`PicturesBusy`](crate::actions::Error::PicturesBusy) when the render queue is full.
pub async fn scan(app: &App, photo: Vec<u8>) -> Result<DecodedCode> {
    let (codes, now) = (app.codes.clone(), app.now());
    let decode = move |text: &str| {
        let code = codes.read(text, now).ok()?;
        Some(DecodedCode { text: codes::extract_code(text)?.into_owned(), code })
    };
    let decoded = app.render_pool.run(move |_| qr_scan::find(&photo, decode)).await?.map_err(|error| match error {
        RasterError::TooManyPixels { width, height, max_pixels: most } => {
            CodeRefusal::PhotoTooLarge { width, height, most }
        }
        RasterError::UnknownFormat | RasterError::Corrupt(_) | RasterError::EncodingFailed(_) => {
            CodeRefusal::PhotoUnreadable
        }
    })?;
    Ok(decoded.ok_or(CodeRefusal::NoCodeFound)?)
}
