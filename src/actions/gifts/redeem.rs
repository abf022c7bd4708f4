//! A volunteer hands gifts over, and voids redemptions.

use std::sync::Arc;

use jiff::Timestamp;

use super::claim::{ClaimResult, ClaimUpdate};
use super::practice_context::PracticeContext;
use crate::actions::app::{App, Error, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::staff::OnDuty;
use crate::actions::statistics::hint_recording::record_refusal;
use crate::rules::gifts::claim_lifecycle::{Claim, StaffActor, VoidRequest};
use crate::rules::gifts::decision::{ClaimContext, ClaimRequest};
use crate::rules::gifts::gift::check_earned;
use crate::rules::gifts::voucher::RedemptionId;
use crate::rules::ids::{GiftId, Holder, Nonce};
use crate::rules::refusals::{CodeRefusal, GiftRefusal, Refusal};
use crate::rules::staff::StaffSession;
use crate::tokens::{Code, Volunteer};

/// Result of confirming one voucher.
#[derive(Clone, Debug)]
pub enum RedeemOutcome {
    /// The gift is handed over.
    HandedOver(ClaimResult),
    /// A practice voucher; its scenario says whether the gift would be handed over.
    Practice(PracticeContext),
}

/// Confirms vouchers one by one, in the given order. Practice vouchers count in a practice request only, and others
/// only outside one.
pub async fn redeem(
    app: &App,
    staff: &OnDuty<Volunteer>,
    vouchers: &[String],
    nonce: &Nonce,
    practice: bool,
) -> Vec<Result<RedeemOutcome>> {
    let (current, now) = (app.current(), app.now());
    let mut results = Vec::with_capacity(vouchers.len());
    for voucher in vouchers {
        // The outcome at a failed store is unknown, so stop here: the client repeats the whole request.
        if matches!(results.last(), Some(Err(Error::Store(_)))) {
            break;
        }
        results.push(record_refusal(
            app,
            None,
            redeem_one(app, (&current, now), staff, (voucher, practice), nonce).await,
        ));
    }
    results
}

async fn redeem_one(
    app: &App,
    (current, now): (&Arc<CurrentCarnival>, Timestamp),
    staff: &StaffSession,
    (code, practice): (&str, bool),
    nonce: &Nonce,
) -> Result<RedeemOutcome> {
    let voucher = match app.codes.read(code, now) {
        Ok(Code::Voucher(_)) if practice => return Err(CodeRefusal::NotPracticeCode.into()),
        Ok(Code::Voucher(voucher)) => voucher,
        Ok(Code::Practice(voucher)) if practice => {
            return Ok(RedeemOutcome::Practice(PracticeContext { current: Arc::clone(current), now, voucher }));
        }
        Ok(code) => return Err(code.out_of_place().into()),
        Err(_) => return Err(GiftRefusal::VoucherUnknown.into()),
    };
    let gift = current.carnival.gift(voucher.gift()).ok_or(GiftRefusal::VoucherUnknown)?;
    let stored = app.store.claim_by_voucher(voucher).await?.ok_or(GiftRefusal::VoucherUnknown)?;
    let (claimer, by) = (stored.claimer, StaffActor::from(staff));
    let request = ClaimRequest::HandOver { voucher, by: &by, nonce };
    let update = ClaimUpdate { app, current, gift, claimer, passport: None, now, request };
    Ok(RedeemOutcome::HandedOver(update.apply(Some(stored)).await?))
}

/// Hands a gift to the bearer of a paper passport, or to a resident by their own code: claim and redemption in one
/// write.
///
/// # Errors
/// A refusal: not earned, sold out, wrong booth or hour, already handed over.
pub async fn redeem_paper(
    app: &App,
    staff: &OnDuty<Volunteer>,
    code: &str,
    gift: &GiftId,
    nonce: &Nonce,
) -> Result<ClaimResult> {
    let redemption = async {
        let (current, now) = (app.current(), app.now());
        let PresentedPassport { holder, too_old: code_too_old } = read_presented(app, code, now)?;
        let gift = current.carnival.gift_by_id(gift).ok_or(GiftRefusal::GiftUnknown)?;
        let claimer = app.pseudonyms.claimant(gift.number, holder);
        let passport = app.store.passport(holder).await?;
        let stored = app.store.claims(&[(gift.number, claimer)]).await?.pop().flatten();
        let by = StaffActor::from(&**staff);
        let request = ClaimRequest::HandOverByPassport { by: &by, nonce, code_too_old };
        let update = ClaimUpdate { app, current: &current, gift, claimer, passport: passport.as_ref(), now, request };
        let result = update.apply(stored).await?;
        if update.withdraw(holder, &result).await? {
            // Of a passport that was erased meanwhile, the gift has been handed over all the same.
            let passport = app.store.passport(holder).await?;
            if let Some(passport) = passport.filter(|passport| passport.number == result.claim.passport) {
                check_earned(&current.carnival, gift, &passport.stamps)?;
            }
        }
        Ok(result)
    };
    record_refusal(app, None, redemption.await)
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
        Ok(code) => Err(code.out_of_place().into()),
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
    staff: &OnDuty<Volunteer>,
    id: RedemptionId,
    reason: &str,
    nonce: &Nonce,
) -> Result<ClaimResult> {
    let (current, now) = (app.current(), app.now());
    let gift = current.carnival.gift(id.voucher.gift()).ok_or(GiftRefusal::RedemptionUnknown)?;
    let stored = app.store.claim_by_voucher(id.voucher).await?.ok_or(GiftRefusal::RedemptionUnknown)?;
    let (by, role, reason, nonce) = (StaffActor::from(&**staff), staff.role, reason.to_owned(), nonce.clone());
    let (claimer, request) = (stored.claimer, VoidRequest { by, role, reason, nonce });
    let request = ClaimRequest::Void(id, &request);
    ClaimUpdate { app, current: &current, gift, claimer, passport: None, now, request }.apply(Some(stored)).await
}

/// Why this staff member could not hand the claim over now; none if they could.
#[must_use]
pub fn redemption_refusal(
    current: &CurrentCarnival,
    claim: &Claim,
    staff: &StaffSession,
    now: Timestamp,
) -> Option<Refusal> {
    let Some(gift) = current.carnival.gift(claim.voucher.gift()) else {
        return Some(GiftRefusal::VoucherUnknown.into());
    };
    let (carnival, blocked_passports) = (&current.carnival, &current.blocked_passports);
    let context = ClaimContext { carnival, blocked_passports, gift, passport: None, now };
    // No redemption of the staff session has this nonce, so none is taken for a repetition.
    let (by, nonce) = (StaffActor::from(staff), Nonce::anonymous());
    let request = ClaimRequest::HandOver { voucher: claim.voucher, by: &by, nonce: &nonce };
    context.decide(&request, Some(claim), claim.voucher).err()
}
