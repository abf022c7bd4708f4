//! What is noted now and then, suspicions, posters.

use std::collections::BTreeMap;

use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata};

use super::super::{Notes, PosterCheck, Settled, StoreError, record};
use super::reads::unreadable;
use super::tables::{Fault, POSTERS, REFUSED, SEEN, SETTLED, STAMPED, SUSPICIONS, Step, Tables};
use crate::rules::ids::{PointNumber, SessionId};
use crate::rules::suspicion::{Suspicion, SuspicionDecision, SuspicionId};

pub(super) fn note(tables: &mut Tables<'_>, notes: &Notes) -> Step<()> {
    for (refused, more) in &notes.refused {
        let name = refused.to_string();
        let table = tables.refused.edit()?;
        let before = table.get(name.as_str())?.map_or(0, |count| count.value());
        table.insert(name.as_str(), before + more)?;
    }
    for (session, at) in &notes.seen {
        let (table, ms) = (tables.seen.edit()?, at.as_millisecond());
        if table.get(session.as_str())?.is_none_or(|before| before.value() < ms) {
            table.insert(session.as_str(), ms)?;
        }
    }
    for (point, at) in &notes.stamped {
        let (table, ms) = (tables.stamped.edit()?, at.as_millisecond());
        if table.get(point.get())?.is_none_or(|before| before.value() < ms) {
            table.insert(point.get(), ms)?;
        }
    }
    for (id, suspicion) in &notes.suspicions {
        let (table, id) = (tables.suspicions.edit()?, id.to_string());
        if table.get(id.as_str())?.is_none() {
            table.insert(id.as_str(), record::suspicion(suspicion)?.as_str())?;
        }
    }
    if notes.suspicions.is_empty() { Ok(()) } else { let_go(tables) }
}

/// Deletes the oldest suspicions that nobody did anything about, when there are too many.
fn let_go(tables: &mut Tables<'_>) -> Step<()> {
    // Those that were settled are few, and cannot be more than all of them.
    if tables.suspicions.edit()?.len()? <= Notes::MOST_SUSPICIONS as u64 {
        return Ok(());
    }
    let noted = all_suspicions(tables.suspicions.look()?)?;
    let settled = all_settled(tables.settled.look()?)?;
    for id in Notes::superfluous(&noted, |id| settled.contains_key(id)) {
        tables.suspicions.edit()?.remove(id.to_string().as_str())?;
    }
    Ok(())
}

fn all_suspicions(table: &impl ReadableTable<&'static str, &'static str>) -> Step<BTreeMap<SuspicionId, Suspicion>> {
    let mut all = BTreeMap::new();
    for row in table.iter()? {
        let (id, text) = row?;
        all.insert(id.value().parse().map_err(unreadable)?, record::read_suspicion(text.value())?);
    }
    Ok(all)
}

pub(super) fn suspicion(snapshot: &ReadTransaction, id: &SuspicionId) -> Step<Option<Suspicion>> {
    let text = snapshot.open_table(SUSPICIONS)?.get(id.to_string().as_str())?;
    Ok(text.map(|text| record::read_suspicion(text.value())).transpose()?)
}

pub(super) fn seen(snapshot: &ReadTransaction) -> Step<BTreeMap<SessionId, Timestamp>> {
    let mut seen = BTreeMap::new();
    for row in snapshot.open_table(SEEN)?.iter()? {
        let (session, ms) = row?;
        seen.insert(session.value().parse().map_err(unreadable)?, moment(ms.value())?);
    }
    Ok(seen)
}

fn moment(ms: i64) -> Step<Timestamp> {
    Timestamp::from_millisecond(ms).map_err(|error| Fault::Step(StoreError::Broken(error.to_string())))
}

pub(super) fn notes(snapshot: &ReadTransaction) -> Step<Notes> {
    let mut notes = Notes::default();
    for row in snapshot.open_table(REFUSED)?.iter()? {
        let (name, count) = row?;
        notes.refused.insert(name.value().parse().map_err(unreadable)?, count.value());
    }
    notes.seen = seen(snapshot)?;
    for row in snapshot.open_table(STAMPED)?.iter()? {
        let (point, ms) = row?;
        notes.stamped.insert(number(point.value())?, moment(ms.value())?);
    }
    notes.suspicions = all_suspicions(&snapshot.open_table(SUSPICIONS)?)?;
    Ok(notes)
}

fn number(point: u16) -> Step<PointNumber> {
    PointNumber::try_from(u64::from(point)).map_err(unreadable)
}

pub(super) fn settle(tables: &mut Tables<'_>, id: &SuspicionId, settled: &Settled) -> Step<()> {
    tables.settled.edit()?.insert(id.to_string().as_str(), record::settled(settled)?.as_str())?;
    match settled.action {
        SuspicionDecision::Hold => drop(tables.waiting.edit()?.insert(id.passport.as_str(), ())?),
        SuspicionDecision::Release => drop(tables.waiting.edit()?.remove(id.passport.as_str())?),
        SuspicionDecision::Seen => {}
    }
    Ok(())
}

pub(super) fn settled(snapshot: &ReadTransaction) -> Step<BTreeMap<SuspicionId, Settled>> {
    all_settled(&snapshot.open_table(SETTLED)?)
}

fn all_settled(table: &impl ReadableTable<&'static str, &'static str>) -> Step<BTreeMap<SuspicionId, Settled>> {
    let mut all = BTreeMap::new();
    for row in table.iter()? {
        let (id, text) = row?;
        all.insert(id.value().parse().map_err(unreadable)?, record::read_settled(text.value())?);
    }
    Ok(all)
}

pub(super) fn see_poster(tables: &mut Tables<'_>, point: PointNumber, check: &PosterCheck) -> Step<()> {
    tables.posters.edit()?.insert(point.get(), record::poster_check(check)?.as_str())?;
    Ok(())
}

pub(super) fn posters(snapshot: &ReadTransaction) -> Step<BTreeMap<PointNumber, PosterCheck>> {
    let mut all = BTreeMap::new();
    for row in snapshot.open_table(POSTERS)?.iter()? {
        let (point, text) = row?;
        all.insert(number(point.value())?, record::read_poster_check(text.value())?);
    }
    Ok(all)
}
