//! A body of TOML: the one kind that is not JSON, with a limit of its own.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;

use super::error::{ApiError, BadInput};
use crate::rules::carnival_file::MAX_BYTES;

/// The text of a carnival file, not longer than one may be. The content type is not asked.
pub struct Toml(pub String);

impl FromRequest for Toml {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let announced = length.and_then(|length| length.parse::<usize>().ok()).unwrap_or(0);
        let mut payload = payload.take();
        Box::pin(async move {
            let mut bytes = Vec::new();
            if announced > MAX_BYTES {
                return Err(ApiError::Bad(BadInput::TooLarge));
            }
            while let Some(chunk) = payload.next().await {
                let chunk = chunk.map_err(|_| ApiError::malformed("the body was cut off"))?;
                if bytes.len() + chunk.len() > MAX_BYTES {
                    return Err(ApiError::Bad(BadInput::TooLarge));
                }
                bytes.extend_from_slice(&chunk);
            }
            let text = String::from_utf8(bytes).map_err(|_| ApiError::malformed("the text is not UTF-8"))?;
            Ok(Toml(text))
        })
    }
}
