//! Erasure of a person's data. Every step is idempotent, and the answer follows the last one.

use jiff::{SignedDuration, Timestamp};

use crate::actions::app::{App, Result};
use crate::actions::gifts::claim::{drop_claim, list_stored};
use crate::actions::gifts::redeem::read_presented;
use crate::rules::ids::Holder;
use crate::store::control_records;
use crate::tokens::Resident;

/// Result of an erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureSummary {
    /// Deleted stamps.
    pub stamps: usize,
    /// Gifts that were reserved and are available again.
    pub claims: usize,
    /// Gifts that were handed over. They remain under a keyed hash, so that the same person gets none of them twice.
    pub redeemed: usize,
}

impl ErasureSummary {
    /// Whether there was nothing to erase, as in a repeated request.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stamps == 0 && self.claims == 0
    }
}

/// Whether a resident has a passport to erase.
///
/// # Errors
/// Only when the store fails.
pub async fn has_passport(app: &App, resident: &Resident) -> Result<bool> {
    Ok(app.store.passport(Holder::Resident(resident.id())).await?.is_some())
}

/// Erases a resident: passport, companions, claims. A token that is still valid then starts an empty passport. A
/// repeated call erases what is left.
///
/// # Errors
/// Only when the store fails; then retry.
pub async fn erase(app: &App, resident: &Resident) -> Result<ErasureSummary> {
    erase_holder(app, Holder::Resident(resident.id())).await
}

/// Erases the holder of a code, on an organiser's request: a resident by their own code, or a paper passport.
///
/// # Errors
/// A refusal for any other code, and for an expired own code.
pub async fn erase_presented(app: &App, code: &str) -> Result<ErasureSummary> {
    erase_holder(app, read_presented(app, code, app.now())?.unexpired_holder()?).await
}

/// Erases the person with this openid after a push from WeChat. A passport that was started after the push was sent
/// stays: a late or repeated push does not concern it.
///
/// # Errors
/// Only when the store fails.
pub async fn erase_openid(app: &App, openid: &[u8], pushed_at: Timestamp) -> Result<()> {
    let current = app.current();
    // WeChat sends whole seconds.
    let pushed_at = pushed_at.checked_add(SignedDuration::from_secs(1)).unwrap_or(pushed_at);
    let holder = Holder::Resident(app.pseudonyms.resident(current.carnival.login, openid));
    let first_stamp_at = app.store.passport(holder).await?.and_then(|passport| Some(passport.stamps.first()?.at));
    if first_stamp_at.is_none_or(|first_stamp_at| first_stamp_at <= pushed_at) {
        erase_holder(app, holder).await?;
    }
    Ok(())
}

/// Deletes the passport before the claims: from then on no new claim starts, and a claim in progress finds the passport missing
/// and withdraws itself.
async fn erase_holder(app: &App, holder: Holder) -> Result<ErasureSummary> {
    let current = app.current();
    app.store.record_erasure(app.now()).await?;
    let passport = app.store.passport(holder).await?;
    if let Some(passport) = &passport {
        // Before the passport, because its number is known only from it.
        control_records::erase(&*app.store, &passport.number).await?;
    }
    app.store.erase_passport(holder).await?;
    if let Some(passport) = &passport {
        // A check-in before the deletion may have met a suspicion that is not stored yet, or was stored just now.
        let _flush = app.hints.flush_lock.lock().await;
        app.hints.forget(&passport.number);
        control_records::erase(&*app.store, &passport.number).await?;
    }
    if let Holder::Resident(resident) = holder {
        app.store.remove_companions(resident, None).await?;
    }
    let (mut claims, mut redeemed) = (0, 0);
    for stored in list_stored(app, &current, holder).await? {
        if drop_claim(app, &current, stored).await? {
            claims += 1;
        } else {
            redeemed += 1;
        }
    }
    app.store.record_erasure(app.now()).await?;
    Ok(ErasureSummary { stamps: passport.map_or(0, |passport| passport.stamps.len()), claims, redeemed })
}
