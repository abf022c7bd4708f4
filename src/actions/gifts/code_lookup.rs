//! A volunteer looks a code up before confirming it.

use std::sync::Arc;

use jiff::Timestamp;

use super::claim;
use super::practice_context::PracticeContext;
use super::redeem::read_presented;
use crate::actions::app::{App, Error, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::statistics::hint_recording::record_refusal;
use crate::rules::check_ins::passport::Passport;
use crate::rules::gifts::claim_lifecycle::Claim;
use crate::rules::ids::Holder;
use crate::rules::refusals::{CodeRefusal, GiftRefusal, Refusal};
use crate::tokens::Code;

/// Result of a lookup.
#[derive(Clone, Debug)]
pub struct LookupResult {
    /// The carnival that was current at the time.
    pub current: Arc<CurrentCarnival>,
    /// Time of the lookup.
    pub now: Timestamp,
    /// Kind of the code.
    pub matched: CodeMatch,
    /// The claim of the voucher, or all claims of the passport.
    pub claims: Vec<Claim>,
}

/// Kind of a looked-up code.
#[derive(Clone, Debug)]
pub enum CodeMatch {
    /// A voucher.
    Voucher,
    /// A practice voucher, which has no claim.
    Practice(PracticeContext),
    /// A resident's own code or a paper passport.
    Passport {
        /// Holder of the passport.
        holder: Holder,
        /// The stamps; none before the first.
        passport: Option<Passport>,
    },
}

/// Looks up a voucher, a resident's own code or a paper passport; with `practice`, a practice voucher and nothing else.
/// Changes nothing.
///
/// # Errors
/// A refusal for any other code, an unknown voucher, an expired own code.
pub async fn look_up(app: &App, code: &str, practice: bool) -> Result<LookupResult> {
    let lookup = async {
        let (current, now) = (app.current(), app.now());
        match app.codes.read(code, now) {
            Ok(Code::Practice(voucher)) if practice => {
                let practice = PracticeContext { current: Arc::clone(&current), now, voucher };
                return Ok(LookupResult { current, now, matched: CodeMatch::Practice(practice), claims: Vec::new() });
            }
            Ok(_) if practice => return Err(CodeRefusal::NotPracticeCode.into()),
            Ok(Code::Voucher(voucher)) => {
                let stored = app.store.claim_by_voucher(voucher).await?.ok_or(GiftRefusal::VoucherUnknown)?;
                return Ok(LookupResult { current, now, matched: CodeMatch::Voucher, claims: vec![stored.claim] });
            }
            _ => {}
        }
        let presented = read_presented(app, code, now).map_err(|error| match error {
            // Digits alone were typed on the number pad; a digit is wrong or missing.
            Error::Refused(Refusal::Code(CodeRefusal::CodeUnknown)) if is_typed(code) => {
                GiftRefusal::VoucherUnknown.into()
            }
            error => error,
        })?;
        let holder = presented.unexpired_holder()?;
        let passport = app.store.passport(holder).await?;
        let claims = claim::list(app, &current, holder).await?;
        Ok(LookupResult { current, now, matched: CodeMatch::Passport { holder, passport }, claims })
    };
    record_refusal(app, None, lookup.await)
}

fn is_typed(code: &str) -> bool {
    let is_pad_character = |c: char| c.is_ascii_digit() || c == '-' || c.is_whitespace();
    code.contains(|c: char| c.is_ascii_digit()) && code.chars().all(is_pad_character)
}
