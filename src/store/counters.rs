//! Counters and logs.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Result;
use crate::rules::ids::GiftNumber;
use crate::rules::statistics::tally::{LocalDay, Tally, TallyPeriod};

/// Counters and logs, which only grow.
#[async_trait]
pub trait CounterStore: Send + Sync {
    /// All counters of one kind, summed over all shards and gifts. Those of [`TallyPeriod::AllTime`] are few and read
    /// often, so stores keep them apart from the hourly ones.
    async fn tallies(&self, period: TallyPeriod) -> Result<BTreeMap<Tally, u64>>;

    /// The hourly counters of this day and of later ones.
    async fn tallies_since(&self, day: LocalDay) -> Result<BTreeMap<Tally, u64>>;

    /// The given counters, all of [`TallyPeriod::AllTime`]; a counter that was never incremented is absent.
    async fn tallies_of(&self, names: &[Tally]) -> Result<BTreeMap<Tally, u64>>;

    /// The number of passport shards.
    fn shards(&self) -> u16;

    /// Entries of a log as stored, starting at index `from` (0 is the first), at most `limit`.
    async fn log_entries(&self, log: LogId, from: u64, limit: u32) -> Result<Vec<String>>;
}

/// A log: one per shard of passports, two per gift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LogId {
    /// Stamps of the passports of a shard.
    Shard(u16),
    /// Claims, redemptions and voids of a gift.
    Gift(GiftNumber),
    /// Changes of a gift's stock, including the initial one.
    Stock(GiftNumber),
}
