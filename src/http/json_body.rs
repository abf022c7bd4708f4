//! JSON bodies: read whatever the content type says, bounded, refused in the uniform shape.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

use super::error::{ApiError, RequestError};

/// The largest body that is meant: twenty vouchers, a name, a reason.
pub const MAX_BODY_BYTES: usize = 16 * 1024;

/// A JSON body.
///
/// The content type is not asked: a phone that sends none, or `text/plain`, means JSON all the same,
/// and the token in a header, which no foreign page can send, is what keeps strangers out.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read_body(request, payload);
        Box::pin(async move { parse(&bytes.await?).map(Json) })
    }
}

/// A JSON body that may be left out.
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
    // `Bytes` stops at the limit of `PayloadConfig`, which the server sets to `MAX_BODY_BYTES`.
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

/// A whole number, also as `2.0`: JSON knows one kind of number, and some clients write all of them so.
///
/// # Errors
/// When it is none, or too large.
pub fn integer<'de, D: Deserializer<'de>, T: TryFrom<i64>>(from: D) -> Result<T, D::Error> {
    let number = serde_json::Number::deserialize(from)?;
    to_integer(&number).ok_or_else(|| D::Error::custom("a whole number"))
}

/// The same, where none is needed.
///
/// # Errors
/// When it is none, or too large.
pub fn optional_integer<'de, D: Deserializer<'de>, T: TryFrom<i64>>(from: D) -> Result<Option<T>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(from)? else { return Ok(None) };
    to_integer(&number).map(Some).ok_or_else(|| D::Error::custom("a whole number"))
}

fn to_integer<T: TryFrom<i64>>(number: &serde_json::Number) -> Option<T> {
    // Beyond 2^53 a fraction says nothing exact any more.
    let exact = |number: &f64| number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and small enough")]
    let fraction = || number.as_f64().filter(exact).map(|number| number as i64);
    T::try_from(number.as_i64().or_else(fraction)?).ok()
}
