//! Claims: a resident claims a gift, releases it, lists claims.

use std::sync::Arc;

use jiff::Timestamp;

use crate::actions::app::{App, Error, Result, random_u32};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::statistics::hints::record_refusal;
use crate::rules::carnival::Gift;
use crate::rules::check_ins::passport::Passport;
use crate::rules::gifts::claim::{self, Claim, ClaimEvent, StaffActor, Transition};
use crate::rules::gifts::gift;
use crate::rules::gifts::voucher::Voucher;
use crate::rules::ids::{ClaimantId, GiftId, GiftNumber, Holder};
use crate::rules::refusals::{GiftRefusal, Refusal};
use crate::rules::statistics::tally::{LocalHour, Tally};
use crate::store::{ClaimChange, ClaimOutcome, DropOutcome, StoreError, StoredClaim};
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

/// Claims a gift: reads the passport, checks the rules, then writes once in the gift's slot.
///
/// # Errors
/// A refusal: not earned, sold out, closed, already handed over.
pub async fn claim(app: &App, resident: &Resident, gift: &GiftId) -> Result<ClaimResult> {
    record_refusal(app, None, try_claim(app, resident, gift).await)
}

async fn try_claim(app: &App, resident: &Resident, gift: &GiftId) -> Result<ClaimResult> {
    let (current, now) = (app.current(), app.now());
    let gift = current.carnival.gift_by_id(gift).ok_or(GiftRefusal::GiftUnknown)?;
    let holder = Holder::Resident(resident.id());
    let claimer = app.pseudonyms.claimant(gift.number, holder);
    let passport = app.store.passport(holder).await?;
    let eligibility = check_claim(&current, gift, passport.as_ref(), now);
    let (stored, passport) = match (eligibility, passport) {
        (Ok(()), Some(passport)) => (None, passport),
        (eligibility, _) => return existing_claim(app, &current, gift, claimer, now, eligibility.err()).await,
    };
    let until = claim::hold_until(&current.carnival, gift, now);
    let transition = |stored: Option<&Claim>| {
        Ok(claim::claim(
            stored,
            Voucher::new(gift.number, random_u32()?),
            &passport.number,
            now,
            until,
            &current.carnival,
        )?)
    };
    let (claim, changed) =
        ClaimUpdate { app, current: &current, gift, claimer, now, by: None }.apply(stored, transition).await?;
    if changed {
        revalidate_passport(app, &current, gift, holder, claimer, &claim).await?;
    }
    Ok(ClaimResult { current: Arc::clone(&current), now, claim, changed })
}

/// Checks that the passport that earned the gift still exists, because an erased passport must not leave a claim
/// behind. An erasure reads the claims after it has deleted the passport, so one of the two sees the other.
///
/// # Errors
/// A refusal if the passport is gone; the claim is then dropped.
async fn revalidate_passport(
    app: &App,
    current: &CurrentCarnival,
    gift: &Gift,
    holder: Holder,
    claimer: ClaimantId,
    claim: &Claim,
) -> Result<()> {
    let passport = app.store.passport(holder).await?;
    if passport.as_ref().is_some_and(|passport| passport.number == claim.passport) {
        return Ok(());
    }
    let stored = app.store.claims(&[(gift.number, claimer)]).await?.pop().flatten();
    if let Some(stored) = stored.filter(|stored| stored.claim == *claim) {
        app.store.drop_claim(&stored, app.now()).await?;
    }
    check_claim(current, gift, passport.as_ref(), app.now())?;
    Err(Error::Store(StoreError::Unavailable("the passport was replaced during the claim".to_owned())))
}

fn check_claim(
    current: &CurrentCarnival,
    gift: &Gift,
    passport: Option<&Passport>,
    now: Timestamp,
) -> std::result::Result<(), Refusal> {
    let stamps = passport.map_or(&[][..], |passport| &passport.stamps);
    gift::check_claim(&current.carnival, gift, stamps, now)
}

/// Returns the existing claim: it stays valid even if the rules would refuse a new one.
async fn existing_claim(
    app: &App,
    current: &Arc<CurrentCarnival>,
    gift: &Gift,
    claimer: ClaimantId,
    now: Timestamp,
    refusal: Option<Refusal>,
) -> Result<ClaimResult> {
    let refusal = refusal.unwrap_or(GiftRefusal::GiftUnknown.into());
    let stored = app.store.claims(&[(gift.number, claimer)]).await?.pop().flatten();
    let Some(stored) = stored.filter(|stored| stored.claim.state(now) != claim::ClaimStatus::Lapsed) else {
        return Err(refusal.into());
    };
    match claim::claim(Some(&stored.claim), stored.claim.voucher, &stored.claim.passport, now, now, &current.carnival)?
    {
        Transition::Unchanged(claim) => Ok(ClaimResult { current: Arc::clone(current), now, claim, changed: false }),
        Transition::Changed { .. } => Err(refusal.into()),
    }
}

/// Releases a claimed gift.
///
/// # Errors
/// A refusal when this resident has no such claim, or when the gift was handed over.
pub async fn release(app: &App, resident: &Resident, voucher: Voucher) -> Result<ClaimResult> {
    let (current, now) = (app.current(), app.now());
    let gift = current.carnival.gift(voucher.gift()).ok_or(GiftRefusal::ClaimUnknown)?;
    let claimer = app.pseudonyms.claimant(gift.number, Holder::Resident(resident.id()));
    let stored = app.store.claims(&[(gift.number, claimer)]).await?.pop().flatten();
    let stored = stored.filter(|stored| stored.claim.voucher == voucher).ok_or(GiftRefusal::ClaimUnknown)?;
    let transition =
        |stored: Option<&Claim>| Ok(claim::release(stored.ok_or(GiftRefusal::ClaimUnknown)?, now, &current.carnival)?);
    let (claim, changed) =
        ClaimUpdate { app, current: &current, gift, claimer, now, by: None }.apply(Some(stored), transition).await?;
    Ok(ClaimResult { current: Arc::clone(&current), now, claim, changed })
}

/// Drops a claim. Returns `false` if the gift was handed over: a record then remains that names neither passport nor
/// voucher.
pub(in crate::actions) async fn drop_claim(
    app: &App,
    current: &CurrentCarnival,
    mut stored: StoredClaim,
) -> Result<bool> {
    for _ in 0..MAX_ATTEMPTS {
        if stored.claim.active_redemption().is_some() {
            let new_voucher = Voucher::new(stored.claim.voucher.gift(), random_u32()?);
            match app
                .store
                .anonymise_claim(&stored, &claim::anonymised(&stored.claim, new_voucher, &current.carnival))
                .await?
            {
                ClaimOutcome::Updated | ClaimOutcome::Conflict(None) => return Ok(false),
                ClaimOutcome::Conflict(Some(newer)) => stored = newer,
                ClaimOutcome::VoucherTaken | ClaimOutcome::SoldOut => {}
            }
            continue;
        }
        match app.store.drop_claim(&stored, app.now()).await? {
            DropOutcome::Dropped | DropOutcome::Conflict(None) => return Ok(true),
            DropOutcome::Conflict(Some(newer)) => stored = newer,
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

/// One transition of a claim, evaluated again after each conflicting write.
pub(in crate::actions) struct ClaimUpdate<'a> {
    pub(in crate::actions) app: &'a App,
    pub(in crate::actions) current: &'a CurrentCarnival,
    pub(in crate::actions) gift: &'a Gift,
    pub(in crate::actions) claimer: ClaimantId,
    pub(in crate::actions) now: Timestamp,
    pub(in crate::actions) by: Option<&'a StaffActor>,
}

/// Maximum number of attempts. Each failed attempt means that another writer succeeded, so contention is short.
pub(in crate::actions) const MAX_ATTEMPTS: usize = 16;

/// All attempts met a conflicting write.
pub(in crate::actions) fn contention() -> Error {
    Error::Store(StoreError::Unavailable("a claim kept changing under contention".to_owned()))
}

impl ClaimUpdate<'_> {
    pub(in crate::actions) async fn apply<F>(
        &self,
        mut stored: Option<StoredClaim>,
        transition: F,
    ) -> Result<(Claim, bool)>
    where
        F: Fn(Option<&Claim>) -> Result<Transition>,
    {
        for _ in 0..MAX_ATTEMPTS {
            let (claim, needs_left, event) = match transition(stored.as_ref().map(|stored| &stored.claim))? {
                Transition::Unchanged(claim) => {
                    metrics::counter!("carnival_claims_repeated_total").increment(1);
                    return Ok((claim, false));
                }
                Transition::Changed { claim, needs_left, event } => (claim, needs_left, event),
            };
            let change = ClaimChange {
                claimer: self.claimer,
                expected: stored.as_ref().map(|stored| stored.record.as_str()),
                claim: &claim,
                needs_left,
                event,
                by: self.by,
                at: self.now,
                tallies: &self.tallies(event, &claim),
            };
            match self.app.store.change_claim(&change).await? {
                ClaimOutcome::Updated => {
                    metrics::counter!("carnival_claims_total", "event" => event_label(event)).increment(1);
                    return Ok((claim, true));
                }
                ClaimOutcome::Conflict(newer) => stored = newer,
                ClaimOutcome::SoldOut => return Err(GiftRefusal::GiftGone { gift: self.gift.name.clone() }.into()),
                ClaimOutcome::VoucherTaken => {}
            }
        }
        Err(contention())
    }

    fn tallies(&self, event: ClaimEvent, claim: &Claim) -> Vec<Tally> {
        let (gift, hour) = (self.gift.number, LocalHour::of(self.current.carnival.local(self.now)));
        let place = || self.by.and_then(|actor| actor.place.clone());
        let session = self.by.map(|actor| actor.session.clone());
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

fn event_label(event: ClaimEvent) -> &'static str {
    match event {
        ClaimEvent::Claimed => "claimed",
        ClaimEvent::Renewed => "renewed",
        ClaimEvent::Released => "released",
        ClaimEvent::Redeemed => "redeemed",
        ClaimEvent::Voided => "voided",
        ClaimEvent::Erased => "erased",
    }
}
