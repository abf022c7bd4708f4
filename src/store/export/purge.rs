//! The purge of personal data after the end of the carnival.

use super::MaintenanceStore;
use super::traversal::all_gift_numbers;
use crate::rules::ids::GiftNumber;
use crate::store::{LogId, PublishedVersion, Result, control_records, record};

/// Log entries that are rewritten at a time.
const BATCH_SIZE: u32 = 1000;

/// Deletes all personal data in many bounded, repeatable steps: passports, cards, claims, the logs of stamps and claims,
/// and the low-traffic records that a purge removes, such as sessions of staff. Removes the names from stock logs and
/// published versions. Counters, the numbers of gifts and the last serial stay. Calls `on_deleted` with the number of
/// deleted rows after each step.
///
/// # Errors
/// Only when the store fails; a repeat continues.
pub async fn purge(store: &dyn MaintenanceStore, on_deleted: &mut (dyn FnMut(u64) + Send)) -> Result<()> {
    store.delete_personal_data(on_deleted).await?;
    on_deleted(control_records::purge(store).await?);
    for gift in all_gift_numbers() {
        anonymise_stock_log(store, gift).await?;
    }
    for version in 1..=store.control().await?.version {
        if let Some(stored) = store.published_version(version).await?.filter(|stored| !stored.by.is_empty()) {
            store.rewrite_published(&PublishedVersion { by: String::new(), ..stored }).await?;
        }
    }
    Ok(())
}

async fn anonymise_stock_log(store: &dyn MaintenanceStore, gift: GiftNumber) -> Result<()> {
    let (log, mut from) = (LogId::Stock(gift), 0);
    loop {
        let entries = store.log_entries(log, from, BATCH_SIZE).await?;
        if entries.is_empty() {
            return Ok(());
        }
        let mut anonymised = Vec::new();
        for (nth, entry) in (from..).zip(&entries) {
            anonymised.extend(record::anonymise_stock_entry(entry)?.map(|entry| (nth, entry)));
        }
        if !anonymised.is_empty() {
            store.rewrite_log(log, anonymised).await?;
        }
        from += entries.len() as u64;
    }
}
