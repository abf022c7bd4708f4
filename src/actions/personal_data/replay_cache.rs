//! Handler of WeChat pushes: the verifier, and a replay cache of pushes that were already handled.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::wechat::push::{MAX_CLOCK_DIFFERENCE_S, PushVerifier};

/// Verifies WeChat pushes and recognises replays.
pub struct PushHandler {
    /// Verifies signatures and parses pushes.
    pub verifier: PushVerifier,
    /// Pushes that were already handled.
    pub replay_cache: ReplayCache,
}

impl PushHandler {
    /// Starts with an empty replay cache.
    #[must_use]
    pub fn new(verifier: PushVerifier) -> PushHandler {
        PushHandler { verifier, replay_cache: ReplayCache::default() }
    }
}

/// Pushes that were handled, as long as they are fresh enough to be accepted again. WeChat repeats a push until it
/// gets an answer, and an eavesdropper may replay one with another body.
///
/// Kept in memory only: handling a push twice does no harm, and a restart empties the cache.
#[derive(Default)]
pub struct ReplayCache(Mutex<ReplayEntries>);

/// Expiry by mark, and the marks in order of arrival, to evict the oldest.
#[derive(Default)]
struct ReplayEntries {
    expires_at: BTreeMap<[u8; 20], Timestamp>,
    order: VecDeque<[u8; 20]>,
}

/// Maximum number of entries. Only parties that know the token can create one.
const MAX_ENTRIES: usize = 10_000;

impl ReplayCache {
    /// Whether this push was handled.
    #[must_use]
    pub fn contains(&self, mark: &[u8; 20], now: Timestamp) -> bool {
        self.lock().expires_at.get(mark).is_some_and(|expires_at| now <= *expires_at)
    }

    /// Records that this push was handled.
    pub fn insert(&self, mark: [u8; 20], now: Timestamp) {
        let mut entries = self.lock();
        // Timestamps are accepted within the window on both sides of now.
        let expires_at =
            now.checked_add(SignedDuration::from_secs(2 * MAX_CLOCK_DIFFERENCE_S)).unwrap_or(Timestamp::MAX);
        if entries.expires_at.insert(mark, expires_at).is_none() {
            entries.order.push_back(mark);
        }
        while let Some(oldest) = entries.order.front().copied() {
            let over = entries.expires_at.get(&oldest).is_none_or(|expires_at| *expires_at < now);
            if !over && entries.order.len() <= MAX_ENTRIES {
                break;
            }
            entries.order.pop_front();
            entries.expires_at.remove(&oldest);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, ReplayEntries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap_or_default()
    }

    fn mark(number: usize) -> [u8; 20] {
        let mut mark = [0; 20];
        mark[..8].copy_from_slice(&number.to_be_bytes());
        mark
    }

    #[test]
    fn a_push_stays_cached_as_long_as_it_could_be_replayed() {
        let cache = ReplayCache::default();
        assert!(!cache.contains(&mark(1), at(0)));
        cache.insert(mark(1), at(0));
        assert!(cache.contains(&mark(1), at(2 * MAX_CLOCK_DIFFERENCE_S)));
        assert!(!cache.contains(&mark(1), at(2 * MAX_CLOCK_DIFFERENCE_S + 1)));
        assert!(!cache.contains(&mark(2), at(0)));
        cache.insert(mark(2), at(2 * MAX_CLOCK_DIFFERENCE_S + 1));
        assert_eq!(cache.lock().order.len(), 1, "the first is evicted");
    }

    #[test]
    fn memory_is_bounded() {
        let cache = ReplayCache::default();
        for number in 0..MAX_ENTRIES + 5 {
            cache.insert(mark(number), at(0));
        }
        let (order, expires_at) = {
            let entries = cache.lock();
            (entries.order.len(), entries.expires_at.len())
        };
        assert_eq!((order, expires_at), (MAX_ENTRIES, MAX_ENTRIES));
        assert!(!cache.contains(&mark(4), at(0)) && cache.contains(&mark(5), at(0)));
    }
}
