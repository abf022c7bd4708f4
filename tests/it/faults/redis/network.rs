//! Faults of the connection to Redis: reset, slow, stalled, with dropped replies, blackholed by a firewall.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Trial, varied_delay};
use crate::cli::harness::Workspace;
use crate::faults::fault_table::rounds;
use crate::servers::redis_server::RedisServer;
use crate::servers::tcp_proxy::{LinkState, TcpProxy};

/// Injects a network fault in each round.
async fn trial(key: &'static str, fault: &str, rounds: u32, again: impl AsyncFn(&TcpProxy, u32)) {
    let redis = RedisServer::start_shipped();
    let proxy = TcpProxy::in_front_of(&format!("127.0.0.1:{}", redis.port()));
    let mut trial = Trial::begin(Workspace::on_redis(&proxy.url()), 64).await;
    let before = proxy.connection_count();
    for round in 0..rounds {
        again(&proxy, round).await;
        trial.wait_until_recovered(Instant::now()).await;
        sleep(varied_delay(50, 300, round)).await;
    }
    let connection_count = proxy.connection_count() - before;
    let outcome = trial.end().await;
    outcome
        .assert_nothing_lost(key, fault, rounds, &format!("64 clients, {connection_count} new connections to Redis"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_is_reset() {
    trial("32-line-cut", "connection to Redis reset", rounds(6, 20), async |proxy, _| proxy.reset_connections()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_is_slow() {
    let fault = "connection to Redis slow: 0.2 to 1.7 s each way, for 3 s";
    trial("33-line-slow", fault, rounds(2, 20), async |proxy, round| {
        proxy.set(LinkState::Slow(varied_delay(200, 1700, round * 100)));
        sleep(Duration::from_secs(3)).await;
        proxy.set(LinkState::Normal);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_is_stalled() {
    trial("34-line-held", "connection to Redis stalled for 1 to 5 s", rounds(2, 20), async |proxy, round| {
        proxy.set(LinkState::Held);
        sleep(varied_delay(1000, 5000, round * 100)).await;
        proxy.set(LinkState::Normal);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_are_dropped() {
    let fault = "Redis' replies dropped for 0.2 to 3 s, then the connection reset";
    trial("35-line-mute", fault, rounds(3, 20), async |proxy, round| {
        proxy.set(LinkState::DropsReplies);
        sleep(varied_delay(200, 3000, round * 100)).await;
        proxy.set(LinkState::Normal);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_is_blackholed() {
    let fault = "connection to Redis blackholed, new ones work";
    trial("36-line-silent", fault, rounds(1, 20), async |proxy, _| proxy.blackhole()).await;
}
