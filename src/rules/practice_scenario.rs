//! What a practice voucher answers: a claim that is made up, and always the same.

use jiff::{SignedDuration, Timestamp};

use super::carnival::{Booth, Carnival, Gift};
use super::claim::hold_until;
use super::lang::Lang;
use super::practice_voucher::{PracticeVoucher, RedemptionRef};
use super::refusal::{PriorAction, Refusal};
use super::roles::{Role, StaffName, Station};
use super::staff::StaffSession;

/// How long ago the gift of the lesson was claimed.
const CLAIMED_AGO: SignedDuration = SignedDuration::from_hours(1);
/// How long ago somebody else handed it over.
const REDEEMED_AGO: SignedDuration = SignedDuration::from_mins(10);

/// A practice voucher in a staff member's hands. Everything follows from these, so nothing is kept, and
/// no day, hour or stock has a say: one practises before the carnival begins.
#[derive(Clone, Copy, Debug)]
pub struct PracticeScenario<'a> {
    /// What was scanned.
    pub voucher: PracticeVoucher,
    /// The carnival that lends names.
    pub carnival: &'a Carnival,
    /// Who practises.
    pub staff: &'a StaffSession,
    /// In which language what has no name is called.
    pub lang: Lang,
    /// When.
    pub now: Timestamp,
}

impl PracticeScenario<'_> {
    /// The gift that it seems to be for: the first that is not closed.
    #[must_use]
    pub fn gift(&self) -> Option<&Gift> {
        self.carnival.gifts.iter().find(|gift| gift.closed.is_none())
    }

    /// The name of that gift, or a word for one.
    #[must_use]
    pub fn gift_name(&self) -> String {
        let word = || self.lang.pick("练习用的礼物", "a practice gift").to_owned();
        self.gift().map_or_else(word, |gift| gift.name.clone())
    }

    /// When it seems to have been claimed.
    #[must_use]
    pub fn claimed_at(&self) -> Timestamp {
        self.now - CLAIMED_AGO
    }

    /// Until when it seems to be set aside.
    #[must_use]
    pub fn held_until(&self) -> Timestamp {
        self.gift().map_or(self.now, |gift| hold_until(self.carnival, gift, self.now))
    }

    /// Why the gift may not be handed over, if it may not.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self.voucher {
            PracticeVoucher::Redeemable => None,
            PracticeVoucher::AlreadyRedeemed => Some(Refusal::AlreadyRedeemed(Box::new(self.prior_redemption()))),
            PracticeVoucher::WrongBooth => {
                Some(Refusal::WrongBooth { gift: self.gift_name(), booths: vec![self.another_booth()] })
            }
        }
    }

    /// The confirmation that stands before anybody confirms.
    #[must_use]
    pub fn redemption_before(&self) -> Option<PriorAction> {
        matches!(self.voucher, PracticeVoucher::AlreadyRedeemed).then(|| self.prior_redemption())
    }

    /// The confirmation that whoever practises makes.
    #[must_use]
    pub fn confirmed(&self) -> PriorAction {
        PriorAction {
            at: self.carnival.zoned(self.now),
            by: self.staff.name.clone(),
            by_you: true,
            ..self.prior_redemption()
        }
    }

    /// Whether whoever practises may undo the confirmation of this voucher.
    ///
    /// # Errors
    /// A refusal where there is none, and for a volunteer where it was another's.
    pub fn undo(&self) -> Result<(), Refusal> {
        match (self.voucher, self.staff.role) {
            (PracticeVoucher::Redeemable, _) | (PracticeVoucher::AlreadyRedeemed, Role::Organiser) => Ok(()),
            (PracticeVoucher::AlreadyRedeemed, Role::Volunteer) => {
                Err(Refusal::NotYourRedemption { by: StaffName::practice_volunteer(self.lang) })
            }
            (PracticeVoucher::WrongBooth, _) => Err(Refusal::RedemptionUnknown),
        }
    }

    fn prior_redemption(&self) -> PriorAction {
        PriorAction {
            redemption: RedemptionRef::Practice(self.voucher),
            at: self.carnival.zoned(self.now - REDEEMED_AGO),
            place: self.staff.place.as_ref().map(|place| self.carnival.station_name(place)),
            by: StaffName::practice_volunteer(self.lang),
            by_you: false,
        }
    }

    fn another_booth(&self) -> String {
        let mine = |booth: &&Booth| matches!(&self.staff.place, Some(Station::Booth(id)) if *id == booth.id);
        let another = self.carnival.booths.iter().find(|booth| !mine(booth));
        another.map_or_else(|| self.lang.pick("另一个兑换台", "another booth").to_owned(), |booth| booth.name.clone())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
