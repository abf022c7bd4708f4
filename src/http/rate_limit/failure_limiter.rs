//! Limits failed attempts per key and hour, so that short codes cannot be brute-forced.
//!
//! Above the limit, correct codes are rejected too, until enough time has passed: a limit that still accepted a correct
//! guess would not bound the number of guesses.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_secs(3600);

/// Failed attempts per key. The count decays linearly; a full hour's worth decays within an hour.
pub struct FailureLimiter<K> {
    per_hour: NonZeroU32,
    failures: Mutex<HashMap<K, Failures>>,
}

/// The count at a moment. It can exceed the hourly limit, because one request may hold several attempts.
#[derive(Clone, Copy)]
struct Failures {
    count: f64,
    at: Instant,
}

impl<K: Clone + Eq + Hash> FailureLimiter<K> {
    /// A limiter without failures.
    #[must_use]
    pub fn new(per_hour: NonZeroU32) -> FailureLimiter<K> {
        FailureLimiter { per_hour, failures: Mutex::default() }
    }

    /// Seconds until the next attempt is allowed; `None` if it is allowed now.
    #[must_use]
    pub fn retry_after(&self, key: &K, now: Instant) -> Option<u64> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let excess = self.remaining(*failures.get(key)?, now) + 1.0 - f64::from(self.per_hour.get());
        (excess > 0.0).then(|| Duration::from_secs_f64(excess / self.per_second()).as_secs() + 1)
    }

    /// Counts a failed attempt.
    pub fn record_failure(&self, key: &K, now: Instant) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let count = failures.get(key).map_or(0.0, |failures| self.remaining(*failures, now)) + 1.0;
        failures.insert(key.clone(), Failures { count, at: now });
    }

    /// Removes the keys whose failures have all decayed.
    pub fn prune(&self, now: Instant) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.retain(|_, failures| self.remaining(*failures, now) > 0.0);
        failures.shrink_to_fit();
    }

    fn remaining(&self, failures: Failures, now: Instant) -> f64 {
        let elapsed = now.saturating_duration_since(failures.at).as_secs_f64();
        (failures.count - elapsed * self.per_second()).max(0.0)
    }

    fn per_second(&self) -> f64 {
        f64::from(self.per_hour.get()) / HOUR.as_secs_f64()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn attempts_at_full_speed_are_limited_to_the_hourly_rate() {
        let limiter: FailureLimiter<u8> = FailureLimiter::new(NonZeroU32::new(60).unwrap());
        let start = Instant::now();
        let mut recorded = 0;
        // As fast as the limiter allows, for a day.
        for second in 0..86_400 {
            let now = start + Duration::from_secs(second);
            while limiter.retry_after(&1, now).is_none() {
                limiter.record_failure(&1, now);
                recorded += 1;
            }
        }
        assert!((60 * 24..=60 * 25).contains(&recorded), "{recorded}");
        assert_eq!(limiter.retry_after(&2, start), None, "another key");
    }

    #[test]
    fn failures_beyond_the_limit_in_one_request_lengthen_the_wait() {
        let limiter: FailureLimiter<u8> = FailureLimiter::new(NonZeroU32::new(60).unwrap());
        let start = Instant::now();
        (0..80).for_each(|_| limiter.record_failure(&1, start));
        assert_eq!(limiter.retry_after(&1, start), Some(21 * 60 + 1));
        limiter.prune(start + Duration::from_secs(60));
        assert!(limiter.retry_after(&1, start + Duration::from_secs(60)).is_some());
        limiter.prune(start + Duration::from_secs(80 * 60 + 1));
        assert!(limiter.failures.lock().unwrap().is_empty());
    }
}
