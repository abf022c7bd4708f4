//! A volunteer practises at the booth: the store is not asked, and nothing is written or noted.

use std::sync::Arc;

use jiff::Timestamp;

use super::app::{App, Result};
use super::current_carnival::CurrentCarnival;
use crate::rules::lang::Lang;
use crate::rules::practice_scenario::PracticeScenario;
use crate::rules::practice_voucher::PracticeVoucher;
use crate::rules::staff::StaffSession;

/// A practice voucher, and the carnival that lends it names.
#[derive(Clone, Debug)]
pub struct PracticeContext {
    /// The carnival.
    pub current: Arc<CurrentCarnival>,
    /// When.
    pub now: Timestamp,
    /// The voucher.
    pub voucher: PracticeVoucher,
}

impl PracticeContext {
    /// What it answers to this staff member.
    #[must_use]
    pub fn scenario<'a>(&'a self, staff: &'a StaffSession, lang: Lang) -> PracticeScenario<'a> {
        PracticeScenario { voucher: self.voucher, carnival: &self.current.carnival, staff, lang, now: self.now }
    }
}

/// Undoes a confirmation that was practised, as often as one likes.
///
/// # Errors
/// A refusal where there is nothing to undo, or not for this staff member.
pub fn undo(app: &App, staff: &StaffSession, voucher: PracticeVoucher, lang: Lang) -> Result<PracticeContext> {
    let context = PracticeContext { current: app.current(), now: app.now(), voucher };
    context.scenario(staff, lang).undo()?;
    Ok(context)
}
