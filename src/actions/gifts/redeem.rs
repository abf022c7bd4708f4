//! A volunteer hands gifts over, and voids redemptions.

use std::sync::Arc;

use jiff::Timestamp;

use super::claim::{ClaimResult, ClaimUpdate, drop_claim};
use super::practice::PracticeContext;
use crate::actions::app::{App, Error, Result, random_u32};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::staff::actor;
use crate::actions::statistics::hints::record_refusal;
use crate::rules::carnival::Gift;
use crate::rules::check_ins::passport::Passport;
use crate::rules::gifts::claim::{self, Claim, StaffActor, Transition, VoidRequest};
use crate::rules::gifts::gift;
use crate::rules::gifts::voucher::{RedemptionId, Voucher};
use crate::rules::ids::{ClaimantId, GiftId, Holder, Nonce, PassportNumber};
use crate::rules::refusals::{CodeRefusal, GiftRefusal, Refusal};
use crate::rules::staff::StaffSession;
use crate::rules::staff::roles::Station;
use crate::store::StoredClaim;
use crate::tokens::Code;

/// Result of confirming one voucher.
#[derive(Clone, Debug)]
pub enum RedeemOutcome {
    /// The gift is handed over.
    HandedOver(ClaimResult),
    /// A practice voucher; its scenario says whether the gift would be handed over.
    Practice(PracticeContext),
}

/// Confirms vouchers one by one, in the given order.
pub async fn redeem(app: &App, staff: &StaffSession, vouchers: &[String], nonce: &Nonce) -> Vec<Result<RedeemOutcome>> {
    let (current, now) = (app.current(), app.now());
    let mut results = Vec::with_capacity(vouchers.len());
    for voucher in vouchers {
        // The outcome at a failed store is unknown, so stop here: the client repeats the whole request.
        if matches!(results.last(), Some(Err(Error::Store(_)))) {
            break;
        }
        results.push(record_refusal(app, None, redeem_one(app, (&current, now), staff, voucher, nonce).await));
    }
    results
}

async fn redeem_one(
    app: &App,
    (current, now): (&Arc<CurrentCarnival>, Timestamp),
    staff: &StaffSession,
    code: &str,
    nonce: &Nonce,
) -> Result<RedeemOutcome> {
    let voucher = match app.codes.read(code, now) {
        Ok(Code::Voucher(voucher)) => voucher,
        Ok(Code::Practice(voucher)) => {
            return Ok(RedeemOutcome::Practice(PracticeContext { current: Arc::clone(current), now, voucher }));
        }
        Ok(_) => return Err(CodeRefusal::CodeOfAnotherKind.into()),
        Err(_) => return Err(GiftRefusal::VoucherUnknown.into()),
    };
    let gift = current.carnival.gift(voucher.gift()).ok_or(GiftRefusal::VoucherUnknown)?;
    let stored = app.store.claim_by_voucher(voucher).await?.ok_or(GiftRefusal::VoucherUnknown)?;
    let by = actor(staff);
    let transition = |stored: Option<&Claim>| {
        let stored = stored.ok_or(GiftRefusal::VoucherUnknown)?;
        hand_over(
            stored,
            &by,
            nonce,
            now,
            current,
            hand_over_refusal(current, gift, &stored.passport, by.place.as_ref(), now),
        )
    };
    let update = ClaimUpdate { app, current, gift, claimer: stored.claimer, now, by: Some(&by) };
    let (claim, changed) = update.apply(Some(stored), transition).await?;
    Ok(RedeemOutcome::HandedOver(ClaimResult { current: Arc::clone(current), now, claim, changed }))
}

/// An existing redemption takes precedence over a refusal for the present place and time.
fn hand_over(
    stored: &Claim,
    by: &StaffActor,
    nonce: &Nonce,
    now: Timestamp,
    current: &CurrentCarnival,
    hand_over_refusal: Option<Refusal>,
) -> Result<Transition> {
    let transition = claim::redeem(stored, by.clone(), nonce.clone(), now, &current.carnival)?;
    match (transition, hand_over_refusal) {
        (Transition::Changed { .. }, Some(refusal)) => Err(refusal.into()),
        (transition, _) => Ok(transition),
    }
}

/// Why a gift may not be handed over here and now: its passport is blocked until a talk, or the gift belongs to
/// another booth or another hour.
fn hand_over_refusal(
    current: &CurrentCarnival,
    gift: &Gift,
    passport: &PassportNumber,
    place: Option<&Station>,
    now: Timestamp,
) -> Option<Refusal> {
    if current.blocked_passports.contains(passport) {
        return Some(GiftRefusal::TalkNeeded.into());
    }
    gift::check_hand_over(&current.carnival, gift, place, now).err()
}

/// Hands a gift to the bearer of a paper passport, or to a resident by their own code: claim and redemption in one
/// write.
///
/// # Errors
/// A refusal: not earned, sold out, wrong booth or hour, already handed over.
pub async fn redeem_paper(
    app: &App,
    staff: &StaffSession,
    code: &str,
    gift: &GiftId,
    nonce: &Nonce,
) -> Result<ClaimResult> {
    record_refusal(app, None, try_redeem_paper(app, staff, code, gift, nonce).await)
}

async fn try_redeem_paper(
    app: &App,
    staff: &StaffSession,
    code: &str,
    gift: &GiftId,
    nonce: &Nonce,
) -> Result<ClaimResult> {
    let (current, now) = (app.current(), app.now());
    let PresentedPassport { holder, too_old } = read_presented(app, code, now)?;
    let gift = current.carnival.gift_by_id(gift).ok_or(GiftRefusal::GiftUnknown)?;
    let claimer = app.pseudonyms.claimant(gift.number, holder);
    let passport = app.store.passport(holder).await?;
    let stored = app.store.claims(&[(gift.number, claimer)]).await?.pop().flatten();
    let by = actor(staff);
    // An expired own code still returns what was already handed over, but allows nothing new.
    let hand_over_refusal = |passport: &PassportNumber| {
        let too_old = too_old.then_some(CodeRefusal::OwnCodeTooOld.into());
        too_old.or_else(|| hand_over_refusal(&current, gift, passport, by.place.as_ref(), now))
    };
    let stamps = passport.as_ref().map_or(&[][..], |passport| &passport.stamps);
    let eligibility = gift::check_claim(&current.carnival, gift, stamps, now);
    let transition = |stored: Option<&Claim>| match (stored, &passport, &eligibility) {
        (Some(stored), _, _) => hand_over(stored, &by, nonce, now, &current, hand_over_refusal(&stored.passport)),
        (None, _, _) if too_old => Err(CodeRefusal::OwnCodeTooOld.into()),
        (None, Some(passport), Ok(())) => {
            let claim = Claim {
                voucher: Voucher::new(gift.number, random_u32()?),
                passport: passport.number.clone(),
                claimed_at: now,
                held_until: now,
                redemptions: Vec::new(),
            };
            match hand_over(&claim, &by, nonce, now, &current, hand_over_refusal(&passport.number))? {
                Transition::Changed { claim, event, .. } => Ok(Transition::Changed { claim, needs_left: true, event }),
                stands @ Transition::Unchanged(_) => Ok(stands),
            }
        }
        (None, _, eligibility) => Err(eligibility.clone().err().unwrap_or(GiftRefusal::GiftUnknown.into()).into()),
    };
    let update = ClaimUpdate { app, current: &current, gift, claimer, now, by: Some(&by) };
    let (claim, changed) = update.apply(stored, transition).await?;
    let passport = if changed { app.store.passport(holder).await? } else { passport };
    anonymise_if_erased(app, &current, claimer, passport.as_ref(), &claim).await?;
    Ok(ClaimResult { current: Arc::clone(&current), now, claim, changed })
}

/// Anonymises the claim if the passport was erased during the hand-over: the remaining record names no person.
///
/// An erasure reads claims after it has deleted the passport, and a hand-over reads the passport after it has written
/// the claim, so one of the two sees the other. A repeated hand-over runs this too, because the first attempt may
/// have stopped in between.
async fn anonymise_if_erased(
    app: &App,
    current: &CurrentCarnival,
    claimer: ClaimantId,
    passport: Option<&Passport>,
    claim: &Claim,
) -> Result<()> {
    if passport.is_some_and(|passport| passport.number == claim.passport) {
        return Ok(());
    }
    let stored = app.store.claims(&[(claim.voucher.gift(), claimer)]).await?.pop().flatten();
    if let Some(stored) = stored.filter(|stored| stored.claim.passport == claim.passport) {
        drop_claim(app, current, stored).await?;
    }
    Ok(())
}

/// Presented instead of a voucher: a paper passport, or a resident's own code.
pub(in crate::actions) struct PresentedPassport {
    /// Holder that the code names.
    pub(in crate::actions) holder: Holder,
    /// An own code that has expired: it still returns earlier results, but allows nothing new.
    pub(in crate::actions) too_old: bool,
}

impl PresentedPassport {
    /// The holder, if the code has not expired.
    ///
    /// # Errors
    /// A refusal for an expired own code.
    pub(in crate::actions) fn unexpired_holder(self) -> Result<Holder> {
        if self.too_old { Err(CodeRefusal::OwnCodeTooOld.into()) } else { Ok(self.holder) }
    }
}

/// Parses a paper passport or a resident's own code.
///
/// # Errors
/// A refusal for any other code.
pub(in crate::actions) fn read_presented(app: &App, code: &str, now: Timestamp) -> Result<PresentedPassport> {
    match app.codes.read(code, now) {
        Ok(Code::Paper(serial)) => Ok(PresentedPassport { holder: Holder::Paper(serial), too_old: false }),
        Ok(Code::Own { resident, too_old, .. }) => {
            Ok(PresentedPassport { holder: Holder::Resident(resident), too_old })
        }
        Ok(_) => Err(CodeRefusal::CodeOfAnotherKind.into()),
        Err(_) => Err(CodeRefusal::CodeUnknown.into()),
    }
}

/// Voids a redemption: the gift is held again for a full hold time.
///
/// # Errors
/// A refusal when there is no such redemption, when it was already voided, when it belongs to another volunteer, or
/// after fifteen minutes.
pub async fn void(
    app: &App,
    staff: &StaffSession,
    id: RedemptionId,
    reason: &str,
    nonce: &Nonce,
) -> Result<ClaimResult> {
    let (current, now) = (app.current(), app.now());
    let gift = current.carnival.gift(id.voucher.gift()).ok_or(GiftRefusal::RedemptionUnknown)?;
    let stored: StoredClaim = app.store.claim_by_voucher(id.voucher).await?.ok_or(GiftRefusal::RedemptionUnknown)?;
    let (by, until) = (actor(staff), claim::hold_until(&current.carnival, gift, now));
    let transition = |stored: Option<&Claim>| {
        let stored = stored.ok_or(GiftRefusal::RedemptionUnknown)?;
        let undo = VoidRequest { by: by.clone(), role: staff.role, reason: reason.to_owned(), nonce: nonce.clone() };
        claim::void(stored, id, undo, now, until, &current.carnival).map_err(Error::from)
    };
    let update = ClaimUpdate { app, current: &current, gift, claimer: stored.claimer, now, by: Some(&by) };
    let (claim, changed) = update.apply(Some(stored), transition).await?;
    Ok(ClaimResult { current: Arc::clone(&current), now, claim, changed })
}

/// Why this staff member could not hand the claim over now; none if they could.
#[must_use]
pub fn redemption_refusal(
    current: &CurrentCarnival,
    claim: &Claim,
    staff: &StaffSession,
    now: Timestamp,
) -> Option<Refusal> {
    if let claim::ClaimStatus::Redeemed(id, redemption) = claim.state(now) {
        return Some(claim::already_redeemed(&current.carnival, id, redemption, Some(&staff.id)));
    }
    let Some(gift) = current.carnival.gift(claim.voucher.gift()) else {
        return Some(GiftRefusal::VoucherUnknown.into());
    };
    hand_over_refusal(current, gift, &claim.passport, staff.place.as_ref(), now)
}
