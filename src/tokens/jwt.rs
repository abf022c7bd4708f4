//! The tokens of residents and staff: JWTs, signed with HS256.
//!
//! The header is `{"typ":"JWT","alg":"HS256","kid":…}`, the claims are `iss` (`carnival`), `aud` (the
//! carnival's id), `sub` (a resident or a staff session), `role`, `iat` and `exp`. The `kid` is the
//! first 8 hexadecimal digits of a hash of the key, so that no key needs a name.
//!
//! RFC 8725, point by point: one algorithm, by whatever the header says (3.1, 3.2); a token is taken
//! only when its signature and all claims are (3.3); keys hold 256 bits, see [`super::secrets`] (3.5);
//! nothing is compressed or encrypted (3.6); issuer, subject and audience are checked (3.8, 3.9);
//! nothing is fetched or looked up by what a header says, see [`Jwt::read`] (3.10); these keys sign
//! no other kind of token, and the role decides what a subject is (3.11, 3.12).

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use super::mac::digest;
use super::secrets::Secret;
use crate::rules::ids::{CarnivalId, ResidentId, SessionId};
use crate::rules::roles::Role;
use crate::rules::staff::StaffSession;

const ISSUER: &str = "carnival";

/// Ours have about 330 bytes. What is longer is not looked at.
const MAX_TOKEN_BYTES: usize = 1024;

/// A resident who logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resident {
    id: ResidentId,
}

impl Resident {
    /// Who.
    #[must_use]
    pub fn id(&self) -> ResidentId {
        self.id
    }
}

/// A volunteer on duty. Whether the session still stands, the store knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volunteer {
    session: SessionId,
}

impl Volunteer {
    /// Her staff session.
    #[must_use]
    pub fn session(&self) -> &SessionId {
        &self.session
    }
}

/// An organiser. Whether the session still stands, the store knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organiser {
    session: SessionId,
}

impl Organiser {
    /// Her staff session.
    #[must_use]
    pub fn session(&self) -> &SessionId {
        &self.session
    }
}

/// Whoever a token belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// A resident.
    Resident(Resident),
    /// A volunteer.
    Volunteer(Volunteer),
    /// An organiser.
    Organiser(Organiser),
}

/// Whoever works at the carnival: an organiser may do all that a volunteer may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Staff {
    /// A volunteer.
    Volunteer(Volunteer),
    /// An organiser.
    Organiser(Organiser),
}

impl From<Organiser> for Staff {
    fn from(organiser: Organiser) -> Staff {
        Staff::Organiser(organiser)
    }
}

impl Staff {
    /// Her staff session.
    #[must_use]
    pub fn session(&self) -> &SessionId {
        match self {
            Staff::Volunteer(volunteer) => volunteer.session(),
            Staff::Organiser(organiser) => organiser.session(),
        }
    }

    /// What she may do.
    #[must_use]
    pub fn role(&self) -> Role {
        match self {
            Staff::Volunteer(_) => Role::Volunteer,
            Staff::Organiser(_) => Role::Organiser,
        }
    }
}

impl Bearer {
    /// The staff member, unless it is a resident.
    #[must_use]
    pub fn staff(self) -> Option<Staff> {
        match self {
            Bearer::Resident(_) => None,
            Bearer::Volunteer(volunteer) => Some(Staff::Volunteer(volunteer)),
            Bearer::Organiser(organiser) => Some(Staff::Organiser(organiser)),
        }
    }
}

/// A new token. Not `Debug`, so that no log can hold it.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// What the client sends as `Authorization: Bearer …`.
    pub token: String,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// Why a token lets nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not ours, or broken. Which of these, nobody is told.
    #[error("the token is not one of ours")]
    Invalid,
    /// It was ours, and its time is over.
    #[error("the token's time is over")]
    Expired,
}

/// A token could not be written; the library's fault, as nothing in our claims can fail.
#[derive(Debug, thiserror::Error)]
#[error("the token could not be written: {0}")]
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

/// A key that verifies, and how each token begins that it signed.
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
    Volunteer,
    Organiser,
}

impl From<Role> for TokenRole {
    fn from(role: Role) -> TokenRole {
        match role {
            Role::Volunteer => TokenRole::Volunteer,
            Role::Organiser => TokenRole::Organiser,
        }
    }
}

impl Jwt {
    /// Signs with the current key, reads tokens of the previous ones too; a resident's token is
    /// good for `resident_token_s` seconds.
    ///
    /// # Errors
    /// When the library cannot write a token.
    pub fn new(
        current: &Secret,
        previous: &[Secret],
        carnival: &CarnivalId,
        resident_token_s: u32,
    ) -> Result<Jwt, SigningError> {
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
    /// When the library cannot write it.
    pub fn issue_resident(&self, id: ResidentId, now: Timestamp) -> Result<IssuedToken, SigningError> {
        let iat = now.as_second();
        self.issue(id.to_string(), TokenRole::Resident, iat, iat.saturating_add(self.resident_token_s.into()))
    }

    /// The token of a staff session, good as long as the session; the same one whenever it is asked.
    ///
    /// # Errors
    /// When the library cannot write it.
    pub fn issue_staff(&self, session: &StaffSession) -> Result<IssuedToken, SigningError> {
        let (begun, until) = (session.begun.as_second(), session.until.as_second());
        self.issue(session.id.to_string(), session.role.into(), begun, until)
    }

    /// Whose token it is.
    ///
    /// The key is picked by the token's whole beginning, the header as we write it, and not by a
    /// `kid` that was read out of it: so nothing of a header is understood before it is known to be ours.
    ///
    /// # Errors
    /// When it is not ours, or its time is over.
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
        let session = || self.sub.parse().ok();
        Some(match self.role {
            TokenRole::Resident => Bearer::Resident(Resident { id: self.sub.parse().ok()? }),
            TokenRole::Volunteer => Bearer::Volunteer(Volunteer { session: session()? }),
            TokenRole::Organiser => Bearer::Organiser(Organiser { session: session()? }),
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
    // The library would ask the machine's clock, and a rehearsal's stands in another year. `exp` must
    // be there all the same, and `read` holds it against the time that it is given.
    validation.validate_exp = false;
    validation
}

#[cfg(test)]
mod tests;
