//! Moving house: what a store must do beyond its daily work so that all of it can be taken out, put
//! into another, and forgotten after the end.
//!
//! Whoever calls has the store to himself: the embedded one is opened as its owner and without a
//! door, and on Redis every server is stopped. Nothing here is asked for while a carnival is served.

pub mod entry;
pub mod file;
pub mod traversal;

use std::collections::BTreeMap;

use async_trait::async_trait;

use self::entry::ExportEntry;
use super::{Result, Store, StoredClaim};
use crate::rules::ids::{CardSerial, ClaimantId, GiftNumber, Holder, ResidentId};
use crate::rules::passport::Passport;

/// How much there is of what grows. Two that are equal, before and after, show that nobody wrote meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordCounts {
    /// Passports.
    pub passports: u64,
    /// Residents with a card on the phone.
    pub companion_holders: u64,
    /// Facts of stamps.
    pub stamp_entries: u64,
    /// Claims.
    pub claims: u64,
    /// Facts of claims.
    pub claim_entries: u64,
    /// Movements of stock.
    pub stock_entries: u64,
    /// Counters.
    pub tallies: u64,
}

/// A store that can be moved out of, moved into, and purged.
#[async_trait]
pub trait MaintenanceStore: Store {
    /// Whether nothing was ever kept here: no carnival, no mark, no serial, nothing.
    async fn is_empty(&self) -> Result<bool>;

    /// What the store is marked with, by name.
    async fn markers(&self) -> Result<BTreeMap<String, u64>>;

    /// The last serial that was given out; 0 before the first.
    async fn last_serial(&self) -> Result<u64>;

    /// Who has a passport in a shard, in the order of [`entry::holder_sort_key`].
    async fn holders(&self, shard: u16) -> Result<Vec<Holder>>;

    /// The passports of holders of one shard, in the order asked for.
    async fn passports(&self, shard: u16, holders: &[Holder]) -> Result<Vec<Passport>>;

    /// Who has cards on the phone, by shard, each in ascending order. Of all shards at once, because not
    /// every store keeps them apart.
    async fn companion_holders(&self) -> Result<BTreeMap<u16, Vec<ResidentId>>>;

    /// The cards on the phones of these residents of one shard, each in ascending order.
    async fn companions_of(&self, shard: u16, residents: &[ResidentId]) -> Result<Vec<Vec<CardSerial>>>;

    /// A gift's stock and how many are redeemed; none for a gift that was never declared.
    async fn stock_totals(&self, gift: GiftNumber) -> Result<Option<(u32, u32)>>;

    /// Who claimed a gift, in ascending order.
    async fn claimers(&self, gift: GiftNumber) -> Result<Vec<ClaimantId>>;

    /// The claims of these claimers of a gift, in the order asked for.
    async fn claims_of(&self, gift: GiftNumber, claimers: &[ClaimantId]) -> Result<Vec<StoredClaim>>;

    /// How much there is.
    async fn record_counts(&self) -> Result<RecordCounts>;

    /// Marks the store as one that is being moved into, which nobody opens; false if it was already.
    async fn begin_import(&self) -> Result<bool>;

    /// Keeps entries as they are. Facts are appended, so nothing may be put twice.
    async fn import(&self, entries: Vec<ExportEntry>) -> Result<()>;

    /// How many entries are best put at a time.
    fn batch_size(&self) -> usize;

    /// Takes the mark of [`MaintenanceStore::begin_import`] away, once everything is as safe as the store makes it.
    async fn end_import(&self) -> Result<()>;

    /// Deletes whatever is about people, in many bounded steps, each of which can be repeated: passports,
    /// cards, claims, logs of stamps and claims, suspicions and what was done about them, sessions
    /// and invitations, looks at posters. Takes the names out of movements of stock and versions.
    /// Counters, numbers of gifts and the last serial stay. `done` is told how many were deleted.
    async fn purge(&self, on_deleted: &mut (dyn FnMut(u64) + Send)) -> Result<()>;
}
