//! Merges the entries of several logs by time, reading each log page by page.
//!
//! The order within a log is kept even where a clock stepped back: such an entry follows the one written before it,
//! although its time is earlier. Entries added after the last page of a log was read are not included.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::vec::IntoIter;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use crate::store::{CounterStore, LogId, Result};

/// Entries of one log held in memory, encoded.
const PAGE_SIZE: u32 = 512;
/// Logs whose first page is read at the same time.
const CONCURRENCY: usize = 8;

/// Entries of several logs, merged by time.
pub(super) struct MergedLog<F> {
    cursors: Vec<LogCursor<F>>,
    /// Time of each cursor's next entry with the cursor's index, earliest first.
    next: BinaryHeap<Reverse<(Timestamp, usize)>>,
    started: bool,
    decode: fn(&str) -> Result<F>,
    time_of: fn(&F) -> Timestamp,
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

impl<F> MergedLog<F> {
    /// Starts with these logs, the function that decodes an entry, and the one that returns its time.
    pub(super) fn new(
        logs: impl IntoIterator<Item = LogId>,
        decode: fn(&str) -> Result<F>,
        time_of: fn(&F) -> Timestamp,
    ) -> MergedLog<F> {
        let cursor = |log| LogCursor { log, next_fact: None, page: Vec::new().into_iter(), from: 0, exhausted: false };
        let cursors = logs.into_iter().map(cursor).collect();
        MergedLog { cursors, next: BinaryHeap::new(), started: false, decode, time_of }
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
        cursor.advance(store, self.decode, filter).await?;
        self.next.extend(cursor.next_fact.as_ref().map(|next_fact| Reverse(((self.time_of)(next_fact), index))));
        Ok(fact.map(|fact| (cursor.log, fact)))
    }

    async fn start(&mut self, store: &dyn CounterStore, filter: &(impl Fn(&F) -> bool + Sync)) -> Result<()> {
        let decode = self.decode;
        let cursors = stream::iter(self.cursors.iter_mut().map(|cursor| cursor.advance(store, decode, filter)));
        cursors.buffer_unordered(CONCURRENCY).try_collect::<()>().await?;
        let time_of = |cursor: &LogCursor<F>| cursor.next_fact.as_ref().map(self.time_of);
        let next_facts = self.cursors.iter().enumerate();
        self.next = next_facts.filter_map(|(index, cursor)| Some(Reverse((time_of(cursor)?, index)))).collect();
        self.started = true;
        Ok(())
    }
}

impl<F> LogCursor<F> {
    /// Advances to the next entry that passes the filter.
    async fn advance(
        &mut self,
        store: &dyn CounterStore,
        decode: fn(&str) -> Result<F>,
        filter: &(impl Fn(&F) -> bool + Sync),
    ) -> Result<()> {
        loop {
            for text in self.page.by_ref() {
                let fact = decode(&text)?;
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
