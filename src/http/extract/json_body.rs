//! Extractors for JSON bodies: any content type, a size limit, and errors as problem documents.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

use crate::http::errors::{ApiError, RequestError};

/// Maximum size of a JSON body. The largest expected ones hold twenty vouchers or a reason.
pub const MAX_BODY_BYTES: usize = 16 * 1024;

/// A JSON body.
///
/// The content type is ignored, because some phones send none or `text/plain`. Protection against cross-site requests does
/// not depend on it: the token is in a header that a foreign page cannot send.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read_body(request, payload);
        Box::pin(async move { parse(&bytes.await?).map(Json) })
    }
}

/// An optional JSON body; an empty body is `None`.
pub struct OptionalJson<T>(pub Option<T>);

impl<T: DeserializeOwned + 'static> FromRequest for OptionalJson<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read_body(request, payload);
        Box::pin(async move {
            let bytes = bytes.await?;
            if bytes.is_empty() { Ok(OptionalJson(None)) } else { parse(&bytes).map(Some).map(OptionalJson) }
        })
    }
}

fn read_body(request: &HttpRequest, payload: &mut Payload) -> impl Future<Output = Result<Bytes, ApiError>> + 'static {
    // `Bytes` enforces the limit of `PayloadConfig`, which the server sets to `MAX_BODY_BYTES`.
    let bytes = Bytes::from_request(request, payload);
    async move {
        bytes.await.map_err(|error| {
            if error.as_response_error().status_code() == actix_web::http::StatusCode::PAYLOAD_TOO_LARGE {
                ApiError::Request(RequestError::TooLarge)
            } else {
                ApiError::malformed("the body was cut off")
            }
        })
    }
}

fn parse<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| ApiError::malformed(error.to_string()))
}

/// Deserializes an integer, also in the form `2.0`: JSON has one number type, and some clients write all numbers so.
///
/// # Errors
/// When the value is not an integer, or out of range.
pub fn integer<'de, D: Deserializer<'de>, T: TryFrom<i64>>(from: D) -> Result<T, D::Error> {
    let number = serde_json::Number::deserialize(from)?;
    to_integer(&number).ok_or_else(|| D::Error::custom("a whole number"))
}

/// Deserializes an optional integer, like [`integer`].
///
/// # Errors
/// When the value is not an integer, or out of range.
pub fn optional_integer<'de, D: Deserializer<'de>, T: TryFrom<i64>>(from: D) -> Result<Option<T>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(from)? else { return Ok(None) };
    to_integer(&number).map(Some).ok_or_else(|| D::Error::custom("a whole number"))
}

fn to_integer<T: TryFrom<i64>>(number: &serde_json::Number) -> Option<T> {
    // Floats beyond 2^53 are not exact.
    let exact = |number: &f64| number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "integral and below 2^53")]
    let fraction = || number.as_f64().filter(exact).map(|number| number as i64);
    T::try_from(number.as_i64().or_else(fraction)?).ok()
}
