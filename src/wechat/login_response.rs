//! What WeChat answers to a login, read as an openid or as one of the ways in which it says no.

use std::fmt;

use reqwest::StatusCode;
use serde::Deserialize;

/// WeChat's name for one person in one app. Personal data: it prints as nothing, and is there to be hashed and dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenId(String);

impl OpenId {
    /// A text that can be one.
    pub(super) fn parse(text: &str) -> Option<OpenId> {
        is_valid_openid(text).then(|| OpenId(text.to_owned()))
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

/// Why a login gave no openid. No variant carries the code, the app's secret or anything personal, so each may be logged.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The code is not one of WeChat's, has expired (five minutes), or belongs to another app. A new one from `wx.login` helps.
    #[error("WeChat does not know this login code, or it has expired")]
    InvalidCode,
    /// The code was used before; it is good once. A new one from `wx.login` helps.
    #[error("this login code was already used")]
    CodeUsed,
    /// WeChat holds this user for a risk and refuses the login. Nothing that we do helps.
    #[error("WeChat refuses this user as high-risk")]
    HighRisk,
    /// This user or this app asked too often; in a minute it works again.
    #[error("WeChat says that it was asked too often")]
    RateLimited,
    /// WeChat said twice in a row that it is busy.
    #[error("WeChat is busy")]
    Busy,
    /// WeChat does not accept the app's id or secret, or this server's address: the operator has to act, and until then nobody can log in.
    #[error(
        "WeChat does not accept this app (errcode {0}): check the app id, the app secret, and the app's settings in WeChat's console"
    )]
    Misconfigured(i64),
    /// WeChat answered with an error that has no meaning of its own here.
    #[error("WeChat answered with errcode {0}")]
    Other(i64),
    /// No answer within the time that the settings allow.
    #[error("WeChat did not answer in time")]
    Timeout,
    /// No connection, one that broke, or a gateway's 5xx in WeChat's stead. The cause, if there is one, names no address.
    #[error("WeChat cannot be reached")]
    Unreachable(#[source] Option<reqwest::Error>),
    /// An answer that is none of WeChat's: not JSON, too large, or without an openid.
    #[error("WeChat's answer could not be understood")]
    InvalidResponse,
}

impl LoginError {
    /// A short name for those who count.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            LoginError::InvalidCode => "invalid_code",
            LoginError::CodeUsed => "code_used",
            LoginError::HighRisk => "high_risk",
            LoginError::RateLimited => "too_often",
            LoginError::Busy => "busy",
            LoginError::Misconfigured(_) => "misconfigured",
            LoginError::Other(_) => "other",
            LoginError::Timeout => "timeout",
            LoginError::Unreachable(_) => "unreachable",
            LoginError::InvalidResponse => "garbage",
        }
    }
}

/// The part of an answer that is read. Whatever else is in it (`session_key`, tokens, unionid, `errmsg` with its request id) is skipped by the parser.
#[derive(Deserialize)]
struct LoginResponse {
    errcode: Option<i64>,
    openid: Option<String>,
}

/// Longer than any openid (28 characters today): what is longer was not made by WeChat.
const MAX_OPENID_LENGTH: usize = 128;

/// Reads a whole answer. The content type is not asked, because WeChat also sends its JSON as text/plain; nor is a status of 2xx or 4xx, because errors come with 200.
pub(super) fn read(status: StatusCode, body: &[u8]) -> Result<OpenId, LoginError> {
    let invalid = || {
        if status.is_server_error() { LoginError::Unreachable(None) } else { LoginError::InvalidResponse }
    };
    let response: LoginResponse = serde_json::from_slice(body).map_err(|_| invalid())?;
    match (response.errcode.unwrap_or(0), response.openid) {
        (0, Some(openid)) if status.is_success() && is_valid_openid(&openid) => Ok(OpenId(openid)),
        (0, _) => Err(invalid()),
        (errcode, _) => Err(refusal(errcode)),
    }
}

fn is_valid_openid(openid: &str) -> bool {
    (1..=MAX_OPENID_LENGTH).contains(&openid.len()) && openid.bytes().all(|byte| byte.is_ascii_graphic())
}

fn refusal(errcode: i64) -> LoginError {
    match errcode {
        -1 => LoginError::Busy,
        // Invalid; missing; expired (a web login's own number).
        40_029 | 41_008 | 42_003 => LoginError::InvalidCode,
        40_163 => LoginError::CodeUsed,
        40_226 => LoginError::HighRisk,
        45_011 => LoginError::RateLimited,
        // In pairs: wrong secret or credential; wrong or missing id; wrong or missing secret; address not on the list; no permission, or it was taken away.
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
    fn an_openid_prints_as_nothing() {
        let openid = read(StatusCode::OK, br#"{"openid":"oGZUI0egBJY1zhBYw2KhdUfwVJJE"}"#).unwrap();
        assert_eq!(openid.as_bytes(), b"oGZUI0egBJY1zhBYw2KhdUfwVJJE");
        assert_eq!(format!("{openid:?}"), "OpenId");
    }

    #[test]
    fn an_errcode_counts_more_than_an_openid_beside_it() {
        let response = read(StatusCode::OK, br#"{"openid":"o1","errcode":40029}"#);
        assert!(matches!(response, Err(LoginError::InvalidCode)));
    }

    #[test]
    fn an_openid_that_cannot_be_one_is_garbage() {
        let long = format!(r#"{{"openid":"{}"}}"#, "o".repeat(129));
        for body in [r#"{"openid":""}"#, r#"{"openid":"a b"}"#, r#"{"openid":7}"#, "{}", "null", "", &long] {
            let response = read(StatusCode::OK, body.as_bytes());
            assert!(matches!(response, Err(LoginError::InvalidResponse)), "{body}");
        }
    }

    proptest! {
        #![proptest_config(crate::rules::samples::property_config())]

        #[test]
        fn whatever_is_answered_is_read_without_a_panic(body: Vec<u8>, status in 100_u16..600) {
            let status = StatusCode::from_u16(status).unwrap();
            prop_assert!(read(status, &body).is_err());
        }
    }
}
