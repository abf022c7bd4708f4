//! The failure guarded against: a disk that fails once and takes the whole store, or a promise,
//! with it; one broken record that spoils the steps of others; a pile of writes without a bound.

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

use super::super::export::MaintenanceStore;
use super::super::shard::shard_of;
use super::super::{LogId, NewStamps, Result, StampsOutcome, Store, StoreError};
use super::open::file_options;
use super::tables::holder_key;
use super::{EmbeddedStore, Options};
use crate::rules::ids::{CardSerial, Holder};
use crate::rules::passport::StampSource;
use crate::rules::tally::{LocalHour, LocalMoment, Tally, TallyPeriod};

/// A file whose calls fail once so many of them are used up.
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
    let opener = Box::new(move || {
        let file = FileBackend::new(file_options().open(&path).map_err(redb::StorageError::Io)?)?;
        // A small cache, so that reads meet the disk too.
        redb::Builder::new().set_cache_size(0).create_with_backend(Flaky { file, calls_left: Arc::clone(&calls_left) })
    });
    EmbeddedStore::start(folder, 64, Duration::from_millis(1), opener).unwrap()
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
        new_number: &format!("{n:013}").parse().unwrap(),
        points: &["7".parse().unwrap()],
        how: &StampSource::Printed,
        routes: &Arc::default(),
        moment: noon(),
    };
    store.stamp(&new).await
}

/// Asks until the store answers again.
async fn stamp_at_last(store: &EmbeddedStore, n: u64) -> StampsOutcome {
    loop {
        match stamp(store, n).await {
            Ok(stamped) => return stamped,
            Err(StoreError::Unavailable(_)) => tokio::task::yield_now().await,
            Err(broken) => panic!("{broken}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_at_any_call_costs_no_answer_and_the_store_comes_back() {
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
        assert!(answered.len() < 19, "it failed at some call");
        calls_left.store(ALWAYS, Ordering::SeqCst);
        for n in 1..20 {
            let stamped = stamp_at_last(&store, n).await;
            assert!(stamped.new.is_empty() || !answered.contains(&n), "what was answered was kept");
        }
        assert_eq!(written_stamps(&store).await, (19, 19), "failing at call {calls}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_fails_is_answered_and_reading_comes_back_by_itself() {
    let folder = TempDir::new().unwrap();
    let calls_left = Arc::new(AtomicI64::new(ALWAYS));
    let store = flaky(folder.path(), &calls_left);
    stamp(&store, 1).await.unwrap();
    calls_left.store(0, Ordering::SeqCst);
    // Until the writer noticed, a page that is still in memory may be answered.
    while store.passport(card(1)).await.is_ok() {}
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    calls_left.store(ALWAYS, Ordering::SeqCst);
    while store.passport(card(1)).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(written_stamps(&store).await, (1, 1));
}

/// How many facts and how many counted stamps there are.
async fn written_stamps(store: &EmbeddedStore) -> (u64, u64) {
    let mut facts = 0;
    for shard in 0..store.shards() {
        facts += store.log_entries(LogId::Shard(shard), 0, 1000).await.unwrap().len() as u64;
    }
    let tallies = store.tallies(TallyPeriod::AllTime).await.unwrap();
    (facts, tallies[&Tally::AllStamps("7".parse().unwrap())])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_goes_on_in_the_journal_and_nobody_sees_where() {
    let folder = TempDir::new().unwrap();
    let store = EmbeddedStore::open(folder.path(), Options { shards: 2, ..Options::default() }).unwrap();
    // More than the journal takes: some have moved into their logs, some have not.
    for hundred in 0..50 {
        for stamped in join_all((1..=100).map(|n| stamp(&store, hundred * 100 + n))).await {
            stamped.unwrap();
        }
        assert_eq!(written_stamps(&store).await.1, (hundred + 1) * 100);
    }
    let mut all = 0;
    for shard in [0, 1].map(LogId::Shard) {
        let whole = store.log_entries(shard, 0, u32::MAX).await.unwrap();
        let mut in_parts = Vec::new();
        loop {
            let some = store.log_entries(shard, in_parts.len() as u64, 300).await.unwrap();
            if some.is_empty() {
                break;
            }
            in_parts.extend(some);
        }
        assert_eq!(in_parts, whole);
        all += whole.len();
    }
    assert_eq!(all, 5000);
    assert_eq!(store.record_counts().await.unwrap().stamp_entries, 5000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_read_fails_its_own_step_alone() {
    let folder = TempDir::new().unwrap();
    let store = EmbeddedStore::open(folder.path(), Options::default()).unwrap();
    let key = holder_key(card(5), store.shards());
    let spoil = store.handle.write(move |tables| {
        tables.passports.edit()?.insert(&key, "2 of another time")?;
        Ok(())
    });
    spoil.await.unwrap();
    // The writer is held up, so that all of them share one commit.
    let (go, wait) = mpsc::channel::<()>();
    let hold_up = store.handle.write(move |_| {
        let _ = wait.recv();
        Ok(())
    });
    let stamps = join_all((1..=20).map(|n| stamp(&store, n)));
    let begin = async { drop(go) };
    let (held, answers, ()) = tokio::join!(hold_up, stamps, begin);
    held.unwrap();
    for (n, answer) in (1..).zip(answers) {
        match answer {
            Ok(stamped) => assert_eq!(stamped.new.len(), 1),
            Err(error) => assert!(n == 5 && matches!(error, StoreError::Broken(_)), "{n}: {error}"),
        }
    }
    assert!(stamp(&store, 5).await.is_err());
    assert_eq!(written_stamps(&store).await, (19, 19));
    let log = store.log_entries(LogId::Shard(shard_of(card(5), store.shards())), 0, 100).await.unwrap();
    assert!(log.iter().all(|fact| !fact.contains("0000000000005 ")), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_a_step_ends_neither_the_writer_nor_the_store() {
    let folder = TempDir::new().unwrap();
    let store = EmbeddedStore::open(folder.path(), Options::default()).unwrap();
    let broken_off: Result<()> = store.handle.write(|_| panic!("on purpose")).await;
    assert!(matches!(broken_off, Err(StoreError::Unavailable(_))));
    stamp_at_last(&store, 1).await;
    assert_eq!(written_stamps(&store).await, (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_beyond_the_queue_are_turned_away_at_once() {
    let folder = TempDir::new().unwrap();
    let store = EmbeddedStore::open(folder.path(), Options::default()).unwrap();
    let (go, wait) = mpsc::channel::<()>();
    let hold_up = store.handle.write(move |_| {
        let _ = wait.recv();
        Ok(())
    });
    let crowd = join_all((1..=6000).map(|n| stamp(&store, n)));
    let begin = async { drop(go) };
    let (_, answers, ()) = tokio::join!(hold_up, crowd, begin);
    let turned_away = answers.iter().filter(|answer| matches!(answer, Err(StoreError::Unavailable(_)))).count();
    assert!((800..6000).contains(&turned_away), "{turned_away}");
    let done = answers.iter().filter(|answer| answer.is_ok()).count() as u64;
    assert_eq!(done + turned_away as u64, 6000);
    assert_eq!(written_stamps(&store).await, (done, done));
}

/// Whoever adds a table says here how it comes along when a carnival moves, and what a purge does to it.
#[test]
fn every_table_moves_and_is_purged_or_kept() {
    let follow_from_others = ["vouchers", "holds", "restocks", "accepted"];
    let purged_and_moved = [
        "passports",
        "companions",
        "journal",
        "claims",
        "invitations",
        "ended_invitations",
        "sessions",
        "ended_sessions",
        "seen",
        "suspicions",
        "settled",
        "waiting",
        "posters",
    ];
    // Of facts, movements of stock are kept, and of those and of versions the names are taken out.
    let kept_and_moved = [
        "meta",
        "published",
        "generations",
        "facts",
        "gifts",
        "gone_here",
        "refused",
        "stamped",
        "tallies_in_all",
        "tallies_by_hour",
    ];
    let mut known = [&follow_from_others[..], &purged_and_moved, &kept_and_moved].concat();
    let mut names = super::tables::NAMES.to_vec();
    known.sort_unstable();
    names.sort_unstable();
    assert_eq!(names, known);
}
