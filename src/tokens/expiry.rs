//! When a code or link ends, as it is written into it: 32 bits of Unix seconds.

use jiff::Timestamp;

use super::base32::{BitReader, BitString};

/// The moment from which on something is over; the years 1970 to 2106 can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expiry(u32);

impl Expiry {
    /// So many seconds after now. Outside of its years it is the nearest that can be written.
    pub(super) fn after(now: Timestamp, seconds: u32) -> Expiry {
        let end = now.as_second().saturating_add(seconds.into()).clamp(0, u32::MAX.into());
        Expiry(u32::try_from(end).unwrap_or(u32::MAX))
    }

    /// Takes the next 32 bits.
    pub(super) fn read(bits: &mut BitReader) -> Expiry {
        Expiry(u32::from_be_bytes(bits.bytes()))
    }

    /// These bits followed by the end.
    pub(super) fn write(self, bits: BitString) -> BitString {
        bits.push_bytes(&self.bytes())
    }

    /// The end in bytes, as MACs cover it.
    pub(super) fn bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    /// The end as a moment.
    pub(super) fn timestamp(self) -> Timestamp {
        // No number of 32 bits is out of a timestamp's range.
        Timestamp::from_second(self.0.into()).unwrap_or(Timestamp::MAX)
    }

    /// Whether it is over.
    pub(super) fn has_passed(self, now: Timestamp) -> bool {
        now >= self.timestamp()
    }
}
