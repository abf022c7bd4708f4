//! Faults of a single Redis with the shipped configuration: killed, and paused.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Trial, varied_delay};
use crate::cli::harness::Workspace;
use crate::faults::fault_table::rounds;
use crate::servers::redis_server::{PausedServer, RedisServer};

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_killed() {
    let rounds = rounds(3, 50);
    let mut redis = RedisServer::start_shipped();
    let mut trial = Trial::begin(Workspace::on_redis(&redis.url()), 16).await;
    for round in 0..rounds {
        sleep(varied_delay(100, 400, round)).await;
        redis.kill();
        sleep(varied_delay(100, 700, round)).await;
        trial.wait_until_refused().await;
        redis.restart();
        trial.wait_until_recovered(Instant::now()).await;
    }
    let outcome = trial.end().await;
    assert!(outcome.answer_log.refused > 0);
    outcome.assert_nothing_lost("30-redis-kill", "kill -9 of Redis under config/redis.conf", rounds, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_frozen() {
    let rounds = rounds(2, 20);
    let redis = RedisServer::start_shipped();
    let mut trial = Trial::begin(Workspace::on_redis(&redis.url()), 100).await;
    for round in 0..rounds {
        let frozen = PausedServer::new(&redis);
        sleep(Duration::from_secs(1) + varied_delay(0, 9000, round * 5)).await;
        drop(frozen);
        trial.wait_until_recovered(Instant::now()).await;
        sleep(varied_delay(100, 400, round)).await;
    }
    let outcome = trial.end().await;
    assert!(outcome.answer_log.refused > 0);
    outcome.assert_nothing_lost("31-redis-frozen", "Redis frozen for 1 to 10 s", rounds, "100 clients").await;
}
