//! Guards against a single disk failure that loses acknowledged writes or disables the store, against a damaged
//! record that fails the writes of others, and against an unbounded queue of writes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use jiff::civil::date;
use redb::StorageBackend;
use redb::backends::FileBackend;
use tempfile::TempDir;

use super::open::file_options;
use super::tables::holder_key;
use super::{EmbeddedStore, Options};
use crate::rules::check_ins::passport::StampSource;
use crate::rules::ids::{CardSerial, Holder};
use crate::rules::statistics::tally::{LocalHour, LocalMoment, Tally, TallyPeriod};
use crate::store::export::MaintenanceStore;
use crate::store::shard::shard_of;
use crate::store::{ControlStore, CounterStore, LogId, NewStamps, PassportStore, Result, StampsOutcome, StoreError};

/// A file whose calls fail after `calls_left` calls.
#[derive(Debug)]
struct Flaky {
    file: FileBackend,
    calls_left: Arc<AtomicI64>,
}

impl Flaky {
    fn call(&self) -> io::Result<()> {
        let left = self.calls_left.fetch_sub(1, Ordering::SeqCst);
        if left > 0 { Ok(()) } else { Err(io::Error::other("the disk is gone")) }
    }
}

impl StorageBackend for Flaky {
    fn len(&self) -> io::Result<u64> {
        self.call()?;
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.call()?;
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.call()?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.call()?;
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.call()?;
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }
}

const ALWAYS: i64 = i64::MAX / 2;

fn flaky(folder: &Path, calls_left: &Arc<AtomicI64>) -> EmbeddedStore {
    let (path, calls_left) = (folder.join("flaky.redb"), Arc::clone(calls_left));
    let opener = Box::new(move |_| {
        let file = FileBackend::new(file_options().open(&path).map_err(redb::StorageError::Io)?)?;
        // No cache, so that reads use the disk too.
        redb::Builder::new().set_cache_size(0).create_with_backend(Flaky { file, calls_left: Arc::clone(&calls_left) })
    });
    EmbeddedStore::start(folder, 64, Duration::from_millis(1), opener).unwrap()
}

/// A new store in a folder of its own.
fn opened(shards: u16) -> (TempDir, EmbeddedStore) {
    let folder = TempDir::new().unwrap();
    let store = EmbeddedStore::open(folder.path(), Options { shards, ..Options::default() }).unwrap();
    (folder, store)
}

/// The answers to `count` stamps at the same time, while the writer is blocked until all are queued.
async fn stamp_in_one_batch(store: &EmbeddedStore, count: u64) -> Vec<Result<StampsOutcome>> {
    let (go, wait) = mpsc::channel::<()>();
    let hold_up = store.handle.write(move |_| {
        let _ = wait.recv();
        Ok(())
    });
    let begin = async { drop(go) };
    let (held, answers, ()) = tokio::join!(hold_up, join_all((1..=count).map(|n| stamp(store, n))), begin);
    held.unwrap();
    answers
}

fn card(n: u64) -> Holder {
    Holder::Paper(CardSerial::try_from(n).unwrap())
}

fn noon() -> LocalMoment {
    let at = Timestamp::from_millisecond(1_681_372_800_000).unwrap();
    LocalMoment { at, hour: LocalHour::of(date(2023, 4, 13).at(12, 0, 0, 0)), hour_began: at, day_began: at }
}

async fn stamp(store: &EmbeddedStore, n: u64) -> Result<StampsOutcome> {
    let new = NewStamps {
        holder: card(n),
        new_number: format!("{n:013}").parse().unwrap(),
        points: vec!["7".parse().unwrap()],
        how: StampSource::Printed,
        rain: false,
        routes: Arc::default(),
        moment: noon(),
    };
    store.stamp(&new).await
}

/// Retries until the store is available again.
async fn stamp_until_stored(store: &EmbeddedStore, n: u64) -> StampsOutcome {
    loop {
        match stamp(store, n).await {
            Ok(stamped) => return stamped,
            Err(StoreError::Unavailable(_)) => tokio::task::yield_now().await,
            Err(broken) => panic!("{broken}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_failure_at_any_call_loses_no_acknowledged_write() {
    for calls in 0..40 {
        let folder = TempDir::new().unwrap();
        let calls_left = Arc::new(AtomicI64::new(ALWAYS));
        let store = flaky(folder.path(), &calls_left);
        stamp(&store, 1).await.unwrap();
        calls_left.store(calls, Ordering::SeqCst);
        let mut answered = vec![1];
        for n in 2..20 {
            match stamp(&store, n).await {
                Ok(stamped) => {
                    assert_eq!(stamped.new.len(), 1);
                    answered.push(n);
                }
                Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{error}"),
            }
        }
        assert!(answered.len() < 19, "one call failed");
        calls_left.store(ALWAYS, Ordering::SeqCst);
        for n in 1..20 {
            let stamped = stamp_until_stored(&store, n).await;
            assert!(stamped.new.is_empty() || !answered.contains(&n), "an acknowledged stamp was lost");
        }
        assert_eq!(count_stamps(&store).await, (19, 19), "failing at call {calls}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_read_returns_an_error_and_later_reads_recover() {
    let folder = TempDir::new().unwrap();
    let calls_left = Arc::new(AtomicI64::new(ALWAYS));
    let store = flaky(folder.path(), &calls_left);
    stamp(&store, 1).await.unwrap();
    calls_left.store(0, Ordering::SeqCst);
    // Until the writer notices, a read may be served from memory.
    while store.passport(card(1)).await.is_ok() {}
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    calls_left.store(ALWAYS, Ordering::SeqCst);
    while store.passport(card(1)).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(count_stamps(&store).await, (1, 1));
}

/// The number of log entries and of counted stamps.
async fn count_stamps(store: &EmbeddedStore) -> (u64, u64) {
    let mut entries = 0;
    for shard in 0..store.shards() {
        entries += store.log_entries(LogId::Shard(shard), 0, 1000).await.unwrap().len() as u64;
    }
    let tallies = store.tallies(TallyPeriod::AllTime).await.unwrap();
    (entries, tallies[&Tally::AllStamps("7".parse().unwrap())])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_continues_in_the_journal() {
    let (_folder, store) = opened(2);
    // More than the journal holds: some entries have moved into their logs, others have not.
    for hundred in 0..50 {
        for stamped in join_all((1..=100).map(|n| stamp(&store, hundred * 100 + n))).await {
            stamped.unwrap();
        }
        assert_eq!(count_stamps(&store).await.1, (hundred + 1) * 100);
    }
    let mut all = 0;
    for shard in [0, 1].map(LogId::Shard) {
        let whole = store.log_entries(shard, 0, u32::MAX).await.unwrap();
        let mut in_parts = Vec::new();
        loop {
            let page = store.log_entries(shard, in_parts.len() as u64, 300).await.unwrap();
            if page.is_empty() {
                break;
            }
            in_parts.extend(page);
        }
        assert_eq!(in_parts, whole);
        all += whole.len();
    }
    assert_eq!(all, 5000);
    assert_eq!(store.record_counts().await.unwrap().stamp_entries, 5000);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_record_fails_only_its_own_command() {
    let (_folder, store) = opened(64);
    let key = holder_key(card(5), store.shards());
    let spoil = store.handle.write(move |tables| {
        tables.passports.edit()?.insert(&key, "2 of another time")?;
        Ok(())
    });
    spoil.await.unwrap();
    // All stamps share one commit.
    for (n, answer) in (1..).zip(stamp_in_one_batch(&store, 20).await) {
        match answer {
            Ok(stamped) => assert_eq!(stamped.new.len(), 1),
            Err(error) => assert!(n == 5 && matches!(error, StoreError::Broken(_)), "{n}: {error}"),
        }
    }
    assert!(stamp(&store, 5).await.is_err());
    assert_eq!(count_stamps(&store).await, (19, 19));
    let log = store.log_entries(LogId::Shard(shard_of(card(5), store.shards())), 0, 100).await.unwrap();
    assert!(log.iter().all(|entry| !entry.contains("0000000000005 ")), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_a_command_ends_neither_the_writer_nor_the_store() {
    let (_folder, store) = opened(64);
    let broken_off: Result<()> = store.handle.write(|_| panic!("on purpose")).await;
    assert!(matches!(broken_off, Err(StoreError::Unavailable(_))));
    stamp_until_stored(&store, 1).await;
    assert_eq!(count_stamps(&store).await, (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_beyond_the_queue_are_rejected_at_once() {
    let (_folder, store) = opened(64);
    let answers = stamp_in_one_batch(&store, 6000).await;
    let rejected = answers.iter().filter(|answer| matches!(answer, Err(StoreError::Unavailable(_)))).count();
    assert!((800..6000).contains(&rejected), "{rejected}");
    let succeeded = answers.iter().filter(|answer| answer.is_ok()).count() as u64;
    assert_eq!(succeeded + rejected as u64, 6000);
    assert_eq!(count_stamps(&store).await, (succeeded, succeeded));
}

/// A new table must be listed here: how it is exported, and what a purge does to it.
#[test]
fn every_table_is_exported_and_either_purged_or_kept() {
    let derived = ["vouchers", "erased_vouchers", "holds", "stock_writes"];
    let purged_and_exported = ["passports", "companions", "journal", "claims", "seen"];
    // The purge keeps stock logs and published versions, without the names.
    let retained_and_exported = [
        "meta",
        "published",
        "generations",
        "facts",
        "gifts",
        "gone_here",
        "records",
        "refused",
        "stamped",
        "tallies_in_all",
        "tallies_by_hour",
    ];
    let mut known = [&derived[..], &purged_and_exported, &retained_and_exported].concat();
    let mut names = super::tables::NAMES.to_vec();
    known.sort_unstable();
    names.sort_unstable();
    assert_eq!(names, known);
}
