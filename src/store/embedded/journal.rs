//! The newest log entries of stamps, before they move into the logs of their shards.
//!
//! A commit of many check-ins touches many shards, and would rewrite the last page of each shard's log for one entry.
//! So entries of all shards are first appended to one table. When it is full, all of them move into their logs, in
//! the commit of the entry that filled it. Readers see no difference: reading a log continues in the journal.

use std::collections::BTreeMap;

use redb::{ReadTransaction, ReadableTable};

use super::tables::{FACTS, JOURNAL, Tables, TxResult, log_key};
use crate::store::LogId;

/// Maximum number of entries in the journal. Moving more would delay check-ins, and each reader of a log scans all of
/// them.
const MAX_ENTRIES: u64 = 4096;

impl Tables<'_> {
    /// Appends an entry to a log.
    pub(super) fn log(&mut self, log: LogId, entry: &str) -> TxResult<()> {
        let LogId::Shard(shard) = log else {
            return self.append(log_key(log), [entry]);
        };
        let journal = self.journal.edit()?;
        let next = journal.last()?.map_or(0, |(last, _)| last.value() + 1);
        journal.insert(next, (shard, entry))?;
        Ok(())
    }

    /// Appends entries to the log with this key.
    pub(super) fn append<'f>(&mut self, key: u32, new_entries: impl IntoIterator<Item = &'f str>) -> TxResult<()> {
        let entries = self.facts.edit()?;
        let last = entries.range((key, 0)..=(key, u64::MAX))?.next_back().transpose()?;
        let next = last.map_or(0, |(last, _)| last.value().1 + 1);
        for (nth, entry) in (next..).zip(new_entries) {
            entries.insert((key, nth), entry)?;
        }
        Ok(())
    }

    /// Moves the entries into their logs if the journal is full.
    pub(super) fn flush_full_journal(&mut self) -> TxResult<()> {
        if !self.journal.is_edited() {
            return Ok(());
        }
        let journal = self.journal.read()?;
        let first = journal.first()?.map_or(0, |(first, _)| first.value());
        let last = journal.last()?.map_or(0, |(last, _)| last.value());
        if last - first < MAX_ENTRIES { Ok(()) } else { flush(self) }
    }
}

/// Moves all entries into their logs.
pub(super) fn flush(tables: &mut Tables<'_>) -> TxResult<()> {
    let mut by_shard: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for row in tables.journal.read()?.iter()? {
        let (_, stored) = row?;
        let (shard, entry) = stored.value();
        by_shard.entry(shard).or_default().push(entry.to_owned());
    }
    if by_shard.is_empty() {
        return Ok(());
    }
    for (shard, entries) in by_shard {
        tables.append(log_key(LogId::Shard(shard)), entries.iter().map(String::as_str))?;
    }
    tables.journal.edit()?.retain(|_, _| false)?;
    Ok(())
}

/// Entries of a log, starting at index `from`, at most `limit`.
pub(super) fn log_entries(snapshot: &ReadTransaction, log: LogId, from: u64, limit: u32) -> TxResult<Vec<String>> {
    let key = log_key(log);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let flushed = snapshot.open_table(FACTS)?;
    let range = flushed.range((key, from)..=(key, u64::MAX))?.take(limit);
    let mut entries = range.map(|row| Ok(row?.1.value().to_owned())).collect::<TxResult<Vec<String>>>()?;
    let LogId::Shard(log_shard) = log else { return Ok(entries) };
    if entries.len() == limit {
        return Ok(entries);
    }
    let last = flushed.range((key, 0)..=(key, u64::MAX))?.next_back().transpose()?;
    let mut skip = from.saturating_sub(last.map_or(0, |(last, _)| last.value().1 + 1));
    for row in snapshot.open_table(JOURNAL)?.iter()? {
        let (_, stored) = row?;
        let (shard, entry) = stored.value();
        if shard != log_shard {
            continue;
        }
        if skip > 0 {
            skip -= 1;
        } else if entries.len() < limit {
            entries.push(entry.to_owned());
        } else {
            break;
        }
    }
    Ok(entries)
}
