//! Offline maintenance of a store: export, import, and the purge after the end of the carnival.
//!
//! The caller needs the store for itself: the embedded store is opened without a socket, and on Redis every server is
//! stopped. A running server calls none of this.

pub mod entry;
pub mod file;
pub mod format_1;
pub mod purge;
pub mod traversal;

use std::collections::BTreeMap;

use async_trait::async_trait;

use self::entry::ExportEntry;
use super::{LogId, PublishedVersion, Result, Store};
use crate::rules::ids::{ClaimantId, GiftNumber, Holder, ResidentId};

/// The number of records of each growing kind. Equal counts before and after an export show that nothing was written
/// during it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordCounts {
    /// Passports.
    pub passports: u64,
    /// Residents with a card on their phone.
    pub companion_holders: u64,
    /// Log entries of stamps.
    pub stamp_entries: u64,
    /// Claims.
    pub claims: u64,
    /// Log entries of claims.
    pub claim_entries: u64,
    /// Log entries of stock changes.
    pub stock_entries: u64,
    /// Counters.
    pub tallies: u64,
}

/// A store with offline maintenance: it can be exported, imported into, and purged.
#[async_trait]
pub trait MaintenanceStore: Store {
    /// Whether the store was never used: no carnival, no serial, no other record.
    async fn is_empty(&self) -> Result<bool>;

    /// The last serial that was issued; 0 before the first.
    async fn last_serial(&self) -> Result<u64>;

    /// The holders of the passports of a shard, in the order of [`entry::holder_sort_key`].
    async fn holders(&self, shard: u16) -> Result<Vec<Holder>>;

    /// Residents with cards on their phone, by shard, each in ascending order. For all shards in one call, because
    /// the embedded store does not keep them by shard.
    async fn companion_holders(&self) -> Result<BTreeMap<u16, Vec<ResidentId>>>;

    /// A gift's stock and redeemed count; `None` for a gift that was never declared.
    async fn stock_totals(&self, gift: GiftNumber) -> Result<Option<(u32, u32)>>;

    /// The claimants of a gift, in ascending order.
    async fn claimers(&self, gift: GiftNumber) -> Result<Vec<ClaimantId>>;

    /// The number of records.
    async fn record_counts(&self) -> Result<RecordCounts>;

    /// Marks the store as being imported into, so that it cannot be opened; returns `false` if it was marked before.
    async fn begin_import(&self) -> Result<bool>;

    /// Stores entries without a change. Log entries are appended, so no entry may be imported twice.
    async fn import(&self, entries: Vec<ExportEntry>) -> Result<()>;

    /// Removes the mark of [`MaintenanceStore::begin_import`] after making all imported entries durable.
    async fn end_import(&self) -> Result<()>;

    /// Deletes passports, cards, claims, the logs of stamps and claims, and when sessions were last
    /// seen, in many bounded, repeatable steps. Calls `on_deleted` with the number of deleted rows after each.
    async fn delete_personal_data(&self, on_deleted: &mut (dyn FnMut(u64) + Send)) -> Result<()>;

    /// Replaces entries of a log by index.
    async fn rewrite_log(&self, log: LogId, entries: Vec<(u64, String)>) -> Result<()>;

    /// Replaces a published version.
    async fn rewrite_published(&self, published: &PublishedVersion) -> Result<()>;
}
