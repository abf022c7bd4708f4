//! The failure guarded against: a write that was answered and stands on one machine only, though
//! the settings ask for more.

use std::time::{Duration, Instant};

use carnival::rules::stock::StockReason;
use carnival::store::redis::{Redis, Settings, Warning};
use carnival::store::{Log, Restocked, StockChange, Store, StoreError};
use tokio::time::sleep;

use super::outages::try_stamp;
use super::{opened, single};
use crate::servers::redis_server::{PausedServer, RedisServer};
use crate::store_suite::fixtures::{
    at, claimer, gift, holder, log_entries, nonce, point, publish_with_stock, stamp_log_entries, stock_numbers,
};

fn replica_of(master: &RedisServer) -> RedisServer {
    let port = master.url().rsplit_once(':').unwrap().1.to_owned();
    let replica = RedisServer::start_with(&["--replicaof", "127.0.0.1", &port]);
    let begun = Instant::now();
    // The first second after the copy, the master holds back what it writes.
    master.command(&["SET", "followed", "yes"]);
    while replica.command(&["GET", "followed"]) != "yes" {
        assert!(begun.elapsed() < Duration::from_secs(30), "the replica does not follow");
        std::thread::sleep(Duration::from_millis(20));
    }
    replica
}

fn awaited(master: &RedisServer) -> Settings {
    Settings { wait_replicas: 1, timeout_ms: 1000, ..single(master) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_answered_once_the_replica_has_it() {
    let master = RedisServer::start_with(&["--repl-diskless-sync-delay", "0"]);
    let replica = replica_of(&master);
    let store = opened(&awaited(&master)).await;
    for n in 1..=20 {
        try_stamp(&store, holder(n), n).await.unwrap();
        let kept = replica.command(&["EVAL", "return #redis.call('KEYS', '*:p:*')", "0"]);
        assert_eq!(kept, n.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_replica_nothing_is_answered_and_nothing_is_lost() {
    let master = RedisServer::start_with(&["--repl-diskless-sync-delay", "0"]);
    let replica = replica_of(&master);
    let store = opened(&awaited(&master)).await;
    publish_with_stock(&*store, 5).await;
    let by = nonce(7);
    let delivery = StockChange {
        gift: gift(1),
        reason: StockReason::Delivered,
        change: 3,
        booth: None,
        note: "",
        by: "ana",
        at: at(0),
        nonce: &by,
    };

    // Whoever stamps first on a day writes the day first, and waits for that too.
    try_stamp(&store, holder(9), 0).await.unwrap();
    let frozen = PausedServer::new(&replica);
    for _ in 0..2 {
        // The second time writes nothing, and is still not answered.
        let begun = Instant::now();
        let error = try_stamp(&store, holder(1), 1).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
    let error = store.change_stock(&delivery).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    // What was judged before would be told as "claimed" from this.
    store.claims(&[(gift(1), claimer(1))]).await.unwrap_err();
    // Other reads do not wait behind the writes. A disk that is slow to sync can hold the first
    // writes back beyond their time, so ask until one is there.
    for _ in 0..20 {
        if store.passport(holder(1)).await.unwrap().is_some() {
            break;
        }
        try_stamp(&store, holder(1), 1).await.unwrap_err();
    }
    assert!(store.passport(holder(1)).await.unwrap().is_some());
    drop(frozen);

    let again = until_answered(&store).await;
    assert!(again.new.is_empty(), "the first time stands: {again:?}");
    assert_eq!(again.passport.stamp(point(1)).unwrap().nth, 1);
    let told = store.change_stock(&delivery).await.unwrap();
    assert_eq!(told, Restocked::Done(stock_numbers(8, 0, 0)));
    assert_eq!(stamp_log_entries(&*store).await.len(), 1 + 1);
    assert_eq!(log_entries(&*store, Log::Stock(gift(1))).await.len(), 1 + 1);
}

async fn until_answered(store: &Redis) -> carnival::store::Stamped {
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
async fn missing_replicas_are_told_when_the_store_opens() {
    let master = RedisServer::start_with(&["--repl-diskless-sync-delay", "0"]);
    opened(&single(&master)).await;
    let (_, warnings) = Redis::open(&awaited(&master)).await.unwrap();
    assert_eq!(warnings, [Warning::FewReplicas { have: 0, want: 1 }]);
    let _replica = replica_of(&master);
    let (_, warnings) = Redis::open(&single(&master)).await.unwrap();
    assert_eq!(warnings, [Warning::ReplicasNotAwaited]);
}
