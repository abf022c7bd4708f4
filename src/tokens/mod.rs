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
mod end;
pub mod identity;
pub mod jwt;
mod mac;
mod picture_links;
pub mod random;
pub mod secrets;

use serde::Deserialize;

pub use codes::{Code, Codes, UnknownCode};
pub use identity::Identity;
pub use jwt::{Bearer, Jwt, Organiser, Resident, Staff, TokenError, Volunteer};
pub use picture_links::{PICTURE_LINK_S, PictureLink};
pub use secrets::{Secret, Secrets};

/// The settings of this module; [`Settings::default`] is what the compiled-in file says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// For how many seconds after its own 30 a display code is still taken. A first visitor scans,
    /// then must log in.
    pub display_code_grace_s: u32,
    /// For how many seconds a resident's token is good. The mini-program logs in again by itself.
    pub resident_token_s: u32,
    /// The files that hold the secrets, where the environment does not.
    pub secrets: secrets::SecretFiles,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { display_code_grace_s: 180, resident_token_s: 12 * 60 * 60, secrets: secrets::SecretFiles::default() }
    }
}
