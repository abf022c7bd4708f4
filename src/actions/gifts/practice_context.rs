//! Practice at the booth: reads no records and stores nothing, hints included.

use std::sync::Arc;

use jiff::Timestamp;

use crate::actions::app::{App, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::staff::OnDuty;
use crate::messages::messages;
use crate::rules::gifts::practice_scenario::PracticeScenario;
use crate::rules::gifts::practice_voucher::PracticeVoucher;
use crate::rules::lang::Lang;
use crate::rules::staff::StaffSession;
use crate::tokens::Volunteer;

/// A practice voucher, with the carnival whose names it borrows.
#[derive(Clone, Debug)]
pub struct PracticeContext {
    /// The carnival that was current at the time.
    pub current: Arc<CurrentCarnival>,
    /// Time of the scan.
    pub now: Timestamp,
    /// The voucher.
    pub voucher: PracticeVoucher,
}

impl PracticeContext {
    /// The scenario that this voucher plays for a staff member.
    #[must_use]
    pub fn scenario<'a>(&'a self, staff: &'a StaffSession, lang: Lang) -> PracticeScenario<'a> {
        let names = messages(lang).texts().practice;
        PracticeScenario { voucher: self.voucher, carnival: &self.current.carnival, staff, names, now: self.now }
    }
}

/// Voids a practised redemption; can be repeated without limit.
///
/// # Errors
/// A refusal if the voucher has no redemption to void, or this staff member may not void it.
pub fn void(app: &App, staff: &OnDuty<Volunteer>, voucher: PracticeVoucher, lang: Lang) -> Result<PracticeContext> {
    let context = PracticeContext { current: app.current(), now: app.now(), voucher };
    context.scenario(staff, lang).undo()?;
    Ok(context)
}
