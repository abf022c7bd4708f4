//! Limits the unknown vouchers of a staff session.

use actix_web::HttpRequest;

use crate::actions::{Error, Result};
use crate::http::state::state;
use crate::rules::refusals::{AccessRefusal, GiftRefusal, Refusal};
use crate::rules::staff::StaffSession;
use crate::tokens::Code;

/// The voucher attempts of a staff session. Without a limit, guessing among a million numbers would find one.
pub(in crate::http) struct VoucherAttempts<'a> {
    pub(in crate::http) request: &'a HttpRequest,
    pub(in crate::http) session: &'a StaffSession,
}

impl VoucherAttempts<'_> {
    pub(in crate::http) fn check(&self, codes: &[String]) -> std::result::Result<(), AccessRefusal> {
        if codes.iter().any(|code| self.is_voucher(code)) {
            state(self.request).limits.check_voucher_attempts(&self.session.id)?;
        }
        Ok(())
    }

    pub(in crate::http) fn record<T>(&self, code: &str, result: &Result<T>) {
        let unknown = matches!(result, Err(Error::Refused(Refusal::Gift(GiftRefusal::VoucherUnknown))));
        if unknown && self.is_voucher(code) {
            state(self.request).limits.record_unknown_voucher(&self.session.id);
        }
    }

    /// Whether the code is a voucher with a correct check digit. A mistyped one reveals nothing and is not counted.
    fn is_voucher(&self, code: &str) -> bool {
        let app = &state(self.request).app;
        matches!(app.codes.read(code, app.now()), Ok(Code::Voucher(_)))
    }
}
