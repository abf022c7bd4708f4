//! Counters and logs.

use std::collections::BTreeMap;

use async_trait::async_trait;
use redb::{ReadTransaction, ReadableTable};

use super::EmbeddedStore;
use super::journal::log_entries;
use super::tables::{TALLIES_BY_HOUR, TALLIES_IN_ALL, TxResult, unreadable};
use crate::rules::statistics::tally::{LocalDay, Tally, TallyPeriod};
use crate::store::{CounterStore, LogId, Result};

#[async_trait]
impl CounterStore for EmbeddedStore {
    async fn tallies(&self, period: TallyPeriod) -> Result<BTreeMap<Tally, u64>> {
        self.handle.read(move |snapshot| tallies(snapshot, period, "")).await
    }

    async fn tallies_since(&self, day: LocalDay) -> Result<BTreeMap<Tally, u64>> {
        self.handle.read(move |snapshot| tallies(snapshot, TallyPeriod::ByHour, &day.to_string())).await
    }

    async fn tallies_of(&self, names: &[Tally]) -> Result<BTreeMap<Tally, u64>> {
        let names = names.to_vec();
        let read = move |snapshot: &ReadTransaction| {
            let (table, mut tallies) = (snapshot.open_table(TALLIES_IN_ALL)?, BTreeMap::new());
            for name in names {
                if let Some(count) = table.get(name.to_string().as_str())? {
                    tallies.insert(name, count.value());
                }
            }
            Ok(tallies)
        };
        self.handle.read(read).await
    }

    fn shards(&self) -> u16 {
        self.handle.shards
    }

    async fn log_entries(&self, log: LogId, from: u64, limit: u32) -> Result<Vec<String>> {
        self.handle.read(move |snapshot| log_entries(snapshot, log, from, limit)).await
    }
}

/// The counters of one kind whose hour or day is not before `from`; an empty text is before all. Scans the names of
/// earlier days too, but does not parse them; scanning is fast.
fn tallies(snapshot: &ReadTransaction, period: TallyPeriod, from: &str) -> TxResult<BTreeMap<Tally, u64>> {
    let table = match period {
        TallyPeriod::AllTime => snapshot.open_table(TALLIES_IN_ALL)?,
        TallyPeriod::ByHour => snapshot.open_table(TALLIES_BY_HOUR)?,
    };
    let mut tallies = BTreeMap::new();
    for row in table.iter()? {
        let (name, count) = row?;
        let name = name.value();
        // A name ends with its hour or its day, and an hour begins with its day.
        if name.rsplit(':').next().is_some_and(|time| time >= from) {
            tallies.insert(name.parse().map_err(unreadable)?, count.value());
        }
    }
    Ok(tallies)
}
