//! The line between the program and Redis: cut, slow, held, with answers swallowed, forgotten by a
//! firewall.

use std::time::Duration;

use tokio::time::sleep;

use super::{Trial, between, longest, rounds};
use crate::cli::program::House;
use crate::servers::proxy::{Proxy, Weather};
use crate::servers::redis::RedisServer;

/// Does something to the line, round after round.
async fn trial(fault: &str, short: usize, again: impl AsyncFn(&Proxy, usize)) {
    let redis = RedisServer::shipped();
    let proxy = Proxy::before(&format!("127.0.0.1:{}", redis.port()));
    let trial = Trial::begin(House::on_redis(&proxy.url()), 64).await;
    let (times, mut back) = (rounds(short), Vec::new());
    for round in 0..times {
        again(&proxy, round).await;
        back.push(trial.load.until_done(20).await);
        sleep(between(50, 300, round)).await;
    }
    let outcome = trial.end().await;
    let more = format!("back within {} ms, {} lines dialled", longest(&back).as_millis(), proxy.dialled());
    outcome.print(fault, times, &more);
    outcome.assert_whole();
    assert!(proxy.open() < 20, "{} lines stand", proxy.open());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_is_cut() {
    trial("line cut", 6, async |proxy, _| proxy.cut()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_is_slow() {
    trial("line slow, 0.2 to 1.7 s each way", 2, async |proxy, round| {
        proxy.set(Weather::Slow(between(200, 1700, round * 100)));
        sleep(Duration::from_secs(3)).await;
        proxy.set(Weather::Clear);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_is_held() {
    trial("line held for 1 to 5 s", 2, async |proxy, round| {
        proxy.set(Weather::Held);
        sleep(between(1000, 5000, round * 100)).await;
        proxy.set(Weather::Clear);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_swallowed() {
    trial("answers swallowed for 0.2 to 3 s", 3, async |proxy, round| {
        proxy.set(Weather::Mute);
        sleep(between(200, 3000, round * 100)).await;
        proxy.set(Weather::Clear);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_is_forgotten() {
    trial("line silent for ever", 1, async |proxy, _| proxy.strand()).await;
}
