//! A volunteer looks before she confirms.

use std::sync::Arc;

use jiff::Timestamp;

use super::app::{App, Error, Result};
use super::claim;
use super::current_carnival::CurrentCarnival;
use super::notes::noting;
use super::practice::Practised;
use super::redeem::shown;
use crate::rules::claim::Claim;
use crate::rules::ids::Holder;
use crate::rules::passport::Passport;
use crate::rules::refusal::Refusal;
use crate::tokens::Code;

/// What a code shows at the booth.
#[derive(Clone, Debug)]
pub struct LookedUp {
    /// The carnival.
    pub current: Arc<CurrentCarnival>,
    /// When it was looked up.
    pub now: Timestamp,
    /// What the code was.
    pub seen: Seen,
    /// The claims: of the voucher, or of the passport.
    pub claims: Vec<Claim>,
}

/// What kind of code was looked up.
#[derive(Clone, Debug)]
pub enum Seen {
    /// A voucher.
    Voucher,
    /// A voucher for practice, which has no claim.
    Practice(Practised),
    /// A resident's own code or a paper passport.
    Passport {
        /// Whose.
        holder: Holder,
        /// The stamps; none before the first.
        passport: Option<Passport>,
    },
}

/// Looks up a voucher, a resident's own code or a paper passport. Changes nothing.
///
/// # Errors
/// A refusal for any other code, an unknown voucher, an own code that is too old.
pub async fn look_up(app: &App, code: &str) -> Result<LookedUp> {
    noting(app, None, try_look_up(app, code).await)
}

async fn try_look_up(app: &App, code: &str) -> Result<LookedUp> {
    let (current, now) = (app.current(), app.now());
    match app.codes.read(code, now) {
        Ok(Code::Voucher(voucher)) => {
            let kept = app.store.claim_by_voucher(voucher).await?.ok_or(Refusal::VoucherUnknown)?;
            return Ok(LookedUp { current, now, seen: Seen::Voucher, claims: vec![kept.claim] });
        }
        Ok(Code::Practice(voucher)) => {
            let practised = Practised { current: Arc::clone(&current), now, voucher };
            return Ok(LookedUp { current, now, seen: Seen::Practice(practised), claims: Vec::new() });
        }
        _ => {}
    }
    let shown = shown(app, code, now).map_err(|error| match error {
        // Digits alone come from the number pad: one of them was mistyped or forgotten.
        Error::Refused(Refusal::CodeUnknown) if is_typed(code) => Refusal::VoucherUnknown.into(),
        error => error,
    })?;
    let holder = shown.fresh()?;
    let passport = app.store.passport(holder).await?;
    let claims = claim::of_holder(app, &current, holder).await?;
    Ok(LookedUp { current, now, seen: Seen::Passport { holder, passport }, claims })
}

fn is_typed(code: &str) -> bool {
    let typed = |c: char| c.is_ascii_digit() || c == '-' || c.is_whitespace();
    code.contains(|c: char| c.is_ascii_digit()) && code.chars().all(typed)
}
