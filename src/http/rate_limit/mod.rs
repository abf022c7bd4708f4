//! Rate limits.

pub(in crate::http) mod failure_limiter;
pub mod rate_limits;
pub(in crate::http) mod voucher_attempts;
