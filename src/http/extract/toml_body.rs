//! Extractor for TOML bodies, with the size limit of carnival files.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::bounded_body;
use crate::http::errors::ApiError;
use crate::rules::carnival_file::MAX_BYTES;

/// The text of a carnival file, up to its maximum size. The content type is ignored.
pub struct TomlText(pub String);

impl FromRequest for TomlText {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let length_check = bounded_body::check_content_length(request, MAX_BYTES);
        let payload = payload.take();
        Box::pin(async move {
            length_check?;
            let bytes = bounded_body::read_bounded(payload, MAX_BYTES).await?;
            let text = String::from_utf8(bytes).map_err(|_| ApiError::malformed("the text is not UTF-8"))?;
            Ok(TomlText(text))
        })
    }
}
