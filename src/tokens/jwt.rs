//! The tokens of residents and staff: JWTs, signed with HS256.
//!
//! The header is `{"typ":"JWT","alg":"HS256","kid":…}`, the claims are `iss` (`carnival`), `aud` (the carnival's id),
//! `sub` (a resident or a staff session), `role`, `iat` and `exp`. The `kid` is the first 8 hexadecimal digits of a
//! hash of the key, so that keys need no configured names.
//!
//! RFC 8725, point by point: one algorithm, whichever the header names (3.1, 3.2); a token is accepted only if its
//! signature and all claims are valid (3.3); keys have 256 bits, see [`super::secrets`] (3.5); nothing is compressed or
//! encrypted (3.6); issuer, subject and audience are checked (3.8, 3.9); no header value causes a fetch or a lookup,
//! see [`Jwt::read`] (3.10); these keys sign no other kind of token, and the role determines the kind of the subject
//! (3.11, 3.12).

pub mod hs256;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use super::mac::digest;
use super::secrets::Secret;
use super::staff_roles::StaffToken;
use crate::rules::ids::{CarnivalId, ResidentId};
use crate::rules::staff::StaffSession;
use crate::rules::staff::roles::Role;

const ISSUER: &str = "carnival";

/// Our tokens have about 330 bytes. Longer ones are rejected without parsing.
const MAX_TOKEN_BYTES: usize = 1024;

/// A resident who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resident {
    id: ResidentId,
}

impl Resident {
    /// The resident's id.
    #[must_use]
    pub fn id(&self) -> ResidentId {
        self.id
    }
}

/// The holder of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// A resident.
    Resident(Resident),
    /// A member of staff.
    Staff(StaffToken),
}

/// A new token. Not `Debug`, so that it cannot be logged.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The token that the client sends as `Authorization: Bearer …`.
    pub token: String,
    /// The token is rejected from this moment on.
    pub expires_at: Timestamp,
}

/// Why a token is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The token is corrupt or not signed by this carnival. Which of these is not disclosed.
    #[error("the token is not one of ours")]
    Invalid,
    /// The token was valid and has expired.
    #[error("the token has expired")]
    Expired,
}

/// A token could not be signed. This would be a fault of the library, because our claims can always be encoded.
#[derive(Debug, thiserror::Error)]
#[error("the token could not be signed: {0}")]
pub struct SigningError(#[from] jsonwebtoken::errors::Error);

/// Issues and reads the tokens of one carnival.
pub struct Jwt {
    header: Header,
    signing: EncodingKey,
    /// The current key first.
    keys: Vec<VerificationKey>,
    validation: Validation,
    audience: CarnivalId,
    resident_token_s: u32,
}

/// A key, and the encoded header of every token signed with it.
struct VerificationKey {
    header_prefix: String,
    verifying: DecodingKey,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    role: TokenRole,
    iat: i64,
    exp: i64,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TokenRole {
    Resident,
    #[serde(untagged)]
    Staff(Role),
}

impl Jwt {
    /// Signs with the current key, and also reads tokens signed with previous keys. A resident's token is valid for
    /// `resident_token_s` seconds.
    ///
    /// # Errors
    /// Fails if the library cannot sign a token.
    pub fn new(
        current: &Secret,
        previous: &[Secret],
        carnival: &CarnivalId,
        resident_token_s: u32,
    ) -> Result<Jwt, SigningError> {
        hs256::install();
        Ok(Jwt {
            header: header(current),
            signing: EncodingKey::from_secret(current.bytes()),
            keys: std::iter::once(current).chain(previous).map(VerificationKey::new).collect::<Result<_, _>>()?,
            validation: validation(carnival),
            audience: carnival.clone(),
            resident_token_s,
        })
    }

    /// A token for a resident who has just logged in.
    ///
    /// # Errors
    /// Fails if the library cannot sign it.
    pub fn issue_resident(&self, id: ResidentId, now: Timestamp) -> Result<IssuedToken, SigningError> {
        let iat = now.as_second();
        self.issue(id.to_string(), TokenRole::Resident, iat, iat.saturating_add(self.resident_token_s.into()))
    }

    /// The token of a staff session, valid as long as the session; repeated calls return the same token.
    ///
    /// # Errors
    /// Fails if the library cannot sign it.
    pub fn issue_staff(&self, session: &StaffSession) -> Result<IssuedToken, SigningError> {
        let (begun, until) = (session.begun.as_second(), session.until.as_second());
        self.issue(session.id.to_string(), TokenRole::Staff(session.role), begun, until)
    }

    /// Verifies a token and returns its holder.
    ///
    /// The key is chosen by comparing the token's whole encoded header with those this program writes, not by a `kid`
    /// parsed from it. So no part of a header is interpreted before it is known to be one of ours.
    ///
    /// # Errors
    /// Fails if the token is invalid or has expired.
    pub fn read(&self, token: &str, now: Timestamp) -> Result<Bearer, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Invalid);
        }
        let key = self.keys.iter().find(|key| token.starts_with(&key.header_prefix)).ok_or(TokenError::Invalid)?;
        let claims: Claims = decode(token, &key.verifying, &self.validation).map_err(|_| TokenError::Invalid)?.claims;
        let bearer = claims.bearer().ok_or(TokenError::Invalid)?;
        if now.as_second() < claims.exp { Ok(bearer) } else { Err(TokenError::Expired) }
    }

    fn issue(&self, sub: String, role: TokenRole, iat: i64, exp: i64) -> Result<IssuedToken, SigningError> {
        let claims = Claims { iss: ISSUER.to_owned(), aud: self.audience.to_string(), sub, role, iat, exp };
        let token = encode(&self.header, &claims, &self.signing)?;
        Ok(IssuedToken { token, expires_at: Timestamp::from_second(exp).unwrap_or(Timestamp::MAX) })
    }
}

impl Claims {
    fn bearer(&self) -> Option<Bearer> {
        Some(match self.role {
            TokenRole::Resident => Bearer::Resident(Resident { id: self.sub.parse().ok()? }),
            TokenRole::Staff(role) => Bearer::Staff(StaffToken::new(self.sub.parse().ok()?, role)),
        })
    }
}

impl VerificationKey {
    fn new(secret: &Secret) -> Result<VerificationKey, SigningError> {
        let token = encode(&header(secret), &(), &EncodingKey::from_secret(secret.bytes()))?;
        let header_prefix = token.split_inclusive('.').take(1).collect();
        Ok(VerificationKey { header_prefix, verifying: DecodingKey::from_secret(secret.bytes()) })
    }
}

fn header(key: &Secret) -> Header {
    let [a, b, c, d, ..] = digest("carnival jwt key v1", &[key.bytes()]);
    Header { kid: Some(format!("{:08x}", u32::from_be_bytes([a, b, c, d]))), ..Header::new(Algorithm::HS256) }
}

fn validation(carnival: &CarnivalId) -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[carnival.as_str()]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    // The library would use the machine's clock, but a rehearsal runs in another year. So `exp` is only required here,
    // and `read` compares it with the given time.
    validation.validate_exp = false;
    validation
}

#[cfg(test)]
mod tests;
