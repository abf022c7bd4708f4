//! Invalid tokens: each has exactly one defect.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
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
        let (header, claims) = parts(good);
        let kid = header["kid"].as_str().unwrap();
        let with = |name: &str, value: Value| {
            let mut claims = claims.clone();
            claims[name] = value;
            signed(Algorithm::HS256, kid, &claims, JWT_SECRET)
        };
        match self {
            TokenDefect::Garbage => "not.a.token".to_owned(),
            TokenDefect::Expired => with("exp", json!(now)),
            TokenDefect::OtherKey => {
                signed(Algorithm::HS256, kid, &claims, "5d2e-other-1f0e9d8c7b6a5f4e3d2c1b0a9f8e7d6c5b4a3")
            }
            TokenDefect::AlgNone => {
                let header = json!({ "typ": "JWT", "alg": "none", "kid": kid });
                let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
                format!("{}.{}.", text(&header), text(&claims))
            }
            TokenDefect::AlgHs512 => signed(Algorithm::HS512, kid, &claims, JWT_SECRET),
            TokenDefect::OtherIssuer => with("iss", json!("another")),
            TokenDefect::OtherAudience => with("aud", json!("chenghua-2024")),
            TokenDefect::UnknownRole => with("role", json!("admin")),
            TokenDefect::NoExpiry => {
                let mut claims = claims.clone();
                claims.as_object_mut().unwrap().remove("exp");
                signed(Algorithm::HS256, kid, &claims, JWT_SECRET)
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
    let (header, mut claims) = parts(good);
    change(&mut claims);
    signed(Algorithm::HS256, header["kid"].as_str().unwrap(), &claims, JWT_SECRET)
}

fn parts(token: &str) -> (Value, Value) {
    let part = |nth| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(nth).unwrap()).unwrap());
    (part(0).unwrap(), part(1).unwrap())
}

fn signed(algorithm: Algorithm, kid: &str, claims: &Value, key: &str) -> String {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
    encode(&header, claims, &EncodingKey::from_secret(key.as_bytes())).unwrap()
}
