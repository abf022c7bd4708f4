//! What is noted in memory until it is written: refusals, signs of life, suspicions. Hints for
//! people, so a crash may lose them, and nobody waits for them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::rules::ids::{PointNumber, SessionId};
use crate::rules::suspicion::Suspicion;
use crate::rules::tally::{LocalHour, RefusalTally};
use crate::store::Hints;

/// How many of each kind are gathered between two writes; what comes beyond is not noted.
const MOST: usize = 4_096;

/// What was noted since it was last taken.
#[derive(Default)]
pub struct Notebook {
    // A plain mutex: it is held for one look into a small map, and never over an await.
    notes: Mutex<Hints>,
    /// Held while notes are on their way to the store, so that whoever writes next waits for them.
    pub(super) writing: tokio::sync::Mutex<()>,
}

impl Notebook {
    /// A point (or none) said no for a reason.
    pub fn refused(&self, point: Option<PointNumber>, code: &str, hour: LocalHour) {
        let refused = RefusalTally { point, code: code.to_owned(), hour };
        count(&mut self.open().refusals, refused, |count| *count += 1);
    }

    /// A staff session was seen.
    pub fn seen(&self, session: &SessionId, at: Timestamp) {
        let seen = &mut self.open().last_seen;
        match seen.get_mut(session) {
            Some(last) => *last = at.max(*last),
            None => count(seen, session.clone(), |last| *last = at),
        }
    }

    /// A point gave a new stamp.
    pub fn stamped(&self, point: PointNumber, at: Timestamp) {
        count(&mut self.open().last_stamped, point, |last| *last = at.max(*last));
    }

    /// A stamp came too soon after the one before it.
    pub fn suspicious(&self, suspicion: Suspicion) {
        let suspicions = &mut self.open().suspicions;
        if suspicions.len() < MOST {
            suspicions.entry(suspicion.id.clone()).or_insert(suspicion);
        }
    }

    /// Takes what was noted; from then on nothing is.
    #[must_use]
    pub fn take(&self) -> Hints {
        std::mem::take(&mut self.open())
    }

    fn open(&self) -> MutexGuard<'_, Hints> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count<K: Ord, V: Default>(map: &mut BTreeMap<K, V>, key: K, change: impl FnOnce(&mut V)) {
    if map.len() < MOST || map.contains_key(&key) {
        change(map.entry(key).or_default());
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_is_noted_adds_up_and_is_taken_once() {
        let book = Notebook::default();
        let (at, earlier) = (Timestamp::from_second(60).unwrap(), Timestamp::from_second(30).unwrap());
        let hour = LocalHour::of(jiff::civil::date(2023, 4, 14).at(10, 5, 0, 0));
        let (point, session): (PointNumber, SessionId) = (7.try_into().unwrap(), "0123456789ABCDEF".parse().unwrap());
        for _ in 0..3 {
            book.refused(Some(point), "point_closed", hour);
        }
        for at in [at, earlier] {
            book.seen(&session, at);
            book.stamped(point, at);
        }
        let notes = book.take();
        assert_eq!(notes.refusals.into_values().collect::<Vec<_>>(), [3]);
        assert_eq!((notes.last_seen[&session], notes.last_stamped[&point]), (at, at), "the later counts");
        assert!(book.take().is_empty());
    }

    #[test]
    fn it_never_grows_beyond_its_bound() {
        let book = Notebook::default();
        let hour = LocalHour::of(jiff::civil::date(2023, 4, 14).at(10, 5, 0, 0));
        for one in 0..MOST + 9 {
            book.refused(None, &format!("code_{one}"), hour);
        }
        book.refused(None, "code_1", hour);
        let refused = book.take().refusals;
        assert_eq!(refused.len(), MOST);
        assert_eq!(
            refused[&RefusalTally { point: None, code: "code_1".to_owned(), hour }],
            2,
            "what is there still counts"
        );
    }
}
