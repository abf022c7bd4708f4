//! Makes and reads everything that is signed or secret: codes, tokens, keyed names, secrets.
//!
//! It alone can make a [`Resident`], a [`Volunteer`] or an [`Organiser`], so whatever takes one of
//! them can only be called for a request whose token was read here. It imports `rules` alone, keeps
//! nothing, and asks no clock: `now` is always an argument.
//!
//! - [`codes`]: what QR codes hold, and signed links to pictures
//! - [`identity`]: the keyed hashes that stand for people
//! - [`jwt`]: tokens of residents and staff
//! - [`secrets`]: the keys behind all of them

mod base32;
pub mod codes;
mod expiry;
mod fingerprint;
pub mod identity;
pub mod jwt;
mod mac;
mod picture_links;
pub mod random;
pub mod secrets;

pub use codes::{Code, Codes, UnknownCode};
pub use identity::Identity;
pub use jwt::{Bearer, Jwt, Organiser, Resident, Staff, TokenError, Volunteer};
pub use picture_links::{PICTURE_LINK_TTL_S, PictureLink};
pub use secrets::{Secret, Secrets};
