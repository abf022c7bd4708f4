//! Hints, and how many of them are kept.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rules::check_ins::suspicion::{Suspicion, SuspicionId};
use crate::rules::ids::{PointNumber, SessionId};
use crate::rules::statistics::tally::RefusalTally;

/// Hints for organisers, recorded every few seconds. They may be lost in a crash; nothing is promised from them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hints {
    /// Refusals by point, reason and hour; added to the stored counts.
    pub refusals: BTreeMap<RefusalTally, u64>,
    /// When each staff session was last seen; the later time wins.
    pub last_seen: BTreeMap<SessionId, Timestamp>,
    /// When each point last gave a stamp; the later time wins.
    pub last_stamped: BTreeMap<PointNumber, Timestamp>,
    /// Suspicions; the first write of each wins.
    pub suspicions: BTreeMap<SuspicionId, Suspicion>,
}

impl Hints {
    /// How many unresolved suspicions are kept: more than organisers can look through.
    pub const MAX_SUSPICIONS: usize = 2_000;

    /// How many more may accumulate before the oldest are deleted in one go.
    const SUSPICION_SLACK: usize = 200;

    /// The unresolved suspicions to delete, oldest first; empty while there is room.
    pub(super) fn excess_suspicions(
        recorded: &BTreeMap<SuspicionId, Suspicion>,
        is_settled: impl Fn(&SuspicionId) -> bool,
    ) -> Vec<SuspicionId> {
        let mut open: Vec<&Suspicion> = recorded.values().filter(|one| !is_settled(&one.id)).collect();
        if open.len() <= Hints::MAX_SUSPICIONS + Hints::SUSPICION_SLACK {
            return Vec::new();
        }
        open.sort_by_key(|one| std::cmp::Reverse(one.to_at));
        open.into_iter().skip(Hints::MAX_SUSPICIONS).map(|one| one.id.clone()).collect()
    }

    /// Whether there is nothing to record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Hints { refusals, last_seen, last_stamped, suspicions } = self;
        refusals.is_empty() && last_seen.is_empty() && last_stamped.is_empty() && suspicions.is_empty()
    }
}
