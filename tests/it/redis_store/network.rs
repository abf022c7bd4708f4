//! Network faults between the store and Redis: the store must reconnect, repeat answers correctly, and never hang.

use std::sync::Arc;
use std::time::{Duration, Instant};

use carnival::store::StoreError;
use carnival::store::redis::Settings;
use futures_util::future::join_all;
use tokio::time::sleep;

use super::outages::{retry_until_stamped, try_stamp};
use super::{open_store, single};
use crate::servers::redis_server::RedisServer;
use crate::servers::tcp_proxy::{LinkState, TcpProxy};
use crate::store_suite::fixtures::{holder, point};

fn proxied_redis() -> (RedisServer, TcpProxy, Settings) {
    let server = RedisServer::start();
    let proxy = TcpProxy::in_front_of(&format!("127.0.0.1:{}", server.port()));
    let settings = Settings { urls: vec![proxy.url()], ..single(&server) };
    (server, proxy, settings)
}

/// A firewall dropped the connection silently: nothing arrives, and no error either.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_is_replaced() {
    for timeout_ms in [2000, 400] {
        let (_server, proxy, settings) = proxied_redis();
        let store = open_store(&Settings { timeout_ms, ..settings }).await;
        retry_until_stamped(&store, 1).await;
        proxy.blackhole();
        let begun = Instant::now();
        let error = try_stamp(&store, holder(2), 2).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        retry_until_stamped(&store, 2).await;
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }
}

/// Late replies prove that the connection works, so reconnecting would not help.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_connection_is_kept() {
    let (_server, proxy, settings) = proxied_redis();
    let store = open_store(&Settings { timeout_ms: 20_000, ..settings }).await;
    let before = proxy.connection_count();
    proxy.set(LinkState::Slow(Duration::from_millis(300)));
    for n in 1..=3 {
        try_stamp(&store, holder(n), n).await.unwrap();
    }
    proxy.set(LinkState::Normal);
    assert_eq!(proxy.connection_count(), before);
}

/// A write whose reply was lost is done; a retry gets its result.
#[tokio::test(flavor = "multi_thread")]
async fn a_retry_gets_the_result_of_a_lost_reply() {
    let (_server, proxy, settings) = proxied_redis();
    let store = open_store(&settings).await;
    // From now on the server has cached the script.
    try_stamp(&store, holder(3), 3).await.unwrap();
    proxy.set(LinkState::DropsReplies);
    try_stamp(&store, holder(1), 1).await.unwrap_err();
    proxy.set(LinkState::Normal);
    retry_until_stamped(&store, 2).await;
    let again = try_stamp(&store, holder(1), 9).await.unwrap();
    assert!(again.new.is_empty(), "the first write counts: {again:?}");
    assert_eq!(again.passport.stamp(point(1)).unwrap().nth, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_connection_fails_no_call() {
    let (_server, proxy, settings) = proxied_redis();
    let store = open_store(&settings).await;
    for n in 1..=20 {
        try_stamp(&store, holder(n), n).await.unwrap();
        proxy.reset_connections();
    }
}

/// Each call times out before a connection attempt can finish. If each started its own attempt, a Redis that is down
/// would be dialled constantly, and a slow one never reached.
#[tokio::test(flavor = "multi_thread")]
async fn connection_attempts_to_a_redis_that_is_down_are_limited() {
    let (_server, proxy, settings) = proxied_redis();
    let store = open_store(&Settings { timeout_ms: 500, ..settings }).await;
    proxy.set(LinkState::Held);
    proxy.reset_connections();
    let (begun, before) = (Instant::now(), proxy.connection_count());
    let asking = (1..=40).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            sleep(Duration::from_millis(50 * u64::from(n))).await;
            while begun.elapsed() < Duration::from_secs(4) {
                try_stamp(&store, holder(n), n).await.unwrap_err();
                sleep(Duration::from_millis(10)).await;
            }
        })
    });
    for asked in join_all(asking.collect::<Vec<_>>()).await {
        asked.unwrap();
    }
    // An attempt to connect takes a second, and the next one starts after a pause.
    let max_attempts = begun.elapsed().as_secs() + 1;
    let attempts = u64::try_from(proxy.connection_count() - before).unwrap();
    assert!(attempts <= max_attempts, "{attempts} attempts, {max_attempts} at most");
}
