//! Kills the program with SIGKILL under load: every acknowledged stamp, claim and redemption must remain true.

use std::time::{Duration, Instant};

use super::fault_table::{FaultRow, rounds};
use super::load_generator::LoadGenerator;
use super::test_site::TestSite;
use super::verification;
use crate::cli::harness::{RunningServer, Workspace};
use crate::servers::redis_server::RedisServer;

#[tokio::test(flavor = "multi_thread")]
async fn kill_of_the_program_on_the_embedded_store() {
    let rounds = rounds(4, 100);
    let (site, RunningServer { mut program, api }) = TestSite::open(Workspace::new()).await;
    let load = LoadGenerator::start(&site, std::slice::from_ref(&api.base), 16, "kill");
    let mut longest = Duration::ZERO;
    for round in 0..rounds {
        // At varying moments.
        load.wait_for_answers(40 + u64::from(round) * 37 % 200).await;
        program.kill();
        let begun = Instant::now();
        program = site.workspace.serve("again").program;
        load.wait_for_answers(1).await;
        longest = longest.max(begun.elapsed());
    }
    let answer_log = load.stop().await;
    let verified = verification::verify_all(&site, &api, &mut program, &answer_log).await;
    assert!(answer_log.stamps() > 0 && answer_log.unanswered > 0, "no request was interrupted");
    FaultRow {
        longest_recovery: longest,
        ..FaultRow::new("10-kill", "kill -9 of the program, embedded store", rounds, &answer_log, &verified)
    }
    .save();
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_of_the_program_and_of_redis_together() {
    let rounds = rounds(1, 20);
    let mut redis = RedisServer::start();
    let (site, RunningServer { mut program, api }) = TestSite::open(Workspace::on_redis(&redis.url())).await;
    let load = LoadGenerator::start(&site, std::slice::from_ref(&api.base), 16, "both");
    let mut longest = Duration::ZERO;
    for round in 0..rounds {
        load.wait_for_answers(60 + u64::from(round) * 37 % 200).await;
        redis.kill();
        program.kill();
        let begun = Instant::now();
        redis.restart();
        program = site.workspace.serve("again").program;
        load.wait_for_answers(1).await;
        longest = longest.max(begun.elapsed());
    }
    let answer_log = load.stop().await;
    let verified = verification::verify_all(&site, &api, &mut program, &answer_log).await;
    let row = FaultRow::new("11-both", "kill -9 of the program and of Redis at once", rounds, &answer_log, &verified);
    FaultRow { longest_recovery: longest, ..row }.save();
}
