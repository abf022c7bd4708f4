//! Hints: counts and times that may be lost.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Result;
use crate::rules::ids::{PointNumber, SessionId};
use crate::rules::statistics::tally::RefusalTally;

/// Hints for organisers.
#[async_trait]
pub trait HintStore: Send + Sync {
    /// Records hints, which may be lost in a crash. Not retried after a failure, because a retry could count twice.
    async fn record_hints(&self, hints: &Hints) -> Result<()>;

    /// All recorded hints.
    async fn hints(&self) -> Result<Hints>;

    /// When each staff session was last seen.
    async fn last_seen(&self) -> Result<BTreeMap<SessionId, Timestamp>>;
}

/// Hints for organisers, recorded every few seconds. They may be lost in a crash; nothing is promised from them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hints {
    /// Refusals by point, reason and hour; added to the stored counts.
    pub refusals: BTreeMap<RefusalTally, u64>,
    /// When each staff session was last seen; the later time wins.
    pub last_seen: BTreeMap<SessionId, Timestamp>,
    /// When each point last gave a stamp; the later time wins.
    pub last_stamped: BTreeMap<PointNumber, Timestamp>,
}

impl Hints {
    /// Whether there is nothing to record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Hints { refusals, last_seen, last_stamped } = self;
        refusals.is_empty() && last_seen.is_empty() && last_stamped.is_empty()
    }
}
