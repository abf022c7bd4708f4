//! What is noted now and then, and how much of it is kept.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rules::ids::{PointNumber, SessionId};
use crate::rules::suspicion::{Suspicion, SuspicionId};
use crate::rules::tally::RefusalTally;

/// What is noted now and then, and may be lost in a crash: hints for people, no promise to anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hints {
    /// How often each point said no for each reason, hour by hour; added to what is there.
    pub refusals: BTreeMap<RefusalTally, u64>,
    /// When each staff session was last seen; the later counts.
    pub last_seen: BTreeMap<SessionId, Timestamp>,
    /// When each point last gave a stamp; the later counts.
    pub last_stamped: BTreeMap<PointNumber, Timestamp>,
    /// Suspicions; the first write of each counts.
    pub suspicions: BTreeMap<SuspicionId, Suspicion>,
}

impl Hints {
    /// How many suspicions are kept, of those about which nobody did anything: more than anybody looks at.
    pub const MAX_SUSPICIONS: usize = 2_000;

    /// So many more may wait before the oldest are let go, all at once.
    const SUSPICION_SLACK: usize = 200;

    /// Which of so many suspicions are let go: none as long as there is room.
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

    /// Whether there is nothing to note.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Hints { refusals, last_seen, last_stamped, suspicions } = self;
        refusals.is_empty() && last_seen.is_empty() && last_stamped.is_empty() && suspicions.is_empty()
    }
}
