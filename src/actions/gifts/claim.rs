//! Claims: a resident claims a gift, releases it, lists claims.

use std::sync::Arc;

use jiff::Timestamp;

use crate::actions::app::{App, Error, Result, random_u32};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::statistics::hint_recording::record_refusal;
use crate::messages::messages;
use crate::rules::carnival::Gift;
use crate::rules::check_ins::passport::Passport;
use crate::rules::gifts::claim_lifecycle::{self, Claim, ClaimEvent, Transition, VoidRequest};
use crate::rules::gifts::decision::{ClaimContext, ClaimRequest};
use crate::rules::gifts::gift::check_earned;
use crate::rules::gifts::voucher::Voucher;
use crate::rules::ids::{ClaimantId, GiftId, GiftNumber, Holder};
use crate::rules::lang::Lang;
use crate::rules::refusals::GiftRefusal;
use crate::rules::staff::roles::Role;
use crate::rules::statistics::tally::{LocalHour, Tally};
use crate::store::{ClaimChange, ClaimOutcome, StoreError, StoredClaim};
use crate::tokens::Resident;

/// A claim, with the carnival under whose rules it was evaluated.
#[derive(Clone, Debug)]
pub struct ClaimResult {
    /// The carnival that was current at the time.
    pub current: Arc<CurrentCarnival>,
    /// Time of the evaluation.
    pub now: Timestamp,
    /// The claim after the call.
    pub claim: Claim,
    /// Whether this call changed the claim.
    pub changed: bool,
}

/// Claims a gift: reads the passport, decides, then writes once in the gift's slot.
///
/// # Errors
/// A refusal: not earned, sold out, closed, already handed over.
pub async fn claim(app: &App, resident: &Resident, gift: &GiftId) -> Result<ClaimResult> {
    let attempt = async {
        let (current, now) = (app.current(), app.now());
        let gift = current.carnival.gift_by_id(gift).ok_or(GiftRefusal::GiftUnknown)?;
        let holder = Holder::Resident(resident.id());
        let claimer = app.pseudonyms.claimant(gift.number, holder);
        let passport = app.store.passport(holder).await?;
        let passport = passport.as_ref();
        let update = ClaimUpdate { app, current: &current, gift, claimer, passport, now, request: ClaimRequest::Claim };
        let result = update.apply(None).await?;
        if update.withdraw(holder, &result).await? {
            let passport = app.store.passport(holder).await?;
            ClaimContext { passport: passport.as_ref(), now: app.now(), ..update.context() }.earning_passport()?;
            return Err(StoreError::Unavailable("the passport was replaced during the claim".to_owned()).into());
        }
        Ok(result)
    };
    record_refusal(app, None, attempt.await)
}

async fn stored_claim(app: &App, gift: GiftNumber, claimer: ClaimantId) -> Result<Option<StoredClaim>> {
    Ok(app.store.claims(&[(gift, claimer)]).await?.pop().flatten())
}

/// Releases a claimed gift.
///
/// # Errors
/// A refusal when this resident has no such claim, or when the gift was handed over.
pub async fn release(app: &App, resident: &Resident, voucher: Voucher) -> Result<ClaimResult> {
    let (current, now) = (app.current(), app.now());
    let gift = current.carnival.gift(voucher.gift()).ok_or(GiftRefusal::ClaimUnknown)?;
    let claimer = app.pseudonyms.claimant(gift.number, Holder::Resident(resident.id()));
    let stored = stored_claim(app, gift.number, claimer).await?;
    let request = ClaimRequest::Release(voucher);
    ClaimUpdate { app, current: &current, gift, claimer, passport: None, now, request }.apply(stored).await
}

/// Drops a claim. Returns `false` if the gift was handed over: a record then remains that names neither passport nor
/// voucher.
pub(in crate::actions) async fn drop_claim(
    app: &App,
    current: &CurrentCarnival,
    mut stored: StoredClaim,
) -> Result<bool> {
    for _ in 0..MAX_ATTEMPTS {
        let is_redeemed = stored.claim.active_redemption().is_some();
        let outcome = if is_redeemed {
            let new_voucher = Voucher::new(stored.claim.voucher.gift(), random_u32()?);
            let mark = claim_lifecycle::anonymised(&stored.claim, new_voucher, &current.carnival);
            app.store.anonymise_claim(&stored, &mark).await?
        } else {
            app.store.drop_claim(&stored, app.now()).await?
        };
        match outcome {
            ClaimOutcome::Updated | ClaimOutcome::Conflict(None) => return Ok(!is_redeemed),
            ClaimOutcome::Conflict(Some(newer)) => stored = newer,
            ClaimOutcome::VoucherTaken | ClaimOutcome::SoldOut => {}
        }
    }
    Err(contention())
}

/// Drops a claim, unless it is redeemed: then it is returned.
///
/// # Errors
/// Only when the store fails.
pub(in crate::actions) async fn drop_unless_redeemed(
    app: &App,
    mut stored: StoredClaim,
) -> Result<Option<StoredClaim>> {
    for _ in 0..MAX_ATTEMPTS {
        if stored.claim.active_redemption().is_some() {
            return Ok(Some(stored));
        }
        match app.store.drop_claim(&stored, app.now()).await? {
            ClaimOutcome::Updated | ClaimOutcome::Conflict(None) => return Ok(None),
            ClaimOutcome::Conflict(Some(newer)) => stored = newer,
            ClaimOutcome::VoucherTaken | ClaimOutcome::SoldOut => {}
        }
    }
    Err(contention())
}

/// All claims of a passport, in the order of the carnival's gifts.
///
/// # Errors
/// Only when the store fails.
pub async fn list(app: &App, current: &CurrentCarnival, holder: Holder) -> Result<Vec<Claim>> {
    Ok(list_stored(app, current, holder).await?.into_iter().map(|stored| stored.claim).collect())
}

/// As [`list`], with the stored records. Gifts never disappear from a carnival, so this covers every claim of the
/// holder.
pub(in crate::actions) async fn list_stored(
    app: &App,
    current: &CurrentCarnival,
    holder: Holder,
) -> Result<Vec<StoredClaim>> {
    let key = |gift: &Gift| (gift.number, app.pseudonyms.claimant(gift.number, holder));
    let keys: Vec<(GiftNumber, ClaimantId)> = current.carnival.gifts.iter().map(key).collect();
    Ok(app.store.claims(&keys).await?.into_iter().flatten().collect())
}

/// One request for a claim, decided again after each conflicting write.
#[derive(Clone, Copy)]
pub(in crate::actions) struct ClaimUpdate<'a> {
    pub(in crate::actions) app: &'a App,
    pub(in crate::actions) current: &'a Arc<CurrentCarnival>,
    pub(in crate::actions) gift: &'a Gift,
    pub(in crate::actions) claimer: ClaimantId,
    /// The holder's passport, if the request names its holder.
    pub(in crate::actions) passport: Option<&'a Passport>,
    pub(in crate::actions) now: Timestamp,
    pub(in crate::actions) request: ClaimRequest<'a>,
}

/// Maximum number of attempts. Each failed attempt means that another writer succeeded, so contention is short.
pub(in crate::actions) const MAX_ATTEMPTS: usize = 16;

/// All attempts met a conflicting write.
pub(in crate::actions) fn contention() -> Error {
    Error::Store(StoreError::Unavailable("a claim kept changing under contention".to_owned()))
}

impl<'a> ClaimUpdate<'a> {
    /// What the decision depends on.
    pub(in crate::actions) fn context(&self) -> ClaimContext<'a> {
        let (carnival, blocked_passports) = (&self.current.carnival, &self.current.blocked_passports);
        ClaimContext { carnival, blocked_passports, gift: self.gift, passport: self.passport, now: self.now }
    }

    /// Decides on the claim as it was read, and writes the decision.
    pub(in crate::actions) async fn apply(&self, mut stored: Option<StoredClaim>) -> Result<ClaimResult> {
        let result = |claim, changed| ClaimResult { current: Arc::clone(self.current), now: self.now, claim, changed };
        for _ in 0..MAX_ATTEMPTS {
            let new_voucher = Voucher::new(self.gift.number, random_u32()?);
            let claim = stored.as_ref().map(|stored| &stored.claim);
            let decision = self.context().decide(&self.request, claim, new_voucher);
            if decision.is_err() && stored.is_none() && matches!(self.request, ClaimRequest::Claim) {
                // A passport that may claim the gift usually has no claim yet, so only the others pay for this read.
                stored = stored_claim(self.app, self.gift.number, self.claimer).await?;
                if stored.is_some() {
                    continue;
                }
            }
            let (claim, needs_left, event) = match decision? {
                Transition::Unchanged(claim) => {
                    metrics::counter!("carnival_claims_repeated_total").increment(1);
                    return Ok(result(claim, false));
                }
                Transition::Changed { claim, needs_left, event } => (claim, needs_left, event),
            };
            let change = ClaimChange {
                claimer: self.claimer,
                expected: stored.as_ref().map(|stored| stored.record.as_str()),
                claim: &claim,
                needs_left,
                event,
                by: self.request.staff(),
                at: self.now,
                tallies: &self.tallies(event, &claim),
            };
            match self.app.store.change_claim(&change).await? {
                ClaimOutcome::Updated => {
                    metrics::counter!("carnival_claims_total", "event" => <&str>::from(event)).increment(1);
                    return Ok(result(claim, true));
                }
                ClaimOutcome::Conflict(newer) => stored = newer,
                ClaimOutcome::SoldOut => return Err(GiftRefusal::GiftGone { gift: self.gift.name.clone() }.into()),
                ClaimOutcome::VoucherTaken => {}
            }
        }
        Err(contention())
    }

    /// Withdraws the claim if its passport was erased in the meantime, or lost the stamp that earned it: an erased
    /// passport must not leave a claim behind, and an undone stamp earns nothing. Such a claim is dropped. Of a hand-over
    /// to an erased person remains a mark that names nobody; one for an undone stamp is voided first. Returns whether it
    /// was withdrawn.
    ///
    /// An erasure, and an undo, read the claims after they have changed the passport, and this reads the passport after
    /// the claim was written, so one of the two sees the other. A repeated request checks again whether the passport was
    /// erased, because the first attempt may have stopped in between; what was read before the decision is new enough
    /// for it.
    pub(in crate::actions) async fn withdraw(&self, holder: Holder, result: &ClaimResult) -> Result<bool> {
        let read_again = if result.changed { self.app.store.passport(holder).await? } else { None };
        let passport = if result.changed { read_again.as_ref() } else { self.passport };
        let passport = passport.filter(|passport| passport.number == result.claim.passport);
        let is_undone = |passport: &Passport| {
            let has_undone = result.changed && !passport.undone.is_empty();
            has_undone && check_earned(&self.current.carnival, self.gift, &passport.stamps).is_err()
        };
        if passport.is_some_and(|passport| !is_undone(passport)) {
            return Ok(false);
        }
        let stored = stored_claim(self.app, self.gift.number, self.claimer).await?;
        let Some(stored) = stored.filter(|stored| stored.claim.passport == result.claim.passport) else {
            return Ok(true);
        };
        if passport.is_none() {
            drop_claim(self.app, self.current, stored).await?;
        } else if let Some(redeemed) = drop_unless_redeemed(self.app, stored).await? {
            self.void_and_drop(redeemed).await?;
        }
        Ok(true)
    }

    /// Takes back a hand-over that this request has just written, before it was answered.
    async fn void_and_drop(&self, redeemed: StoredClaim) -> Result<()> {
        let (Some(by), Some((id, redemption))) = (self.request.staff(), redeemed.claim.active_redemption()) else {
            return Ok(());
        };
        let reason = messages(Lang::default()).texts().answers.stamp_was_undone.to_owned();
        let request = VoidRequest { by: by.clone(), role: Role::Organiser, reason, nonce: redemption.nonce.clone() };
        let request = ClaimRequest::Void(id, &request);
        Box::pin(ClaimUpdate { request, ..*self }.apply(Some(redeemed.clone()))).await?;
        if let Some(stored) = stored_claim(self.app, self.gift.number, self.claimer).await? {
            drop_unless_redeemed(self.app, stored).await?;
        }
        Ok(())
    }

    fn tallies(&self, event: ClaimEvent, claim: &Claim) -> Vec<Tally> {
        let (gift, hour) = (self.gift.number, LocalHour::of(self.current.carnival.local(self.now)));
        let place = || self.request.staff().and_then(|actor| actor.place.clone());
        let session = self.request.staff().map(|actor| actor.session.clone());
        let (by_hour, by_session) = match event {
            ClaimEvent::Claimed | ClaimEvent::Renewed => (Some(Tally::Claims(gift, hour)), None),
            ClaimEvent::Released | ClaimEvent::Erased => (None, None),
            ClaimEvent::Redeemed => (
                Some(Tally::Redemptions(gift, place(), hour)),
                session.map(|session| Tally::RedemptionsBy(gift, session)),
            ),
            ClaimEvent::Voided => {
                // Counted at the booth of the redemption, so that its totals add up no matter who voided it.
                let confirmed_at = claim.last_void().and_then(|(_, redemption)| redemption.by.place.clone());
                (Some(Tally::Voids(gift, confirmed_at, hour)), session.map(|session| Tally::VoidsBy(gift, session)))
            }
        };
        by_hour.into_iter().chain(by_session).collect()
    }
}
