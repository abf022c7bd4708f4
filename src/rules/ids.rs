//! Validated identifiers and numbers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text that could not be parsed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {expected}")]
pub struct ParseError {
    text: String,
    expected: &'static str,
}

impl ParseError {
    /// An error for `text`, with a description of the expected format.
    #[must_use]
    pub fn new(text: &str, expected: &'static str) -> ParseError {
        // Truncated, because the text comes from outside.
        ParseError { text: text.chars().take(40).collect(), expected }
    }
}

/// Implements the conversions from and to `String` through `FromStr` and `Display`, for serde.
macro_rules! string_conversions {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = ParseError;
            fn try_from(text: String) -> Result<Self, ParseError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.to_string()
            }
        }
    };
}
pub(super) use string_conversions;

/// An id that is a text. The last argument says which part of a text is the id, or what is wrong.
macro_rules! text_id {
    ($(#[$attribute:meta])* $name:ident, |$text:ident| $parsed:expr) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = ParseError;
            fn from_str($text: &str) -> Result<Self, ParseError> {
                $parsed.map(|id: &str| $name(id.into()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        string_conversions!($name);
    };
}
pub(super) use text_id;

/// Parses an id of a carnival file.
fn slug(text: &str) -> Result<&str, ParseError> {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let fits = text.len() <= 40 && text.split('-').all(is_part);
    let wanted = "1 to 40 lower-case letters, digits and single hyphens";
    if fits { Ok(text) } else { Err(ParseError::new(text, wanted)) }
}

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident) => {
        text_id!(
            $(#[$doc])*
            #[derive(ToSchema)]
            #[schema(value_type = String)]
            $name,
            |text| slug(text)
        );
    };
}

slug!(
    /// A carnival: `chenghua-2023`. Part of every code's signature.
    CarnivalId
);
slug!(
    /// A route: `play`.
    RouteId
);
slug!(
    /// A point, as people write it: `space-1`. Records use its [`PointNumber`].
    PointId
);
slug!(
    /// An activity at a point or a market.
    ActivityId
);
slug!(
    /// A gift, as people write it. Records use its [`GiftNumber`].
    GiftId
);
slug!(
    /// A booth that hands out gifts.
    BoothId
);

macro_rules! number {
    ($(#[$doc:meta])* $name:ident: $inner:ty, $range:expr, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u64", into = "u64")]
        pub struct $name($inner);

        impl $name {
            /// The valid range.
            pub const RANGE: std::ops::RangeInclusive<$inner> = $range;

            /// The number.
            #[must_use]
            pub fn get(self) -> $inner {
                self.0
            }
        }

        impl TryFrom<u64> for $name {
            type Error = ParseError;
            fn try_from(number: u64) -> Result<Self, ParseError> {
                <$inner>::try_from(number)
                    .ok()
                    .filter(|n| Self::RANGE.contains(n))
                    .map($name)
                    .ok_or_else(|| ParseError::new(&number.to_string(), $expected))
            }
        }

        impl From<$name> for u64 {
            fn from(number: $name) -> u64 {
                u64::from(number.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseError;
            fn from_str(text: &str) -> Result<Self, ParseError> {
                // `u64::from_str` accepts a leading plus.
                let number = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
                number.ok_or_else(|| ParseError::new(text, $expected)).and_then(Self::try_from)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// Stable number of a point, 1 to 511 (nine bits in a printed code).
    PointNumber: u16, 1..=511, "a point number from 1 to 511"
);
number!(
    /// How many times the printed code of a point was replaced, 0 to 63 (six bits in a printed code).
    Generation: u8, 0..=63, "a generation from 0 to 63"
);
number!(
    /// Stable number of a gift, 1 to 99 (the first two digits of its vouchers).
    GiftNumber: u8, 1..=99, "a gift number from 1 to 99"
);
number!(
    /// Serial number of a paper passport, 1 to 33,554,431 (25 bits in its code).
    CardSerial: u32, 1..=0x1FF_FFFF, "the serial number of a paper passport"
);

impl Generation {
    /// The generation of a code that was never replaced.
    pub const FIRST: Generation = Generation(0);

    /// The following generation; `None` after 63.
    #[must_use]
    pub fn next(self) -> Option<Generation> {
        Generation::try_from(u64::from(self.0) + 1).ok()
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// An id with these bytes.
            #[must_use]
            pub fn new(bytes: [u8; 16]) -> Self {
                $name(bytes)
            }

            /// The 16 bytes.
            #[must_use]
            pub fn bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; 32];
                for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
                    pair.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
                }
                // Formatted by hand: every check-in writes two ids, and the integer formatter is slow.
                f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Ids that refer to a person must not appear in logs.
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }

        impl FromStr for $name {
            type Err = ParseError;
            fn from_str(text: &str) -> Result<Self, ParseError> {
                let canonical = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                canonical
                    .then(|| u128::from_str_radix(text, 16).ok())
                    .flatten()
                    .map(|n| $name(n.to_be_bytes()))
                    .ok_or_else(|| ParseError::new("…", $expected))
            }
        }

        string_conversions!($name);
    };
}

hex_id!(
    /// A resident: the first 128 bits of a keyed hash of the openid, which is never stored.
    ResidentId, "a resident id (32 hexadecimal digits)"
);
hex_id!(
    /// The claimant of a gift: the first 128 bits of a keyed hash of gift and holder, so that the records of a gift
    /// name no person.
    ClaimantId, "a claimant id (32 hexadecimal digits)"
);

/// The holder of a passport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// A resident who logged in.
    Resident(ResidentId),
    /// A printed card.
    Paper(CardSerial),
}

macro_rules! token_id {
    ($(#[$doc:meta])* $name:ident, $length:literal, $expected:literal) => {
        text_id!($(#[$doc])* $name, |text| {
            let fits = text.len() == $length && text.bytes().all(|b| BASE32.contains(&b));
            if fits { Ok(text) } else { Err(ParseError::new("…", $expected)) }
        });

        impl $name {
            /// Maps the low five bits of each byte to one base32 character, so that random bytes yield a uniformly
            /// random id.
            #[must_use]
            pub fn from_bytes(bytes: [u8; $length]) -> Self {
                $name(bytes.iter().map(|b| char::from(BASE32[usize::from(b & 31)])).collect::<String>().into())
            }
        }
    };
}

/// Crockford's base32 alphabet: no I, L, O, U. <https://www.crockford.com/base32.html>
pub const BASE32: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

token_id!(
    /// The random number of a passport (65 bits), assigned with its first stamp. Log records refer to it, never to the
    /// holder.
    PassportNumber, 13, "a passport number (13 base32 characters)"
);
token_id!(
    /// An invitation: the first 80 bits of the hash of its secret.
    InvitationId, 16, "an invitation id (16 base32 characters)"
);
token_id!(
    /// A device that came with an invitation: the first 80 bits of a hash of the invitation and the device's secret.
    DeviceId, 16, "a device id (16 base32 characters)"
);
token_id!(
    /// A staff session: one person on duty on one device.
    SessionId, 16, "a staff session id (16 base32 characters)"
);

text_id!(
    /// A client-generated name for one write, which makes retries idempotent.
    Nonce,
    |text| {
        let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let fits = (8..=64).contains(&text.len()) && text.bytes().all(is_part);
        let wanted = "a nonce: 8 to 64 letters, digits, hyphens and underscores";
        if fits { Ok(text) } else { Err(ParseError::new(text, wanted)) }
    }
);

impl Nonce {
    /// Replaces a nonce when its record is anonymised.
    #[must_use]
    pub fn anonymous() -> Nonce {
        Nonce("forgotten".into())
    }
}

#[cfg(test)]
mod tests;
