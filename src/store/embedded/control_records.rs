//! Low-traffic records.

use async_trait::async_trait;
use redb::{ReadTransaction, ReadableTable};

use super::EmbeddedStore;
use super::tables::{RECORDS, Tables, read_rows, rows_of};
use crate::store::{ControlRecord, RecordChange, RecordKind, RecordStore, Result};

#[async_trait]
impl RecordStore for EmbeddedStore {
    async fn record(&self, kind: RecordKind, key: &str) -> Result<Option<ControlRecord>> {
        let key = key.to_owned();
        let read = move |snapshot: &ReadTransaction| {
            let text = snapshot.open_table(RECORDS)?.get((kind.name(), key.as_str()))?;
            Ok(text.map(|text| ControlRecord::parse(kind, &key, text.value())).transpose()?)
        };
        self.handle.read(read).await
    }

    async fn records(&self, kind: RecordKind) -> Result<Vec<ControlRecord>> {
        let read = move |snapshot: &ReadTransaction| {
            read_rows(rows_of(&snapshot.open_table(RECORDS)?, kind)?, |(_, key), text| {
                Ok(ControlRecord::parse(kind, key, text)?)
            })
        };
        self.handle.read(read).await
    }

    async fn change_records(&self, changes: &[RecordChange]) -> Result<bool> {
        let changes = changes.to_vec();
        let change = move |tables: &mut Tables<'_>| {
            let (mut expected, mut done) = (true, true);
            for RecordChange { kind, key, before, after } in &changes {
                let stored = tables.records.read()?.get((kind.name(), key.as_str()))?;
                let stored = stored.as_ref().map_or("", |text| text.value());
                expected &= stored == before;
                done &= stored == after;
            }
            // Of a repeat, all records are as they shall be.
            if done || !expected {
                return Ok(done);
            }
            let records = tables.records.edit()?;
            for RecordChange { kind, key, after, .. } in &changes {
                match after.as_str() {
                    "" => drop(records.remove((kind.name(), key.as_str()))?),
                    after => drop(records.insert((kind.name(), key.as_str()), after)?),
                }
            }
            Ok(true)
        };
        self.handle.write(change).await
    }
}
