//! Request bodies: one reader with a size limit, and extractors for JSON, TOML and bare bytes. The content type is ignored.

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

use crate::http::errors::{ApiError, RequestError};
use crate::rules::carnival_file;

/// Maximum size of most bodies. The largest expected ones hold twenty vouchers or a reason.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// Rejects a request whose `Content-Length` exceeds `max_bytes`, before the body is read.
///
/// # Errors
/// `RequestError::TooLarge`.
pub fn check_length(request: &HttpRequest, max_bytes: usize) -> Result<(), ApiError> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let length = length.and_then(|length| length.parse::<usize>().ok()).unwrap_or(0);
    if length > max_bytes { Err(ApiError::Request(RequestError::TooLarge)) } else { Ok(()) }
}

/// Reads a whole body of at most `max_bytes`.
///
/// # Errors
/// When the body is longer, or ends early.
pub async fn read(mut payload: Payload, max_bytes: usize) -> Result<Vec<u8>, ApiError> {
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

/// Implements the extractor of a body of at most `$max_bytes`, which `$parse` turns into the value.
macro_rules! body_extractor {
    ($name:ident $(<$content:ident>)?, $max_bytes:expr, $parse:expr) => {
        impl $(<$content: DeserializeOwned>)? FromRequest for $name $(<$content>)? {
            type Error = ApiError;
            type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

            fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
                let length = check_length(request, $max_bytes);
                let payload = payload.take();
                Box::pin(async move {
                    length?;
                    let parse: fn(Vec<u8>) -> Result<Self, ApiError> = $parse;
                    parse(read(payload, $max_bytes).await?)
                })
            }
        }
    };
}

fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| ApiError::malformed(error.to_string()))
}

/// A JSON body, also without its content type, because some phones send none or `text/plain`. Protection against
/// cross-site requests does not depend on it: the token is in a header that a foreign page cannot send.
pub struct Json<T>(pub T);

body_extractor!(Json<T>, MAX_BODY_BYTES, |bytes| parse_json(&bytes).map(Json));

/// An optional JSON body; an empty body is `None`.
pub struct OptionalJson<T>(pub Option<T>);

body_extractor!(OptionalJson<T>, MAX_BODY_BYTES, |bytes| {
    if bytes.is_empty() { Ok(OptionalJson(None)) } else { parse_json(&bytes).map(Some).map(OptionalJson) }
});

/// Maximum size of a roster: two hundred lines, even if a client writes Chinese as escapes.
const MAX_ROSTER_BYTES: usize = 128 * 1024;

/// A JSON body with a roster.
pub struct LongJson<T>(pub T);

body_extractor!(LongJson<T>, MAX_ROSTER_BYTES, |bytes| parse_json(&bytes).map(LongJson));

/// The text of a carnival file, up to its maximum size.
pub struct TomlText(pub String);

body_extractor!(TomlText, carnival_file::MAX_BYTES, |bytes| {
    String::from_utf8(bytes).map(TomlText).map_err(|_| ApiError::malformed("the text is not UTF-8"))
});

/// A body that another module parses.
pub struct RawBody(pub Vec<u8>);

body_extractor!(RawBody, MAX_BODY_BYTES, |bytes| Ok(RawBody(bytes)));

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
