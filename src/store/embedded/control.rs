//! The state of the whole carnival: versions, generations of printed codes, serials.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use redb::{ReadTransaction, ReadableTable};

use super::EmbeddedStore;
use super::tables::{GENERATIONS, META, PUBLISHED, RECORDS, Tables, TxResult, point_number, rows_of, unreadable};
use crate::rules::ids::{CardSerial, Generation, GiftNumber, PointNumber};
use crate::store::{ControlState, ControlStore, LogId, PublishedVersion, RecordKind, Result, StoreError, record};

#[async_trait]
impl ControlStore for EmbeddedStore {
    async fn ping(&self) -> Result<()> {
        // Through the writer, so that a store that cannot write does not count as available.
        self.handle.write(|_| Ok(())).await
    }

    async fn control(&self) -> Result<ControlState> {
        self.handle.read(control_state).await
    }

    async fn published_version(&self, version: u64) -> Result<Option<PublishedVersion>> {
        let read = move |snapshot: &ReadTransaction| {
            let text = snapshot.open_table(PUBLISHED)?.get(version)?;
            Ok(text.map(|text| record::decode_published(text.value())).transpose()?)
        };
        self.handle.read(read).await
    }

    async fn publish(&self, after: u64, published: &PublishedVersion, stock: &[(GiftNumber, u32)]) -> Result<u64> {
        let (published, stock) = (published.clone(), stock.to_vec());
        self.handle.write(move |tables| publish(tables, after, published, &stock)).await
    }

    async fn reissue(&self, point: PointNumber, from: Generation) -> Result<Generation> {
        self.handle.write(move |tables| reissue(tables, point, from)).await
    }

    async fn take_serials(&self, count: u32) -> Result<CardSerial> {
        self.handle.write(move |tables| take_serials(tables, count)).await
    }
}

fn control_state(snapshot: &ReadTransaction) -> TxResult<ControlState> {
    let version = snapshot.open_table(META)?.get("version")?.map_or(0, |version| version.value());
    let mut generations = BTreeMap::new();
    for row in snapshot.open_table(GENERATIONS)?.iter()? {
        let (point, stored) = row?;
        generations.insert(point_number(point.value())?, generation(stored.value())?);
    }
    let mut blocked_passports = BTreeSet::new();
    for row in rows_of(&snapshot.open_table(RECORDS)?, RecordKind::Block)? {
        blocked_passports.insert(row?.0.value().1.parse().map_err(unreadable)?);
    }
    Ok(ControlState { version, generations, blocked_passports })
}

fn generation(stored: u8) -> TxResult<Generation> {
    Generation::try_from(u64::from(stored)).map_err(unreadable)
}

fn publish(
    tables: &mut Tables<'_>,
    after: u64,
    published: PublishedVersion,
    stock: &[(GiftNumber, u32)],
) -> TxResult<u64> {
    let version = tables.meta.read()?.get("version")?.map_or(0, |version| version.value());
    if version != after {
        return Ok(version);
    }
    let version = after + 1;
    let published = PublishedVersion { version, ..published };
    let text = record::encode_published(&published)?;
    tables.published.edit()?.insert(version, text.as_str())?;
    tables.meta.edit()?.insert("version", version)?;
    for (gift, stock) in stock {
        if tables.gifts.read()?.get(gift.get())?.is_none() {
            tables.gifts.edit()?.insert(gift.get(), (*stock, 0))?;
            tables.log(LogId::Stock(*gift), &record::encode_initial_stock_entry(*stock, &published)?)?;
        }
    }
    Ok(version)
}

fn reissue(tables: &mut Tables<'_>, point: PointNumber, from: Generation) -> TxResult<Generation> {
    let stored = tables.generations.read()?.get(point.get())?.map_or(0, |generation| generation.value());
    let now = generation(stored)?;
    match now.next().filter(|_| now == from) {
        Some(next) => {
            tables.generations.edit()?.insert(point.get(), next.get())?;
            Ok(next)
        }
        None => Ok(now),
    }
}

fn take_serials(tables: &mut Tables<'_>, count: u32) -> TxResult<CardSerial> {
    let last = tables.meta.read()?.get("serials")?.map_or(0, |last| last.value());
    let none_left = || StoreError::Broken("fewer serials of paper passports are left".to_owned());
    let first = CardSerial::try_from(last + 1).map_err(|_| none_left())?;
    let new_last = last + u64::from(count);
    if new_last > u64::from(*CardSerial::RANGE.end()) {
        return Err(none_left().into());
    }
    tables.meta.edit()?.insert("serials", new_last)?;
    Ok(first)
}
