//! Check-ins: in a closed loop over 64 and 512 connections, and in an open loop of 5,000 a second.
//!
//! Every request is a new stamp. The residents of a run fill their passports point by point, so that answers carry
//! one to twenty stamps, 10.5 on average, for the floor and the program alike.

use super::Options;
use super::stage::{Kind, Stage, Who};
use crate::carnival::POINTS;
use crate::load::Outcome;
use crate::people;
use crate::table::{self, Rounds, met};

/// What a machine like this does in a second, by which the length of a run is guessed.
const ABOUT_A_SECOND: u32 = 20_000;
/// Check-ins a second in the open loop.
const OPEN: u32 = 5_000;

/// Floor or program, over all rounds.
#[derive(Default)]
struct Seen {
    rate: Rounds,
    cpu: Rounds,
    redis_cpu: Rounds,
    own_cpu: Rounds,
    written: Rounds,
    body: Rounds,
    p50: Rounds,
    p99: Rounds,
    p999: Rounds,
    idle_mb: Rounds,
    full_mb: Rounds,
}

impl Seen {
    fn take(&mut self, stage: &Stage, outcome: &Outcome) {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
        self.rate.push(outcome.answers as f64 / outcome.seconds);
        self.cpu.push(outcome.cpu_us[0]);
        self.redis_cpu.push(outcome.cpu_us.get(1).copied().unwrap_or(f64::NAN));
        self.own_cpu.push(outcome.own_cpu_us);
        self.written.push(outcome.written_bytes.iter().sum());
        self.body.push(outcome.body_bytes);
        self.p50.push(outcome.p50_ms);
        self.p99.push(outcome.p99_ms);
        self.p999.push(outcome.p999_ms);
        self.idle_mb.push(stage.idle_mb);
        self.full_mb.push(crate::process::memory_mb(stage.server.id()));
    }
}

/// One way to ask for them.
struct Way {
    connections: usize,
    rate: Option<u32>,
    /// Further settings of the program.
    more: &'static str,
    words: &'static str,
}

const WAYS: [Way; 4] = [
    Way { connections: 64, rate: None, more: "", words: "closed loop, 64 connections" },
    Way { connections: 512, rate: None, more: "", words: "closed loop, 512 connections" },
    Way { connections: 256, rate: Some(OPEN), more: "", words: "open loop, 5,000 a second over 256 connections" },
    Way {
        connections: 64,
        rate: None,
        more: "[log]\nfilter = \"warn\"\n",
        words: "silent log, 64 connections: without a line per request",
    },
];

/// Measures and prints.
pub(super) fn measure(options: &Options) {
    for kind in [Kind::Embedded, Kind::Redis] {
        for way in WAYS {
            let title = format!("check-ins on {kind}, {}", way.words);
            if options.asks_for(&title) {
                report(&title, kind, &alternate(options, kind, &way));
            }
        }
    }
}

/// Floor and program in turn, who begins in turn too.
fn alternate(options: &Options, kind: Kind, way: &Way) -> [Seen; 2] {
    let a_second = way.rate.unwrap_or(ABOUT_A_SECOND);
    let residents = a_second * options.seconds / u32::from(POINTS);
    let mut seen = [Seen::default(), Seen::default()];
    for round in 0..options.rounds {
        let turn = if round % 2 == 0 { [Who::Floor, Who::Program] } else { [Who::Program, Who::Floor] };
        for who in turn {
            let stage = Stage::set(options, who, kind, way.more);
            let requests = people::check_ins(1, residents, 0..POINTS, who == Who::Floor);
            let outcome = stage.load(way.connections, way.rate.map(f64::from), &[201], requests);
            seen[usize::from(who == Who::Program)].take(&stage, &outcome);
        }
    }
    seen
}

fn report(title: &str, kind: Kind, [floor, program]: &[Seen; 2]) {
    let row = |what: &str, of: fn(&Seen) -> &Rounds, digits, aim: Option<f64>, at_least: bool| {
        let ratio = of(program).over(of(floor));
        let judged = aim.map(|aim| {
            let is_met = if at_least { ratio.median() >= aim } else { ratio.median() <= aim };
            (format!("{} {aim:.2}", if at_least { "≥" } else { "≤" }), met(is_met))
        });
        let (aim, is_met) = judged.unwrap_or_default();
        vec![what.to_owned(), of(floor).told(digits), of(program).told(digits), ratio.told(2), aim, is_met]
    };
    let mut rows = vec![
        row("answers a second", |seen| &seen.rate, 0, Some(0.9), true),
        row("CPU µs of the server", |seen| &seen.cpu, 1, Some(1.15), false),
    ];
    if kind == Kind::Redis {
        rows.push(row("CPU µs of Redis", |seen| &seen.redis_cpu, 1, None, false));
    }
    rows.extend([
        row("p50 ms", |seen| &seen.p50, 2, None, false),
        row("p99 ms", |seen| &seen.p99, 2, None, false),
        row("p99.9 ms", |seen| &seen.p999, 2, None, false),
        row("bytes to the disk", |seen| &seen.written, 0, None, false),
        row("bytes of an answer", |seen| &seen.body, 0, None, false),
        row("MB idle", |seen| &seen.idle_mb, 1, None, false),
        row("MB after it", |seen| &seen.full_mb, 1, None, false),
        row("CPU µs of the load generator", |seen| &seen.own_cpu, 1, None, false),
    ]);
    table::print(title, &["each", "floor", "program", "program ÷ floor", "aim", "met"], &rows);
    let difference = program.p99.minus(&floor.p99);
    let (least, most) = floor.p99.spread();
    println!(
        "\np99, program − floor: {} ms; the floor's own spread is {:.2} ms.",
        difference.told(2),
        most - least
    );
}
