//! Rate limits: all requests per resident and staff session; only failures per address, because a whole venue shares one
//! address behind a carrier's NAT.

mod event_limiter;

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde::Deserialize;

use self::event_limiter::EventLimiter;
use crate::actions::{App, Error, Result as ActionResult};
use crate::rules::ids::{ResidentId, SessionId};
use crate::rules::refusals::{AccessRefusal, GiftRefusal, Refusal};
use crate::tokens::Code;

const HOUR: Duration = Duration::from_secs(3600);

/// Limits per minute, unless the name says otherwise. A burst may use up a minute's limit at once.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Requests of one resident.
    pub resident_per_minute: NonZeroU32,
    /// Requests of one staff session.
    pub staff_per_minute: NonZeroU32,
    /// Unknown vouchers of one staff session per hour.
    pub unknown_vouchers_per_hour: NonZeroU32,
    /// Erasures of one resident per day. Each begins a new passport, so that a person without limit would count as many.
    pub erasures_per_day: NonZeroU32,
    /// Failed logins and unknown codes from one address.
    pub failures_per_minute: NonZeroU32,
}

impl Settings {
    /// The limits for a rehearsal whose simulated time runs `speed` times as fast.
    #[must_use]
    pub fn scaled(self, speed: NonZeroU32) -> Settings {
        Settings {
            resident_per_minute: self.resident_per_minute.saturating_mul(speed),
            staff_per_minute: self.staff_per_minute.saturating_mul(speed),
            unknown_vouchers_per_hour: self.unknown_vouchers_per_hour.saturating_mul(speed),
            erasures_per_day: self.erasures_per_day.saturating_mul(speed),
            failures_per_minute: self.failures_per_minute.saturating_mul(speed),
        }
    }
}

/// The rate limiters, in memory.
pub struct RateLimits {
    residents: DefaultKeyedRateLimiter<ResidentId>,
    staff: DefaultKeyedRateLimiter<SessionId>,
    vouchers: EventLimiter<SessionId>,
    erasures: EventLimiter<ResidentId>,
    failures: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl RateLimits {
    /// Rate limiters without recorded requests.
    #[must_use]
    pub fn new(settings: &Settings) -> RateLimits {
        RateLimits {
            residents: RateLimiter::keyed(Quota::per_minute(settings.resident_per_minute)),
            staff: RateLimiter::keyed(Quota::per_minute(settings.staff_per_minute)),
            vouchers: EventLimiter::new(settings.unknown_vouchers_per_hour, HOUR),
            erasures: EventLimiter::new(settings.erasures_per_day, 24 * HOUR),
            failures: RateLimiter::keyed(Quota::per_minute(settings.failures_per_minute)),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request of a resident.
    ///
    /// # Errors
    /// `TooManyTries` above the limit.
    pub fn check_resident(&self, id: ResidentId) -> Result<(), AccessRefusal> {
        self.check(&self.residents, &id)
    }

    /// Counts a request of a staff session.
    ///
    /// # Errors
    /// `TooManyTries` above the limit.
    pub fn check_staff(&self, id: &SessionId) -> Result<(), AccessRefusal> {
        self.check(&self.staff, id)
    }

    /// Checks whether a staff session may submit these codes. Without a limit on unknown vouchers, guessing among a
    /// million numbers would find one.
    ///
    /// # Errors
    /// `TooManyTries` when one of them is a voucher, and the session has submitted too many unknown ones.
    pub fn check_vouchers(&self, app: &App, session: &SessionId, codes: &[String]) -> Result<(), AccessRefusal> {
        let wait =
            self.vouchers.retry_after(session, Instant::now()).filter(|_| codes.iter().any(|c| is_voucher(app, c)));
        wait.map_or(Ok(()), |retry_after_s| Err(AccessRefusal::TooManyTries { retry_after_s }))
    }

    /// Counts the code if it turned out to be an unknown voucher.
    pub fn record_voucher<T>(&self, app: &App, session: &SessionId, code: &str, result: &ActionResult<T>) {
        if matches!(result, Err(Error::Refused(Refusal::Gift(GiftRefusal::VoucherUnknown)))) && is_voucher(app, code) {
            self.vouchers.record(session, Instant::now());
        }
    }

    /// Checks whether a resident may erase their data once more today.
    ///
    /// # Errors
    /// `ErasedTooOften` above the limit.
    pub fn check_erasure(&self, id: ResidentId) -> Result<(), AccessRefusal> {
        let wait = self.erasures.retry_after(&id, Instant::now());
        wait.map_or(Ok(()), |retry_after_s| Err(AccessRefusal::ErasedTooOften { retry_after_s }))
    }

    /// Counts an erasure that found something to erase.
    pub fn record_erasure(&self, id: ResidentId) {
        self.erasures.record(&id, Instant::now());
    }

    /// Counts a failure of an address. Correct codes from the same address are never rejected by this limit.
    ///
    /// # Errors
    /// `TooManyTries` above the limit.
    pub fn record_failure(&self, address: IpAddr) -> Result<(), AccessRefusal> {
        self.check(&self.failures, &client_network(address))
    }

    fn check<K: Hash + Eq + Clone>(&self, limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), AccessRefusal> {
        limiter.check_key(key).map_err(|until| {
            let retry_after = until.wait_time_from(self.clock.now());
            AccessRefusal::TooManyTries { retry_after_s: retry_after.as_secs() + 1 }
        })
    }

    /// Removes keys whose limits have fully recovered.
    pub fn prune(&self) {
        self.residents.retain_recent();
        self.staff.retain_recent();
        self.failures.retain_recent();
        self.vouchers.prune(Instant::now());
        self.erasures.prune(Instant::now());
        self.residents.shrink_to_fit();
        self.staff.shrink_to_fit();
        self.failures.shrink_to_fit();
    }
}

/// Whether the code is a voucher with a correct check digit. A mistyped one reveals nothing and is not counted.
fn is_voucher(app: &App, code: &str) -> bool {
    matches!(app.codes.read(code, app.now()), Ok(Code::Voucher(_)))
}

/// The network of a client: an IPv4 address, or the /64 of an IPv6 address. A household or a phone has a whole /64, so
/// per-address limits would allow it 2^64 times the attempts.
#[must_use]
pub fn client_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}
