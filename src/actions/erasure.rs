//! Somebody asks to be forgotten: step by idempotent step, answered after the last.

use jiff::{SignedDuration, Timestamp};

use super::app::{App, Result};
use super::claim::{drop_claim, list_stored};
use super::redeem::{PresentedPassport, read_presented};
use crate::rules::ids::Holder;
use crate::rules::refusal::Refusal;
use crate::tokens::Resident;

/// What was erased, and what stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureSummary {
    /// Stamps that are gone.
    pub stamps: usize,
    /// Gifts that were set aside and are free again.
    pub claims: usize,
    /// Gifts that were handed over: they stay with a keyed hash, so that nobody gets one twice.
    pub redeemed: usize,
}

/// Erases a resident: passport, cards on the phone, claims. A token that is still alive begins an
/// empty passport. Asking again erases what is left.
///
/// # Errors
/// Only when the store fails; then ask again.
pub async fn erase(app: &App, resident: &Resident) -> Result<ErasureSummary> {
    erase_holder(app, Holder::Resident(resident.id())).await
}

/// Erases whom a code names, for an organiser: a resident by her own code, or a paper passport.
///
/// # Errors
/// A refusal for any other code, and for an own code that is over.
pub async fn erase_presented(app: &App, code: &str) -> Result<ErasureSummary> {
    let PresentedPassport { holder, too_old } = read_presented(app, code, app.now())?;
    if too_old {
        return Err(Refusal::OwnCodeTooOld.into());
    }
    erase_holder(app, holder).await
}

/// Erases the person of this openid, because WeChat said so at a moment. Whoever began anew since then
/// is left alone: a push that comes late, or comes again, is not about her.
///
/// # Errors
/// Only when the store fails.
pub async fn erase_openid(app: &App, openid: &[u8], pushed_at: Timestamp) -> Result<()> {
    let current = app.current();
    // WeChat tells whole seconds.
    let pushed_at = pushed_at.checked_add(SignedDuration::from_secs(1)).unwrap_or(pushed_at);
    let holder = Holder::Resident(app.identity.resident(current.carnival.login, openid));
    let first_stamp_at = app.store.passport(holder).await?.and_then(|passport| Some(passport.stamps.first()?.at));
    if first_stamp_at.is_none_or(|first_stamp_at| first_stamp_at <= pushed_at) {
        erase_holder(app, holder).await?;
    }
    Ok(())
}

/// The passport first: without it no new claim begins, and one that is under way takes itself back.
async fn erase_holder(app: &App, holder: Holder) -> Result<ErasureSummary> {
    let current = app.current();
    let stamps = app.store.passport(holder).await?.map_or(0, |passport| passport.stamps.len());
    app.store.erase_passport(holder).await?;
    if let Holder::Resident(resident) = holder {
        app.store.remove_companions(resident).await?;
    }
    let (mut claims, mut redeemed) = (0, 0);
    for stored in list_stored(app, &current, holder).await? {
        if drop_claim(app, &current, stored).await? {
            claims += 1;
        } else {
            redeemed += 1;
        }
    }
    Ok(ErasureSummary { stamps, claims, redeemed })
}
