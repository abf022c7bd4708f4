//! The purge of personal data after the end of the carnival.

use std::collections::BTreeSet;

use redb::{ReadTransaction, ReadableTable};

use super::handle::DatabaseHandle;
use super::journal::flush;
use super::tables::{FACTS, Tables, TxResult, log_key};
use crate::rules::ids::GiftNumber;
use crate::store::export::traversal::all_gift_numbers;
use crate::store::{LogId, PublishedVersion, Result, record};

/// Rows that are deleted or rewritten per commit.
const BATCH_SIZE: usize = 5000;

macro_rules! purged_tables {
    ($($table:ident),*) => {
        /// Deletes up to `BATCH_SIZE` rows of the tables with personal data; returns how many.
        fn delete_batch(tables: &mut Tables<'_>) -> TxResult<usize> {
            let mut deleted = 0;
            $(
                while deleted < BATCH_SIZE && tables.$table.read()?.first()?.is_some() {
                    tables.$table.edit()?.pop_first()?;
                    deleted += 1;
                }
            )*
            Ok(deleted)
        }
    };
}
purged_tables!(
    passports,
    companions,
    claims,
    vouchers,
    holds,
    waiting,
    suspicions,
    settled,
    posters,
    seen,
    accepted,
    ended_sessions,
    sessions,
    ended_invitations,
    invitations
);

pub(super) async fn purge(handle: &DatabaseHandle, on_deleted: &mut (dyn FnMut(u64) + Send)) -> Result<()> {
    loop {
        let deleted = handle.write(delete_batch).await?;
        if deleted == 0 {
            break;
        }
        on_deleted(deleted as u64);
    }
    handle.write(flush).await?;
    let shards = (0..handle.shards).map(LogId::Shard);
    for log in shards.chain(all_gift_numbers().map(LogId::Gift)) {
        let key = log_key(log);
        loop {
            let deleted = handle.write(move |tables| truncate_log(tables, key)).await?;
            if deleted == 0 {
                break;
            }
            on_deleted(deleted as u64);
        }
    }
    for gift in all_gift_numbers() {
        anonymise_stock_log(handle, gift).await?;
    }
    handle.write(anonymise_versions).await
}

/// Deletes the newest entries of a log; returns how many. From the end, so that the index of the remaining entries
/// still starts at 0 if the purge is interrupted.
fn truncate_log(tables: &mut Tables<'_>, key: u32) -> TxResult<usize> {
    let facts = tables.facts.read()?;
    let batch = facts.range((key, 0)..=(key, u64::MAX))?.rev().take(BATCH_SIZE);
    let batch = batch.map(|row| Ok(row?.0.value())).collect::<TxResult<Vec<_>>>()?;
    for row in &batch {
        tables.facts.edit()?.remove(*row)?;
    }
    Ok(batch.len())
}

async fn anonymise_stock_log(handle: &DatabaseHandle, gift: GiftNumber) -> Result<()> {
    let key = log_key(LogId::Stock(gift));
    let mut from = 0;
    loop {
        let batch = handle.read(move |snapshot| named_stock_entries(snapshot, key, from)).await?;
        let Some((last, named)) = batch else {
            return Ok(());
        };
        from = last + 1;
        if named.is_empty() {
            continue;
        }
        handle
            .write(move |tables| {
                for (row, text) in &named {
                    tables.facts.edit()?.insert(*row, text.as_str())?;
                }
                Ok(())
            })
            .await?;
    }
}

/// A row of a log and its new text.
type AnonymisedRow = ((u32, u64), String);

/// Reads a batch of stock entries from index `from` on: the last index, and the entries with a name, already without
/// it. `None` at the end of the log.
fn named_stock_entries(snapshot: &ReadTransaction, key: u32, from: u64) -> TxResult<Option<(u64, Vec<AnonymisedRow>)>> {
    let facts = snapshot.open_table(FACTS)?;
    let (mut last, mut named) = (None, Vec::new());
    for row in facts.range((key, from)..=(key, u64::MAX))?.take(BATCH_SIZE) {
        let (row, text) = row?;
        last = Some(row.value().1);
        if let Some(without) = record::anonymise_stock_entry(text.value())? {
            named.push((row.value(), without));
        }
    }
    Ok(last.map(|last| (last, named)))
}

fn anonymise_versions(tables: &mut Tables<'_>) -> TxResult<()> {
    let mut versions = BTreeSet::new();
    for row in tables.published.read()?.iter()? {
        versions.insert(row?.0.value());
    }
    for version in versions {
        let text = tables.published.read()?.get(version)?.map(|text| text.value().to_owned()).unwrap_or_default();
        let stored = record::decode_published(&text)?;
        if !stored.by.is_empty() {
            let anonymised = record::encode_published(&PublishedVersion { by: String::new(), ..stored })?;
            tables.published.edit()?.insert(version, anonymised.as_str())?;
        }
    }
    Ok(())
}
