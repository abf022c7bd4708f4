//! Hints, which may be lost.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable};

use super::EmbeddedStore;
use super::tables::{REFUSED, SEEN, STAMPED, Tables, TxError, TxResult, point_number, read_rows, unreadable};
use crate::rules::ids::SessionId;
use crate::store::{HintStore, Hints, Result, StoreError};

#[async_trait]
impl HintStore for EmbeddedStore {
    async fn record_hints(&self, new_hints: &Hints) -> Result<()> {
        let hints = new_hints.clone();
        let record = move |tables: &mut Tables<'_>| {
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
        };
        self.handle.write(record).await
    }

    async fn hints(&self) -> Result<Hints> {
        let read = |snapshot: &ReadTransaction| {
            let refused = |name: &str, count| Ok((name.parse().map_err(unreadable)?, count));
            let stamped = |point, ms| Ok((point_number(point)?, moment(ms)?));
            Ok(Hints {
                refusals: read_rows(snapshot.open_table(REFUSED)?.iter()?, refused)?,
                last_seen: last_seen(snapshot)?,
                last_stamped: read_rows(snapshot.open_table(STAMPED)?.iter()?, stamped)?,
            })
        };
        self.handle.read(read).await
    }

    async fn last_seen(&self) -> Result<BTreeMap<SessionId, Timestamp>> {
        self.handle.read(last_seen).await
    }
}

fn last_seen(snapshot: &ReadTransaction) -> TxResult<BTreeMap<SessionId, Timestamp>> {
    let seen = |session: &str, ms| Ok((session.parse().map_err(unreadable)?, moment(ms)?));
    read_rows(snapshot.open_table(SEEN)?.iter()?, seen)
}

fn moment(ms: i64) -> TxResult<Timestamp> {
    Timestamp::from_millisecond(ms).map_err(|error| TxError::Operation(StoreError::Broken(error.to_string())))
}
