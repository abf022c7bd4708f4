//! Where WeChat's pushes come in: the reader of them, and what was done already.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::wechat::push::{MAX_CLOCK_DIFFERENCE_S, PushVerifier};

/// The reader of WeChat's pushes, and what it took already.
pub struct Pushes {
    /// Reads them.
    pub inbox: PushVerifier,
    /// What was done.
    pub seen: Seen,
}

impl Pushes {
    /// Nothing was pushed yet.
    #[must_use]
    pub fn new(inbox: PushVerifier) -> Pushes {
        Pushes { inbox, seen: Seen::default() }
    }
}

/// Pushes that were done, for as long as they could come again: WeChat repeats what it got no answer
/// to, and somebody who saw one may try it once more with another body.
///
/// In memory, because doing one twice is no harm; a restart forgets them.
#[derive(Default)]
pub struct Seen(Mutex<Kept>);

/// By mark; and the marks in the order in which they came, to forget the oldest.
#[derive(Default)]
struct Kept {
    until: BTreeMap<[u8; 20], Timestamp>,
    order: VecDeque<[u8; 20]>,
}

/// So many are remembered at most. Only who knows the token can make one.
const MOST: usize = 10_000;

impl Seen {
    /// Whether this was done.
    #[must_use]
    pub fn has(&self, mark: &[u8; 20], now: Timestamp) -> bool {
        self.kept().until.get(mark).is_some_and(|until| now <= *until)
    }

    /// That it is done.
    pub fn add(&self, mark: [u8; 20], now: Timestamp) {
        let mut kept = self.kept();
        // The window reaches as far back as forward.
        let until = now.checked_add(SignedDuration::from_secs(2 * MAX_CLOCK_DIFFERENCE_S)).unwrap_or(Timestamp::MAX);
        if kept.until.insert(mark, until).is_none() {
            kept.order.push_back(mark);
        }
        while let Some(oldest) = kept.order.front().copied() {
            let over = kept.until.get(&oldest).is_none_or(|until| *until < now);
            if !over && kept.order.len() <= MOST {
                break;
            }
            kept.order.pop_front();
            kept.until.remove(&oldest);
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
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
        let seen = Seen::default();
        assert!(!seen.has(&mark(1), at(0)));
        seen.add(mark(1), at(0));
        assert!(seen.has(&mark(1), at(2 * MAX_CLOCK_DIFFERENCE_S)));
        assert!(!seen.has(&mark(1), at(2 * MAX_CLOCK_DIFFERENCE_S + 1)));
        assert!(!seen.has(&mark(2), at(0)));
        seen.add(mark(2), at(2 * MAX_CLOCK_DIFFERENCE_S + 1));
        assert_eq!(seen.kept().order.len(), 1, "the first is forgotten");
    }

    #[test]
    fn memory_is_bounded() {
        let seen = Seen::default();
        for number in 0..MOST + 5 {
            seen.add(mark(number), at(0));
        }
        let (order, until) = {
            let kept = seen.kept();
            (kept.order.len(), kept.until.len())
        };
        assert_eq!((order, until), (MOST, MOST));
        assert!(!seen.has(&mark(4), at(0)) && seen.has(&mark(5), at(0)));
    }
}
