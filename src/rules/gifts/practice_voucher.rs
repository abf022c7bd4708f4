//! Practice vouchers: printed on the volunteers' training card, stored nowhere.

use std::fmt;
use std::str::FromStr;

use super::voucher::{RedemptionId, damm, grouped_in_threes, valid_digits};
use crate::rules::ids::ParseError;

/// A voucher with a fixed answer that writes nothing.
///
/// Its nine digits begin with 00, the place of the gift's number in a voucher. No gift has the number 0, so no claim can
/// have such a voucher.
///
/// # Examples
/// ```
/// # use carnival::rules::gifts::practice_voucher::PracticeVoucher;
/// assert_eq!(PracticeVoucher::Redeemable.grouped(), "000 000 013");
/// assert_eq!("000-000-013".parse(), Ok(PracticeVoucher::Redeemable));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PracticeVoucher {
    /// The gift may be handed over.
    Redeemable,
    /// Another volunteer handed it over ten minutes ago.
    AlreadyRedeemed,
    /// It is handed out at another booth.
    WrongBooth,
}

impl PracticeVoucher {
    /// All practice vouchers, in the order of the training card.
    pub const ALL: [PracticeVoucher; 3] =
        [PracticeVoucher::Redeemable, PracticeVoucher::AlreadyRedeemed, PracticeVoucher::WrongBooth];

    /// Formatted for people: `000 000 013`.
    #[must_use]
    pub fn grouped(self) -> String {
        grouped_in_threes(&self.to_string())
    }
}

impl fmt::Display for PracticeVoucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = match self {
            PracticeVoucher::Redeemable => "00000001",
            PracticeVoucher::AlreadyRedeemed => "00000002",
            PracticeVoucher::WrongBooth => "00000003",
        };
        write!(f, "{body}{}", damm(body))
    }
}

impl FromStr for PracticeVoucher {
    type Err = ParseError;

    /// Parses nine digits; spaces and hyphens between them are ignored.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let digits = valid_digits(text);
        let known = |practice: &PracticeVoucher| digits.as_deref() == Some(&practice.to_string());
        let wanted = "a practice voucher (nine digits that begin with 00)";
        PracticeVoucher::ALL.into_iter().find(known).ok_or_else(|| ParseError::new(text, wanted))
    }
}

/// The id of a redemption, real or practised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedemptionRef {
    /// A real redemption.
    Real(RedemptionId),
    /// A practised redemption, `000000013-1`. It is always the first one, because nothing is stored.
    Practice(PracticeVoucher),
}

impl From<RedemptionId> for RedemptionRef {
    fn from(id: RedemptionId) -> RedemptionRef {
        RedemptionRef::Real(id)
    }
}

impl fmt::Display for RedemptionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RedemptionRef::Real(id) => id.fmt(f),
            RedemptionRef::Practice(voucher) => write!(f, "{voucher}-1"),
        }
    }
}

impl FromStr for RedemptionRef {
    type Err = ParseError;

    /// Accepts only the canonical form.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut practised = PracticeVoucher::ALL.into_iter().map(RedemptionRef::Practice);
        practised.find(|id| id.to_string() == text).map_or_else(|| text.parse().map(RedemptionRef::Real), Ok)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use crate::rules::gifts::voucher::Voucher;

    #[test]
    fn the_printed_digits_never_change() {
        let digits = PracticeVoucher::ALL.map(|practice| (practice, practice.to_string()));
        let expected = [
            (PracticeVoucher::Redeemable, "000000013".to_owned()),
            (PracticeVoucher::AlreadyRedeemed, "000000021".to_owned()),
            (PracticeVoucher::WrongBooth, "000000037".to_owned()),
        ];
        assert_eq!(digits, expected);
        assert_eq!(PracticeVoucher::WrongBooth.grouped(), "000 000 037");
    }

    #[test]
    fn no_claim_can_have_a_practice_voucher() {
        for practice in PracticeVoucher::ALL {
            assert!(practice.to_string().parse::<Voucher>().is_err(), "{practice}");
        }
    }

    #[test]
    fn only_spaces_and_hyphens_are_ignored() {
        for practice in PracticeVoucher::ALL {
            let digits = practice.to_string();
            for text in
                [digits.clone(), practice.grouped(), digits.replace("000000", "000-000 "), format!(" {digits} ")]
            {
                assert_eq!(text.parse(), Ok(practice), "{text}");
            }
        }
        for text in ["", "000000000", "000000010", "00000001", "0000000130", "000000045", "O00000013"] {
            assert!(text.parse::<PracticeVoucher>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_practised_redemption_has_one_id() {
        for practice in PracticeVoucher::ALL {
            let id = RedemptionRef::Practice(practice);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        let real = RedemptionRef::Real("473829106-2".parse().unwrap());
        assert_eq!(real.to_string().parse(), Ok(real));
        for text in ["000000013", "000000013-2", "000 000 013-1", "000000045-1", "473829106"] {
            assert!(text.parse::<RedemptionRef>().is_err(), "{text}");
        }
    }
}
