//! Reads a whole store in the canonical order, in bounded batches.

use std::io;

use futures_util::future::try_join_all;

use super::entry::{ExportEntry, passport_lines, raw_record};
use super::{MaintenanceStore, RecordCounts};
use crate::rules::check_ins::passport::Passport;
use crate::rules::ids::{GiftNumber, Holder, ResidentId};
use crate::rules::statistics::tally::TallyPeriod;
use crate::store::keys::holder_name;
use crate::store::{ControlRecord, LogId, RecordKind, Result, StoreError, StoredClaim, record};

/// How many log entries or claims are read at a time.
const BATCH_SIZE: usize = 1000;

/// How many passports or phones are read at a time, each by a call.
const CONCURRENCY: usize = 64;

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Writing the export failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The store was written to during the export.
    #[error("the store changed during the export")]
    Changed,
}

/// The result of a part of an export.
pub type ExportResult<T = ()> = std::result::Result<T, ExportError>;

/// What takes the entries.
pub type Sink<'s> = dyn FnMut(Vec<ExportEntry>) -> io::Result<()> + Send + 's;

/// Passes every entry of a store to `sink`, in the canonical order.
///
/// # Errors
/// The store fails or changes during the traversal, or `sink` fails.
pub async fn traverse(store: &dyn MaintenanceStore, sink: &mut Sink<'_>) -> ExportResult {
    let before = contents_summary(store).await?;
    sink(leading_entries(store).await?)?;
    let mut residents = store.companion_holders().await?;
    for shard in 0..store.shards() {
        let holders = store.holders(shard).await?;
        for batch in holders.chunks(CONCURRENCY) {
            let passports = try_join_all(batch.iter().map(|holder| store.passport(*holder))).await?;
            let entry = |(holder, passport): (&Holder, Option<Passport>)| {
                let lines = passport_lines(&passport.ok_or(ExportError::Changed)?);
                Ok(ExportEntry::Passport { holder: holder_name(*holder), lines })
            };
            sink(batch.iter().zip(passports).map(entry).collect::<ExportResult<_>>()?)?;
        }
        for batch in residents.remove(&shard).unwrap_or_default().chunks(CONCURRENCY) {
            let cards = try_join_all(batch.iter().map(|resident| store.companions(*resident))).await?;
            let entry = |(resident, cards): (&ResidentId, _)| ExportEntry::Cards { resident: *resident, cards };
            sink(batch.iter().zip(cards).map(entry).collect())?;
        }
        append_log(store, LogId::Shard(shard), |fact| Ok(ExportEntry::Stamp { shard, fact }), sink).await?;
    }
    for gift in all_gift_numbers() {
        append_gift(store, gift, sink).await?;
    }
    sink(tally_entries(store).await?)?;
    if contents_summary(store).await? == before { Ok(()) } else { Err(ExportError::Changed) }
}

/// All valid gift numbers.
pub fn all_gift_numbers() -> impl Iterator<Item = GiftNumber> + Send {
    GiftNumber::RANGE.filter_map(|gift| GiftNumber::try_from(u64::from(gift)).ok())
}

async fn append_gift(store: &dyn MaintenanceStore, gift: GiftNumber, sink: &mut Sink<'_>) -> ExportResult {
    if let Some((stock, redeemed)) = store.stock_totals(gift).await? {
        sink(vec![ExportEntry::Gift { gift, stock, redeemed }])?;
    }
    let unavailable =
        store.gift_states(&[gift], jiff::Timestamp::MAX).await?.into_iter().flat_map(|state| state.unavailable_booths);
    sink(unavailable.map(|booth| ExportEntry::Gone { gift, booth }).collect())?;
    let claimers = store.claimers(gift).await?;
    for batch in claimers.chunks(BATCH_SIZE) {
        let of: Vec<_> = batch.iter().map(|claimer| (gift, *claimer)).collect();
        let entry = |stored: Option<StoredClaim>| {
            Ok(ExportEntry::Claim { record: raw_record(stored.ok_or(ExportError::Changed)?.record)? })
        };
        sink(store.claims(&of).await?.into_iter().map(entry).collect::<ExportResult<_>>()?)?;
    }
    append_log(store, LogId::Gift(gift), |fact| Ok(ExportEntry::ClaimStep { gift, record: raw_record(fact)? }), sink)
        .await?;
    append_log(store, LogId::Stock(gift), |fact| Ok(ExportEntry::StockStep { gift, record: raw_record(fact)? }), sink)
        .await
}

async fn append_log(
    store: &dyn MaintenanceStore,
    log: LogId,
    entry: impl Fn(String) -> Result<ExportEntry> + Send,
    sink: &mut Sink<'_>,
) -> ExportResult {
    let mut from = 0;
    loop {
        let log_entries = store.log_entries(log, from, u32::try_from(BATCH_SIZE).unwrap_or(u32::MAX)).await?;
        if log_entries.is_empty() {
            return Ok(());
        }
        from += log_entries.len() as u64;
        sink(log_entries.into_iter().map(&entry).collect::<Result<_>>()?)?;
    }
}

/// A summary that detects concurrent writes: all small records, and the number of all other records.
async fn contents_summary(store: &dyn MaintenanceStore) -> Result<(Vec<String>, RecordCounts)> {
    let entries = leading_entries(store).await?;
    Ok((entries.iter().map(ExportEntry::to_line).collect::<Result<_>>()?, store.record_counts().await?))
}

/// The entries before the shards.
async fn leading_entries(store: &dyn MaintenanceStore) -> Result<Vec<ExportEntry>> {
    let mut entries = Vec::new();
    for kind in RecordKind::iter().filter(|kind| kind.declaration().exported) {
        for ControlRecord { kind, key, version, value } in store.records(kind).await? {
            entries.push(ExportEntry::Record { kind, key, version, value: raw_record(value)? });
        }
    }
    let control = store.control().await?;
    for version in 1..=control.version {
        let missing = || StoreError::Broken(format!("version {version} of the carnival is missing"));
        let published = store.published_version(version).await?.ok_or_else(missing)?;
        entries.push(ExportEntry::Published { record: raw_record(record::encode_published(&published)?)? });
    }
    let generation = |(point, generation)| ExportEntry::Generation { point, generation };
    entries.extend(control.generations.into_iter().map(generation));
    entries.push(ExportEntry::Serials { last: store.last_serial().await? });
    append_hints(store, &mut entries).await?;
    Ok(entries)
}

async fn append_hints(store: &dyn MaintenanceStore, entries: &mut Vec<ExportEntry>) -> Result<()> {
    let hints = store.hints().await?;
    let mut refused: Vec<_> = hints.refusals.into_iter().collect();
    refused.sort_by_cached_key(|(what, _)| what.to_string());
    entries.extend(refused.into_iter().map(|(what, count)| ExportEntry::Refused { what, count }));
    let ms = jiff::Timestamp::as_millisecond;
    entries.extend(hints.last_seen.into_iter().map(|(session, at)| ExportEntry::Seen { session, ms: ms(at) }));
    entries.extend(hints.last_stamped.into_iter().map(|(point, at)| ExportEntry::Stamped { point, ms: ms(at) }));
    Ok(())
}

async fn tally_entries(store: &dyn MaintenanceStore) -> Result<Vec<ExportEntry>> {
    let mut all = store.tallies(TallyPeriod::AllTime).await?;
    all.extend(store.tallies(TallyPeriod::ByHour).await?);
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_cached_key(|(name, _)| name.to_string());
    Ok(all.into_iter().map(|(name, count)| ExportEntry::Tally { name, count }).collect())
}
