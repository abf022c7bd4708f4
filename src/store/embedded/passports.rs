//! Passports, and the cards on a phone.

use std::fmt::Write;

use async_trait::async_trait;
use redb::{ReadTransaction, ReadableTable};

use super::EmbeddedStore;
use super::tables::{COMPANIONS, PASSPORTS, Tables, TxResult, holder_key, read_rows, unreadable};
use crate::rules::check_ins::passport::{Passport, Stamp};
use crate::rules::ids::{CardSerial, Holder, ResidentId};
use crate::rules::statistics::stamp_tallies::tallies_of_stamp;
use crate::store::shard::shard_of;
use crate::store::{
    JoinOutcome, LogId, NewStamps, PassportChange, PassportOutcome, PassportStore, Result, RoutePoints, StampsOutcome,
    record,
};

#[async_trait]
impl PassportStore for EmbeddedStore {
    async fn passport(&self, holder: Holder) -> Result<Option<Passport>> {
        let key = holder_key(holder, self.handle.shards);
        let read = move |snapshot: &ReadTransaction| {
            let text = snapshot.open_table(PASSPORTS)?.get(&key)?;
            Ok(text.map(|text| record::decode_passport(text.value())).transpose()?)
        };
        self.handle.read(read).await
    }

    async fn stamp(&self, new: &NewStamps) -> Result<StampsOutcome> {
        let (new, shards) = (new.clone(), self.handle.shards);
        self.handle.write(move |tables| record_stamps(tables, &new, shards)).await
    }

    async fn change_passport(&self, change: &PassportChange) -> Result<PassportOutcome> {
        let (change, shards) = (change.clone(), self.handle.shards);
        self.handle.write(move |tables| change_passport(tables, &change, shards)).await
    }

    async fn erase_passport(&self, holder: Holder) -> Result<()> {
        let key = holder_key(holder, self.handle.shards);
        let erase = move |tables: &mut Tables<'_>| {
            if tables.passports.read()?.get(&key)?.is_some() {
                tables.passports.edit()?.remove(&key)?;
            }
            Ok(())
        };
        self.handle.write(erase).await
    }

    async fn add_companion(&self, resident: ResidentId, companion: CardSerial, limit: u16) -> Result<JoinOutcome<()>> {
        let add = move |tables: &mut Tables<'_>| {
            let row = (resident.bytes(), companion.get());
            let companions = tables.companions.read()?;
            if companions.get(row)?.is_some() {
                return Ok(JoinOutcome::Joined(()));
            }
            let all = companions.range((resident.bytes(), 0)..=(resident.bytes(), u32::MAX))?;
            let counted: Vec<()> = read_rows(all.take(limit.into()), |_, ()| Ok(()))?;
            if counted.len() == usize::from(limit) {
                return Ok(JoinOutcome::Full);
            }
            tables.companions.edit()?.insert(row, ())?;
            Ok(JoinOutcome::Joined(()))
        };
        self.handle.write(add).await
    }

    async fn remove_companions(&self, resident: ResidentId, companion: Option<CardSerial>) -> Result<()> {
        let (first, last) = companion.map_or((0, u32::MAX), |card| (card.get(), card.get()));
        let remove = move |tables: &mut Tables<'_>| {
            let rows = (resident.bytes(), first)..=(resident.bytes(), last);
            if tables.companions.read()?.range(rows.clone())?.next().is_some() {
                tables.companions.edit()?.retain_in(rows, |_, ()| false)?;
            }
            Ok(())
        };
        self.handle.write(remove).await
    }

    async fn companions(&self, resident: ResidentId) -> Result<Vec<CardSerial>> {
        let read = move |snapshot: &ReadTransaction| {
            let rows = (resident.bytes(), 0)..=(resident.bytes(), u32::MAX);
            read_rows(snapshot.open_table(COMPANIONS)?.range(rows)?, |(_, serial), ()| {
                CardSerial::try_from(u64::from(serial)).map_err(unreadable)
            })
        };
        self.handle.read(read).await
    }
}

fn record_stamps(tables: &mut Tables<'_>, new: &NewStamps, shards: u16) -> TxResult<StampsOutcome> {
    let (key, log) = (holder_key(new.holder, shards), LogId::Shard(shard_of(new.holder, shards)));
    let stored = tables.passports.read()?.get(&key)?.map(|stored| stored.value().to_owned());
    let mut text = stored.unwrap_or_else(|| record::encode_passport_head(&new.new_number));
    let mut passport = record::decode_passport(&text)?;
    let at = new.moment.at;
    let tail = record::encode_stamp_tail(at, &new.how, new.rain);
    let mut added = Vec::with_capacity(new.points.len());
    for &point in &new.points {
        if passport.stamp(point).is_some() {
            continue;
        }
        let nth = passport.next_ordinal();
        // Writing to a `String` cannot fail.
        let _ = write!(text, "\n{point} {nth} {tail}");
        tables.log(log, &record::encode_stamp_entry(&passport.number, nth, point, &tail))?;
        let stamp = Stamp { point, at, nth, how: new.how.clone(), rain: new.rain };
        let route = new.routes.iter().find(|route| route.points.contains(&point));
        let route = route.map(|RoutePoints { route, points, .. }| (route, points.as_slice()));
        for tally in tallies_of_stamp(&passport.stamps, &stamp, new.moment, route) {
            tables.count(tally);
        }
        passport.stamps.push(stamp);
        added.push(point);
    }
    if !added.is_empty() {
        tables.passports.edit()?.insert(&key, text.as_str())?;
    }
    Ok(StampsOutcome { passport, new: added })
}

fn change_passport(tables: &mut Tables<'_>, change: &PassportChange, shards: u16) -> TxResult<PassportOutcome> {
    let (key, log) = (holder_key(change.holder, shards), LogId::Shard(shard_of(change.holder, shards)));
    let stored = tables.passports.read()?.get(&key)?.map(|stored| stored.value().to_owned());
    if stored.is_none_or(|stored| stored != record::encode_passport(&change.before)) {
        return Ok(PassportOutcome::Conflict);
    }
    tables.passports.edit()?.insert(&key, record::encode_passport(&change.after).as_str())?;
    tables.log(log, &record::encode_stamp_undo(&change.entry)?)?;
    for (tally, more) in &change.tallies {
        tables.count_by(tally.clone(), *more);
    }
    Ok(PassportOutcome::Changed)
}
