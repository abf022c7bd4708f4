//! Export and import of the embedded store.

use std::collections::BTreeMap;

use async_trait::async_trait;
use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata};

use super::gifts::{import_claim, import_voucher};
use super::tables::{
    CLAIMS, COMPANIONS, FACTS, GIFTS, JOURNAL, META, PASSPORTS, TALLIES_BY_HOUR, TALLIES_IN_ALL, Tables, TxResult,
    holder_key, log_key, read_rows, row_count, unreadable,
};
use super::{EmbeddedStore, IMPORTING, purge};
use crate::rules::ids::{CardSerial, ClaimantId, GiftNumber, Holder, ResidentId};
use crate::rules::statistics::tally::TallyPeriod;
use crate::store::export::entry::ExportEntry;
use crate::store::export::traversal::all_gift_numbers;
use crate::store::export::{MaintenanceStore, RecordCounts};
use crate::store::keys::parse_holder;
use crate::store::shard::shard_of;
use crate::store::{LogId, PublishedVersion, Result, record};

#[async_trait]
impl MaintenanceStore for EmbeddedStore {
    async fn is_empty(&self) -> Result<bool> {
        // Format and shards are written when the database is created.
        self.handle.read(|snapshot| Ok(row_count(snapshot)? == 2)).await
    }

    async fn last_serial(&self) -> Result<u64> {
        self.handle.read(|snapshot| Ok(snapshot.open_table(META)?.get("serials")?.map_or(0, |last| last.value()))).await
    }

    async fn holders(&self, shard: u16) -> Result<Vec<Holder>> {
        self.handle.read(move |snapshot| holders(snapshot, shard)).await
    }

    async fn companion_holders(&self) -> Result<BTreeMap<u16, Vec<ResidentId>>> {
        let shards = self.handle.shards;
        let mut by_shard: BTreeMap<u16, Vec<ResidentId>> = BTreeMap::new();
        for resident in self.handle.read(companion_holders).await? {
            by_shard.entry(shard_of(Holder::Resident(resident), shards)).or_default().push(resident);
        }
        Ok(by_shard)
    }

    async fn stock_totals(&self, gift: GiftNumber) -> Result<Option<(u32, u32)>> {
        let read = move |snapshot: &ReadTransaction| {
            Ok(snapshot.open_table(GIFTS)?.get(gift.get())?.map(|numbers| numbers.value()))
        };
        self.handle.read(read).await
    }

    async fn claimers(&self, gift: GiftNumber) -> Result<Vec<ClaimantId>> {
        let read = move |snapshot: &ReadTransaction| {
            let all = (gift.get(), &[0; 16])..=(gift.get(), &[0xFF; 16]);
            read_rows(snapshot.open_table(CLAIMS)?.range(all)?, |(_, claimer), _| Ok(ClaimantId::new(*claimer)))
        };
        self.handle.read(read).await
    }

    async fn record_counts(&self) -> Result<RecordCounts> {
        let shards = self.handle.shards;
        self.handle.read(move |snapshot| record_counts(snapshot, shards)).await
    }

    async fn begin_import(&self) -> Result<bool> {
        self.handle.write(|tables| Ok(tables.meta.edit()?.insert(IMPORTING, 1)?.is_none())).await
    }

    async fn import(&self, entries: Vec<ExportEntry>) -> Result<()> {
        let shards = self.handle.shards;
        self.handle.write(move |tables| entries.iter().try_for_each(|entry| import_entry(tables, entry, shards))).await
    }

    async fn end_import(&self) -> Result<()> {
        let end = |tables: &mut Tables<'_>| {
            tables.meta.edit()?.remove(IMPORTING)?;
            Ok(())
        };
        self.handle.write(end).await
    }

    async fn delete_personal_data(&self, on_deleted: &mut (dyn FnMut(u64) + Send)) -> Result<()> {
        purge::delete_personal_data(&self.handle, on_deleted).await
    }

    async fn rewrite_log(&self, log: LogId, entries: Vec<(u64, String)>) -> Result<()> {
        let rewrite = move |tables: &mut Tables<'_>| {
            for (nth, entry) in &entries {
                tables.facts.edit()?.insert((log_key(log), *nth), entry.as_str())?;
            }
            Ok(())
        };
        self.handle.write(rewrite).await
    }

    async fn rewrite_published(&self, published: &PublishedVersion) -> Result<()> {
        let (version, text) = (published.version, record::encode_published(published)?);
        let rewrite = move |tables: &mut Tables<'_>| {
            tables.published.edit()?.insert(version, text.as_str())?;
            Ok(())
        };
        self.handle.write(rewrite).await
    }
}

fn holders(snapshot: &ReadTransaction, shard: u16) -> TxResult<Vec<Holder>> {
    let edge = |byte: u8| {
        let mut key = [byte; 19];
        key[..2].copy_from_slice(&shard.to_be_bytes());
        key
    };
    read_rows(snapshot.open_table(PASSPORTS)?.range::<&[u8; 19]>(&edge(0)..=&edge(0xFF))?, |key, _| {
        let mut id = [0; 16];
        id.copy_from_slice(&key[3..]);
        if key[2] == b'r' {
            return Ok(Holder::Resident(ResidentId::new(id)));
        }
        let serial = u64::try_from(u128::from_be_bytes(id)).unwrap_or(u64::MAX);
        CardSerial::try_from(serial).map(Holder::Paper).map_err(unreadable)
    })
}

fn companion_holders(snapshot: &ReadTransaction) -> TxResult<Vec<ResidentId>> {
    let residents = |(resident, _): (&[u8; 16], u32), ()| Ok(ResidentId::new(*resident));
    let mut residents: Vec<ResidentId> = read_rows(snapshot.open_table(COMPANIONS)?.iter()?, residents)?;
    residents.dedup();
    Ok(residents)
}

fn record_counts(snapshot: &ReadTransaction, shards: u16) -> TxResult<RecordCounts> {
    let facts = snapshot.open_table(FACTS)?;
    let entries_of = |log: LogId| -> TxResult<u64> {
        let key = log_key(log);
        let mut range = facts.range((key, 0)..=(key, u64::MAX))?;
        let first = range.next().transpose()?.map(|row| row.0.value().1);
        let last = range.next_back().transpose()?.map(|row| row.0.value().1);
        Ok(first.map_or(0, |first| last.unwrap_or(first) - first + 1))
    };
    let (mut stamp_entries, mut claim_entries, mut stock_entries) = (snapshot.open_table(JOURNAL)?.len()?, 0, 0);
    for shard in 0..shards {
        stamp_entries += entries_of(LogId::Shard(shard))?;
    }
    for gift in all_gift_numbers() {
        claim_entries += entries_of(LogId::Gift(gift))?;
        stock_entries += entries_of(LogId::Stock(gift))?;
    }
    let tallies = snapshot.open_table(TALLIES_IN_ALL)?.len()? + snapshot.open_table(TALLIES_BY_HOUR)?.len()?;
    Ok(RecordCounts {
        passports: snapshot.open_table(PASSPORTS)?.len()?,
        companion_holders: companion_holders(snapshot)?.len() as u64,
        stamp_entries,
        claims: snapshot.open_table(CLAIMS)?.len()?,
        claim_entries,
        stock_entries,
        tallies,
    })
}

fn import_entry(tables: &mut Tables<'_>, entry: &ExportEntry, shards: u16) -> TxResult<()> {
    match entry {
        ExportEntry::Record { kind, key, version, value } => {
            let text = format!("{version} {value}");
            tables.records.edit()?.insert((kind.name(), key.as_str()), text.as_str())?;
        }
        ExportEntry::Published { record } => {
            let version = record::decode_published(record.get())?.version;
            tables.published.edit()?.insert(version, record.get())?;
            tables.meta.edit()?.insert("version", version)?;
        }
        ExportEntry::Generation { point, generation } => {
            tables.generations.edit()?.insert(point.get(), generation.get())?;
        }
        ExportEntry::Serials { last: 0 } => {}
        ExportEntry::Serials { last } => drop(tables.meta.edit()?.insert("serials", last)?),
        ExportEntry::Passport { holder, lines } => {
            tables.passports.edit()?.insert(&holder_key(parse_holder(holder)?, shards), lines.join("\n").as_str())?;
        }
        ExportEntry::Cards { resident, cards } => {
            for card in cards {
                tables.companions.edit()?.insert((resident.bytes(), card.get()), ())?;
            }
        }
        ExportEntry::Stamp { shard, fact } => tables.append(log_key(LogId::Shard(*shard)), [fact.as_str()])?,
        ExportEntry::Gift { gift, stock, redeemed } => {
            tables.gifts.edit()?.insert(gift.get(), (*stock, *redeemed))?;
        }
        ExportEntry::Gone { gift, booth } => drop(tables.gone_here.edit()?.insert((gift.get(), booth.as_str()), ())?),
        ExportEntry::Claim { record } => import_claim(tables, &record::decode_claim(record.get().to_owned())?)?,
        ExportEntry::ClaimStep { gift, record } => {
            import_voucher(tables, record::decode_claim_entry(record.get())?.voucher)?;
            tables.log(LogId::Gift(*gift), record.get())?;
        }
        ExportEntry::StockStep { gift, record } => {
            tables.log(LogId::Stock(*gift), record.get())?;
            if let Some((key, content)) = record::stock_write(&record::decode_stock_entry(record.get())?)? {
                tables.stock_writes.edit()?.insert((gift.get(), key.as_str()), content.as_str())?;
            }
        }
        ExportEntry::Tally { name, count } => {
            let table = match name.period() {
                TallyPeriod::AllTime => tables.tallies_in_all.edit()?,
                TallyPeriod::ByHour => tables.tallies_by_hour.edit()?,
            };
            table.insert(name.to_string().as_str(), count)?;
        }
        ExportEntry::Refused { what, count } => drop(tables.refused.edit()?.insert(what.to_string().as_str(), count)?),
        ExportEntry::Seen { session, ms } => drop(tables.seen.edit()?.insert(session.as_str(), ms)?),
        ExportEntry::Stamped { point, ms } => drop(tables.stamped.edit()?.insert(point.get(), ms)?),
    }
    Ok(())
}
