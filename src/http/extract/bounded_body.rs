//! Reads request bodies other than JSON, with a size limit per route.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use futures_util::StreamExt;

use crate::http::errors::{ApiError, RequestError};

/// Rejects a request whose `Content-Length` exceeds `max_bytes`, before the body is read.
///
/// # Errors
/// `RequestError::TooLarge`.
pub fn check_content_length(request: &HttpRequest, max_bytes: usize) -> Result<(), ApiError> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let content_length = length.and_then(|length| length.parse::<usize>().ok()).unwrap_or(0);
    if content_length > max_bytes { Err(ApiError::Request(RequestError::TooLarge)) } else { Ok(()) }
}

/// Reads a whole body of at most `max_bytes`.
///
/// # Errors
/// When the body is longer, or ends early.
pub async fn read_bounded(mut payload: Payload, max_bytes: usize) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| ApiError::malformed("the body was cut off"))?;
        if bytes.len() + chunk.len() > max_bytes {
            return Err(ApiError::Request(RequestError::TooLarge));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
