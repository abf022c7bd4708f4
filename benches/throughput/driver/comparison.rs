//! Compares baseline and program at one kind of request, and prints a table.

use super::Options;
use super::deployment::{Deployment, StoreKind, Subject};
use crate::load::{Job, Outcome, Requests};
use crate::round_statistics::{self, Rounds, met};

/// One kind of request on one store.
pub(crate) struct Comparison<'a> {
    pub(crate) title: String,
    pub(crate) kind: StoreKind,
    pub(crate) connections: usize,
    /// Requests per second in an open loop.
    pub(crate) rate: Option<u32>,
    /// Additional environment variables of the program.
    pub(crate) settings: &'a [(&'a str, String)],
    /// The status that every answer must have, and a text that it must contain.
    pub(crate) status: u16,
    pub(crate) must_contain: &'a str,
    /// Aims for program ÷ baseline: the minimum in answers per second, and the maximum in CPU.
    pub(crate) aims: (f64, Option<f64>),
    /// Prepares a fresh store, and returns the requests to measure.
    pub(crate) prepare: &'a dyn Fn(&Deployment) -> Requests,
}

/// The measurements of baseline or program over all rounds.
#[derive(Default)]
struct Samples {
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

impl Samples {
    fn take(&mut self, deployment: &Deployment, outcome: &Outcome) {
        self.rate.push(outcome.rate());
        self.cpu.push(outcome.cpu_us[0]);
        self.redis_cpu.push(outcome.cpu_us[1..].iter().sum());
        self.own_cpu.push(outcome.own_cpu_us);
        self.written.push(outcome.written_bytes.iter().sum());
        self.body.push(outcome.body_bytes);
        self.p50.push(outcome.p50_ms);
        self.p99.push(outcome.p99_ms);
        self.p999.push(outcome.p999_ms);
        self.idle_mb.push(deployment.idle_mb);
        self.full_mb.push(deployment.memory_mb());
    }
}

/// Measures and prints, if selected.
pub(crate) fn compare(options: &Options, comparison: &Comparison<'_>) {
    if !options.includes(&comparison.title) {
        return;
    }
    let mut seen = [Samples::default(), Samples::default()];
    for round in 0..options.rounds {
        // The order alternates, so that neither always has the quieter machine.
        let turn =
            if round % 2 == 0 { [Subject::Baseline, Subject::Program] } else { [Subject::Program, Subject::Baseline] };
        for subject in turn {
            let deployment = Deployment::set(options, subject, comparison.kind, comparison.settings);
            let requests = (comparison.prepare)(&deployment);
            // A tenth of the requests are warm-up.
            let (warm, rate) = (requests.order.len() / 10, comparison.rate.map(f64::from));
            let job = deployment.job(comparison.connections, &[comparison.status], requests);
            let outcome = deployment.send(Job { warm, rate, must_contain: comparison.must_contain.to_owned(), ..job });
            seen[usize::from(subject == Subject::Program)].take(&deployment, &outcome);
        }
    }
    report(comparison, &seen);
}

fn report(comparison: &Comparison<'_>, [baseline, program]: &[Samples; 2]) {
    let row = |what: &str, of: fn(&Samples) -> &Rounds, digits| {
        let ratio = of(program).over(of(baseline));
        vec![what.to_owned(), of(baseline).formatted(digits), of(program).formatted(digits), ratio.formatted(2)]
    };
    let judged = |what: &str, of: fn(&Samples) -> &Rounds, digits, aim: String, is_met: &dyn Fn(f64) -> bool| {
        let ratio = of(program).over(of(baseline)).median();
        let mut row = row(what, of, digits);
        row.extend([aim, met(is_met(ratio))]);
        row
    };
    let (least, most) = comparison.aims;
    let mut rows = Vec::new();
    if comparison.rate.is_none() {
        let aim = format!("≥ {least:.2}");
        rows.push(judged("answers a second", |seen| &seen.rate, 0, aim, &|ratio| ratio >= least));
    }
    rows.push(match most {
        Some(most) => {
            judged("CPU µs of the server", |seen| &seen.cpu, 1, format!("≤ {most:.2}"), &|ratio| ratio <= most)
        }
        None => row("CPU µs of the server", |seen| &seen.cpu, 1),
    });
    if comparison.kind != StoreKind::Embedded {
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
    round_statistics::print(
        &comparison.title,
        &["per answer", "baseline", "program", "program ÷ baseline", "aim", "met"],
        rows,
    );
    if comparison.rate.is_some() {
        let (difference, (least, most)) = (program.p99.minus(&baseline.p99), baseline.p99.spread());
        let is_met = met(difference.median() <= most - least);
        let (difference, own) = (difference.formatted(2), most - least);
        println!(
            "\np99, program − baseline: {difference} ms; the baseline's own spread: {own:.2} ms; within it: {is_met}."
        );
    }
}
