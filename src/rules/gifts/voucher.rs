//! Vouchers of nine digits, and the ids of their redemptions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::rules::ids::{GiftNumber, ParseError, string_conversions};

/// A voucher of nine digits: gift number (2), random number (6), check digit (1).
///
/// The check digit is Damm's (H. M. Damm, 2004). It detects every wrong digit and every transposition of adjacent
/// digits, the typical errors when a number is read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Voucher {
    gift: GiftNumber,
    random: u32,
}

impl Voucher {
    /// Number of possible vouchers per gift.
    pub const PER_GIFT: u32 = 1_000_000;

    /// The voucher of a gift with this random part, taken modulo [`Voucher::PER_GIFT`].
    #[must_use]
    pub fn new(gift: GiftNumber, random: u32) -> Voucher {
        Voucher { gift, random: random % Voucher::PER_GIFT }
    }

    /// The gift.
    #[must_use]
    pub fn gift(self) -> GiftNumber {
        self.gift
    }

    /// Formatted for people: `473 829 106`.
    #[must_use]
    pub fn grouped(self) -> String {
        grouped_in_threes(&self.to_string())
    }
}

impl fmt::Display for Voucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = format!("{:02}{:06}", self.gift.get(), self.random);
        write!(f, "{body}{}", damm(&body))
    }
}

impl FromStr for Voucher {
    type Err = ParseError;

    /// Parses nine digits; spaces and hyphens between them are ignored.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wanted = "a voucher (nine digits with a check digit)";
        let parts = |digits: String| Some((digits[..2].parse().ok()?, digits[2..8].parse().ok()?));
        valid_digits(text)
            .and_then(parts)
            .map(|(gift, random)| Voucher { gift, random })
            .ok_or_else(|| ParseError::new(text, wanted))
    }
}

string_conversions!(Voucher);

/// The nine digits without spaces and hyphens, if the check digit is valid.
pub(in crate::rules) fn valid_digits(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    (digits.len() == 9 && digits.bytes().all(|b| b.is_ascii_digit()) && damm(&digits) == 0).then_some(digits)
}

/// Formats nine digits in groups of three.
pub(in crate::rules) fn grouped_in_threes(digits: &str) -> String {
    format!("{} {} {}", &digits[..3], &digits[3..6], &digits[6..])
}

/// Damm's check digit of decimal digits; 0 if the last digit is a valid check digit.
pub(in crate::rules) fn damm(digits: &str) -> u8 {
    const TABLE: [[u8; 10]; 10] = [
        [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
        [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
        [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
        [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
        [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
        [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
        [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
        [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
        [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
        [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
    ];
    digits.bytes().fold(0, |interim, b| TABLE[usize::from(interim)][usize::from(b - b'0')])
}

/// A redemption of a voucher: `473829106-1`; after a void, the next one is `473829106-2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedemptionId {
    /// The voucher.
    pub voucher: Voucher,
    /// Position among the redemptions of this voucher, counted from 1.
    pub nth: u16,
}

impl fmt::Display for RedemptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.voucher, self.nth)
    }
}

impl FromStr for RedemptionId {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let parts = || {
            let (voucher, nth) = text.rsplit_once('-')?;
            let nth = nth.parse().ok().filter(|n| *n > 0)?;
            Some(RedemptionId { voucher: voucher.parse().ok()?, nth })
        };
        // Only the canonical form is valid, because ids are compared as text.
        parts()
            .filter(|id| id.to_string() == text)
            .ok_or_else(|| ParseError::new(text, "a redemption id (nine digits, hyphen, number)"))
    }
}

string_conversions!(RedemptionId);

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn voucher(gift: u64, random: u32) -> Voucher {
        Voucher::new(gift.try_into().unwrap(), random)
    }

    #[test]
    fn a_voucher_has_nine_digits_in_groups_of_three() {
        assert_eq!(voucher(47, 382_910).to_string(), "473829106");
        assert_eq!(voucher(47, 382_910).grouped(), "473 829 106");
        assert_eq!(voucher(1, 5).to_string().len(), 9, "leading zeros are kept");
        assert_eq!(voucher(1, Voucher::PER_GIFT + 5), voucher(1, 5));
    }

    #[test]
    fn only_spaces_and_hyphens_are_ignored() {
        for text in ["473829106", "473 829 106", "473-829-106", " 4738 29106 "] {
            assert_eq!(text.parse(), Ok(voucher(47, 382_910)), "{text}");
        }
        for text in
            ["", "47382910", "4738291060", "473829105", "473829I06", "+73829106", "473.829.106", "４７３８２９１０６"]
        {
            assert!(text.parse::<Voucher>().is_err(), "{text}");
        }
    }

    #[test]
    fn there_is_no_gift_zero() {
        let body = "00123456";
        assert!(format!("{body}{}", damm(body)).parse::<Voucher>().is_err());
    }

    #[test]
    fn a_voucher_serialises_as_a_string() {
        let text = r#""473829106""#;
        assert_eq!(serde_json::from_str::<Voucher>(text).unwrap(), voucher(47, 382_910));
        assert_eq!(serde_json::to_string(&voucher(47, 382_910)).unwrap(), text);
    }

    #[test]
    fn a_redemption_id_has_one_canonical_form() {
        let id: RedemptionId = "473829106-2".parse().unwrap();
        assert_eq!((id.voucher, id.nth), (voucher(47, 382_910), 2));
        assert_eq!(id.to_string(), "473829106-2");
        for text in [
            "473829106",
            "473829106-",
            "473829106-0",
            "473829106-02",
            "473829106-+2",
            "473 829 106-2",
            "473829106-65536",
        ] {
            assert!(text.parse::<RedemptionId>().is_err(), "{text}");
        }
    }

    proptest! {
        #![proptest_config(crate::rules::samples::property_config())]

        #[test]
        fn a_voucher_round_trips(gift in 1_u64..=99, random in 0..Voucher::PER_GIFT) {
            let voucher = voucher(gift, random);
            prop_assert_eq!(voucher.to_string().parse(), Ok(voucher));
            prop_assert_eq!(voucher.grouped().parse(), Ok(voucher));
        }

        #[test]
        fn every_wrong_digit_is_detected(gift in 1_u64..=99, random in 0..Voucher::PER_GIFT) {
            let right = voucher(gift, random).to_string();
            for (at, digit) in (0..9).flat_map(|at| (0..=9).map(move |digit| (at, digit.to_string()))) {
                let mut wrong = right.clone();
                wrong.replace_range(at..=at, &digit);
                prop_assert!(wrong == right || wrong.parse::<Voucher>().is_err(), "{right} as {wrong}");
            }
        }

        #[test]
        fn every_transposition_is_detected(gift in 1_u64..=99, random in 0..Voucher::PER_GIFT) {
            let right = voucher(gift, random).to_string();
            for at in 0..8 {
                let swapped = format!("{}{}{}{}", &right[..at], &right[at + 1..at + 2], &right[at..=at], &right[at + 2..]);
                prop_assert!(swapped == right || swapped.parse::<Voucher>().is_err(), "{right} as {swapped}");
            }
        }

        #[test]
        fn no_text_panics_the_parser(text in "[0-9 -]{0,12}|\\PC{0,12}") {
            let _ = text.parse::<Voucher>();
            let _ = text.parse::<RedemptionId>();
        }
    }
}
