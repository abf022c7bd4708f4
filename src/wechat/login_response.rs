//! WeChat's response to a login: an openid, or one of its error codes.

use std::fmt;

use reqwest::StatusCode;
use serde::Deserialize;
use strum::IntoStaticStr;

/// WeChat's id of one person in one app. Personal data: `Debug` does not print it, and it is only hashed and then
/// dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenId(String);

impl OpenId {
    /// An openid, if the text can be one.
    pub(super) fn parse(text: &str) -> Option<OpenId> {
        let is_valid =
            (1..=MAX_OPENID_LENGTH).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_valid.then(|| OpenId(text.to_owned()))
    }

    /// The bytes, for hashing.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for OpenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenId")
    }
}

/// Why a login returned no openid. No variant contains the code, the app's secret or personal data, so each may be
/// logged.
///
/// The names of the variants in snake case are labels of a metric.
#[derive(Debug, thiserror::Error, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum LoginError {
    /// The code is unknown to WeChat, expired (after five minutes), or belongs to another app. The client needs a new
    /// one from `wx.login`.
    #[error("WeChat does not know this login code, or it has expired")]
    InvalidCode,
    /// The code was used before; each is valid once. The client needs a new one from `wx.login`.
    #[error("this login code was already used")]
    CodeUsed,
    /// WeChat considers this user a risk and refuses the login. Retrying does not help.
    #[error("WeChat refuses this user as high-risk")]
    HighRisk,
    /// Too many requests for this user or this app; it works again after a minute.
    #[error("WeChat's rate limit is exceeded")]
    RateLimited,
    /// WeChat was busy twice in a row, or too many logins are in progress here.
    #[error("WeChat is busy")]
    Busy,
    /// WeChat rejects the app's id or secret, or this server's address. Until the operator fixes it, all logins fail.
    #[error(
        "WeChat does not accept this app (errcode {0}): check the app id, the app secret, and the app's settings in WeChat's console"
    )]
    Misconfigured(i64),
    /// Another error code of WeChat.
    #[error("WeChat answered with errcode {0}")]
    Other(i64),
    /// No response within the configured timeout.
    #[error("WeChat did not answer in time")]
    Timeout,
    /// Connecting failed, the connection broke, or a gateway answered with 5xx. The source, if any, contains no URL.
    #[error("WeChat cannot be reached")]
    Unreachable(#[source] Option<reqwest::Error>),
    /// The response is not one of WeChat's: not JSON, too large, or without an openid.
    #[error("WeChat's response could not be understood")]
    InvalidResponse,
}

/// The fields that are read. The parser skips all others (`session_key`, tokens, unionid, `errmsg` with its request
/// id).
#[derive(Deserialize)]
struct LoginResponse {
    errcode: Option<i64>,
    openid: Option<String>,
}

/// Longer than any openid (28 characters today); longer ones are not from WeChat.
const MAX_OPENID_LENGTH: usize = 128;

/// Reads a complete response. The content type is ignored, because WeChat also sends its JSON as text/plain. The error
/// codes count regardless of the status, because WeChat sends errors with 200.
pub(super) fn read(status: StatusCode, body: &[u8]) -> Result<OpenId, LoginError> {
    let invalid = || {
        if status.is_server_error() { LoginError::Unreachable(None) } else { LoginError::InvalidResponse }
    };
    let response: LoginResponse = serde_json::from_slice(body).map_err(|_| invalid())?;
    match (response.errcode.unwrap_or(0), response.openid.as_deref().and_then(OpenId::parse)) {
        (0, Some(openid)) if status.is_success() => Ok(openid),
        (0, _) => Err(invalid()),
        (errcode, _) => Err(refusal(errcode)),
    }
}

fn refusal(errcode: i64) -> LoginError {
    match errcode {
        -1 => LoginError::Busy,
        // Invalid; missing; expired (a separate code for web logins).
        40_029 | 41_008 | 42_003 => LoginError::InvalidCode,
        40_163 => LoginError::CodeUsed,
        40_226 => LoginError::HighRisk,
        45_011 => LoginError::RateLimited,
        // In order: wrong secret or credential; wrong or missing id; wrong or missing secret; address not on the
        // allow list; no permission, or permission withdrawn.
        40_001 | 40_013 | 41_002 | 40_125 | 41_004 | 40_164 | 48_001 | 48_004 => LoginError::Misconfigured(errcode),
        _ => LoginError::Other(errcode),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn debug_does_not_print_an_openid() {
        let openid = read(StatusCode::OK, br#"{"openid":"oGZUI0egBJY1zhBYw2KhdUfwVJJE"}"#).unwrap();
        assert_eq!(openid.as_bytes(), b"oGZUI0egBJY1zhBYw2KhdUfwVJJE");
        assert_eq!(format!("{openid:?}"), "OpenId");
    }

    #[test]
    fn an_errcode_takes_precedence_over_an_openid() {
        let response = read(StatusCode::OK, br#"{"openid":"o1","errcode":40029}"#);
        assert!(matches!(response, Err(LoginError::InvalidCode)));
    }

    #[test]
    fn an_impossible_openid_is_an_invalid_response() {
        let long = format!(r#"{{"openid":"{}"}}"#, "o".repeat(129));
        for body in [r#"{"openid":""}"#, r#"{"openid":"a b"}"#, r#"{"openid":7}"#, "{}", "null", "", &long] {
            let response = read(StatusCode::OK, body.as_bytes());
            assert!(matches!(response, Err(LoginError::InvalidResponse)), "{body}");
        }
    }

    proptest! {
        #![proptest_config(crate::rules::samples::property_config())]

        #[test]
        fn no_response_panics_the_parser(body: Vec<u8>, status in 100_u16..600) {
            let status = StatusCode::from_u16(status).unwrap();
            prop_assert!(read(status, &body).is_err());
        }
    }
}
