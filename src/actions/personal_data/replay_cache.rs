//! Handler of WeChat pushes: the verifier, and a replay cache of pushes that were already handled.

use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, UnitWeighter};

use crate::wechat::incoming_push::{MAX_CLOCK_DIFFERENCE_S, PushVerifier};

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
pub struct ReplayCache(Cache<[u8; 20], Timestamp>);

/// Maximum number of entries. Only parties that know the token can create one.
const MAX_ENTRIES: usize = 10_000;

impl Default for ReplayCache {
    fn default() -> ReplayCache {
        // New entries take the place of the oldest, except of those that were requested meanwhile: by default the library
        // reserves nearly all of the capacity for its first entries.
        let options = OptionsBuilder::new()
            .shards(1)
            .hot_allocation(0.0)
            .estimated_items_capacity(MAX_ENTRIES)
            .weight_capacity(MAX_ENTRIES as u64)
            .build();
        ReplayCache(options.map_or_else(
            |_| Cache::new(MAX_ENTRIES),
            |options| {
                Cache::with_options(options, UnitWeighter, DefaultHashBuilder::default(), DefaultLifecycle::default())
            },
        ))
    }
}

impl ReplayCache {
    /// Whether this push was handled.
    #[must_use]
    pub fn contains(&self, mark: &[u8; 20], now: Timestamp) -> bool {
        self.0.get(mark).is_some_and(|expires_at| now <= expires_at)
    }

    /// Records that this push was handled.
    pub fn insert(&self, mark: [u8; 20], now: Timestamp) {
        // Timestamps are accepted within the window on both sides of now.
        let window = SignedDuration::from_secs(2 * MAX_CLOCK_DIFFERENCE_S);
        self.0.insert(mark, now.checked_add(window).unwrap_or(Timestamp::MAX));
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
    }

    #[test]
    fn memory_is_bounded() {
        let cache = ReplayCache::default();
        for number in 0..MAX_ENTRIES + 5 {
            cache.insert(mark(number), at(0));
        }
        assert_eq!(cache.0.len(), MAX_ENTRIES);
        // The library keeps one of them, the very first.
        let is_cached = |number: usize| cache.contains(&mark(number), at(0));
        assert!(!(1..=4).any(is_cached) && (6..MAX_ENTRIES + 5).all(is_cached), "the oldest are evicted");
    }
}
