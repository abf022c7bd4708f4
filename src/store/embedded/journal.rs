//! The newest facts of stamps, on their way into the logs of their shards.
//!
//! A commit of many check-ins touches many shards, and each log's last page would be written anew for
//! one fact. So facts are first kept in one row after the other, whichever their shard, and once in a
//! while all of them move into their logs, in the same commit as the one that made them too many.
//! Readers see no difference: a log goes on in the journal.

use std::collections::BTreeMap;

use redb::{ReadTransaction, ReadableTable};

use super::super::LogId;
use super::tables::{FACTS, JOURNAL, Tables, TxResult, log_key};

/// So many facts wait at most. A move of more takes longer than a check-in should wait; a reader of
/// a log looks at all of them.
const MAX_ENTRIES: u64 = 4096;

impl Tables<'_> {
    /// Appends a fact to a log.
    pub(super) fn log(&mut self, log: LogId, fact: &str) -> TxResult<()> {
        let LogId::Shard(shard) = log else {
            return self.append(log_key(log), [fact]);
        };
        let journal = self.journal.edit()?;
        let next = journal.last()?.map_or(0, |(last, _)| last.value() + 1);
        journal.insert(next, (shard, fact))?;
        Ok(())
    }

    /// Appends facts to the log with this key.
    pub(super) fn append<'f>(&mut self, key: u32, some: impl IntoIterator<Item = &'f str>) -> TxResult<()> {
        let facts = self.facts.edit()?;
        let last = facts.range((key, 0)..=(key, u64::MAX))?.next_back().transpose()?;
        let next = last.map_or(0, |(last, _)| last.value().1 + 1);
        for (nth, fact) in (next..).zip(some) {
            facts.insert((key, nth), fact)?;
        }
        Ok(())
    }

    /// Moves the facts into their logs if there are many.
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

/// Moves all facts into their logs.
pub(super) fn flush(tables: &mut Tables<'_>) -> TxResult<()> {
    let mut by_shard: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for row in tables.journal.read()?.iter()? {
        let (_, stored) = row?;
        let (shard, fact) = stored.value();
        by_shard.entry(shard).or_default().push(fact.to_owned());
    }
    if by_shard.is_empty() {
        return Ok(());
    }
    for (shard, facts) in by_shard {
        tables.append(log_key(LogId::Shard(shard)), facts.iter().map(String::as_str))?;
    }
    tables.journal.edit()?.retain(|_, _| false)?;
    Ok(())
}

/// Facts of a log from the `from`-th on, at most `limit`.
pub(super) fn log_entries(snapshot: &ReadTransaction, log: LogId, from: u64, limit: u32) -> TxResult<Vec<String>> {
    let key = log_key(log);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let flushed = snapshot.open_table(FACTS)?;
    let range = flushed.range((key, from)..=(key, u64::MAX))?.take(limit);
    let mut facts = range.map(|row| Ok(row?.1.value().to_owned())).collect::<TxResult<Vec<String>>>()?;
    let LogId::Shard(wanted) = log else { return Ok(facts) };
    if facts.len() == limit {
        return Ok(facts);
    }
    let last = flushed.range((key, 0)..=(key, u64::MAX))?.next_back().transpose()?;
    let mut skip = from.saturating_sub(last.map_or(0, |(last, _)| last.value().1 + 1));
    for row in snapshot.open_table(JOURNAL)?.iter()? {
        let (_, stored) = row?;
        let (shard, fact) = stored.value();
        if shard != wanted {
            continue;
        }
        if skip > 0 {
            skip -= 1;
        } else if facts.len() < limit {
            facts.push(fact.to_owned());
        } else {
            break;
        }
    }
    Ok(facts)
}
