//! Facts of many logs in the order of their times, read page by page.
//!
//! Within a log its own order is kept, also where a clock stepped back: then a fact stands behind the one that was
//! written before it, though its time is earlier. A log is read to the end that it has when its last page is read.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::vec::IntoIter;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use crate::store::record::{self, ClaimLogEntry, StampLogEntry, StockLogEntry};
use crate::store::{LogId, Result, Store};

/// So many facts of a log are in memory at most, as they are written.
const PAGE_SIZE: u32 = 512;
/// So many logs are begun at a time.
const CONCURRENCY: usize = 8;

/// Something that a log says.
pub(super) trait Fact: Sized {
    /// Reads it as it is written.
    fn read(text: &str) -> Result<Self>;
    /// When it happened.
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

/// Facts of several logs, merged.
pub(super) struct MergedLog<F> {
    cursors: Vec<LogCursor<F>>,
    /// The time of each lane's next fact, the earliest first; beside it, which lane.
    next: BinaryHeap<Reverse<(Timestamp, usize)>>,
    started: bool,
}

struct LogCursor<F> {
    log: LogId,
    /// The next fact of this log that is wanted.
    next_fact: Option<F>,
    page: IntoIter<String>,
    /// Where the next page begins.
    from: u64,
    /// Whether no page follows.
    exhausted: bool,
}

impl<F: Fact> MergedLog<F> {
    pub(super) fn new(logs: impl IntoIterator<Item = LogId>) -> MergedLog<F> {
        let cursor = |log| LogCursor { log, next_fact: None, page: Vec::new().into_iter(), from: 0, exhausted: false };
        MergedLog { cursors: logs.into_iter().map(cursor).collect(), next: BinaryHeap::new(), started: false }
    }

    /// The next fact that is wanted, and the log that it stands in.
    pub(super) async fn next(
        &mut self,
        store: &dyn Store,
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

    async fn start(&mut self, store: &dyn Store, filter: &(impl Fn(&F) -> bool + Sync)) -> Result<()> {
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
    /// Goes on to the next fact that is wanted.
    async fn advance(&mut self, store: &dyn Store, filter: &(impl Fn(&F) -> bool + Sync)) -> Result<()> {
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
