//! Decides what becomes of a claim: one pure function of the request and of the state that was read from the store.
//!
//! The action reads, decides, writes, and decides again with the newer claim when another writer came first.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::claim_lifecycle::{self, Claim, ClaimStatus, StaffActor, Transition, VoidRequest, hold_until};
use super::gift::{check_claim, check_hand_over};
use super::voucher::{RedemptionId, Voucher};
use crate::rules::carnival::{Carnival, Gift};
use crate::rules::check_ins::passport::Passport;
use crate::rules::ids::{Nonce, PassportNumber};
use crate::rules::refusals::{CodeRefusal, GiftRefusal, Refusal};

/// A request for a claim.
#[derive(Clone, Copy, Debug)]
pub enum ClaimRequest<'a> {
    /// A resident claims the gift.
    Claim,
    /// A resident gives up the claim with this voucher.
    Release(Voucher),
    /// A staff member hands the gift over for its voucher.
    HandOver {
        /// The voucher that was scanned. A claim that was erased meanwhile has another one.
        voucher: Voucher,
        /// The staff member.
        by: &'a StaffActor,
        /// The client's nonce for this write.
        nonce: &'a Nonce,
    },
    /// A staff member hands the gift over to the holder of a passport: claim and hand-over in one write.
    HandOverByPassport {
        /// The staff member.
        by: &'a StaffActor,
        /// The client's nonce for this write.
        nonce: &'a Nonce,
        /// Whether the code that names the passport has expired: it still returns what was handed over before, but
        /// allows nothing new.
        code_too_old: bool,
    },
    /// A staff member voids a redemption.
    Void(RedemptionId, &'a VoidRequest),
}

impl<'a> ClaimRequest<'a> {
    /// The staff member of the request.
    #[must_use]
    pub fn staff(&self) -> Option<&'a StaffActor> {
        match self {
            ClaimRequest::HandOver { by, .. } | ClaimRequest::HandOverByPassport { by, .. } => Some(by),
            ClaimRequest::Void(_, request) => Some(&request.by),
            ClaimRequest::Claim | ClaimRequest::Release(_) => None,
        }
    }
}

/// What a decision depends on, apart from the claim.
#[derive(Clone, Copy, Debug)]
pub struct ClaimContext<'a> {
    /// The carnival.
    pub carnival: &'a Carnival,
    /// Passports whose gifts are on hold until a talk.
    pub blocked_passports: &'a BTreeSet<PassportNumber>,
    /// The gift.
    pub gift: &'a Gift,
    /// The holder's passport, if the request names its holder.
    pub passport: Option<&'a Passport>,
    /// Time of the request.
    pub now: Timestamp,
}

impl<'a> ClaimContext<'a> {
    /// Decides what becomes of the stored claim. `new_voucher` is used if there is no claim yet.
    ///
    /// # Errors
    /// The refusal of the request.
    pub fn decide(
        &self,
        request: &ClaimRequest<'_>,
        stored: Option<&Claim>,
        new_voucher: Voucher,
    ) -> Result<Transition, Refusal> {
        let ClaimContext { carnival, gift, now, .. } = *self;
        let until = || hold_until(carnival, gift, now);
        match *request {
            ClaimRequest::Claim => {
                // What is held or redeemed stays so, even if the rules would refuse a new claim.
                let standing = stored.filter(|claim| claim.state(now) != ClaimStatus::Lapsed);
                let passport = match standing {
                    Some(claim) => &claim.passport,
                    None => &self.earning_passport()?.number,
                };
                claim_lifecycle::claim(stored, new_voucher, passport, now, until(), carnival)
            }
            ClaimRequest::Release(voucher) => {
                let stored = stored.filter(|claim| claim.voucher == voucher).ok_or(GiftRefusal::ClaimUnknown)?;
                claim_lifecycle::release(stored, now, carnival)
            }
            ClaimRequest::HandOver { voucher, by, nonce } => {
                let stored = stored.filter(|claim| claim.voucher == voucher).ok_or(GiftRefusal::VoucherUnknown)?;
                self.hand_over(stored, by, nonce, false)
            }
            ClaimRequest::HandOverByPassport { by, nonce, code_too_old } => match stored {
                Some(stored) => self.hand_over(stored, by, nonce, code_too_old),
                None if code_too_old => Err(CodeRefusal::OwnCodeTooOld.into()),
                None => self.claim_and_hand_over(new_voucher, by, nonce),
            },
            ClaimRequest::Void(id, request) => {
                let stored = stored.ok_or(GiftRefusal::RedemptionUnknown)?;
                claim_lifecycle::void(stored, id, request.clone(), now, until(), carnival)
            }
        }
    }

    /// The passport, if it may claim the gift now.
    ///
    /// # Errors
    /// A refusal if the gift is not earned, is closed, or is not handed out again.
    pub fn earning_passport(&self) -> Result<&'a Passport, Refusal> {
        let stamps = self.passport.map_or(&[][..], |passport| &passport.stamps);
        check_claim(self.carnival, self.gift, stamps, self.now)?;
        // Every gift takes at least one stamp, so there is a passport.
        Ok(self.passport.ok_or(GiftRefusal::GiftUnknown)?)
    }

    /// An existing redemption takes precedence over a refusal for the present place and time.
    fn hand_over(
        &self,
        claim: &Claim,
        by: &StaffActor,
        nonce: &Nonce,
        code_too_old: bool,
    ) -> Result<Transition, Refusal> {
        let transition = claim_lifecycle::redeem(claim, by.clone(), nonce.clone(), self.now, self.carnival)?;
        if let Transition::Changed { .. } = transition {
            if code_too_old {
                return Err(CodeRefusal::OwnCodeTooOld.into());
            }
            if self.blocked_passports.contains(&claim.passport) {
                return Err(GiftRefusal::TalkNeeded.into());
            }
            check_hand_over(self.carnival, self.gift, by.place.as_ref(), self.now)?;
        }
        Ok(transition)
    }

    fn claim_and_hand_over(&self, voucher: Voucher, by: &StaffActor, nonce: &Nonce) -> Result<Transition, Refusal> {
        let passport = self.earning_passport()?.number.clone();
        let claim = Claim { voucher, passport, claimed_at: self.now, held_until: self.now, redemptions: Vec::new() };
        match self.hand_over(&claim, by, nonce, false)? {
            Transition::Changed { claim, event, .. } => Ok(Transition::Changed { claim, needs_left: true, event }),
            unchanged @ Transition::Unchanged(_) => Ok(unchanged),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
