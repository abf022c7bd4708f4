//! A volunteer hands gifts over, and undoes it.

use std::sync::Arc;

use jiff::Timestamp;

use super::app::{App, Error, Result, random_u32};
use super::claim::{ClaimResult, ClaimUpdate, drop_claim};
use super::current_carnival::CurrentCarnival;
use super::hints::record_refusal;
use super::practice::PracticeContext;
use super::staff::actor;
use crate::rules::carnival::Gift;
use crate::rules::claim::{self, Claim, StaffActor, Transition, VoidRequest};
use crate::rules::gift;
use crate::rules::ids::{ClaimantId, GiftId, Holder, Nonce, PassportNumber};
use crate::rules::passport::Passport;
use crate::rules::refusal::Refusal;
use crate::rules::roles::Station;
use crate::rules::staff::StaffSession;
use crate::rules::voucher::{RedemptionId, Voucher};
use crate::store::StoredClaim;
use crate::tokens::Code;

/// What came of a voucher that was confirmed.
#[derive(Clone, Debug)]
pub enum RedeemOutcome {
    /// The gift is handed over.
    HandedOver(ClaimResult),
    /// It is one for practice: its lesson says whether the gift would be.
    Practice(PracticeContext),
}

/// Confirms vouchers, each by itself, in the order given.
pub async fn redeem(app: &App, staff: &StaffSession, vouchers: &[String], nonce: &Nonce) -> Vec<Result<RedeemOutcome>> {
    let (current, now) = (app.current(), app.now());
    let mut results = Vec::with_capacity(vouchers.len());
    for voucher in vouchers {
        // Nothing is known of a store that failed: the client asks for all of them again.
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
        Ok(_) => return Err(Refusal::CodeOfAnotherKind.into()),
        Err(_) => return Err(Refusal::VoucherUnknown.into()),
    };
    let gift = current.carnival.gift(voucher.gift()).ok_or(Refusal::VoucherUnknown)?;
    let stored = app.store.claim_by_voucher(voucher).await?.ok_or(Refusal::VoucherUnknown)?;
    let by = actor(staff);
    let transition = |stored: Option<&Claim>| {
        let stored = stored.ok_or(Refusal::VoucherUnknown)?;
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

/// That it was done already beats that it may not be done here and now.
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

/// Why a gift may not be handed over here and now: its passport waits for a talk, or it is another
/// booth's or another hour's.
fn hand_over_refusal(
    current: &CurrentCarnival,
    gift: &Gift,
    passport: &PassportNumber,
    place: Option<&Station>,
    now: Timestamp,
) -> Option<Refusal> {
    if current.blocked_passports.contains(passport) {
        return Some(Refusal::TalkNeeded);
    }
    gift::check_hand_over(&current.carnival, gift, place, now).err()
}

/// Hands a gift to the bearer of a paper passport, or to a resident by her own code: claimed and
/// confirmed in one step.
///
/// # Errors
/// A refusal: not earned, gone, not here, already handed over.
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
    let gift = current.carnival.gift_by_id(gift).ok_or(Refusal::GiftUnknown)?;
    let claimer = app.identity.claimer(gift.number, holder);
    let passport = app.store.passport(holder).await?;
    let stored = app.store.claims(&[(gift.number, claimer)]).await?.pop().flatten();
    let by = actor(staff);
    // Asking again after five minutes is still told what was done; nothing new comes of it.
    let hand_over_refusal = |passport: &PassportNumber| {
        let too_old = too_old.then_some(Refusal::OwnCodeTooOld);
        too_old.or_else(|| hand_over_refusal(&current, gift, passport, by.place.as_ref(), now))
    };
    let stamps = passport.as_ref().map_or(&[][..], |passport| &passport.stamps);
    let eligibility = gift::check_claim(&current.carnival, gift, stamps, now);
    let transition = |stored: Option<&Claim>| match (stored, &passport, &eligibility) {
        (Some(stored), _, _) => hand_over(stored, &by, nonce, now, &current, hand_over_refusal(&stored.passport)),
        (None, _, _) if too_old => Err(Refusal::OwnCodeTooOld.into()),
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
        (None, _, eligibility) => Err(eligibility.clone().err().unwrap_or(Refusal::GiftUnknown).into()),
    };
    let update = ClaimUpdate { app, current: &current, gift, claimer, now, by: Some(&by) };
    let (claim, changed) = update.apply(stored, transition).await?;
    let passport = if changed { app.store.passport(holder).await? } else { passport };
    anonymise_if_erased(app, &current, claimer, passport.as_ref(), &claim).await?;
    Ok(ClaimResult { current: Arc::clone(&current), now, claim, changed })
}

/// Leaves only the mark that names nobody, if the passport was erased while its gift was handed over.
///
/// An erasure reads claims after it has deleted the passport, and a hand-over reads the passport after it has
/// written the claim, so one of the two sees the other. A repeat of the same hand-over does this too: the
/// first attempt may have ended in between.
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

/// What was shown in place of a voucher: a paper card, or a resident's own code.
pub(super) struct PresentedPassport {
    /// Whose passport it names.
    pub(super) holder: Holder,
    /// An own code that is over: it still tells what was done, and nothing new comes of it.
    pub(super) too_old: bool,
}

impl PresentedPassport {
    /// Whose it is, if it is still good.
    ///
    /// # Errors
    /// A refusal for an own code that is over.
    pub(super) fn unexpired_holder(self) -> Result<Holder> {
        if self.too_old { Err(Refusal::OwnCodeTooOld.into()) } else { Ok(self.holder) }
    }
}

/// Reads a paper card or a resident's own code.
///
/// # Errors
/// A refusal for any other code.
pub(super) fn read_presented(app: &App, code: &str, now: Timestamp) -> Result<PresentedPassport> {
    match app.codes.read(code, now) {
        Ok(Code::Paper(serial)) => Ok(PresentedPassport { holder: Holder::Paper(serial), too_old: false }),
        Ok(Code::Own { resident, too_old, .. }) => {
            Ok(PresentedPassport { holder: Holder::Resident(resident), too_old })
        }
        Ok(_) => Err(Refusal::CodeOfAnotherKind.into()),
        Err(_) => Err(Refusal::CodeUnknown.into()),
    }
}

/// Undoes a redemption: the gift is set aside again for a full hold time.
///
/// # Errors
/// A refusal when there is no such redemption, when it was undone before, when it is another
/// volunteer's, or when fifteen minutes are over.
pub async fn void(
    app: &App,
    staff: &StaffSession,
    id: RedemptionId,
    reason: &str,
    nonce: &Nonce,
) -> Result<ClaimResult> {
    let (current, now) = (app.current(), app.now());
    let gift = current.carnival.gift(id.voucher.gift()).ok_or(Refusal::RedemptionUnknown)?;
    let stored: StoredClaim = app.store.claim_by_voucher(id.voucher).await?.ok_or(Refusal::RedemptionUnknown)?;
    let (by, until) = (actor(staff), claim::hold_until(&current.carnival, gift, now));
    let transition = |stored: Option<&Claim>| {
        let stored = stored.ok_or(Refusal::RedemptionUnknown)?;
        let undo = VoidRequest { by: by.clone(), role: staff.role, reason: reason.to_owned(), nonce: nonce.clone() };
        claim::void(stored, id, undo, now, until, &current.carnival).map_err(Error::from)
    };
    let update = ClaimUpdate { app, current: &current, gift, claimer: stored.claimer, now, by: Some(&by) };
    let (claim, changed) = update.apply(Some(stored), transition).await?;
    Ok(ClaimResult { current: Arc::clone(&current), now, claim, changed })
}

/// Why a claim could not be handed over by this staff member now, if it could not.
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
    let Some(gift) = current.carnival.gift(claim.voucher.gift()) else { return Some(Refusal::VoucherUnknown) };
    hand_over_refusal(current, gift, &claim.passport, staff.place.as_ref(), now)
}
