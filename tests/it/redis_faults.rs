//! The failure guarded against: Redis dies, freezes, moves, or its line is cut, while people check in;
//! and somebody was told *stamped* who is not, or was refused what is hers, or the program has to be
//! restarted.
//!
//! The real program, a known load, a fault, again and again; then every answer that was written down
//! is asked for, and the export must add up. A few rounds by themselves; `FAULTS_ROUNDS=50` makes it
//! a long run. Each prints a line of a table (`--no-capture`).

mod check;
mod cluster;
mod lines;
mod load;
mod single;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use self::check::{acknowledged, against_the_server, invariants};
use self::load::{Load, Seen, World};
use crate::cli::program::{House, Served};

/// "Within two seconds each", and what a busy machine may add.
const REFUSED: Duration = Duration::from_secs(2);
const BUSY: Duration = Duration::from_secs(3);

/// How much the program may grow while its store is away. A pile-up has no bound.
const GROWTH_KB: u64 = 150_000;

/// How often a fault comes.
fn rounds(short: usize) -> usize {
    std::env::var("FAULTS_ROUNDS").map_or(short, |rounds| rounds.parse().unwrap())
}

/// The program over a store that will have faults, under load.
struct Trial {
    house: Arc<House>,
    served: Served,
    load: Load,
    vitals: Vitals,
}

/// What came of it.
struct Outcome {
    seen: Seen,
    acknowledged: usize,
    lost: Vec<check::Lost>,
    invariants: Vec<String>,
    peak: Peak,
}

impl Trial {
    /// Serves, and lets so many walk.
    async fn begin(mut house: House, walkers: usize) -> Trial {
        World::prepare(&mut house);
        let house = Arc::new(house);
        let served = house.serve("serve");
        let world = World::of(Arc::clone(&house), &served).await;
        let vitals = Vitals::watch(served.running.id());
        let load = Load::start(world, walkers);
        load.until_done(walkers * 2).await;
        Trial { house, served, load, vitals }
    }

    /// Ends the load, and looks whether everything that was acknowledged is there.
    async fn end(self) -> Outcome {
        // Everything is in order again, and so is every answer.
        self.load.until_done(100).await;
        let Trial { house, mut served, load, vitals } = self;
        let (world, people, seen) = load.stop().await;
        let peak = vitals.peak();
        let lost = against_the_server(&world, &people).await;
        served.running.signal("TERM");
        assert_eq!(served.running.ended().0, Some(0), "{}", served.running.err());
        let invariants = invariants(&house, "all.jsonl");
        Outcome { seen, acknowledged: acknowledged(&people), lost, invariants, peak }
    }
}

impl Outcome {
    /// Prints the line of the table.
    fn print(&self, fault: &str, times: usize, more: &str) {
        let Seen { done, unavailable, closed, wrong, .. } = &self.seen;
        eprintln!("{:?}", self.slowest());
        println!(
            "| {fault} | {times} | {done} | {} | {} lost | {} wrong | {} × 503, longest {} ms | {closed} closed | {} → {} MB, {} sockets | {more} |",
            self.acknowledged,
            self.lost.len(),
            wrong.len(),
            unavailable.len(),
            self.longest().as_millis(),
            self.peak.before_kb / 1024,
            self.peak.most_kb / 1024,
            self.peak.sockets,
        );
    }

    fn longest(&self) -> Duration {
        self.seen.unavailable.iter().map(|(_, took, _)| *took).max().unwrap_or_default()
    }

    /// The paths that were refused last of all.
    fn slowest(&self) -> Vec<(Duration, &str)> {
        let mut slow: Vec<_> = self.seen.unavailable.iter().map(|(_, took, path)| (*took, path.as_str())).collect();
        slow.sort_unstable_by(|a, b| b.cmp(a));
        slow.truncate(8);
        slow
    }

    /// What must hold after every fault from which nothing may be lost.
    fn assert_whole(&self) {
        assert!(self.lost.is_empty(), "of {} acknowledged are lost: {:#?}", self.acknowledged, self.lost);
        assert!(self.seen.wrong.is_empty(), "{:#?}", self.seen.wrong);
        self.assert_bounded();
    }

    /// What must hold after every fault.
    fn assert_bounded(&self) {
        assert!(self.seen.bare.is_empty(), "{:#?}", self.seen.bare);
        assert_eq!(self.seen.closed, 0, "the program itself was never away");
        assert!(self.invariants.is_empty(), "{:#?}", self.invariants);
        let slow = self.seen.unavailable.iter().filter(|(_, took, _)| *took >= REFUSED + BUSY);
        assert_eq!(slow.count(), 0, "{:?}: {:?}", self.longest(), self.slowest());
        let Peak { before_kb, most_kb, .. } = self.peak;
        assert!(most_kb < before_kb + GROWTH_KB, "{before_kb} kB became {most_kb} kB");
    }
}

/// Looks at a process, ten times a second.
struct Vitals {
    end: Arc<AtomicBool>,
    thread: JoinHandle<Peak>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Peak {
    before_kb: u64,
    most_kb: u64,
    sockets: usize,
}

impl Vitals {
    fn watch(process: u32) -> Vitals {
        let end = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&end);
        let thread = std::thread::spawn(move || {
            let folder = format!("/proc/{process}");
            let mut peak = Peak { before_kb: memory_kb(Path::new(&folder)), ..Peak::default() };
            while !ended.load(Ordering::SeqCst) {
                peak.most_kb = peak.most_kb.max(memory_kb(Path::new(&folder)));
                peak.sockets = peak.sockets.max(sockets(Path::new(&folder)));
                std::thread::sleep(Duration::from_millis(100));
            }
            peak
        });
        Vitals { end, thread }
    }

    fn peak(self) -> Peak {
        self.end.store(true, Ordering::SeqCst);
        self.thread.join().unwrap()
    }
}

fn memory_kb(process: &Path) -> u64 {
    let status = fs::read_to_string(process.join("status")).unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    resident.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

fn sockets(process: &Path) -> usize {
    let files = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    let links = files.filter_map(|file| fs::read_link(file.path()).ok());
    links.filter(|link| link.to_string_lossy().starts_with("socket:")).count()
}

/// Somewhere within a span, other each time and the same in each run.
fn between(low_ms: u64, high_ms: u64, round: usize) -> Duration {
    let round = u64::try_from(round).unwrap();
    Duration::from_millis(low_ms + round.wrapping_mul(7919) % (high_ms - low_ms))
}

/// The longest of some durations.
fn longest(of: &[Duration]) -> Duration {
    of.iter().copied().max().unwrap_or_default()
}

/// How many of those who were told "ask again" asked outside of these spans.
fn outside(seen: &Seen, spans: &[(Instant, Instant)]) -> usize {
    let within = |at: &Instant| spans.iter().any(|(from, until)| (from..=until).contains(&at));
    seen.unavailable.iter().filter(|(at, ..)| !within(at)).count()
}
