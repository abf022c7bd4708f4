//! A code is read from a photo, for browsers that have no scanner of their own.

use super::app::{App, Result};
use crate::pictures::qr_scan;
use crate::pictures::raster::RasterError;
use crate::rules::refusal::Refusal;
use crate::tokens::{Code, codes};

/// A code that a photo shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedCode {
    /// The bare code, to be sent on.
    pub text: String,
    /// What it is. Whether it is still good is for the step to say that it is sent to.
    pub code: Code,
}

/// Reads a code of this carnival from a photo; of several, the largest. Nothing is kept.
///
/// # Errors
/// A refusal when there is none, or when the photo is broken or too large;
/// [`PicturesBusy`](super::Error::PicturesBusy) when too many are being worked on.
pub async fn scan(app: &App, photo: Vec<u8>) -> Result<DecodedCode> {
    let (codes, now) = (app.codes.clone(), app.now());
    let decode = move |text: &str| {
        let code = codes.read(text, now).ok()?;
        Some(DecodedCode { text: codes::extract_code(text)?.into_owned(), code })
    };
    let decoded =
        app.render_pool.run(move |_| qr_scan::find(&photo, decode)).await?.map_err(|error| refusal(&error))?;
    Ok(decoded.ok_or(Refusal::NoCodeFound)?)
}

fn refusal(error: &RasterError) -> Refusal {
    match error {
        &RasterError::TooManyPixels { width, height, max_pixels: most } => {
            Refusal::PhotoTooLarge { width, height, most }
        }
        RasterError::UnknownFormat | RasterError::Corrupt(_) | RasterError::EncodingFailed(_) => {
            Refusal::PhotoUnreadable
        }
    }
}
