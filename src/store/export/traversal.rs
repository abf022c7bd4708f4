//! Reads a whole store in the canonical order, in bounded batches.

use std::io;

use super::entry::{ExportEntry, passport_lines, raw_record};
use super::{MaintenanceStore, RecordCounts};
use crate::rules::ids::{GiftNumber, PointNumber};
use crate::rules::statistics::tally::TallyPeriod;
use crate::store::keys::holder_name;
use crate::store::{LogId, Result, StoreError, record};

/// How many log entries, passports or claims are read at a time.
const BATCH_SIZE: usize = 1000;

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

/// Passes every entry of a store to `sink`, in the canonical order.
///
/// # Errors
/// The store fails or changes during the traversal, or `sink` fails.
pub async fn traverse<F>(store: &dyn MaintenanceStore, mut sink: F) -> std::result::Result<(), ExportError>
where
    F: FnMut(Vec<ExportEntry>) -> io::Result<()> + Send,
{
    let before = contents_summary(store).await?;
    sink(leading_entries(store).await?)?;
    let mut residents = store.companion_holders().await?;
    for shard in 0..store.shards() {
        let holders = store.holders(shard).await?;
        for batch in holders.chunks(BATCH_SIZE) {
            let passports = store.passports(shard, batch).await?;
            let entry = |(holder, passport)| ExportEntry::Passport {
                holder: holder_name(holder),
                lines: passport_lines(&passport),
            };
            sink(batch.iter().copied().zip(passports).map(entry).collect())?;
        }
        for batch in residents.remove(&shard).unwrap_or_default().chunks(BATCH_SIZE) {
            let cards = store.companions_of(shard, batch).await?;
            sink(
                batch
                    .iter()
                    .zip(cards)
                    .map(|(resident, cards)| ExportEntry::Cards { resident: *resident, cards })
                    .collect(),
            )?;
        }
        append_log(store, LogId::Shard(shard), |fact| Ok(ExportEntry::Stamp { shard, fact }), &mut sink).await?;
    }
    for gift in all_gift_numbers() {
        append_gift(store, gift, &mut sink).await?;
    }
    sink(tally_entries(store).await?)?;
    if contents_summary(store).await? == before { Ok(()) } else { Err(ExportError::Changed) }
}

/// All valid gift numbers.
pub fn all_gift_numbers() -> impl Iterator<Item = GiftNumber> + Send {
    GiftNumber::RANGE.filter_map(|gift| GiftNumber::try_from(u64::from(gift)).ok())
}

async fn append_gift<F>(
    store: &dyn MaintenanceStore,
    gift: GiftNumber,
    sink: &mut F,
) -> std::result::Result<(), ExportError>
where
    F: FnMut(Vec<ExportEntry>) -> io::Result<()> + Send,
{
    if let Some((stock, redeemed)) = store.stock_totals(gift).await? {
        sink(vec![ExportEntry::Gift { gift, stock, redeemed }])?;
    }
    let unavailable =
        store.gift_states(&[gift], jiff::Timestamp::MAX).await?.into_iter().flat_map(|state| state.unavailable_booths);
    sink(unavailable.map(|booth| ExportEntry::Gone { gift, booth }).collect())?;
    let claimers = store.claimers(gift).await?;
    for batch in claimers.chunks(BATCH_SIZE) {
        let claims = store.claims_of(gift, batch).await?;
        let entries = claims.into_iter().map(|stored| Ok(ExportEntry::Claim { record: raw_record(stored.record)? }));
        sink(entries.collect::<Result<_>>()?)?;
    }
    append_log(store, LogId::Gift(gift), |fact| Ok(ExportEntry::ClaimStep { gift, record: raw_record(fact)? }), sink)
        .await?;
    append_log(store, LogId::Stock(gift), |fact| Ok(ExportEntry::StockStep { gift, record: raw_record(fact)? }), sink)
        .await
}

async fn append_log<F, E>(
    store: &dyn MaintenanceStore,
    log: LogId,
    entry: E,
    sink: &mut F,
) -> std::result::Result<(), ExportError>
where
    F: FnMut(Vec<ExportEntry>) -> io::Result<()> + Send,
    E: Fn(String) -> Result<ExportEntry> + Send,
{
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
    entries.extend(store.markers().await?.into_iter().map(|(name, value)| ExportEntry::Mark { name, value }));
    let control = store.control().await?;
    for version in 1..=control.version {
        let missing = || StoreError::Broken(format!("version {version} of the carnival is missing"));
        let published = store.published_version(version).await?.ok_or_else(missing)?;
        entries.push(ExportEntry::Published { record: raw_record(record::encode_published(&published)?)? });
    }
    let generation = |(point, generation)| ExportEntry::Generation { point, generation };
    entries.extend(control.generations.into_iter().map(generation));
    entries.extend(control.blocked_passports.into_iter().map(|passport| ExportEntry::Waits { passport }));
    for (point, check) in store.poster_checks().await? {
        entries.push(ExportEntry::Poster { point, record: raw_record(record::encode_poster_check(&check)?)? });
    }
    let mut resolutions: Vec<_> = store.resolutions().await?.into_iter().collect();
    resolutions.sort_by_cached_key(|(suspicion, _)| suspicion.to_string());
    for (suspicion, resolution) in resolutions {
        entries.push(ExportEntry::Settled { suspicion, record: raw_record(record::encode_resolution(&resolution)?)? });
    }
    entries.push(ExportEntry::Serials { last: store.last_serial().await? });
    append_staff(store, &mut entries).await?;
    append_hints(store, &mut entries).await?;
    Ok(entries)
}

async fn append_staff(store: &dyn MaintenanceStore, entries: &mut Vec<ExportEntry>) -> Result<()> {
    let mut invitations = store.invitations().await?;
    invitations.sort_by(|a, b| a.invitation.id.cmp(&b.invitation.id));
    for stored in &invitations {
        entries.push(ExportEntry::Invitation {
            record: raw_record(record::encode_invitation(&stored.invitation)?)?,
            ended: stored.ended,
        });
    }
    let mut sessions: Vec<_> = invitations.into_iter().flat_map(|stored| stored.sessions).collect();
    sessions.sort_by(|a, b| a.session.id.cmp(&b.session.id));
    for stored in sessions {
        entries.push(ExportEntry::Session {
            record: raw_record(record::encode_session(&stored.session)?)?,
            ended: stored.ended,
        });
    }
    Ok(())
}

async fn append_hints(store: &dyn MaintenanceStore, entries: &mut Vec<ExportEntry>) -> Result<()> {
    let hints = store.hints().await?;
    let mut refused: Vec<_> = hints.refusals.into_iter().collect();
    refused.sort_by_cached_key(|(what, _)| what.to_string());
    entries.extend(refused.into_iter().map(|(what, count)| ExportEntry::Refused { what, count }));
    entries.extend(
        hints.last_seen.into_iter().map(|(session, at)| ExportEntry::Seen { session, ms: at.as_millisecond() }),
    );
    let stamped = |(point, at): (PointNumber, jiff::Timestamp)| ExportEntry::Stamped { point, ms: at.as_millisecond() };
    entries.extend(hints.last_stamped.into_iter().map(stamped));
    let mut suspicions: Vec<_> = hints.suspicions.into_iter().collect();
    suspicions.sort_by_cached_key(|(id, _)| id.to_string());
    for (_, suspicion) in suspicions {
        entries.push(ExportEntry::Suspicion { record: raw_record(record::encode_suspicion(&suspicion)?)? });
    }
    Ok(())
}

async fn tally_entries(store: &dyn MaintenanceStore) -> Result<Vec<ExportEntry>> {
    let mut all = store.tallies(TallyPeriod::AllTime).await?;
    all.extend(store.tallies(TallyPeriod::ByHour).await?);
    let mut all: Vec<_> = all.into_iter().map(|(name, count)| ExportEntry::Tally { name, count }).collect();
    all.sort_by_cached_key(|entry| match entry {
        ExportEntry::Tally { name, .. } => name.to_string(),
        _ => String::new(),
    });
    Ok(all)
}
