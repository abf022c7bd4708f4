//! A single Redis under the settings that we ship: killed, and frozen.

use std::time::Duration;

use tokio::time::sleep;

use super::{Trial, between, longest, rounds};
use crate::cli::program::House;
use crate::servers::redis::{Frozen, RedisServer};

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_killed() {
    let mut redis = RedisServer::shipped();
    let trial = Trial::begin(House::on_redis(&redis.url()), 16).await;
    let (times, mut back) = (rounds(3), Vec::new());
    for round in 0..times {
        sleep(between(100, 400, round)).await;
        redis.kill_hard();
        sleep(between(100, 700, round)).await;
        redis.restart();
        back.push(trial.load.until_done(20).await);
    }
    let outcome = trial.end().await;
    outcome.print("kill -9 of Redis", times, &format!("back within {} ms", longest(&back).as_millis()));
    outcome.assert_whole();
    assert!(!outcome.seen.unavailable.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_frozen() {
    let redis = RedisServer::shipped();
    let trial = Trial::begin(House::on_redis(&redis.url()), 200).await;
    let (times, mut back) = (rounds(2), Vec::new());
    for round in 0..times {
        let frozen = Frozen::new(&redis);
        sleep(Duration::from_secs(1) + between(0, 9000, round + 1).min(Duration::from_secs(9))).await;
        drop(frozen);
        back.push(trial.load.until_done(20).await);
        sleep(between(100, 400, round)).await;
    }
    let outcome = trial.end().await;
    outcome.print("Redis frozen for 1 to 10 s", times, &format!("back within {} ms", longest(&back).as_millis()));
    outcome.assert_whole();
    assert!(!outcome.seen.unavailable.is_empty());
}
