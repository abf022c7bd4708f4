//! Invalid tokens: each has exactly one defect.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac::{self, HMAC_SHA256, HMAC_SHA512, Key};
use serde_json::{Value, json};

use crate::test_app::JWT_SECRET;

/// The defect of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenDefect {
    Garbage,
    Expired,
    OtherKey,
    AlgNone,
    AlgHs512,
    OtherIssuer,
    OtherAudience,
    UnknownRole,
    NoExpiry,
}

impl TokenDefect {
    pub(crate) const ALL: [TokenDefect; 9] = [
        TokenDefect::Garbage,
        TokenDefect::Expired,
        TokenDefect::OtherKey,
        TokenDefect::AlgNone,
        TokenDefect::AlgHs512,
        TokenDefect::OtherIssuer,
        TokenDefect::OtherAudience,
        TokenDefect::UnknownRole,
        TokenDefect::NoExpiry,
    ];

    /// The error code of the refusal.
    pub(crate) fn code(self) -> &'static str {
        if self == TokenDefect::Expired { "token_expired" } else { "token_invalid" }
    }

    /// Makes the invalid token from a valid one.
    pub(crate) fn token(self, good: &str, now: i64) -> String {
        let [header, claims] = parts(good);
        let claims: Value = serde_json::from_str(&claims).unwrap();
        let with = |name: &str, value: Value| {
            let mut claims = claims.clone();
            claims[name] = value;
            signed(HMAC_SHA256, &header, &claims, JWT_SECRET)
        };
        match self {
            TokenDefect::Garbage => "not.a.token".to_owned(),
            TokenDefect::Expired => with("exp", json!(now)),
            TokenDefect::OtherKey => {
                signed(HMAC_SHA256, &header, &claims, "5d2e-other-1f0e9d8c7b6a5f4e3d2c1b0a9f8e7d6c5b4a3")
            }
            TokenDefect::AlgNone => {
                let text = |text: String| URL_SAFE_NO_PAD.encode(text);
                format!("{}.{}.", text(header.replace("HS256", "none")), text(claims.to_string()))
            }
            TokenDefect::AlgHs512 => signed(HMAC_SHA512, &header.replace("HS256", "HS512"), &claims, JWT_SECRET),
            TokenDefect::OtherIssuer => with("iss", json!("another")),
            TokenDefect::OtherAudience => with("aud", json!("chenghua-2024")),
            TokenDefect::UnknownRole => with("role", json!("admin")),
            TokenDefect::NoExpiry => {
                let mut claims = claims.clone();
                claims.as_object_mut().unwrap().remove("exp");
                signed(HMAC_SHA256, &header, &claims, JWT_SECRET)
            }
        }
    }
}

impl fmt::Display for TokenDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A correctly signed token with changed claims.
pub(crate) fn signed_with(good: &str, change: impl FnOnce(&mut Value)) -> String {
    let [header, claims] = parts(good);
    let mut claims = serde_json::from_str(&claims).unwrap();
    change(&mut claims);
    signed(HMAC_SHA256, &header, &claims, JWT_SECRET)
}

/// The text of the header and of the claims.
fn parts(token: &str) -> [String; 2] {
    let mut parts = token.split('.').map(|part| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap());
    [parts.next().unwrap(), parts.next().unwrap()]
}

fn signed(algorithm: hmac::Algorithm, header: &str, claims: &Value, key: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = hmac::sign(&Key::new(algorithm, key.as_bytes()), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
