//! What is noted now and then, and how much of it is kept.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rules::ids::{PointNumber, SessionId};
use crate::rules::suspicion::{Suspicion, SuspicionId};
use crate::rules::tally::RefusalTally;

/// What is noted now and then, and may be lost in a crash: hints for people, no promise to anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// How often each point said no for each reason, hour by hour; added to what is there.
    pub refused: BTreeMap<RefusalTally, u64>,
    /// When each staff session was last seen; the later counts.
    pub seen: BTreeMap<SessionId, Timestamp>,
    /// When each point last gave a stamp; the later counts.
    pub stamped: BTreeMap<PointNumber, Timestamp>,
    /// Suspicions; the first write of each counts.
    pub suspicions: BTreeMap<SuspicionId, Suspicion>,
}

impl Notes {
    /// How many suspicions are kept, of those about which nobody did anything: more than anybody looks at.
    pub const MOST_SUSPICIONS: usize = 2_000;

    /// So many more may wait before the oldest are let go, all at once.
    const SUSPICIONS_TO_SPARE: usize = 200;

    /// Which of so many suspicions are let go: none as long as there is room.
    pub(super) fn superfluous(
        noted: &BTreeMap<SuspicionId, Suspicion>,
        is_settled: impl Fn(&SuspicionId) -> bool,
    ) -> Vec<SuspicionId> {
        let mut open: Vec<&Suspicion> = noted.values().filter(|one| !is_settled(&one.id)).collect();
        if open.len() <= Notes::MOST_SUSPICIONS + Notes::SUSPICIONS_TO_SPARE {
            return Vec::new();
        }
        open.sort_by_key(|one| std::cmp::Reverse(one.to_at));
        open.into_iter().skip(Notes::MOST_SUSPICIONS).map(|one| one.id.clone()).collect()
    }

    /// Whether there is nothing to note.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Notes { refused, seen, stamped, suspicions } = self;
        refused.is_empty() && seen.is_empty() && stamped.is_empty() && suspicions.is_empty()
    }
}
