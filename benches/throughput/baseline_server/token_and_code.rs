//! What the baseline verifies: one token and one code.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use ring::hmac::{self, HMAC_SHA256, Key};
use serde::Deserialize;

/// Verifies tokens and codes. Its keys are derived once.
pub(crate) struct Verifier {
    key: DecodingKey,
    validation: Validation,
    mac: Key,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

impl Verifier {
    /// Uses one secret for tokens and codes.
    pub(crate) fn new(secret: &str) -> Verifier {
        carnival::tokens::jwt::hs256::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&["carnival"]);
        validation.set_audience(&[crate::test_carnival::ID]);
        Verifier { key: DecodingKey::from_secret(secret.as_bytes()), validation, mac: keyed(secret) }
    }

    /// The subject of the bearer token.
    pub(super) fn bearer(&self, request: &HttpRequest) -> Option<String> {
        let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
        let claims = decode::<Claims>(header.strip_prefix("Bearer ")?, &self.key, &self.validation).ok()?.claims;
        Some(claims.sub)
    }

    /// The point that a link's code names; `None` if the MAC is wrong.
    pub(super) fn point(&self, link: &str) -> Option<u16> {
        let (_, code) = link.rsplit_once('/')?;
        let (point, mac) = code.split_once('-')?;
        let point = point.parse().ok()?;
        (mac_of(&self.mac, point) == u64::from_str_radix(mac, 16).ok()?).then_some(point)
    }
}

/// The code of a point, as long as a poster's: three digits, a hyphen and 48 bits.
pub(crate) fn code(secret: &str, point: u16) -> String {
    format!("{point:03}-{:012x}", mac_of(&keyed(secret), point))
}

fn keyed(secret: &str) -> Key {
    Key::new(HMAC_SHA256, secret.as_bytes())
}

fn mac_of(keyed: &Key, point: u16) -> u64 {
    let mac = hmac::sign(keyed, &point.to_be_bytes());
    u64::from_be_bytes(std::array::from_fn(|at| mac.as_ref()[at])) >> 16
}
