//! Low-traffic records: one table of versioned records with compare-and-swap.
//!
//! The kinds are declared in `record_kinds`.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::record_kinds::{Beyond, Declaration, Fate, RecordKind, RecordValue, decode, parse_key};
use super::{Result, StoreError, record};
use crate::rules::ids::PassportNumber;

/// How often a change is tried while other callers are faster.
pub const MAX_ATTEMPTS: u32 = 16;

/// Records that are removed in one step.
const BATCH_SIZE: usize = 500;

/// Low-traffic records.
#[async_trait]
pub trait RecordStore: Send + Sync {
    /// The record with this key.
    async fn record(&self, kind: RecordKind, key: &str) -> Result<Option<ControlRecord>>;

    /// All records of a kind, by key.
    async fn records(&self, kind: RecordKind) -> Result<Vec<ControlRecord>>;

    /// Makes all changes in one step if each record still is the one that was read, otherwise none. Returns whether
    /// the records are as they shall be.
    async fn change_records(&self, changes: &[RecordChange]) -> Result<bool>;
}

/// A record as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlRecord {
    /// Its kind.
    pub kind: RecordKind,
    /// Its key.
    pub key: String,
    /// How often it was written.
    pub version: u64,
    /// Its value as JSON.
    pub value: String,
}

/// A change of one record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordChange {
    pub(super) kind: RecordKind,
    pub(super) key: String,
    /// The stored text that is expected; empty if there is no record.
    pub(super) before: String,
    /// The new stored text; empty to remove the record.
    pub(super) after: String,
}

impl ControlRecord {
    /// Parses the stored text: the version, a space, and the value.
    pub(super) fn parse(kind: RecordKind, key: &str, text: &str) -> Result<ControlRecord> {
        let (version, value) = text.split_once(' ').unwrap_or_default();
        let version = version.parse().map_err(|_| StoreError::Broken(format!("a record cannot be read: {text:?}")))?;
        Ok(ControlRecord { kind, key: key.to_owned(), version, value: value.to_owned() })
    }

    /// The stored text.
    pub(super) fn text(&self) -> String {
        format!("{} {}", self.version, self.value)
    }

    /// Its value.
    ///
    /// # Errors
    /// [`StoreError::Broken`] if it cannot be read.
    pub fn decode<T: RecordValue>(&self) -> Result<T> {
        decode(&self.value)
    }

    /// Checks key and value.
    ///
    /// # Errors
    /// [`StoreError::Broken`] if one cannot be read.
    pub fn check(&self) -> Result<()> {
        (self.kind.declaration().check)(&self.key, &self.value)
    }

    /// The change that replaces it.
    ///
    /// # Errors
    /// None known; writing JSON can fail in principle.
    pub fn replaced_by<T: RecordValue>(&self, value: &T) -> Result<RecordChange> {
        let after = format!("{} {}", self.version + 1, record::to_json(value)?);
        Ok(RecordChange { kind: self.kind, key: self.key.clone(), before: self.text(), after })
    }

    /// The change that removes it.
    #[must_use]
    pub fn removed(&self) -> RecordChange {
        RecordChange { kind: self.kind, key: self.key.clone(), before: self.text(), after: String::new() }
    }

    /// Whether its key is the number of this passport, or begins with it.
    #[must_use]
    pub fn is_of(&self, passport: &PassportNumber) -> bool {
        self.key.split('-').next() == Some(passport.as_str())
    }
}

/// The value with this key.
///
/// # Errors
/// Only when the store fails.
pub async fn read<T: RecordValue>(store: &dyn RecordStore, key: &T::Key) -> Result<Option<T>> {
    store.record(T::KIND, &key.to_string()).await?.map(|record| record.decode()).transpose()
}

/// A value with the record that it was read from, so that a change can require that it still is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredValue<T> {
    /// The value.
    pub value: T,
    record: ControlRecord,
}

impl<T: RecordValue> StoredValue<T> {
    /// The value with this key.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn read(store: &dyn RecordStore, key: &T::Key) -> Result<Option<StoredValue<T>>> {
        let record = store.record(T::KIND, &key.to_string()).await?;
        record.map(|record| Ok(StoredValue { value: record.decode()?, record })).transpose()
    }

    /// All values of a kind, by key.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn read_all(store: &dyn RecordStore) -> Result<Vec<StoredValue<T>>> {
        let stored = store.records(T::KIND).await?.into_iter();
        stored.map(|record| Ok(StoredValue { value: record.decode()?, record })).collect()
    }

    /// The change that replaces it.
    ///
    /// # Errors
    /// None known; writing JSON can fail in principle.
    pub fn replaced_by(&self, value: &T) -> Result<RecordChange> {
        self.record.replaced_by(value)
    }

    /// The change that replaces it, or that leaves it as it is if the value is the same.
    ///
    /// # Errors
    /// None known; writing JSON can fail in principle.
    pub fn changed_to(&self, value: &T) -> Result<RecordChange>
    where
        T: PartialEq,
    {
        if self.value == *value { Ok(self.unchanged()) } else { self.replaced_by(value) }
    }

    /// A change that leaves it as it is: the other changes of the same step are made only if it still is the same.
    #[must_use]
    pub fn unchanged(&self) -> RecordChange {
        let text = self.record.text();
        RecordChange { kind: T::KIND, key: self.record.key.clone(), before: text.clone(), after: text }
    }
}

/// Checks that one more record of a kind fits.
///
/// # Errors
/// The kind is at its limit and refuses more.
pub async fn check_room<T: RecordValue>(store: &dyn RecordStore) -> Result<()> {
    room_for(1, &store.records(T::KIND).await?, T::KIND).map(drop)
}

/// The change that stores a value with a key that no record has. The caller checks that there is room.
///
/// # Errors
/// None known; writing JSON can fail in principle.
pub fn created<T: RecordValue>(key: &T::Key, value: &T) -> Result<RecordChange> {
    let after = format!("1 {}", record::to_json(value)?);
    Ok(RecordChange { kind: T::KIND, key: key.to_string(), before: String::new(), after })
}

/// All values by key.
///
/// # Errors
/// Only when the store fails.
pub async fn read_all<T: RecordValue>(store: &dyn RecordStore) -> Result<BTreeMap<T::Key, T>> {
    parsed(&store.records(T::KIND).await?)
}

/// The values of stored records by key.
///
/// # Errors
/// [`StoreError::Broken`] if one cannot be read.
pub fn parsed<T: RecordValue>(stored: &[ControlRecord]) -> Result<BTreeMap<T::Key, T>> {
    stored.iter().map(|record| Ok((parse_key::<T>(&record.key)?, record.decode()?))).collect()
}

/// What happens to a record that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// The first value counts.
    Kept,
    /// The last value counts.
    Replaced,
}

/// Stores values in one step.
///
/// # Errors
/// The store fails, or the kind is at its limit and refuses more.
pub async fn put<T: RecordValue>(
    store: &dyn RecordStore,
    values: &BTreeMap<T::Key, T>,
    existing: Existing,
) -> Result<()> {
    for _ in 0..MAX_ATTEMPTS {
        let changes = changes_to(&store.records(T::KIND).await?, values, existing)?;
        if changes.is_empty() || store.change_records(&changes).await? {
            return Ok(());
        }
    }
    Err(contended())
}

/// The changes that store values beside the stored records of the same kind, within its limit.
///
/// # Errors
/// The kind is at its limit and refuses more.
pub fn changes_to<T: RecordValue>(
    stored: &[ControlRecord],
    values: &BTreeMap<T::Key, T>,
    existing: Existing,
) -> Result<Vec<RecordChange>> {
    let by_key: BTreeMap<&str, &ControlRecord> = stored.iter().map(|record| (record.key.as_str(), record)).collect();
    let (mut changes, mut new) = (Vec::new(), 0);
    for (key, value) in values {
        let key = key.to_string();
        match by_key.get(key.as_str()) {
            Some(_) if existing == Existing::Kept => {}
            Some(record) => changes.push(record.replaced_by(value)?),
            None => {
                let after = format!("1 {}", record::to_json(value)?);
                changes.push(RecordChange { kind: T::KIND, key, before: String::new(), after });
                new += 1;
            }
        }
    }
    if new > 0 {
        changes.extend(room_for(new, stored, T::KIND)?);
    }
    Ok(changes)
}

/// The removals that make room for new records of a kind.
fn room_for(new: usize, stored: &[ControlRecord], kind: RecordKind) -> Result<Vec<RecordChange>> {
    let Declaration { limit, beyond, .. } = kind.declaration();
    let Beyond::DropOldest(age) = beyond else {
        let full =
            || StoreError::Broken(format!("there are {} records of the kind {} already", stored.len(), kind.name()));
        return if stored.len() + new > limit { Err(full()) } else { Ok(Vec::new()) };
    };
    // A cheap check first: those that count cannot be more than all. A tenth more may gather before many go at once.
    if stored.len() + new <= limit + limit / 10 {
        return Ok(Vec::new());
    }
    let mut by_age = Vec::new();
    for record in stored {
        by_age.extend(age(&record.value)?.map(|age| (age, record)));
    }
    if by_age.len() + new <= limit + limit / 10 {
        return Ok(Vec::new());
    }
    by_age.sort_unstable_by_key(|(age, _)| *age);
    let excess = by_age.len() + new - limit;
    Ok(by_age.into_iter().take(excess).map(|(_, record)| record.removed()).collect())
}

/// The failure after [`MAX_ATTEMPTS`].
#[must_use]
pub fn contended() -> StoreError {
    StoreError::Unavailable("other callers changed the same records".to_owned())
}

/// Erases the records of a passport.
///
/// # Errors
/// Only when the store fails.
pub async fn erase(store: &dyn RecordStore, passport: &PassportNumber) -> Result<()> {
    for kind in RecordKind::iter().filter(|kind| kind.declaration().erasure == Fate::Removed) {
        remove(store, kind, |record| record.is_of(passport)).await?;
    }
    Ok(())
}

/// Removes the records of all kinds that a purge removes; returns how many.
///
/// # Errors
/// Only when the store fails.
pub async fn purge(store: &dyn RecordStore) -> Result<u64> {
    let mut removed = 0;
    for kind in RecordKind::iter().filter(|kind| kind.declaration().purge == Fate::Removed) {
        removed += remove(store, kind, |_| true).await?;
    }
    Ok(removed)
}

async fn remove(store: &dyn RecordStore, kind: RecordKind, of: impl Fn(&ControlRecord) -> bool + Send) -> Result<u64> {
    let mut removed = 0;
    loop {
        let stored = store.records(kind).await?;
        let batch: Vec<RecordChange> =
            stored.iter().filter(|record| of(record)).take(BATCH_SIZE).map(ControlRecord::removed).collect();
        if batch.is_empty() {
            return Ok(removed);
        }
        if store.change_records(&batch).await? {
            removed += batch.len() as u64;
        }
    }
}
