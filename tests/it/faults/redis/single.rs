//! A single Redis with the settings that we ship: killed, and frozen.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Trial, between};
use crate::cli::program::House;
use crate::faults::report::rounds;
use crate::servers::redis::{Frozen, RedisServer};

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_killed() {
    let rounds = rounds(3, 50);
    let mut redis = RedisServer::shipped();
    let mut trial = Trial::begin(House::on_redis(&redis.url()), 16).await;
    for round in 0..rounds {
        sleep(between(100, 400, round)).await;
        redis.kill_hard();
        sleep(between(100, 700, round)).await;
        redis.restart();
        trial.until_back(Instant::now()).await;
    }
    let outcome = trial.end().await;
    assert!(outcome.ledger.refused > 0);
    outcome.assert_whole("30-redis-kill", "kill -9 of Redis under config/redis.conf", rounds, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_frozen() {
    let rounds = rounds(2, 20);
    let redis = RedisServer::shipped();
    let mut trial = Trial::begin(House::on_redis(&redis.url()), 100).await;
    for round in 0..rounds {
        let frozen = Frozen::new(&redis);
        sleep(Duration::from_secs(1) + between(0, 9000, round * 5)).await;
        drop(frozen);
        trial.until_back(Instant::now()).await;
        sleep(between(100, 400, round)).await;
    }
    let outcome = trial.end().await;
    assert!(outcome.ledger.refused > 0);
    outcome.assert_whole("31-redis-frozen", "Redis frozen for 1 to 10 s", rounds, "100 clients").await;
}
