//! Merges the entries of several logs by time, reading each log page by page.
//!
//! The order within a log is kept even where a clock stepped back: such an entry follows the one written before it,
//! although its time is earlier. Entries added after the last page of a log was read are not included.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::vec::IntoIter;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use crate::store::record::{self, ClaimLogEntry, StampLogEntry, StockLogEntry};
use crate::store::{CounterStore, LogId, Result};

/// Entries of one log held in memory, encoded.
const PAGE_SIZE: u32 = 512;
/// Logs whose first page is read at the same time.
const CONCURRENCY: usize = 8;

/// An entry of a log.
pub(super) trait Fact: Sized {
    /// Decodes an entry.
    fn read(text: &str) -> Result<Self>;
    /// Time of the event.
    fn at(&self) -> Timestamp;
}

impl Fact for StampLogEntry {
    fn read(text: &str) -> Result<Self> {
        record::decode_stamp_entry(text)
    }
    fn at(&self) -> Timestamp {
        self.stamp.at
    }
}

impl Fact for ClaimLogEntry {
    fn read(text: &str) -> Result<Self> {
        record::decode_claim_entry(text)
    }
    fn at(&self) -> Timestamp {
        self.at
    }
}

impl Fact for StockLogEntry {
    fn read(text: &str) -> Result<Self> {
        record::decode_stock_entry(text)
    }
    fn at(&self) -> Timestamp {
        self.at
    }
}

/// Entries of several logs, merged by time.
pub(super) struct MergedLog<F> {
    cursors: Vec<LogCursor<F>>,
    /// Time of each cursor's next entry with the cursor's index, earliest first.
    next: BinaryHeap<Reverse<(Timestamp, usize)>>,
    started: bool,
}

struct LogCursor<F> {
    log: LogId,
    /// The next entry of this log that passes the filter.
    next_fact: Option<F>,
    page: IntoIter<String>,
    /// Start of the next page.
    from: u64,
    /// Whether the log has no further page.
    exhausted: bool,
}

impl<F: Fact> MergedLog<F> {
    pub(super) fn new(logs: impl IntoIterator<Item = LogId>) -> MergedLog<F> {
        let cursor = |log| LogCursor { log, next_fact: None, page: Vec::new().into_iter(), from: 0, exhausted: false };
        MergedLog { cursors: logs.into_iter().map(cursor).collect(), next: BinaryHeap::new(), started: false }
    }

    /// The next entry that passes the filter, with its log.
    pub(super) async fn next(
        &mut self,
        store: &dyn CounterStore,
        filter: &(impl Fn(&F) -> bool + Sync),
    ) -> Result<Option<(LogId, F)>> {
        if !self.started {
            self.start(store, filter).await?;
        }
        let Some(Reverse((_, index))) = self.next.pop() else { return Ok(None) };
        let cursor = &mut self.cursors[index];
        let fact = cursor.next_fact.take();
        cursor.advance(store, filter).await?;
        self.next.extend(cursor.next_fact.as_ref().map(|next_fact| Reverse((next_fact.at(), index))));
        Ok(fact.map(|fact| (cursor.log, fact)))
    }

    async fn start(&mut self, store: &dyn CounterStore, filter: &(impl Fn(&F) -> bool + Sync)) -> Result<()> {
        let cursors = stream::iter(self.cursors.iter_mut().map(|cursor| cursor.advance(store, filter)));
        cursors.buffer_unordered(CONCURRENCY).try_collect::<()>().await?;
        let next_facts = self.cursors.iter().enumerate();
        self.next =
            next_facts.filter_map(|(index, cursor)| Some(Reverse((cursor.next_fact.as_ref()?.at(), index)))).collect();
        self.started = true;
        Ok(())
    }
}

impl<F: Fact> LogCursor<F> {
    /// Advances to the next entry that passes the filter.
    async fn advance(&mut self, store: &dyn CounterStore, filter: &(impl Fn(&F) -> bool + Sync)) -> Result<()> {
        loop {
            for text in self.page.by_ref() {
                let fact = F::read(&text)?;
                if filter(&fact) {
                    self.next_fact = Some(fact);
                    return Ok(());
                }
            }
            if self.exhausted {
                return Ok(());
            }
            let page = store.log_entries(self.log, self.from, PAGE_SIZE).await?;
            let count = u32::try_from(page.len()).unwrap_or(u32::MAX);
            self.from += u64::from(count);
            self.exhausted = count < PAGE_SIZE;
            self.page = page.into_iter();
        }
    }
}
