//! Guards against an acknowledged write that exists on the master only, although `wait_replicas` is set.

use std::time::{Duration, Instant};

use carnival::rules::gifts::stock::StockReason;
use carnival::store::record::StockLogEntry;
use carnival::store::redis::{ConfigWarning, RedisStore, Settings};
use carnival::store::{GiftStore, LogId, PassportStore, StockOutcome, StoreError};
use tokio::time::sleep;

use super::outages::{retry_until_stamped, try_stamp};
use super::{open_store, single};
use crate::servers::redis_server::{PausedServer, RedisServer};
use crate::store_suite::fixtures::{
    at, claimer, gift, holder, log_entries, nonce, point, publish_with_stock, stamp_log_entries, stock_numbers,
};

fn replica_of(master: &RedisServer) -> RedisServer {
    let port = master.url().rsplit_once(':').unwrap().1.to_owned();
    let replica = RedisServer::start_with(&["--replicaof", "127.0.0.1", &port]);
    let begun = Instant::now();
    // In the first second after the initial copy the master delays its replication stream.
    master.command(&["SET", "followed", "yes"]);
    while replica.command(&["GET", "followed"]) != "yes" {
        assert!(begun.elapsed() < Duration::from_secs(30), "the replica is not online");
        std::thread::sleep(Duration::from_millis(20));
    }
    replica
}

fn settings_with_wait(master: &RedisServer) -> Settings {
    Settings { wait_replicas: 1, timeout_ms: 1000, ..single(master) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_acknowledged_once_the_replica_has_it() {
    let master = RedisServer::start_with(&["--repl-diskless-sync-delay", "0"]);
    let replica = replica_of(&master);
    let store = open_store(&settings_with_wait(&master)).await;
    for n in 1..=20 {
        retry_until_stamped(&store, n).await;
        let replica_keys = replica.command(&["EVAL", "return #redis.call('KEYS', '*:p:*')", "0"]);
        assert_eq!(replica_keys, n.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_replica_writes_fail_and_nothing_is_lost() {
    let master = RedisServer::start_with(&["--repl-diskless-sync-delay", "0"]);
    let replica = replica_of(&master);
    // The preparation does not wait for the replica.
    publish_with_stock(&*open_store(&single(&master)).await, 5).await;
    let store = open_store(&settings_with_wait(&master)).await;
    let delivery = StockLogEntry {
        reason: StockReason::Delivered,
        change: 3,
        booth: None,
        note: String::new(),
        by: "ana".to_owned(),
        at: at(0),
        session: None,
        nonce: Some(nonce(7)),
    };

    // The first stamp of a day also writes the day's key, and waits for the replica too.
    retry_until_stamped(&store, 9).await;
    let frozen = PausedServer::new(&replica);
    for _ in 0..2 {
        // A repeat writes nothing, and still fails.
        let begun = Instant::now();
        let error = try_stamp(&store, holder(1), 1).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }
    let error = store.change_stock(gift(1), &delivery).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    // This read must be durable too: a claim that it returns is reported as claimed.
    store.claims(&[(gift(1), claimer(1))]).await.unwrap_err();
    // Other reads do not queue behind the writes. A slow disk sync can delay the first writes beyond their deadline, so
    // retry until one succeeds.
    for _ in 0..20 {
        if store.passport(holder(1)).await.unwrap().is_some() {
            break;
        }
        try_stamp(&store, holder(1), 1).await.unwrap_err();
    }
    assert!(store.passport(holder(1)).await.unwrap().is_some());
    drop(frozen);

    let again = retry_until_answered(&store).await;
    assert!(again.new.is_empty(), "the first write counts: {again:?}");
    assert_eq!(again.passport.stamp(point(1)).unwrap().nth, 1);
    let begun = Instant::now();
    let outcome = loop {
        match store.change_stock(gift(1), &delivery).await {
            Ok(outcome) => break outcome,
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(30), "still: {error}"),
        }
    };
    assert_eq!(outcome, StockOutcome::Updated(stock_numbers(8, 0, 0)));
    assert_eq!(stamp_log_entries(&*store).await.len(), 1 + 1);
    assert_eq!(log_entries(&*store, LogId::Stock(gift(1))).await.len(), 1 + 1);
}

async fn retry_until_answered(store: &RedisStore) -> carnival::store::StampsOutcome {
    let begun = Instant::now();
    loop {
        match try_stamp(store, holder(1), 1).await {
            Ok(stamped) => return stamped,
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(30), "still: {error}"),
        }
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_replicas_are_reported_at_startup() {
    let master = RedisServer::start_with(&["--repl-diskless-sync-delay", "0"]);
    open_store(&single(&master)).await;
    let (_, warnings) = RedisStore::open(&settings_with_wait(&master)).await.unwrap();
    assert_eq!(warnings, [ConfigWarning::TooFewReplicas { have: 0, want: 1 }]);
    let _replica = replica_of(&master);
    let (_, warnings) = RedisStore::open(&single(&master)).await.unwrap();
    assert_eq!(warnings, [ConfigWarning::ReplicasNotAwaited]);
}
