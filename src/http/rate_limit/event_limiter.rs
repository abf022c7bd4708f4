//! Limits events per key and period. Whether a request was such an event is known only afterwards: a code turned out to
//! be unknown, data were erased.
//!
//! Above the limit, every further attempt is rejected until enough time has passed: a limit that still accepted a correct
//! guess would not bound the number of guesses.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Events per key. The count decays linearly; the events of a full limit decay within the period.
pub struct EventLimiter<K> {
    limit: f64,
    period: Duration,
    events: Mutex<HashMap<K, EventCount>>,
}

/// The count at a moment. It can exceed the limit, because one request may hold several events.
#[derive(Clone, Copy)]
struct EventCount {
    count: f64,
    at: Instant,
}

impl<K: Clone + Eq + Hash> EventLimiter<K> {
    /// A limiter without events.
    #[must_use]
    pub fn new(limit: NonZeroU32, period: Duration) -> EventLimiter<K> {
        EventLimiter { limit: limit.get().into(), period, events: Mutex::default() }
    }

    /// Seconds until the next attempt is allowed; `None` if it is allowed now.
    #[must_use]
    pub fn retry_after(&self, key: &K, now: Instant) -> Option<u64> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let excess = self.remaining(*events.get(key)?, now) + 1.0 - self.limit;
        (excess > 0.0).then(|| Duration::from_secs_f64(excess / self.per_second()).as_secs() + 1)
    }

    /// Counts an event.
    pub fn record(&self, key: &K, now: Instant) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let count = events.get(key).map_or(0.0, |events| self.remaining(*events, now)) + 1.0;
        events.insert(key.clone(), EventCount { count, at: now });
    }

    /// Removes the keys whose events have all decayed.
    pub fn prune(&self, now: Instant) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.retain(|_, events| self.remaining(*events, now) > 0.0);
        events.shrink_to_fit();
    }

    fn remaining(&self, events: EventCount, now: Instant) -> f64 {
        let elapsed = now.saturating_duration_since(events.at).as_secs_f64();
        (events.count - elapsed * self.per_second()).max(0.0)
    }

    fn per_second(&self) -> f64 {
        self.limit / self.period.as_secs_f64()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn attempts_at_full_speed_are_limited_to_the_hourly_rate() {
        let limiter: EventLimiter<u8> = EventLimiter::new(NonZeroU32::new(60).unwrap(), HOUR);
        let start = Instant::now();
        let mut recorded = 0;
        // As fast as the limiter allows, for a day.
        for second in 0..86_400 {
            let now = start + Duration::from_secs(second);
            while limiter.retry_after(&1, now).is_none() {
                limiter.record(&1, now);
                recorded += 1;
            }
        }
        assert!((60 * 24..=60 * 25).contains(&recorded), "{recorded}");
        assert_eq!(limiter.retry_after(&2, start), None, "another key");
    }

    #[test]
    fn events_beyond_the_limit_in_one_request_lengthen_the_wait() {
        let limiter: EventLimiter<u8> = EventLimiter::new(NonZeroU32::new(60).unwrap(), HOUR);
        let start = Instant::now();
        (0..80).for_each(|_| limiter.record(&1, start));
        assert_eq!(limiter.retry_after(&1, start), Some(21 * 60 + 1));
        limiter.prune(start + Duration::from_secs(60));
        assert!(limiter.retry_after(&1, start + Duration::from_secs(60)).is_some());
        limiter.prune(start + Duration::from_secs(80 * 60 + 1));
        assert!(limiter.events.lock().unwrap().is_empty());
    }
}
