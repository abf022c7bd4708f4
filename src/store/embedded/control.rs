//! The state of the whole carnival: versions, generations of printed codes, serials.

use async_trait::async_trait;
use redb::{ReadTransaction, ReadableTable};

use super::EmbeddedStore;
use super::tables::{
    GENERATIONS, META, PUBLISHED, RECORDS, Tables, TxResult, point_number, read_rows, rows_of, unreadable,
};
use crate::rules::ids::{CardSerial, Generation, GiftNumber, PointNumber};
use crate::store::{
    ControlRecord, ControlState, ControlStore, LogId, PublishedVersion, RecordKind, Result, StoreError, record,
};

#[async_trait]
impl ControlStore for EmbeddedStore {
    async fn ping(&self) -> Result<()> {
        // Through the writer, so that a store that cannot write does not count as available.
        self.handle.write(|_| Ok(())).await
    }

    async fn control(&self) -> Result<ControlState> {
        let read = |snapshot: &ReadTransaction| {
            Ok(ControlState {
                version: snapshot.open_table(META)?.get("version")?.map_or(0, |version| version.value()),
                generations: read_rows(snapshot.open_table(GENERATIONS)?.iter()?, |point, stored| {
                    Ok((point_number(point)?, generation(stored)?))
                })?,
                blocked_passports: read_rows(
                    rows_of(&snapshot.open_table(RECORDS)?, RecordKind::Block)?,
                    |(_, passport), _| passport.parse().map_err(unreadable),
                )?,
                relief: read_rows(rows_of(&snapshot.open_table(RECORDS)?, RecordKind::Relief)?, |(_, id), text| {
                    Ok((id.parse().map_err(unreadable)?, ControlRecord::parse(RecordKind::Relief, id, text)?.decode()?))
                })?,
            })
        };
        self.handle.read(read).await
    }

    async fn published_version(&self, version: u64) -> Result<Option<PublishedVersion>> {
        let read = move |snapshot: &ReadTransaction| {
            let text = snapshot.open_table(PUBLISHED)?.get(version)?;
            Ok(text.map(|text| record::decode_published(text.value())).transpose()?)
        };
        self.handle.read(read).await
    }

    async fn publish(&self, after: u64, published: &PublishedVersion, stock: &[(GiftNumber, u32)]) -> Result<u64> {
        let (published, stock) = (PublishedVersion { version: after + 1, ..published.clone() }, stock.to_vec());
        let publish = move |tables: &mut Tables<'_>| {
            let version = tables.meta.read()?.get("version")?.map_or(0, |version| version.value());
            if version != after {
                return Ok(version);
            }
            tables.published.edit()?.insert(published.version, record::encode_published(&published)?.as_str())?;
            tables.meta.edit()?.insert("version", published.version)?;
            for (gift, stock) in stock {
                if tables.gifts.read()?.get(gift.get())?.is_none() {
                    tables.gifts.edit()?.insert(gift.get(), (stock, 0))?;
                    tables.log(LogId::Stock(gift), &record::encode_initial_stock_entry(stock, &published)?)?;
                }
            }
            Ok(published.version)
        };
        self.handle.write(publish).await
    }

    async fn reissue(&self, point: PointNumber, from: Generation) -> Result<Generation> {
        let reissue = move |tables: &mut Tables<'_>| {
            let stored = tables.generations.read()?.get(point.get())?.map_or(0, |generation| generation.value());
            let now = generation(stored)?;
            let Some(next) = now.next().filter(|_| now == from) else { return Ok(now) };
            tables.generations.edit()?.insert(point.get(), next.get())?;
            Ok(next)
        };
        self.handle.write(reissue).await
    }

    async fn take_serials(&self, count: u32) -> Result<CardSerial> {
        let take = move |tables: &mut Tables<'_>| {
            let last = tables.meta.read()?.get("serials")?.map_or(0, |last| last.value());
            let none_left = || StoreError::Broken("fewer serials of paper passports are left".to_owned());
            let first = CardSerial::try_from(last + 1).map_err(|_| none_left())?;
            let new_last = last + u64::from(count);
            if new_last > u64::from(*CardSerial::RANGE.end()) {
                return Err(none_left().into());
            }
            tables.meta.edit()?.insert("serials", new_last)?;
            Ok(first)
        };
        self.handle.write(take).await
    }
}

fn generation(stored: u8) -> TxResult<Generation> {
    Generation::try_from(u64::from(stored)).map_err(unreadable)
}
