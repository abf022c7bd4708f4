//! The answers to practice vouchers: invented claims, always the same.

use jiff::{SignedDuration, Timestamp};

use super::claim_lifecycle::hold_until;
use super::practice_voucher::{PracticeVoucher, RedemptionRef};
use crate::rules::carnival::{Booth, Carnival, Gift};
use crate::rules::refusals::{GiftRefusal, PriorAction, Refusal};
use crate::rules::staff::StaffSession;
use crate::rules::staff::roles::{Role, Station};
use crate::rules::staff::staff_name::StaffName;

/// Age of the invented claim.
const CLAIMED_AGO: SignedDuration = SignedDuration::from_hours(1);
/// Age of the invented earlier redemption.
const REDEEMED_AGO: SignedDuration = SignedDuration::from_mins(10);

/// Names of what a carnival may lack, and of a colleague who does not exist.
#[derive(Clone, Copy, Debug)]
pub struct PracticeNames {
    /// A gift.
    pub gift: &'static str,
    /// A booth where the volunteer does not work.
    pub another_booth: &'static str,
    /// The colleague who confirmed a redemption before.
    pub volunteer: &'static str,
}

/// A practice voucher scanned by a staff member. All answers derive from these fields, so nothing is stored. Days,
/// hours and stock have no influence, because volunteers practise before the carnival begins.
#[derive(Clone, Copy, Debug)]
pub struct PracticeScenario<'a> {
    /// The scanned voucher.
    pub voucher: PracticeVoucher,
    /// The carnival whose gift and booth names are used.
    pub carnival: &'a Carnival,
    /// The staff member who practises.
    pub staff: &'a StaffSession,
    /// Names of what the carnival lacks.
    pub names: PracticeNames,
    /// The current time.
    pub now: Timestamp,
}

impl PracticeScenario<'_> {
    /// The gift in the scenario: the first one that is not closed.
    #[must_use]
    pub fn gift(&self) -> Option<&Gift> {
        self.carnival.gifts.iter().find(|gift| gift.closed.is_none())
    }

    /// The name of that gift, or a placeholder.
    #[must_use]
    pub fn gift_name(&self) -> String {
        self.gift().map_or_else(|| self.names.gift.to_owned(), |gift| gift.name.clone())
    }

    /// Time of the invented claim.
    #[must_use]
    pub fn claimed_at(&self) -> Timestamp {
        self.now - CLAIMED_AGO
    }

    /// End of the invented hold.
    #[must_use]
    pub fn held_until(&self) -> Timestamp {
        self.gift().map_or(self.now, |gift| hold_until(self.carnival, gift, self.now))
    }

    /// Why the gift cannot be handed over, if so.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self.voucher {
            PracticeVoucher::Redeemable => None,
            PracticeVoucher::AlreadyRedeemed => {
                Some(GiftRefusal::AlreadyRedeemed { done: Box::new(self.prior_redemption()) }.into())
            }
            PracticeVoucher::WrongBooth => {
                Some(GiftRefusal::WrongBooth { gift: self.gift_name(), booths: vec![self.another_booth()] }.into())
            }
        }
    }

    /// The earlier redemption in the scenario, if any.
    #[must_use]
    pub fn redemption_before(&self) -> Option<PriorAction> {
        matches!(self.voucher, PracticeVoucher::AlreadyRedeemed).then(|| self.prior_redemption())
    }

    /// The redemption that the staff member confirms.
    #[must_use]
    pub fn confirmed(&self) -> PriorAction {
        PriorAction {
            at: self.carnival.zoned(self.now),
            by: self.staff.name.clone(),
            by_you: true,
            ..self.prior_redemption()
        }
    }

    /// Checks whether the staff member may void the redemption in the scenario.
    ///
    /// # Errors
    /// A refusal if there is none, and for a volunteer if another volunteer confirmed it.
    pub fn undo(&self) -> Result<(), Refusal> {
        match (self.voucher, self.staff.role) {
            (PracticeVoucher::Redeemable, _) | (PracticeVoucher::AlreadyRedeemed, Role::Organiser) => Ok(()),
            (PracticeVoucher::AlreadyRedeemed, _) => {
                Err(GiftRefusal::NotYourRedemption { by: StaffName::practice_volunteer(self.names.volunteer) }.into())
            }
            (PracticeVoucher::WrongBooth, _) => Err(GiftRefusal::RedemptionUnknown.into()),
        }
    }

    fn prior_redemption(&self) -> PriorAction {
        PriorAction {
            redemption: RedemptionRef::Practice(self.voucher),
            at: self.carnival.zoned(self.now - REDEEMED_AGO),
            place: self.staff.place.as_ref().map(|place| self.carnival.station_name(place)),
            by: StaffName::practice_volunteer(self.names.volunteer),
            by_you: false,
        }
    }

    fn another_booth(&self) -> String {
        let mine = |booth: &&Booth| matches!(&self.staff.place, Some(Station::Booth(id)) if *id == booth.id);
        let another = self.carnival.booths.iter().find(|booth| !mine(booth));
        another.map_or_else(|| self.names.another_booth.to_owned(), |booth| booth.name.clone())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
