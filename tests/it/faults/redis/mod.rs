//! Redis dies, freezes, moves, or the line to it is cut, while people check in. Nobody was told *stamped* who is not, or
//! was refused what is hers; nothing piles up; and nobody had to restart the program.

mod cluster;
mod lines;
mod lost;
mod single;
mod vitals;

use std::time::{Duration, Instant};

use self::vitals::{Peak, Vitals};
use super::check;
use super::ledger::Ledger;
use super::load::Load;
use super::report::Row;
use super::site::Site;
use crate::cli::program::{House, People, Running, Served};

/// "Within two seconds each", and what a busy machine may add.
const REFUSED: Duration = Duration::from_secs(2 + 8);

/// How much the program may grow while its store is away. A pile-up has no bound.
const GROWTH_KB: u64 = 150_000;

/// The program over a store that will have faults, under load.
struct Trial {
    site: Site,
    running: Running,
    people: People,
    load: Load,
    clients: usize,
    vitals: Vitals,
    /// How long it took each time until people were answered again.
    back: Vec<Duration>,
}

/// What came of it.
struct Outcome {
    site: Site,
    running: Running,
    people: People,
    ledger: Ledger,
    peak: Peak,
    back: Duration,
}

impl Trial {
    /// Serves, and lets so many clients loose.
    async fn begin(house: House, clients: usize) -> Trial {
        let (site, Served { running, people }) = Site::open(house).await;
        let vitals = Vitals::watch(running.id());
        let load = Load::start(&site, std::slice::from_ref(&people.base), clients, "redis");
        load.until_more(100).await;
        Trial { site, running, people, load, clients, vitals, back: Vec::new() }
    }

    /// Waits until people are answered again, and notes how long that took since `begun`.
    async fn until_back(&mut self, begun: Instant) {
        self.load.until_more(20).await;
        self.back.push(begun.elapsed());
    }

    /// Ends the load. What must hold after every fault is asserted here: refusals were clear and quick, the program
    /// never closed a connection, and never grew.
    async fn end(self) -> Outcome {
        let Trial { site, running, people, load, clients, vitals, back } = self;
        // Everything is in order again, and so is every answer.
        load.until_more(100).await;
        let ledger = load.stop().await;
        let peak = vitals.peak();
        assert_eq!(ledger.unanswered, 0, "the program itself was never away");
        assert!(ledger.longest_refusal < REFUSED, "{:?}", ledger.longest_refusal);
        assert!(peak.most_kb < peak.before_kb + GROWTH_KB, "{peak:?}");
        // Clients that hurry open a second line now and then.
        assert!(peak.sockets < 2 * clients + 150, "{peak:?}");
        Outcome { site, running, people, ledger, peak, back: back.into_iter().max().unwrap_or_default() }
    }
}

impl Outcome {
    /// Nothing is lost: every answer is true, and the export holds together.
    async fn assert_whole(mut self, key: &'static str, fault: &str, rounds: u32, remark: &str) {
        let checked = check::whole(&self.site, &self.people, &mut self.running, &self.ledger).await;
        let row = Row::of(key, fault, rounds, &self.ledger, &checked);
        Row { longest_recovery: self.back, remark: self.remark(remark), ..row }.keep();
    }

    fn remark(&self, more: &str) -> String {
        let Peak { before_kb, most_kb, sockets } = self.peak;
        let comma = if more.is_empty() { "" } else { "; " };
        format!("{} to {} MB, {sockets} sockets{comma}{more}", before_kb / 1024, most_kb / 1024)
    }
}

/// Somewhere within a span, other in each round and the same in each run.
fn between(low_ms: u64, high_ms: u64, round: u32) -> Duration {
    Duration::from_millis(low_ms + u64::from(round) * 7919 % (high_ms - low_ms))
}
