//! Hints, suspicions and poster checks.

use std::collections::BTreeMap;

use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata};

use super::queries::unreadable;
use super::tables::{POSTERS, REFUSED, SEEN, SETTLED, STAMPED, SUSPICIONS, Tables, TxError, TxResult};
use crate::rules::check_ins::suspicion::{Suspicion, SuspicionDecision, SuspicionId};
use crate::rules::ids::{PointNumber, SessionId};
use crate::store::{Hints, PosterCheck, Resolution, StoreError, record};

pub(super) fn record(tables: &mut Tables<'_>, hints: &Hints) -> TxResult<()> {
    for (refused, more) in &hints.refusals {
        let name = refused.to_string();
        let table = tables.refused.edit()?;
        let before = table.get(name.as_str())?.map_or(0, |count| count.value());
        table.insert(name.as_str(), before + more)?;
    }
    for (session, at) in &hints.last_seen {
        let (table, ms) = (tables.seen.edit()?, at.as_millisecond());
        if table.get(session.as_str())?.is_none_or(|before| before.value() < ms) {
            table.insert(session.as_str(), ms)?;
        }
    }
    for (point, at) in &hints.last_stamped {
        let (table, ms) = (tables.stamped.edit()?, at.as_millisecond());
        if table.get(point.get())?.is_none_or(|before| before.value() < ms) {
            table.insert(point.get(), ms)?;
        }
    }
    for (id, suspicion) in &hints.suspicions {
        let (table, id) = (tables.suspicions.edit()?, id.to_string());
        if table.get(id.as_str())?.is_none() {
            table.insert(id.as_str(), record::encode_suspicion(suspicion)?.as_str())?;
        }
    }
    if hints.suspicions.is_empty() { Ok(()) } else { evict_old_suspicions(tables) }
}

/// Deletes the oldest unresolved suspicions when there are too many.
fn evict_old_suspicions(tables: &mut Tables<'_>) -> TxResult<()> {
    // A cheap check first: the unresolved ones cannot be more than all of them.
    if tables.suspicions.edit()?.len()? <= Hints::MAX_SUSPICIONS as u64 {
        return Ok(());
    }
    let recorded = all_suspicions(tables.suspicions.read()?)?;
    let resolutions = all_resolutions(tables.settled.read()?)?;
    for id in Hints::excess_suspicions(&recorded, |id| resolutions.contains_key(id)) {
        tables.suspicions.edit()?.remove(id.to_string().as_str())?;
    }
    Ok(())
}

fn all_suspicions(
    table: &impl ReadableTable<&'static str, &'static str>,
) -> TxResult<BTreeMap<SuspicionId, Suspicion>> {
    let mut all = BTreeMap::new();
    for row in table.iter()? {
        let (id, text) = row?;
        all.insert(id.value().parse().map_err(unreadable)?, record::decode_suspicion(text.value())?);
    }
    Ok(all)
}

pub(super) fn suspicion(snapshot: &ReadTransaction, id: &SuspicionId) -> TxResult<Option<Suspicion>> {
    let text = snapshot.open_table(SUSPICIONS)?.get(id.to_string().as_str())?;
    Ok(text.map(|text| record::decode_suspicion(text.value())).transpose()?)
}

pub(super) fn last_seen(snapshot: &ReadTransaction) -> TxResult<BTreeMap<SessionId, Timestamp>> {
    let mut seen = BTreeMap::new();
    for row in snapshot.open_table(SEEN)?.iter()? {
        let (session, ms) = row?;
        seen.insert(session.value().parse().map_err(unreadable)?, moment(ms.value())?);
    }
    Ok(seen)
}

fn moment(ms: i64) -> TxResult<Timestamp> {
    Timestamp::from_millisecond(ms).map_err(|error| TxError::Operation(StoreError::Broken(error.to_string())))
}

pub(super) fn hints(snapshot: &ReadTransaction) -> TxResult<Hints> {
    let mut hints = Hints::default();
    for row in snapshot.open_table(REFUSED)?.iter()? {
        let (name, count) = row?;
        hints.refusals.insert(name.value().parse().map_err(unreadable)?, count.value());
    }
    hints.last_seen = last_seen(snapshot)?;
    for row in snapshot.open_table(STAMPED)?.iter()? {
        let (point, ms) = row?;
        hints.last_stamped.insert(number(point.value())?, moment(ms.value())?);
    }
    hints.suspicions = all_suspicions(&snapshot.open_table(SUSPICIONS)?)?;
    Ok(hints)
}

fn number(point: u16) -> TxResult<PointNumber> {
    PointNumber::try_from(u64::from(point)).map_err(unreadable)
}

pub(super) fn resolve_suspicion(tables: &mut Tables<'_>, id: &SuspicionId, resolution: &Resolution) -> TxResult<()> {
    tables.settled.edit()?.insert(id.to_string().as_str(), record::encode_resolution(resolution)?.as_str())?;
    match resolution.action {
        SuspicionDecision::Hold => drop(tables.waiting.edit()?.insert(id.passport.as_str(), ())?),
        SuspicionDecision::Release => drop(tables.waiting.edit()?.remove(id.passport.as_str())?),
        SuspicionDecision::Seen => {}
    }
    Ok(())
}

pub(super) fn resolutions(snapshot: &ReadTransaction) -> TxResult<BTreeMap<SuspicionId, Resolution>> {
    all_resolutions(&snapshot.open_table(SETTLED)?)
}

fn all_resolutions(
    table: &impl ReadableTable<&'static str, &'static str>,
) -> TxResult<BTreeMap<SuspicionId, Resolution>> {
    let mut all = BTreeMap::new();
    for row in table.iter()? {
        let (id, text) = row?;
        all.insert(id.value().parse().map_err(unreadable)?, record::decode_resolution(text.value())?);
    }
    Ok(all)
}

pub(super) fn record_poster_check(tables: &mut Tables<'_>, point: PointNumber, check: &PosterCheck) -> TxResult<()> {
    tables.posters.edit()?.insert(point.get(), record::encode_poster_check(check)?.as_str())?;
    Ok(())
}

pub(super) fn poster_checks(snapshot: &ReadTransaction) -> TxResult<BTreeMap<PointNumber, PosterCheck>> {
    let mut all = BTreeMap::new();
    for row in snapshot.open_table(POSTERS)?.iter()? {
        let (point, text) = row?;
        all.insert(number(point.value())?, record::decode_poster_check(text.value())?);
    }
    Ok(all)
}
