//! Faults of Redis and of the connection to it, under load. Every acknowledged stamp must exist and no valid request
//! may be refused for good; nothing may accumulate; and the program must recover without a restart.

mod cluster;
mod lost_write_count;
mod network;
mod process_usage;
mod single_server;
mod torn_log;

use std::time::{Duration, Instant};

use self::process_usage::{PeakUsage, UsageMonitor};
use super::answer_log::AnswerLog;
use super::fault_table::FaultRow;
use super::load_generator::LoadGenerator;
use super::test_site::TestSite;
use super::verification;
use crate::cli::harness::{ApiClient, RunningProgram, RunningServer, Workspace};

/// Ten times the promised two seconds until a refusal, for a busy machine.
const MAX_REFUSAL_TIME: Duration = Duration::from_secs(20);

/// The maximum growth of memory while the store is down. Accumulating requests would exceed any bound.
const MAX_GROWTH_KB: u64 = 150_000;

/// The program under load on a store that will fail.
struct Trial {
    site: TestSite,
    program: RunningProgram,
    api: ApiClient,
    load: LoadGenerator,
    clients: usize,
    usage: UsageMonitor,
    /// The recovery time of each round.
    recovery_times: Vec<Duration>,
}

/// The results of a trial.
struct Outcome {
    site: TestSite,
    program: RunningProgram,
    api: ApiClient,
    answer_log: AnswerLog,
    peak: PeakUsage,
    longest_recovery: Duration,
}

impl Trial {
    /// Starts the server and the load.
    async fn begin(workspace: Workspace, clients: usize) -> Trial {
        let (site, RunningServer { program, api }) = TestSite::open(workspace).await;
        let usage = UsageMonitor::watch(program.id());
        let load = LoadGenerator::start(&site, std::slice::from_ref(&api.base), clients, "redis");
        load.wait_for_answers(100).await;
        Trial { site, program, api, load, clients, usage, recovery_times: Vec::new() }
    }

    /// Waits until requests succeed again, and records the time since `begun`.
    async fn wait_until_recovered(&mut self, begun: Instant) {
        self.load.wait_for_answers(20).await;
        self.recovery_times.push(begun.elapsed());
    }

    /// Waits until a request is refused, while the store is down.
    async fn wait_until_refused(&self) {
        let (begun, before) = (Instant::now(), self.load.refused());
        while self.load.refused() == before {
            assert!(begun.elapsed() < Duration::from_secs(60), "no request was refused");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Stops the load, and asserts what must hold after every fault: refusals were clear and quick, the program never
    /// closed a connection, and its memory did not grow.
    async fn end(self) -> Outcome {
        let Trial { site, program, api, load, clients, usage, recovery_times } = self;
        // After recovery every request succeeds.
        load.wait_for_answers(100).await;
        let answer_log = load.stop().await;
        let peak = usage.peak();
        assert_eq!(answer_log.unanswered, 0, "the program itself was always up");
        assert!(answer_log.longest_refusal < MAX_REFUSAL_TIME, "{:?}", answer_log.longest_refusal);
        assert!(peak.max_kb < peak.before_kb + MAX_GROWTH_KB, "{peak:?}");
        // Clients sometimes open a second connection.
        assert!(peak.sockets < 2 * clients + 150, "{peak:?}");
        Outcome {
            site,
            program,
            api,
            answer_log,
            peak,
            longest_recovery: recovery_times.into_iter().max().unwrap_or_default(),
        }
    }
}

impl Outcome {
    /// Asserts that every answer is true and the export is consistent.
    async fn assert_nothing_lost(mut self, key: &'static str, fault: &str, rounds: u32, remark: &str) {
        let verified = verification::verify_all(&self.site, &self.api, &mut self.program, &self.answer_log).await;
        let row = FaultRow::new(key, fault, rounds, &self.answer_log, &verified);
        FaultRow { longest_recovery: self.longest_recovery, remark: self.remark(remark), ..row }.save();
    }

    fn remark(&self, more: &str) -> String {
        let PeakUsage { before_kb, max_kb, sockets } = self.peak;
        let comma = if more.is_empty() { "" } else { "; " };
        format!("{} to {} MB, {sockets} sockets{comma}{more}", before_kb / 1024, max_kb / 1024)
    }
}

/// A duration within a range that differs per round and is the same in each run.
fn varied_delay(low_ms: u64, high_ms: u64, round: u32) -> Duration {
    Duration::from_millis(low_ms + u64::from(round) * 7919 % (high_ms - low_ms))
}
