//! Floor and program in turn at one kind of request, and the table of it.

use super::Options;
use super::stage::{Kind, Stage, Who};
use crate::load::{Job, Outcome, Requests};
use crate::table::{self, Rounds, met};

/// One kind of request on one store, and how it is asked for.
pub(crate) struct Shape<'a> {
    pub(crate) title: String,
    pub(crate) kind: Kind,
    pub(crate) connections: usize,
    /// Requests a second in an open loop.
    pub(crate) rate: Option<u32>,
    /// Further settings of the program, as in its environment.
    pub(crate) settings: &'a [(&'a str, String)],
    /// What every answer must be, and what it must contain.
    pub(crate) status: u16,
    pub(crate) must: &'a str,
    /// The least that program ÷ floor is to be in answers a second, and the most in CPU.
    pub(crate) aims: (f64, Option<f64>),
    /// Brings a fresh store so far, and makes what is measured.
    pub(crate) prepare: &'a dyn Fn(&Stage) -> Requests,
}

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
        self.rate.push(outcome.rate());
        self.cpu.push(outcome.cpu_us[0]);
        self.redis_cpu.push(outcome.cpu_us[1..].iter().sum());
        self.own_cpu.push(outcome.own_cpu_us);
        self.written.push(outcome.written_bytes.iter().sum());
        self.body.push(outcome.body_bytes);
        self.p50.push(outcome.p50_ms);
        self.p99.push(outcome.p99_ms);
        self.p999.push(outcome.p999_ms);
        self.idle_mb.push(stage.idle_mb);
        self.full_mb.push(stage.memory_mb());
    }
}

/// Measures and prints, if it is asked for.
pub(crate) fn compare(options: &Options, shape: &Shape<'_>) {
    if !options.asks_for(&shape.title) {
        return;
    }
    let mut seen = [Seen::default(), Seen::default()];
    for round in 0..options.rounds {
        // Who begins changes from round to round, so that neither always has the quieter machine.
        let turn = if round % 2 == 0 { [Who::Floor, Who::Program] } else { [Who::Program, Who::Floor] };
        for who in turn {
            let stage = Stage::set(options, who, shape.kind, shape.settings);
            let requests = (shape.prepare)(&stage);
            // A tenth of them to warm up.
            let (warm, rate) = (requests.order.len() / 10, shape.rate.map(f64::from));
            let job = stage.job(shape.connections, &[shape.status], requests);
            let outcome = stage.send(Job { warm, rate, must: shape.must.to_owned(), ..job });
            seen[usize::from(who == Who::Program)].take(&stage, &outcome);
        }
    }
    report(shape, &seen);
}

fn report(shape: &Shape<'_>, [floor, program]: &[Seen; 2]) {
    let row = |what: &str, of: fn(&Seen) -> &Rounds, digits| {
        let ratio = of(program).over(of(floor));
        vec![what.to_owned(), of(floor).told(digits), of(program).told(digits), ratio.told(2)]
    };
    let judged = |what: &str, of: fn(&Seen) -> &Rounds, digits, aim: String, is_met: &dyn Fn(f64) -> bool| {
        let ratio = of(program).over(of(floor)).median();
        let mut row = row(what, of, digits);
        row.extend([aim, met(is_met(ratio))]);
        row
    };
    let (least, most) = shape.aims;
    let mut rows = Vec::new();
    if shape.rate.is_none() {
        let aim = format!("≥ {least:.2}");
        rows.push(judged("answers a second", |seen| &seen.rate, 0, aim, &|ratio| ratio >= least));
    }
    rows.push(match most {
        Some(most) => {
            judged("CPU µs of the server", |seen| &seen.cpu, 1, format!("≤ {most:.2}"), &|ratio| ratio <= most)
        }
        None => row("CPU µs of the server", |seen| &seen.cpu, 1),
    });
    if shape.kind != Kind::Embedded {
        rows.push(row("CPU µs of Redis", |seen| &seen.redis_cpu, 1));
    }
    rows.extend([
        row("p50 ms", |seen| &seen.p50, 2),
        row("p99 ms", |seen| &seen.p99, 2),
        row("p99.9 ms", |seen| &seen.p999, 2),
        row("bytes to the disk", |seen| &seen.written, 0),
        row("bytes of an answer", |seen| &seen.body, 0),
        row("MB idle", |seen| &seen.idle_mb, 1),
        row("MB afterwards", |seen| &seen.full_mb, 1),
        row("CPU µs of the generator", |seen| &seen.own_cpu, 1),
    ]);
    table::print(&shape.title, &["per answer", "floor", "program", "program ÷ floor", "aim", "met"], rows);
    if shape.rate.is_some() {
        let (difference, (least, most)) = (program.p99.minus(&floor.p99), floor.p99.spread());
        let is_met = met(difference.median() <= most - least);
        let (difference, own) = (difference.told(2), most - least);
        println!("\np99, program − floor: {difference} ms; the floor's own spread: {own:.2} ms; within it: {is_met}.");
    }
}
