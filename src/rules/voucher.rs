//! The nine digits of a voucher, and the name of each of its confirmations.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::{GiftNumber, NotAnId};

/// A voucher's nine digits: gift number (2), random (6), check digit (1).
///
/// The check digit is Damm's (H. M. Damm, 2004): it finds every wrong digit and every swap of
/// neighbours, which is what happens when a number is read aloud in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Voucher {
    gift: GiftNumber,
    random: u32,
}

impl Voucher {
    /// How many vouchers one gift can have.
    pub const PER_GIFT: u32 = 1_000_000;

    /// The voucher of a gift with this random part, taken modulo [`Voucher::PER_GIFT`].
    #[must_use]
    pub fn new(gift: GiftNumber, random: u32) -> Voucher {
        Voucher { gift, random: random % Voucher::PER_GIFT }
    }

    /// The gift that it is for.
    #[must_use]
    pub fn gift(self) -> GiftNumber {
        self.gift
    }

    /// As people read it: `473 829 106`.
    #[must_use]
    pub fn grouped(self) -> String {
        let digits = self.to_string();
        format!("{} {} {}", &digits[..3], &digits[3..6], &digits[6..])
    }
}

impl fmt::Display for Voucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = format!("{:02}{:06}", self.gift.get(), self.random);
        write!(f, "{body}{}", damm(&body))
    }
}

impl FromStr for Voucher {
    type Err = NotAnId;

    /// Reads nine digits; spaces and hyphens between them are forgiven.
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let wanted = "a voucher: nine digits of which the last one checks the others";
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let sound = digits.len() == 9 && digits.bytes().all(|b| b.is_ascii_digit()) && damm(&digits) == 0;
        let parts = || Some((digits[..2].parse().ok()?, digits[2..8].parse().ok()?));
        sound
            .then(parts)
            .flatten()
            .map(|(gift, random)| Voucher { gift, random })
            .ok_or_else(|| NotAnId::new(text, wanted))
    }
}

impl TryFrom<String> for Voucher {
    type Error = NotAnId;
    fn try_from(text: String) -> Result<Self, NotAnId> {
        text.parse()
    }
}

impl From<Voucher> for String {
    fn from(voucher: Voucher) -> String {
        voucher.to_string()
    }
}

/// Damm's check digit over decimal digits; 0 for a text that ends in its own check digit.
fn damm(digits: &str) -> u8 {
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

/// One confirmation of a voucher: `473829106-1`, the next one after a void `473829106-2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedemptionId {
    /// The voucher that was confirmed.
    pub voucher: Voucher,
    /// The how-manieth confirmation of this voucher it is, from 1.
    pub nth: u16,
}

impl fmt::Display for RedemptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.voucher, self.nth)
    }
}

impl FromStr for RedemptionId {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let parts = || {
            let (voucher, nth) = text.rsplit_once('-')?;
            let nth = nth.parse().ok().filter(|n| *n > 0)?;
            Some(RedemptionId { voucher: voucher.parse().ok()?, nth })
        };
        // Only the canonical form: an id is compared and kept as it is written.
        parts()
            .filter(|id| id.to_string() == text)
            .ok_or_else(|| NotAnId::new(text, "a redemption: nine digits, a hyphen and a count"))
    }
}

impl TryFrom<String> for RedemptionId {
    type Error = NotAnId;
    fn try_from(text: String) -> Result<Self, NotAnId> {
        text.parse()
    }
}

impl From<RedemptionId> for String {
    fn from(id: RedemptionId) -> String {
        id.to_string()
    }
}

#[cfg(test)]
mod tests;
