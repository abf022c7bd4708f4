//! Bit strings as Crockford's base32, five bits per character: <https://www.crockford.com/base32.html>.
//!
//! Written in upper case; parsed leniently, because people copy codes from paper.

use crate::rules::ids::BASE32;

/// Maximum number of bits that are parsed; more than any code has.
const MAX_BITS: usize = 256;

/// Bits in the order in which they were pushed, the highest bit of each value first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BitString(Vec<bool>);

/// The text has a character outside the alphabet, or is longer than any code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InvalidBase32;

impl BitString {
    /// Appends the low `count` bits of the value.
    #[must_use]
    pub(super) fn push(mut self, value: u64, count: u32) -> BitString {
        self.0.extend((0..count).rev().map(|at| value >> at & 1 == 1));
        self
    }

    /// Appends the bits of the bytes.
    #[must_use]
    pub(super) fn push_bytes(self, bytes: &[u8]) -> BitString {
        bytes.iter().fold(self, |bits, byte| bits.push(u64::from(*byte), 8))
    }

    /// The bits as text; the last character is padded with zero bits.
    pub(super) fn encode(self) -> String {
        let symbols = self.len().div_ceil(5);
        let mut rest = self.reader();
        (0..symbols).map(|_| char::from(BASE32[usize::from(rest.symbol())])).collect()
    }

    /// Parses text. Accepts lower case, hyphens and spaces; O is read as 0, I and L as 1.
    pub(super) fn parse(text: &str) -> Result<BitString, InvalidBase32> {
        let mut bits = BitString(Vec::with_capacity(MAX_BITS));
        for c in text.chars().filter(|c| *c != '-' && !c.is_whitespace()) {
            if bits.len() + 5 > MAX_BITS {
                return Err(InvalidBase32);
            }
            bits = bits.push(u64::from(symbol(c).ok_or(InvalidBase32)?), 5);
        }
        Ok(bits)
    }

    /// Number of bits.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Reads the bits from the front.
    pub(super) fn reader(self) -> BitReader {
        BitReader(self.0.into_iter())
    }
}

/// Reads a bit string from the front.
#[derive(Debug)]
pub(super) struct BitReader(std::vec::IntoIter<bool>);

impl BitReader {
    /// The next `count` bits, at most 64, as a number; zeros after the end.
    pub(super) fn take(&mut self, count: u32) -> u64 {
        (0..count).fold(0, |value, _| value << 1 | u64::from(self.0.next().unwrap_or_default()))
    }

    /// The next `N` bytes.
    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        // A value of eight bits fits into its low byte.
        std::array::from_fn(|_| self.take(8).to_le_bytes()[0])
    }

    /// The next `N` base32 characters, each as a number below 32.
    pub(super) fn symbols<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.symbol())
    }

    fn symbol(&mut self) -> u8 {
        self.take(5).to_le_bytes()[0]
    }
}

/// The five bits of a character. U is not in the alphabet: Crockford leaves it out so that codes do not spell words.
fn symbol(c: char) -> Option<u8> {
    let upper = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    BASE32.iter().zip(0..).find_map(|(known, value)| (char::from(*known) == upper).then_some(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bits_are_encoded_five_per_character_from_the_front() {
        assert_eq!(BitString::default().push(0b00001_11111, 10).encode(), "1Z");
        assert_eq!(BitString::default().push_bytes(b"hello").encode(), "D1JPRV3F");
        assert_eq!(BitString::default().push(1, 1).encode(), "G", "padded with zeros");
    }

    #[test]
    fn look_alikes_and_separators_are_accepted_and_u_is_not() {
        let plain = BitString::parse("0110ABZ");
        assert!(plain.is_ok());
        assert_eq!(BitString::parse("o-iL oab z"), plain);
        assert_eq!(BitString::parse("U"), Err(InvalidBase32));
        assert_eq!(BitString::parse("0é"), Err(InvalidBase32));
        assert_eq!(BitString::parse(&"0".repeat(52)), Err(InvalidBase32), "longer than any code");
    }

    proptest! {
        #![proptest_config(crate::rules::samples::property_config())]

        #[test]
        fn what_was_written_is_read_back(values in prop::collection::vec((any::<u64>(), 1_u32..=64), 0..5)) {
            let mut bits = values.iter().fold(BitString::default(), |bits, (value, count)| bits.push(*value, *count));
            let padding = (5 - bits.len() % 5) % 5;
            bits = bits.push(0, u32::try_from(padding).unwrap_or_default());
            prop_assume!(bits.len() <= 255);
            prop_assert_eq!(BitString::parse(&bits.clone().encode()), Ok(bits.clone()));
            let mut reader = bits.reader();
            for (value, count) in values {
                prop_assert_eq!(reader.take(count), value & (u64::MAX >> (64 - count)));
            }
        }
    }
}
