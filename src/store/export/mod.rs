//! Offline maintenance of a store: export, import, and the purge after the end of the carnival.
//!
//! The caller needs the store for itself: the embedded store is opened without a door, and on Redis every server is
//! stopped. A running server calls none of this.

pub mod entry;
pub mod file;
pub mod traversal;

use std::collections::BTreeMap;

use async_trait::async_trait;

use self::entry::ExportEntry;
use super::{Result, Store, StoredClaim};
use crate::rules::check_ins::passport::Passport;
use crate::rules::ids::{CardSerial, ClaimantId, GiftNumber, Holder, ResidentId};

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
    /// Whether the store was never used: no carnival, no marker, no serial, no other record.
    async fn is_empty(&self) -> Result<bool>;

    /// The markers by name.
    async fn markers(&self) -> Result<BTreeMap<String, u64>>;

    /// The last serial that was issued; 0 before the first.
    async fn last_serial(&self) -> Result<u64>;

    /// The holders of the passports of a shard, in the order of [`entry::holder_sort_key`].
    async fn holders(&self, shard: u16) -> Result<Vec<Holder>>;

    /// The passports of holders of one shard, in the order of the argument.
    async fn passports(&self, shard: u16, holders: &[Holder]) -> Result<Vec<Passport>>;

    /// Residents with cards on their phone, by shard, each in ascending order. For all shards in one call, because
    /// the embedded store does not keep them by shard.
    async fn companion_holders(&self) -> Result<BTreeMap<u16, Vec<ResidentId>>>;

    /// The cards on the phones of these residents of one shard, each in ascending order.
    async fn companions_of(&self, shard: u16, residents: &[ResidentId]) -> Result<Vec<Vec<CardSerial>>>;

    /// A gift's stock and redeemed count; `None` for a gift that was never declared.
    async fn stock_totals(&self, gift: GiftNumber) -> Result<Option<(u32, u32)>>;

    /// The claimants of a gift, in ascending order.
    async fn claimers(&self, gift: GiftNumber) -> Result<Vec<ClaimantId>>;

    /// The claims of these claimants of a gift, in the order of the argument.
    async fn claims_of(&self, gift: GiftNumber, claimers: &[ClaimantId]) -> Result<Vec<StoredClaim>>;

    /// The number of records.
    async fn record_counts(&self) -> Result<RecordCounts>;

    /// Marks the store as being imported into, so that it cannot be opened; returns `false` if it was marked before.
    async fn begin_import(&self) -> Result<bool>;

    /// Stores entries without a change. Log entries are appended, so no entry may be imported twice.
    async fn import(&self, entries: Vec<ExportEntry>) -> Result<()>;

    /// The best number of entries per call of [`MaintenanceStore::import`].
    fn batch_size(&self) -> usize;

    /// Removes the mark of [`MaintenanceStore::begin_import`] after making all imported entries durable.
    async fn end_import(&self) -> Result<()>;

    /// Deletes all personal data in many bounded, repeatable steps: passports, cards, claims, the logs of stamps and
    /// claims, suspicions and their resolutions, sessions, invitations and poster checks. Removes the names from
    /// stock logs and published versions. Counters, the numbers of gifts and the last serial stay. Calls `on_deleted`
    /// with the number of deleted rows after each step.
    async fn purge(&self, on_deleted: &mut (dyn FnMut(u64) + Send)) -> Result<()>;
}
