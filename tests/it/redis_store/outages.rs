//! Outages of Redis: frozen, restarted, full, refusing clients. Check-ins must recover as soon as Redis does, and no
//! reply may reach another call.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use carnival::rules::check_ins::passport::{Passport, StampSource};
use carnival::rules::ids::Holder;
use carnival::store::redis::{RedisStore, Settings};
use carnival::store::{ControlStore, GiftStore, NewStamps, PassportStore, Result, StampsOutcome, StoreError, record};
use tokio::time::sleep;

use super::{Cluster, open_cluster, open_single, open_store, single};
use crate::servers::redis_cluster::{RedisCluster, SlotMigration};
use crate::servers::redis_server::{PausedServer, RedisServer};
use crate::store_suite::fixtures::{
    at, gift, holder, moment, number, point, publish_with_stock, published, stamp, stamp_log_entries,
};

/// Ten times the limit of two seconds per call, for a busy machine.
const MAX_CALL_TIME: Duration = Duration::from_secs(20);

/// Ten times the two seconds within which the store reconnects, for a busy machine.
const RECOVERY_TIME: Duration = Duration::from_secs(20);

pub(super) async fn try_stamp(store: &RedisStore, holder: Holder, nth: u32) -> Result<StampsOutcome> {
    let new = NewStamps {
        holder,
        new_number: number(nth),
        points: vec![point(1)],
        routes: Arc::default(),
        how: StampSource::Printed,
        rain: false,
        moment: moment(0),
    };
    store.stamp(&new).await
}

/// Retries until a stamp succeeds, and returns how long that took.
pub(super) async fn retry_until_stamped(store: &RedisStore, n: u32) -> Duration {
    let begun = Instant::now();
    while let Err(error) = try_stamp(store, holder(n), n).await {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(30), "still: {error}");
        sleep(Duration::from_millis(20)).await;
    }
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_redis_times_out_and_calls_recover() {
    let fixture = open_single().await;
    stamp(&*fixture.store, holder(1), &[1], 0).await;
    let frozen = PausedServer::new(&fixture.server);
    let begun = Instant::now();
    let error = try_stamp(&fixture.store, holder(2), 2).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    assert!(begun.elapsed() < MAX_CALL_TIME, "{:?}", begun.elapsed());
    drop(frozen);
    assert!(retry_until_stamped(&fixture.store, 3).await < RECOVERY_TIME);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_replies_do_not_reach_other_calls() {
    let server = RedisServer::start();
    let store = open_store(&Settings { timeout_ms: 200, ..single(&server) }).await;
    let frozen = PausedServer::new(&server);
    for n in 1..=8 {
        try_stamp(&store, holder(n), n).await.unwrap_err();
    }
    drop(frozen);
    for n in 1..=16 {
        retry_until_stamped(&store, n).await;
        assert_eq!(retry_until_read(&store, n).await.number, number(n));
    }
}

/// Retries until the passport can be read.
async fn retry_until_read(store: &RedisStore, n: u32) -> Passport {
    let begun = Instant::now();
    loop {
        match store.passport(holder(n)).await {
            Ok(passport) => return passport.unwrap(),
            Err(error) => {
                assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
                assert!(begun.elapsed() < Duration::from_secs(30), "still: {error}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_do_not_pile_up_behind_a_frozen_redis() {
    let server = RedisServer::start();
    // Long enough that the last call starts before the first times out.
    let timeout = Duration::from_secs(5);
    let store = open_store(&Settings { timeout_ms: 5_000, ..single(&server) }).await;
    let frozen = PausedServer::new(&server);
    let begun = Instant::now();
    let calls: Vec<_> = (0..5000)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { (try_stamp(&store, holder(n), n).await.unwrap_err(), begun.elapsed()) })
        })
        .collect();
    let mut concurrently = 0;
    for call in calls {
        let (error, after) = call.await.unwrap();
        let StoreError::Unavailable(why) = error else { panic!("{error}") };
        assert!(after < 10 * timeout, "{after:?}");
        concurrently += u32::from(why.contains("too many calls"));
    }
    assert_eq!(concurrently, 5000 - 4096);
    drop(frozen);
    retry_until_stamped(&store, 6000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_between_two_calls_causes_no_error() {
    let mut fixture = open_single().await;
    stamp(&*fixture.store, holder(1), &[1], 0).await;
    fixture.server.restart();
    assert!(stamp(&*fixture.store, holder(1), &[1], 1).await.new.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn flushed_scripts_are_loaded_again() {
    let fixture = open_single().await;
    publish_with_stock(&*fixture.store, 5).await;
    fixture.server.command(&["SCRIPT", "FLUSH"]);
    assert_eq!(stamp(&*fixture.store, holder(1), &[1], 0).await.new.len(), 1);
    fixture.server.command(&["SCRIPT", "FLUSH"]);
    assert_eq!(fixture.store.gift_states(&[gift(1)], at(0)).await.unwrap()[0].stock.stock, 5);
}

/// Redis refuses the reconnecting client once, then accepts it.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connection_is_retried() {
    let server = RedisServer::start();
    server.command(&["CONFIG", "SET", "requirepass", "s3cret"]);
    let settings = Settings { urls: vec![server.url().replace("://", "://:s3cret@")], ..single(&server) };
    let store = open_store(&settings).await;
    let mut admin = TcpStream::connect(server.url().replace("redis://", "")).unwrap();
    // From now on only this client may be connected.
    admin.write_all(b"AUTH s3cret\r\nCONFIG SET maxclients 1\r\nCLIENT KILL TYPE normal\r\n").unwrap();
    let mut answer = [0; 14];
    admin.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"+OK\r\n+OK\r\n:1\r\n");
    for _ in 0..3 {
        let error = try_stamp(&store, holder(1), 1).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
        sleep(Duration::from_millis(250)).await;
    }
    admin.write_all(b"CONFIG SET maxclients 100\r\n").unwrap();
    assert!(retry_until_stamped(&store, 1).await < RECOVERY_TIME);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_redis_fails_writes_and_recovers() {
    let fixture = open_single().await;
    stamp(&*fixture.store, holder(1), &[1], 0).await;
    fixture.server.command(&["CONFIG", "SET", "maxmemory", "1"]);
    let error = try_stamp(&fixture.store, holder(2), 2).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    fixture.server.command(&["CONFIG", "SET", "maxmemory", "0"]);
    retry_until_stamped(&fixture.store, 2).await;
}

/// A publisher dies between writing a version and making it current.
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_publication_is_completed_with_its_own_stock() {
    let fixture = open_single().await;
    let record = record::encode_published(&published("left behind", 1)).unwrap();
    fixture.server.command(&["HSET", "{carnival:control}:draft", "version", "1", "record", &record, "1", "5"]);
    assert_eq!(fixture.store.control().await.unwrap().version, 0);
    let version = fixture.store.publish(0, &published("the next", 1), &[(gift(1), 9), (gift(2), 9)]).await.unwrap();
    assert_eq!(version, 1);
    assert_eq!(fixture.store.published_version(1).await.unwrap().unwrap().text, "left behind");
    let stocks = fixture.store.gift_states(&[gift(1), gift(2)], at(0)).await.unwrap();
    assert_eq!([stocks[0].stock.stock, stocks[1].stock.stock], [5, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_type_is_a_broken_store() {
    let fixture = open_single().await;
    fixture.server.command(&["SET", "{carnival:control}:now", "x"]);
    let error = fixture.store.control().await.unwrap_err();
    assert!(matches!(error, StoreError::Broken(_)), "{error}");
    fixture.server.command(&["HSET", "{carnival:g1}:claims", &"0".repeat(32), "{}"]);
    let error = fixture.store.claims(&[(gift(1), crate::store_suite::fixtures::claimer(0))]).await.unwrap_err();
    assert!(matches!(error, StoreError::Broken(_)), "{error}");
}

/// A frozen master still accepts connections, so only timeouts reveal it.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_recovers_when_a_master_freezes() {
    let six = Arc::new(std::sync::Mutex::new(RedisCluster::start()));
    let Cluster { store, .. } = open_cluster(&six, 1).await;
    for n in 1..=64 {
        try_stamp(&store, holder(n), n).await.unwrap();
    }
    let _frozen = PausedServer::new(six.lock().unwrap().node(1));
    let begun = Instant::now();
    for n in 1..=64 {
        retry_until_stamped(&store, n).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

/// While a slot moves, its keys are on two nodes. A check-in may have to wait; it is never recorded twice or partly.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_serves_writes_while_a_slot_moves() {
    let six = RedisCluster::start();
    let settings = Settings {
        urls: six.urls(),
        cluster: true,
        shards: 1,
        prefix: "migration".to_owned(),
        timeout_ms: 500,
        ..Settings::default()
    };
    let store = open_store(&settings).await;
    for n in 1..=6 {
        retry_until_stamped(&store, n).await;
    }
    let migration = SlotMigration::begin(&six, "{migration:s0}");
    for n in 1..=12 {
        // All keys at the source, then the passports at the target, then all keys.
        match n {
            4 => migration.move_keys(":p:", 1000),
            8 => migration.move_keys("", 1000),
            _ => 0,
        };
        if let Err(error) = try_stamp(&store, holder(n), n).await {
            assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        }
    }
    migration.finish();
    for n in 1..=12 {
        retry_until_stamped(&store, n).await;
    }
    assert_eq!(stamp_log_entries(&*store).await.len(), 12);
}
