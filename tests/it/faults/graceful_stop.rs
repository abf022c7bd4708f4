//! Stops the program with SIGTERM under load: no answer may be cut off or wrongly refused.

use std::time::{Duration, Instant};

use super::fault_table::{FaultRow, rounds};
use super::load_generator::LoadGenerator;
use super::test_site::TestSite;
use super::verification;
use crate::cli::harness::{RunningServer, Workspace};
use crate::servers::child_process::free_port;
use crate::servers::redis_server::RedisServer;

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load() {
    let rounds = rounds(3, 20);
    let (site, RunningServer { mut program, api }) = TestSite::open(Workspace::new()).await;
    let load = LoadGenerator::start(&site, std::slice::from_ref(&api.base), 16, "term");
    let (mut longest, mut longest_stop) = (Duration::ZERO, Duration::ZERO);
    for round in 0..rounds {
        load.wait_for_answers(40 + u64::from(round) * 31 % 100).await;
        let begun = Instant::now();
        let took = TestSite::stop(&mut program);
        assert!(program.err().contains("Stopped; everything acknowledged is stored."), "{}", program.err());
        longest_stop = longest_stop.max(took);
        program = site.workspace.serve("again").program;
        load.wait_for_answers(1).await;
        longest = longest.max(begun.elapsed());
    }
    assert!(longest_stop < Duration::from_secs(10), "{longest_stop:?}");
    let answer_log = load.stop().await;
    assert_eq!(answer_log.broken_off, 0, "an answer was cut off");
    let verified = verification::verify_all(&site, &api, &mut program, &answer_log).await;
    let row = FaultRow::new("40-term", "SIGTERM under load, embedded store", rounds, &answer_log, &verified);
    let remark = format!("no answer cut off; longest stop {} ms", longest_stop.as_millis());
    FaultRow { longest_recovery: longest, remark, ..row }.save();
}

#[tokio::test(flavor = "multi_thread")]
async fn rolling_restart_of_two_instances() {
    let rounds = rounds(2, 20);
    let redis = RedisServer::start();
    let (site, RunningServer { program, api }) = TestSite::open(Workspace::on_redis(&redis.url())).await;
    let port = free_port();
    let other = site.serve_at(port, "other");
    let mut instances = [program, other.program];
    let load = LoadGenerator::start(&site, &[api.base.clone(), other.api.base], 16, "roll");
    let mut longest = Duration::ZERO;
    for _ in 0..rounds {
        for (n, program) in instances.iter_mut().enumerate() {
            load.wait_for_answers(60).await;
            let begun = Instant::now();
            program.signal("TERM");
            // Clients of this instance move to the other, whose clients are unaffected.
            load.wait_for_answers(1).await;
            longest = longest.max(begun.elapsed());
            assert_eq!(program.wait_for_exit().0, Some(0), "{}", program.err());
            *program = if n == 0 { site.workspace.serve("one").program } else { site.serve_at(port, "two").program };
        }
    }
    let answer_log = load.stop().await;
    assert_eq!((answer_log.broken_off, answer_log.refused), (0, 0), "cut-off answers, refusals");
    let verified = verification::verify_server(&site, &api, &answer_log).await;
    for program in &mut instances {
        TestSite::stop(program);
    }
    verification::verify_export(&site.export(), &answer_log, &verified, true);
    let row = FaultRow::new("41-roll", "rolling restart of two instances, Redis", rounds, &answer_log, &verified);
    FaultRow { longest_recovery: longest, remark: "no answer cut off, no 503".to_owned(), ..row }.save();
}
