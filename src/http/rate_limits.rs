//! How often is too often: per resident and staff session; per address only what failed, because a
//! whole venue shares one carrier address.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Instant;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde::Deserialize;

use super::failure_limiter::FailureLimiter;
use crate::rules::ids::{ResidentId, SessionId};
use crate::rules::refusal::Refusal;

/// How many tries a minute, as many at once.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Requests of one resident.
    pub resident_per_minute: NonZeroU32,
    /// Requests of one staff session.
    pub staff_per_minute: NonZeroU32,
    /// Vouchers that no claim has, of one staff session, in an hour.
    pub unknown_vouchers_per_hour: NonZeroU32,
    /// Failed logins and unknown codes of one address.
    pub failures_per_minute: NonZeroU32,
}

impl Settings {
    /// The same limits where people live so many times as fast: in a rehearsal a minute of theirs takes less.
    #[must_use]
    pub fn scaled(self, speed: NonZeroU32) -> Settings {
        Settings {
            resident_per_minute: self.resident_per_minute.saturating_mul(speed),
            staff_per_minute: self.staff_per_minute.saturating_mul(speed),
            unknown_vouchers_per_hour: self.unknown_vouchers_per_hour.saturating_mul(speed),
            failures_per_minute: self.failures_per_minute.saturating_mul(speed),
        }
    }
}

/// The counters, in memory.
pub struct RateLimits {
    residents: DefaultKeyedRateLimiter<ResidentId>,
    staff: DefaultKeyedRateLimiter<SessionId>,
    vouchers: FailureLimiter<SessionId>,
    failures: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl RateLimits {
    /// Counters that have counted nothing yet.
    #[must_use]
    pub fn new(settings: &Settings) -> RateLimits {
        RateLimits {
            residents: RateLimiter::keyed(Quota::per_minute(settings.resident_per_minute)),
            staff: RateLimiter::keyed(Quota::per_minute(settings.staff_per_minute)),
            vouchers: FailureLimiter::new(settings.unknown_vouchers_per_hour),
            failures: RateLimiter::keyed(Quota::per_minute(settings.failures_per_minute)),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request of a resident.
    ///
    /// # Errors
    /// A refusal when there were too many.
    pub fn check_resident(&self, id: ResidentId) -> Result<(), Refusal> {
        self.check(&self.residents, &id)
    }

    /// Counts a request of a staff session.
    ///
    /// # Errors
    /// A refusal when there were too many.
    pub fn check_staff(&self, id: &SessionId) -> Result<(), Refusal> {
        self.check(&self.staff, id)
    }

    /// Whether a staff session may try vouchers.
    ///
    /// # Errors
    /// A refusal when it tried too many that no claim has.
    pub fn check_voucher_attempts(&self, id: &SessionId) -> Result<(), Refusal> {
        let retry_after = self.vouchers.retry_after(id, Instant::now());
        retry_after.map_or(Ok(()), |retry_after_s| Err(Refusal::TooManyTries { retry_after_s }))
    }

    /// Counts a voucher that no claim has.
    pub fn record_unknown_voucher(&self, id: &SessionId) {
        self.vouchers.record_failure(id, Instant::now());
    }

    /// Counts a failure of an address. Whoever knows a right code is never kept out by it.
    ///
    /// # Errors
    /// A refusal when there were too many.
    pub fn record_failure(&self, address: IpAddr) -> Result<(), Refusal> {
        self.check(&self.failures, &client_network(address))
    }

    fn check<K: Hash + Eq + Clone>(&self, limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), Refusal> {
        limiter.check_key(key).map_err(|until| {
            let retry_after = until.wait_time_from(self.clock.now());
            Refusal::TooManyTries { retry_after_s: retry_after.as_secs() + 1 }
        })
    }

    /// Forgets whoever has been quiet long enough to start afresh.
    pub fn prune(&self) {
        self.residents.retain_recent();
        self.staff.retain_recent();
        self.failures.retain_recent();
        self.vouchers.prune(Instant::now());
        self.residents.shrink_to_fit();
        self.staff.shrink_to_fit();
        self.failures.shrink_to_fit();
    }
}

/// An address as one line of a client has it. With IPv6 a household or a phone has 2^64 of them, and would
/// have as many tries.
#[must_use]
pub fn client_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}
