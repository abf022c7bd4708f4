//! How often a staff session may be wrong about vouchers.

use actix_web::HttpRequest;

use super::state::state;
use crate::actions::{Error, Result};
use crate::rules::refusal::Refusal;
use crate::rules::staff::StaffSession;
use crate::tokens::Code;

/// Vouchers that a staff session tries: among a million, being wrong often enough would find one.
pub(super) struct VoucherAttempts<'a> {
    pub(super) request: &'a HttpRequest,
    pub(super) session: &'a StaffSession,
}

impl VoucherAttempts<'_> {
    pub(super) fn check(&self, codes: &[String]) -> std::result::Result<(), Refusal> {
        if codes.iter().any(|code| self.is_voucher(code)) {
            state(self.request).limits.check_voucher_attempts(&self.session.id)?;
        }
        Ok(())
    }

    pub(super) fn record<T>(&self, code: &str, result: &Result<T>) {
        let unknown = matches!(result, Err(Error::Refused(Refusal::VoucherUnknown)));
        if unknown && self.is_voucher(code) {
            state(self.request).limits.record_unknown_voucher(&self.session.id);
        }
    }

    /// Whether its check digit is right. A mistyped one tells nothing, and counts for nothing.
    fn is_voucher(&self, code: &str) -> bool {
        let app = &state(self.request).app;
        matches!(app.codes.read(code, app.now()), Ok(Code::Voucher(_)))
    }
}
