//! The failure it guards: somebody was told *stamped*, *claimed* or *redeemed*, the program was killed, and it is not so.

use std::time::{Duration, Instant};

use super::check;
use super::load::Load;
use super::report::{Row, rounds};
use super::site::Site;
use crate::cli::program::{House, Served};
use crate::servers::redis::RedisServer;

#[tokio::test(flavor = "multi_thread")]
async fn kill_of_the_program_on_the_embedded_store() {
    let rounds = rounds(4, 100);
    let (site, Served { mut running, people }) = Site::open(House::new()).await;
    let load = Load::start(&site, std::slice::from_ref(&people.base), 16, "kill");
    let mut longest = Duration::ZERO;
    for round in 0..rounds {
        // Not always at the same place.
        load.until_more(40 + u64::from(round) * 37 % 200).await;
        running.kill_hard();
        let begun = Instant::now();
        running = site.house.serve("again").running;
        load.until_more(1).await;
        longest = longest.max(begun.elapsed());
    }
    let ledger = load.stop().await;
    let checked = check::whole(&site, &people, &mut running, &ledger).await;
    assert!(ledger.stamps() > 0 && ledger.unanswered > 0, "it was killed in the middle");
    Row {
        longest_recovery: longest,
        ..Row::of("10-kill", "kill -9 of the program, embedded store", rounds, &ledger, &checked)
    }
    .keep();
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_of_the_program_and_of_redis_at_once() {
    let rounds = rounds(1, 20);
    let mut redis = RedisServer::start();
    let (site, Served { mut running, people }) = Site::open(House::on_redis(&redis.url())).await;
    let load = Load::start(&site, std::slice::from_ref(&people.base), 16, "both");
    let mut longest = Duration::ZERO;
    for round in 0..rounds {
        load.until_more(60 + u64::from(round) * 37 % 200).await;
        redis.kill_hard();
        running.kill_hard();
        let begun = Instant::now();
        redis.restart();
        running = site.house.serve("again").running;
        load.until_more(1).await;
        longest = longest.max(begun.elapsed());
    }
    let ledger = load.stop().await;
    let checked = check::whole(&site, &people, &mut running, &ledger).await;
    let row = Row::of("11-both", "kill -9 of the program and of Redis at once", rounds, &ledger, &checked);
    Row { longest_recovery: longest, ..row }.keep();
}
