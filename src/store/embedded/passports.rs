//! Steps on passports, and on the cards on a phone.

use std::fmt::Write;
use std::sync::Arc;

use redb::ReadableTable;

use super::super::{Joined, Log, RoutePoints, Stamped, record};
use super::tables::{Step, Tables};
use crate::rules::ids::{CardSerial, PassportNumber, PointNumber, ResidentId};
use crate::rules::passport::{Passport, Stamp, StampSource};
use crate::rules::tally::{LocalMoment, Tally};

/// New stamps, owned, on their way to the writer.
pub(super) struct Stamping {
    pub(super) key: [u8; 19],
    pub(super) shard: u16,
    pub(super) fresh: PassportNumber,
    pub(super) points: Vec<PointNumber>,
    pub(super) routes: Arc<[RoutePoints]>,
    pub(super) how: StampSource,
    pub(super) moment: LocalMoment,
}

pub(super) fn stamp(tables: &mut Tables<'_>, new: &Stamping) -> Step<Stamped> {
    let kept = tables.passports.look()?.get(&new.key)?.map(|kept| kept.value().to_owned());
    let is_first = kept.is_none();
    let mut text = kept.unwrap_or_else(|| record::passport_head(&new.fresh));
    let mut passport = record::read_passport(&text)?;
    let at = new.moment.at;
    let tail = record::stamp_tail(at, &new.how);
    let mut fresh = Vec::with_capacity(new.points.len());
    for &point in &new.points {
        if passport.stamp(point).is_some() {
            continue;
        }
        let nth = passport.stamps.last().map_or(1, |last| last.nth + 1);
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{point} {nth} {tail}");
        tables.log(Log::Shard(new.shard), &record::stamp_fact(&passport.number, nth, point, &tail))?;
        count(tables, new, &passport, point);
        passport.stamps.push(Stamp { point, at, nth, how: new.how.clone() });
        fresh.push(point);
    }
    if !fresh.is_empty() {
        tables.passports.edit()?.insert(&new.key, text.as_str())?;
        if is_first {
            tables.count(Tally::AllPassports);
        }
    }
    Ok(Stamped { passport, new: fresh })
}

/// Counts a new stamp, and whoever is stamped for the first time on its route, on its day, in its hour.
fn count(tables: &mut Tables<'_>, new: &Stamping, before: &Passport, point: PointNumber) {
    let LocalMoment { hour, hour_began, day_began, .. } = new.moment;
    tables.count(Tally::Stamps(point, hour));
    tables.count(Tally::AllStamps(point));
    if let StampSource::Hand { session, .. } = &new.how {
        tables.count(Tally::StampsBy(session.clone()));
    }
    let last = before.stamps.iter().map(|stamp| stamp.at).max();
    if last.is_none_or(|last| last < day_began) {
        tables.count(Tally::UniqueVisitorsOn(hour.day()));
    }
    if last.is_none_or(|last| last < hour_began) {
        tables.count(Tally::UniqueVisitorsIn(hour));
    }
    let Some(RoutePoints { route, points, .. }) = new.routes.iter().find(|route| route.points.contains(&point)) else {
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

pub(super) fn erase_passport(tables: &mut Tables<'_>, key: &[u8; 19]) -> Step<()> {
    if tables.passports.look()?.get(key)?.is_some() {
        tables.passports.edit()?.remove(key)?;
    }
    Ok(())
}

pub(super) fn add_companion(
    tables: &mut Tables<'_>,
    resident: ResidentId,
    companion: CardSerial,
    limit: u16,
) -> Step<Joined<()>> {
    let row = (resident.bytes(), companion.get());
    let companions = tables.companions.look()?;
    if companions.get(row)?.is_some() {
        return Ok(Joined::In(()));
    }
    let mut inside = 0_u16;
    for row in companions.range((resident.bytes(), 0)..=(resident.bytes(), u32::MAX))? {
        row?;
        inside += 1;
        if inside >= limit {
            return Ok(Joined::Full);
        }
    }
    if limit == 0 {
        return Ok(Joined::Full);
    }
    tables.companions.edit()?.insert(row, ())?;
    Ok(Joined::In(()))
}

pub(super) fn remove_companion(tables: &mut Tables<'_>, resident: ResidentId, companion: CardSerial) -> Step<()> {
    let row = (resident.bytes(), companion.get());
    if tables.companions.look()?.get(row)?.is_some() {
        tables.companions.edit()?.remove(row)?;
    }
    Ok(())
}

pub(super) fn remove_companions(tables: &mut Tables<'_>, resident: ResidentId) -> Step<()> {
    let all = (resident.bytes(), 0)..=(resident.bytes(), u32::MAX);
    if tables.companions.look()?.range(all.clone())?.next().is_some() {
        tables.companions.edit()?.retain_in(all, |_, ()| false)?;
    }
    Ok(())
}
