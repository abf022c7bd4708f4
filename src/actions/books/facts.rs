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
const PAGE: u32 = 512;
/// So many logs are begun at a time.
const AT_ONCE: usize = 8;

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
pub(super) struct Facts<F> {
    lanes: Vec<Lane<F>>,
    /// The time of each lane's next fact, the earliest first; beside it, which lane.
    next: BinaryHeap<Reverse<(Timestamp, usize)>>,
    begun: bool,
}

struct Lane<F> {
    log: LogId,
    /// The next fact of this log that is wanted.
    head: Option<F>,
    page: IntoIter<String>,
    /// Where the next page begins.
    from: u64,
    /// Whether no page follows.
    over: bool,
}

impl<F: Fact> Facts<F> {
    pub(super) fn of(logs: impl IntoIterator<Item = LogId>) -> Facts<F> {
        let lane = |log| Lane { log, head: None, page: Vec::new().into_iter(), from: 0, over: false };
        Facts { lanes: logs.into_iter().map(lane).collect(), next: BinaryHeap::new(), begun: false }
    }

    /// The next fact that is wanted, and the log that it stands in.
    pub(super) async fn next(
        &mut self,
        store: &dyn Store,
        wanted: &(impl Fn(&F) -> bool + Sync),
    ) -> Result<Option<(LogId, F)>> {
        if !self.begun {
            self.begin(store, wanted).await?;
        }
        let Some(Reverse((_, index))) = self.next.pop() else { return Ok(None) };
        let lane = &mut self.lanes[index];
        let fact = lane.head.take();
        lane.advance(store, wanted).await?;
        self.next.extend(lane.head.as_ref().map(|head| Reverse((head.at(), index))));
        Ok(fact.map(|fact| (lane.log, fact)))
    }

    async fn begin(&mut self, store: &dyn Store, wanted: &(impl Fn(&F) -> bool + Sync)) -> Result<()> {
        let lanes = stream::iter(self.lanes.iter_mut().map(|lane| lane.advance(store, wanted)));
        lanes.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        let heads = self.lanes.iter().enumerate();
        self.next = heads.filter_map(|(index, lane)| Some(Reverse((lane.head.as_ref()?.at(), index)))).collect();
        self.begun = true;
        Ok(())
    }
}

impl<F: Fact> Lane<F> {
    /// Goes on to the next fact that is wanted.
    async fn advance(&mut self, store: &dyn Store, wanted: &(impl Fn(&F) -> bool + Sync)) -> Result<()> {
        loop {
            for text in self.page.by_ref() {
                let fact = F::read(&text)?;
                if wanted(&fact) {
                    self.head = Some(fact);
                    return Ok(());
                }
            }
            if self.over {
                return Ok(());
            }
            let page = store.log_entries(self.log, self.from, PAGE).await?;
            let count = u32::try_from(page.len()).unwrap_or(u32::MAX);
            self.from += u64::from(count);
            self.over = count < PAGE;
            self.page = page.into_iter();
        }
    }
}
