//! The cookie with the secret of a staff member's browser. The page of an invitation sets it, and the arrival sends it.
//!
//! It is set with the page, never with the answer to an arrival: if that answer were lost, the browser would be another
//! device at the next try, and take another use of the invitation.

use actix_web::HttpRequest;
use actix_web::http::header::COOKIE;

use crate::http::errors::ApiError;
use crate::http::state::state;
use crate::rules::staff::DeviceSecret;
use crate::tokens::random;

/// Its name.
const NAME: &str = "carnival_device";

/// How long a browser keeps it: longer than a carnival and its preparation.
const MAX_AGE_S: u32 = 180 * 24 * 3_600;

/// The secret in the request's cookie, if it has one.
#[must_use]
pub fn read(request: &HttpRequest) -> Option<DeviceSecret> {
    let headers = request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
    let pairs = headers.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == NAME).find_map(|(_, value)| value.parse().ok())
}

/// The `Set-Cookie` header for a browser without a secret. `None` if it has one, or may have one: a browser that follows a
/// link on another site does not send its `SameSite=Strict` cookies, and a new one would make it another device.
///
/// # Errors
/// The system provides no random bytes.
pub fn set_if_missing(request: &HttpRequest) -> Result<Option<String>, ApiError> {
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if read(request).is_some() || matches!(site, Some("cross-site" | "same-site")) {
        return Ok(None);
    }
    // Over plain http, as in a rehearsal on a local network, browsers drop a `Secure` cookie.
    let secure = if state(request).app.settings.public_url.starts_with("http://") { "" } else { "; Secure" };
    let secret = random::device_secret()?;
    Ok(Some(format!("{NAME}={secret}; Max-Age={MAX_AGE_S}; Path=/; HttpOnly; SameSite=Strict{secure}")))
}
