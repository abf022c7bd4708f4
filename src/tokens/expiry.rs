//! The expiry of a code or link as it is encoded in it: 32 bits of Unix seconds.

use jiff::Timestamp;

use super::base32::{BitReader, BitString};

/// The moment from which a code or link is invalid; representable from 1970 to 2106.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expiry(u32);

impl Expiry {
    /// The expiry `seconds` after now, clamped to the representable range.
    pub(super) fn after(now: Timestamp, seconds: u32) -> Expiry {
        let end = now.as_second().saturating_add(seconds.into()).clamp(0, u32::MAX.into());
        Expiry(u32::try_from(end).unwrap_or(u32::MAX))
    }

    /// Reads the next 32 bits.
    pub(super) fn read(bits: &mut BitReader) -> Expiry {
        Expiry(u32::from_be_bytes(bits.bytes()))
    }

    /// Appends the expiry to the bits.
    pub(super) fn write(self, bits: BitString) -> BitString {
        bits.push_bytes(&self.bytes())
    }

    /// The bytes that MACs cover.
    pub(super) fn bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    /// The expiry as a timestamp.
    pub(super) fn timestamp(self) -> Timestamp {
        // Every number of 32 bits is in a timestamp's range.
        Timestamp::from_second(self.0.into()).unwrap_or(Timestamp::MAX)
    }

    /// Whether the code or link is invalid now.
    pub(super) fn has_passed(self, now: Timestamp) -> bool {
        now >= self.timestamp()
    }
}
