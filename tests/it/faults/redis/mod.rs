//! Redis dies, freezes, moves, or the line to it is cut, while people check in. Nobody was told *stamped* who is not, or
//! was refused what is hers; nothing piles up; and nobody had to restart the program.

mod cluster;
mod lost_writes;
mod network;
mod process_usage;
mod single_server;

use std::time::{Duration, Instant};

use self::process_usage::{PeakUsage, UsageMonitor};
use super::answer_log::AnswerLog;
use super::fault_table::FaultRow;
use super::load_generator::LoadGenerator;
use super::test_site::TestSite;
use super::verification;
use crate::cli::harness::{ApiClient, RunningProgram, RunningServer, Workspace};

/// "Within two seconds each", and what a busy machine may add.
const REFUSED: Duration = Duration::from_secs(2 + 8);

/// How much the program may grow while its store is away. A pile-up has no bound.
const GROWTH_KB: u64 = 150_000;

/// The program over a store that will have faults, under load.
struct Trial {
    site: TestSite,
    program: RunningProgram,
    api: ApiClient,
    load: LoadGenerator,
    clients: usize,
    usage: UsageMonitor,
    /// How long it took each time until people were answered again.
    back: Vec<Duration>,
}

/// What came of it.
struct Outcome {
    site: TestSite,
    program: RunningProgram,
    api: ApiClient,
    answer_log: AnswerLog,
    peak: PeakUsage,
    back: Duration,
}

impl Trial {
    /// Serves, and lets so many clients loose.
    async fn begin(workspace: Workspace, clients: usize) -> Trial {
        let (site, RunningServer { program, api }) = TestSite::open(workspace).await;
        let usage = UsageMonitor::watch(program.id());
        let load = LoadGenerator::start(&site, std::slice::from_ref(&api.base), clients, "redis");
        load.wait_for_answers(100).await;
        Trial { site, program, api, load, clients, usage, back: Vec::new() }
    }

    /// Waits until people are answered again, and notes how long that took since `begun`.
    async fn wait_until_recovered(&mut self, begun: Instant) {
        self.load.wait_for_answers(20).await;
        self.back.push(begun.elapsed());
    }

    /// Ends the load. What must hold after every fault is asserted here: refusals were clear and quick, the program
    /// never closed a connection, and never grew.
    async fn end(self) -> Outcome {
        let Trial { site, program, api, load, clients, usage, back } = self;
        // Everything is in order again, and so is every answer.
        load.wait_for_answers(100).await;
        let answer_log = load.stop().await;
        let peak = usage.peak();
        assert_eq!(answer_log.unanswered, 0, "the program itself was never away");
        assert!(answer_log.longest_refusal < REFUSED, "{:?}", answer_log.longest_refusal);
        assert!(peak.max_kb < peak.before_kb + GROWTH_KB, "{peak:?}");
        // Clients that hurry open a second line now and then.
        assert!(peak.sockets < 2 * clients + 150, "{peak:?}");
        Outcome { site, program, api, answer_log, peak, back: back.into_iter().max().unwrap_or_default() }
    }
}

impl Outcome {
    /// Nothing is lost: every answer is true, and the export holds together.
    async fn assert_nothing_lost(mut self, key: &'static str, fault: &str, rounds: u32, remark: &str) {
        let verified = verification::verify_all(&self.site, &self.api, &mut self.program, &self.answer_log).await;
        let row = FaultRow::new(key, fault, rounds, &self.answer_log, &verified);
        FaultRow { longest_recovery: self.back, remark: self.remark(remark), ..row }.save();
    }

    fn remark(&self, more: &str) -> String {
        let PeakUsage { before_kb, max_kb, sockets } = self.peak;
        let comma = if more.is_empty() { "" } else { "; " };
        format!("{} to {} MB, {sockets} sockets{comma}{more}", before_kb / 1024, max_kb / 1024)
    }
}

/// Somewhere within a span, other in each round and the same in each run.
fn between(low_ms: u64, high_ms: u64, round: u32) -> Duration {
    Duration::from_millis(low_ms + u64::from(round) * 7919 % (high_ms - low_ms))
}
