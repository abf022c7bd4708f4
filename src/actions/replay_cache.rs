//! Where WeChat's pushes come in: the reader of them, and what was done already.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::wechat::push::{MAX_CLOCK_DIFFERENCE_S, PushVerifier};

/// The reader of WeChat's pushes, and what it took already.
pub struct PushHandler {
    /// Reads them.
    pub verifier: PushVerifier,
    /// What was done.
    pub replay_cache: ReplayCache,
}

impl PushHandler {
    /// Nothing was pushed yet.
    #[must_use]
    pub fn new(verifier: PushVerifier) -> PushHandler {
        PushHandler { verifier, replay_cache: ReplayCache::default() }
    }
}

/// Pushes that were done, for as long as they could come again: WeChat repeats what it got no answer
/// to, and somebody who saw one may try it once more with another body.
///
/// In memory, because doing one twice is no harm; a restart forgets them.
#[derive(Default)]
pub struct ReplayCache(Mutex<ReplayEntries>);

/// By mark; and the marks in the order in which they came, to forget the oldest.
#[derive(Default)]
struct ReplayEntries {
    expires_at: BTreeMap<[u8; 20], Timestamp>,
    order: VecDeque<[u8; 20]>,
}

/// So many are remembered at most. Only who knows the token can make one.
const MAX_ENTRIES: usize = 10_000;

impl ReplayCache {
    /// Whether this was done.
    #[must_use]
    pub fn contains(&self, mark: &[u8; 20], now: Timestamp) -> bool {
        self.lock().expires_at.get(mark).is_some_and(|expires_at| now <= *expires_at)
    }

    /// That it is done.
    pub fn insert(&self, mark: [u8; 20], now: Timestamp) {
        let mut entries = self.lock();
        // The window reaches as far back as forward.
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
    fn what_was_done_is_remembered_as_long_as_it_could_come_again() {
        let cache = ReplayCache::default();
        assert!(!cache.contains(&mark(1), at(0)));
        cache.insert(mark(1), at(0));
        assert!(cache.contains(&mark(1), at(2 * MAX_CLOCK_DIFFERENCE_S)));
        assert!(!cache.contains(&mark(1), at(2 * MAX_CLOCK_DIFFERENCE_S + 1)));
        assert!(!cache.contains(&mark(2), at(0)));
        cache.insert(mark(2), at(2 * MAX_CLOCK_DIFFERENCE_S + 1));
        assert_eq!(cache.lock().order.len(), 1, "the first is forgotten");
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
