//! Hints, which may be lost.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable};

use super::EmbeddedStore;
use super::tables::{REFUSED, SEEN, STAMPED, Tables, TxError, TxResult, point_number, unreadable};
use crate::rules::ids::SessionId;
use crate::store::{HintStore, Hints, Result, StoreError};

#[async_trait]
impl HintStore for EmbeddedStore {
    async fn record_hints(&self, new_hints: &Hints) -> Result<()> {
        let new_hints = new_hints.clone();
        self.handle.write(move |tables| record(tables, &new_hints)).await
    }

    async fn hints(&self) -> Result<Hints> {
        self.handle.read(hints).await
    }

    async fn last_seen(&self) -> Result<BTreeMap<SessionId, Timestamp>> {
        self.handle.read(last_seen).await
    }
}

fn record(tables: &mut Tables<'_>, hints: &Hints) -> TxResult<()> {
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
    Ok(())
}

fn last_seen(snapshot: &ReadTransaction) -> TxResult<BTreeMap<SessionId, Timestamp>> {
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

fn hints(snapshot: &ReadTransaction) -> TxResult<Hints> {
    let mut hints = Hints::default();
    for row in snapshot.open_table(REFUSED)?.iter()? {
        let (name, count) = row?;
        hints.refusals.insert(name.value().parse().map_err(unreadable)?, count.value());
    }
    hints.last_seen = last_seen(snapshot)?;
    for row in snapshot.open_table(STAMPED)?.iter()? {
        let (point, ms) = row?;
        hints.last_stamped.insert(point_number(point.value())?, moment(ms.value())?);
    }
    Ok(hints)
}
