//! Creates and verifies everything that is signed or secret: codes, tokens, keyed ids, secrets.
//!
//! Only this module can construct a [`Resident`], a [`Volunteer`], an [`Organiser`] or another role of staff. A function
//! that takes one of them can only be called for a request whose token was verified here. The module imports only `rules`, stores nothing
//! and reads no clock: `now` is always an argument.
//!
//! - [`codes`]: the contents of QR codes, and signed links to pictures
//! - [`confirmation`]: the code with which somebody confirms what they were shown
//! - [`pseudonyms`]: the keyed hashes that stand for people
//! - [`jwt`]: the tokens of residents and staff
//! - [`staff_roles`]: which work a role of staff permits
//! - [`secrets`]: the keys for all of them

mod base32;
pub mod codes;
pub mod confirmation;
mod expiry;
pub mod jwt;
mod mac;
mod picture_links;
pub mod pseudonyms;
pub mod random;
pub mod secrets;
pub mod staff_roles;

pub use codes::{Code, Codes, UnknownCode};
pub use jwt::{Bearer, Jwt, Resident, TokenError};
pub use picture_links::{PICTURE_LINK_TTL_S, PictureLink};
pub use pseudonyms::Pseudonyms;
pub use secrets::{Secret, Secrets};
pub use staff_roles::{AnyStaff, CodeDisplay, Colleague, Organiser, StaffRole, StaffToken, Viewer, Volunteer};
