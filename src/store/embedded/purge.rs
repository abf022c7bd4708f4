//! The deletion of personal data by a purge.

use redb::ReadableTable;

use super::handle::DatabaseHandle;
use super::journal::flush;
use super::tables::{Tables, TxResult, log_key};
use crate::store::export::traversal::all_gift_numbers;
use crate::store::{LogId, Result};

/// Rows that are deleted per commit.
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
purged_tables!(passports, companions, claims, vouchers, erased_vouchers, holds, seen);

pub(super) async fn delete_personal_data(
    handle: &DatabaseHandle,
    on_deleted: &mut (dyn FnMut(u64) + Send),
) -> Result<()> {
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
    Ok(())
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
