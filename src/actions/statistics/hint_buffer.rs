//! In-memory buffer of hints for organisers: refusals, last-seen times, suspicions. A crash may lose them, and no
//! request waits for them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::rules::check_ins::suspicion::{Suspicion, SuspicionId};
use crate::rules::ids::{PassportNumber, PointNumber, SessionId};
use crate::rules::statistics::tally::{LocalHour, RefusalTally};
use crate::store::Hints;

/// Maximum number of buffered entries of each kind between two writes; further ones are discarded.
const MAX_ENTRIES: usize = 4_096;

/// Hints and suspicions since the last write.
type Buffered = (Hints, BTreeMap<SuspicionId, Suspicion>);

/// Hints since the last [`take`](HintBuffer::take).
#[derive(Default)]
pub struct HintBuffer {
    // A std mutex suffices: it guards one access to a small map and is never held across an await.
    hints: Mutex<Buffered>,
    /// Held while hints are on their way to the store, so that a second flush waits for the first.
    pub(in crate::actions) flush_lock: tokio::sync::Mutex<()>,
}

impl HintBuffer {
    /// Counts a refusal, at a point or without one.
    pub fn record_refusal(&self, point: Option<PointNumber>, code: &str, hour: LocalHour) {
        let refused = RefusalTally { point, code: code.to_owned(), hour };
        update_bounded(&mut self.lock().0.refusals, refused, |total| *total += 1);
    }

    /// Records that a staff session was in use.
    pub fn record_last_seen(&self, session: &SessionId, at: Timestamp) {
        let seen = &mut self.lock().0.last_seen;
        match seen.get_mut(session) {
            Some(last) => *last = at.max(*last),
            None => update_bounded(seen, session.clone(), |last| *last = at),
        }
    }

    /// Records that a point gave a new stamp.
    pub fn record_stamp(&self, point: PointNumber, at: Timestamp) {
        update_bounded(&mut self.lock().0.last_stamped, point, |last| *last = at.max(*last));
    }

    /// Records a suspicion: two stamps with too little time in between.
    pub fn record_suspicion(&self, suspicion: Suspicion) {
        let suspicions = &mut self.lock().1;
        if suspicions.len() < MAX_ENTRIES {
            suspicions.entry(suspicion.id.clone()).or_insert(suspicion);
        }
    }

    /// Discards the suspicions about a passport that is erased.
    pub fn forget(&self, passport: &PassportNumber) {
        self.lock().1.retain(|id, _| id.passport != *passport);
    }

    /// Takes all hints and leaves the buffer empty.
    #[must_use]
    pub fn take(&self) -> (Hints, Vec<Suspicion>) {
        let (hints, suspicions) = std::mem::take(&mut *self.lock());
        (hints, suspicions.into_values().collect())
    }

    fn lock(&self) -> MutexGuard<'_, Buffered> {
        self.hints.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn update_bounded<K: Ord, V: Default>(map: &mut BTreeMap<K, V>, key: K, change: impl FnOnce(&mut V)) {
    if map.len() < MAX_ENTRIES || map.contains_key(&key) {
        change(map.entry(key).or_default());
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn hints_add_up_and_are_taken_once() {
        let buffer = HintBuffer::default();
        let (at, earlier) = (Timestamp::from_second(60).unwrap(), Timestamp::from_second(30).unwrap());
        let hour = LocalHour::of(jiff::civil::date(2023, 4, 14).at(10, 5, 0, 0));
        let (point, session): (PointNumber, SessionId) = (7.try_into().unwrap(), "0123456789ABCDEF".parse().unwrap());
        for _ in 0..3 {
            buffer.record_refusal(Some(point), "point_closed", hour);
        }
        for at in [at, earlier] {
            buffer.record_last_seen(&session, at);
            buffer.record_stamp(point, at);
        }
        let hints = buffer.take().0;
        assert_eq!(hints.refusals.into_values().collect::<Vec<_>>(), [3]);
        assert_eq!((hints.last_seen[&session], hints.last_stamped[&point]), (at, at), "the later counts");
        assert!(buffer.take().0.is_empty());
    }

    #[test]
    fn each_kind_is_bounded() {
        let buffer = HintBuffer::default();
        let hour = LocalHour::of(jiff::civil::date(2023, 4, 14).at(10, 5, 0, 0));
        for one in 0..MAX_ENTRIES + 9 {
            buffer.record_refusal(None, &format!("code_{one}"), hour);
        }
        buffer.record_refusal(None, "code_1", hour);
        let refused = buffer.take().0.refusals;
        assert_eq!(refused.len(), MAX_ENTRIES);
        assert_eq!(
            refused[&RefusalTally { point: None, code: "code_1".to_owned(), hour }],
            2,
            "what is there still counts"
        );
    }
}
