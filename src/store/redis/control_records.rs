//! Low-traffic records.

use std::collections::BTreeMap;

use ::redis::Cmd;
use async_trait::async_trait;

use super::{RedisStore, script};
use crate::store::{ControlRecord, RecordChange, RecordKind, RecordStore, Result};

#[async_trait]
impl RecordStore for RedisStore {
    async fn record(&self, kind: RecordKind, key: &str) -> Result<Option<ControlRecord>> {
        let stored: Option<String> = self.client.read(&Cmd::hget(self.keys.control().records(kind), key)).await?;
        stored.map(|text| ControlRecord::parse(kind, key, &text)).transpose()
    }

    async fn records(&self, kind: RecordKind) -> Result<Vec<ControlRecord>> {
        let all: BTreeMap<String, String> = self.client.read(&Cmd::hgetall(self.keys.control().records(kind))).await?;
        all.iter().map(|(key, text)| ControlRecord::parse(kind, key, text)).collect()
    }

    async fn change_records(&self, changes: &[RecordChange]) -> Result<bool> {
        let keys: Vec<String> = changes.iter().map(|change| self.keys.control().records(change.kind)).collect();
        let mut call = script::CHANGE_RECORDS.call(&keys);
        for change in changes {
            call.arg(&change.key).arg(&change.before).arg(&change.after);
        }
        self.client.write_script(&script::CHANGE_RECORDS, &call).await
    }
}
