//! The failure guarded against: a line to Redis that was cut, silenced or slowed, and with it a
//! program that hangs, forgets what it answered, or has to be restarted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use carnival::store::StoreError;
use carnival::store::redis::Settings;
use futures_util::future::join_all;
use tokio::time::sleep;

use super::outages::{try_stamp, until_stamped};
use super::{opened, single};
use crate::servers::redis_server::RedisServer;
use crate::servers::tcp_proxy::{LinkState, TcpProxy};
use crate::store_suite::fixtures::{holder, point};

fn line() -> (RedisServer, TcpProxy, Settings) {
    let server = RedisServer::start();
    let proxy = TcpProxy::in_front_of(&format!("127.0.0.1:{}", server.port()));
    let settings = Settings { urls: vec![proxy.url()], ..single(&server) };
    (server, proxy, settings)
}

/// A firewall forgot the line: nothing comes, and nobody says so. It would stay like that for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_silent_is_left_for_a_new_one() {
    for timeout_ms in [2000, 400] {
        let (_server, proxy, settings) = line();
        let store = opened(&Settings { timeout_ms, ..settings }).await;
        try_stamp(&store, holder(1), 1).await.unwrap();
        proxy.blackhole();
        let begun = Instant::now();
        let error = try_stamp(&store, holder(2), 2).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        until_stamped(&store, 2).await;
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    }
}

/// Answers that come late, but come, say that the line is sound: dialling anew would not help.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_slow_is_kept() {
    let (_server, proxy, settings) = line();
    let store = opened(&Settings { timeout_ms: 2000, ..settings }).await;
    let before = proxy.connection_count();
    proxy.set(LinkState::Slow(Duration::from_millis(300)));
    for n in 1..=3 {
        try_stamp(&store, holder(n), n).await.unwrap();
    }
    proxy.set(LinkState::Normal);
    assert_eq!(proxy.connection_count(), before);
}

/// What was done, and its answer swallowed, stands; asking again is told so.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_swallowed_is_given_again() {
    let (_server, proxy, settings) = line();
    let store = opened(&settings).await;
    // From here on the server knows the script.
    try_stamp(&store, holder(3), 3).await.unwrap();
    proxy.set(LinkState::DropsReplies);
    try_stamp(&store, holder(1), 1).await.unwrap_err();
    proxy.set(LinkState::Normal);
    until_stamped(&store, 2).await;
    let again = try_stamp(&store, holder(1), 9).await.unwrap();
    assert!(again.new.is_empty(), "the first time stands: {again:?}");
    assert_eq!(again.passport.stamp(point(1)).unwrap().nth, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_cut_costs_nobody_an_answer() {
    let (_server, proxy, settings) = line();
    let store = opened(&settings).await;
    for n in 1..=20 {
        try_stamp(&store, holder(n), n).await.unwrap();
        proxy.reset_connections();
    }
}

/// Many ask, none has the patience of a whole try to connect, and each begins anew where another gave
/// up: a Redis that is away would be dialled all the time, and one that is slow never reached.
#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_away_is_dialled_now_and_then() {
    let (_server, proxy, settings) = line();
    let store = opened(&Settings { timeout_ms: 500, ..settings }).await;
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
    join_all(asking.collect::<Vec<_>>()).await;
    assert!(proxy.connection_count() - before <= 5, "{}", proxy.connection_count() - before);
}
