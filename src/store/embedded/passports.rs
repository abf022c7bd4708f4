//! Writes of passports and of the cards on a phone.

use std::fmt::Write;
use std::sync::Arc;

use redb::ReadableTable;

use super::tables::{Tables, TxResult};
use crate::rules::check_ins::passport::{Passport, Stamp, StampSource};
use crate::rules::ids::{CardSerial, PassportNumber, PointNumber, ResidentId};
use crate::rules::statistics::tally::{LocalMoment, Tally};
use crate::store::{JoinOutcome, LogId, RoutePoints, StampsOutcome, record};

/// New stamps, owned, to be queued for the writer.
pub(super) struct StampWrite {
    pub(super) key: [u8; 19],
    pub(super) shard: u16,
    pub(super) new_number: PassportNumber,
    pub(super) points: Vec<PointNumber>,
    pub(super) routes: Arc<[RoutePoints]>,
    pub(super) how: StampSource,
    pub(super) moment: LocalMoment,
}

pub(super) fn stamp(tables: &mut Tables<'_>, write: &StampWrite) -> TxResult<StampsOutcome> {
    let stored = tables.passports.read()?.get(&write.key)?.map(|stored| stored.value().to_owned());
    let is_first = stored.is_none();
    let mut text = stored.unwrap_or_else(|| record::encode_passport_head(&write.new_number));
    let mut passport = record::decode_passport(&text)?;
    let at = write.moment.at;
    let tail = record::encode_stamp_tail(at, &write.how);
    let mut added = Vec::with_capacity(write.points.len());
    for &point in &write.points {
        if passport.stamp(point).is_some() {
            continue;
        }
        let nth = passport.stamps.last().map_or(1, |last| last.nth + 1);
        // Writing to a `String` cannot fail.
        let _ = write!(text, "\n{point} {nth} {tail}");
        tables.log(LogId::Shard(write.shard), &record::encode_stamp_entry(&passport.number, nth, point, &tail))?;
        count_stamp(tables, write, &passport, point);
        passport.stamps.push(Stamp { point, at, nth, how: write.how.clone() });
        added.push(point);
    }
    if !added.is_empty() {
        tables.passports.edit()?.insert(&write.key, text.as_str())?;
        if is_first {
            tables.count(Tally::AllPassports);
        }
    }
    Ok(StampsOutcome { passport, new: added })
}

/// Counts a new stamp, and a visitor for the first stamp on its route, on its day and in its hour.
fn count_stamp(tables: &mut Tables<'_>, write: &StampWrite, before: &Passport, point: PointNumber) {
    let LocalMoment { hour, hour_began, day_began, .. } = write.moment;
    tables.count(Tally::Stamps(point, hour));
    tables.count(Tally::AllStamps(point));
    if let StampSource::Hand { session, .. } = &write.how {
        tables.count(Tally::StampsBy(session.clone()));
    }
    let last = before.stamps.iter().map(|stamp| stamp.at).max();
    if last.is_none_or(|last| last < day_began) {
        tables.count(Tally::UniqueVisitorsOn(hour.day()));
    }
    if last.is_none_or(|last| last < hour_began) {
        tables.count(Tally::UniqueVisitorsIn(hour));
    }
    let Some(RoutePoints { route, points, .. }) = write.routes.iter().find(|route| route.points.contains(&point))
    else {
        return;
    };
    let last = before.stamps.iter().filter(|stamp| points.contains(&stamp.point)).map(|stamp| stamp.at).max();
    if last.is_none() {
        tables.count(Tally::UniqueRouteVisitors(route.clone()));
    }
    if last.is_none_or(|last| last < day_began) {
        tables.count(Tally::UniqueRouteVisitorsOn(route.clone(), hour.day()));
    }
}

pub(super) fn erase_passport(tables: &mut Tables<'_>, key: &[u8; 19]) -> TxResult<()> {
    if tables.passports.read()?.get(key)?.is_some() {
        tables.passports.edit()?.remove(key)?;
    }
    Ok(())
}

pub(super) fn add_companion(
    tables: &mut Tables<'_>,
    resident: ResidentId,
    companion: CardSerial,
    limit: u16,
) -> TxResult<JoinOutcome<()>> {
    let row = (resident.bytes(), companion.get());
    let companions = tables.companions.read()?;
    if companions.get(row)?.is_some() {
        return Ok(JoinOutcome::Joined(()));
    }
    let mut count = 0_u16;
    for row in companions.range((resident.bytes(), 0)..=(resident.bytes(), u32::MAX))? {
        row?;
        count += 1;
        if count >= limit {
            return Ok(JoinOutcome::Full);
        }
    }
    if limit == 0 {
        return Ok(JoinOutcome::Full);
    }
    tables.companions.edit()?.insert(row, ())?;
    Ok(JoinOutcome::Joined(()))
}

pub(super) fn remove_companion(tables: &mut Tables<'_>, resident: ResidentId, companion: CardSerial) -> TxResult<()> {
    let row = (resident.bytes(), companion.get());
    if tables.companions.read()?.get(row)?.is_some() {
        tables.companions.edit()?.remove(row)?;
    }
    Ok(())
}

pub(super) fn remove_companions(tables: &mut Tables<'_>, resident: ResidentId) -> TxResult<()> {
    let all = (resident.bytes(), 0)..=(resident.bytes(), u32::MAX);
    if tables.companions.read()?.range(all.clone())?.next().is_some() {
        tables.companions.edit()?.retain_in(all, |_, ()| false)?;
    }
    Ok(())
}
