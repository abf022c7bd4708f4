//! One run over all connections.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use mio::{Events, Poll};

use super::line::{Answer, Line};
use super::{Job, Outcome, Requests};
use crate::process::Spent;

/// In an open loop, how long nothing is looked at when nothing is due: shorter than what is measured, and long
/// enough to leave the cores to the server.
const NAP: Duration = Duration::from_micros(100);

/// A run.
pub(super) struct Turn<'a> {
    job: &'a Job,
    poll: Poll,
    lines: Vec<Line>,
    /// Lines with nothing under way.
    free: Vec<usize>,
    next: usize,
    answered: usize,
    begun: Instant,
    counted: Option<Counted>,
    statuses: BTreeMap<u16, usize>,
    body_bytes: usize,
    kept: Vec<String>,
    took: Histogram<u64>,
}

/// What was spent when the clock started.
struct Counted {
    since: Instant,
    own: Spent,
    watched: Vec<Spent>,
}

impl<'a> Turn<'a> {
    /// Connects.
    pub(super) fn begin(job: &'a Job) -> Turn<'a> {
        let poll = Poll::new().unwrap();
        let lines: Vec<_> = (0..job.connections).map(|token| Line::connect(job.address, &poll, token)).collect();
        Turn {
            job,
            poll,
            free: (0..lines.len()).rev().collect(),
            lines,
            next: 0,
            answered: 0,
            begun: Instant::now(),
            counted: None,
            statuses: BTreeMap::new(),
            body_bytes: 0,
            kept: Vec::new(),
            took: Histogram::new_with_max(120_000_000_000, 3).unwrap(),
        }
    }

    /// Sends all requests, and waits for the last answer.
    pub(super) fn run(mut self) -> Outcome {
        let mut events = Events::with_capacity(1024);
        self.begun = Instant::now();
        self.start_clock_if_warm();
        while self.answered < self.job.requests.order.len() {
            self.send_what_is_due();
            let wait = if self.job.rate.is_some() { Some(Duration::ZERO) } else { None };
            self.poll.poll(&mut events, wait).unwrap();
            if events.is_empty() {
                self.nap();
            }
            for event in &events {
                let at = event.token().0;
                if event.is_writable() {
                    self.lines[at].push();
                }
                if event.is_readable()
                    && let Some(answer) = self.lines[at].pull()
                {
                    self.take(at, &answer);
                }
            }
        }
        self.outcome()
    }

    fn send_what_is_due(&mut self) {
        while self.next < self.job.requests.order.len() {
            let now = Instant::now();
            let due = self.due(now);
            if due > now {
                return;
            }
            let Some(at) = self.free.pop() else { return };
            let (head, tail) = self.job.requests.order[self.next];
            let Requests { heads, tails, .. } = &self.job.requests;
            self.lines[at].send(&heads[head as usize], &tails[tail as usize], due);
            self.next += 1;
        }
    }

    /// When the next request is to leave.
    fn due(&self, now: Instant) -> Instant {
        self.job.rate.map_or(now, |rate| {
            #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 requests")]
            let after = self.next as f64 / rate;
            self.begun + Duration::from_secs_f64(after)
        })
    }

    fn nap(&self) {
        let now = Instant::now();
        let until = if self.next < self.job.requests.order.len() { self.due(now) } else { now + NAP };
        std::thread::sleep(until.saturating_duration_since(now).min(NAP));
    }

    fn take(&mut self, at: usize, answer: &Answer) {
        let Answer { status, body_bytes, due } = *answer;
        let expected = self.job.statuses.contains(&status) && self.lines[at].has(&self.job.must);
        assert!(expected, "this was not expected:\n{}", self.lines[at].received());
        *self.statuses.entry(status).or_default() += 1;
        self.answered += 1;
        self.keep(at);
        self.free.push(at);
        if self.counted.is_some() {
            self.body_bytes += body_bytes;
            self.took.record(u64::try_from(due.elapsed().as_nanos()).unwrap()).unwrap();
        }
        self.start_clock_if_warm();
        if self.job.rate.is_none() {
            self.send_what_is_due();
        }
    }

    fn keep(&mut self, at: usize) {
        if self.job.keep.is_empty() {
            return;
        }
        let received = self.lines[at].received();
        let value = received.split_once(&self.job.keep).and_then(|(_, rest)| rest.split_once('"'));
        self.kept.push(value.expect("what is to be kept").0.to_owned());
    }

    fn start_clock_if_warm(&mut self) {
        if self.counted.is_none() && self.answered >= self.job.warm {
            let watched = self.job.pids.iter().map(|pid| Spent::by(*pid)).collect();
            self.counted = Some(Counted { since: Instant::now(), own: Spent::by(std::process::id()), watched });
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 of anything")]
    fn outcome(self) -> Outcome {
        let Counted { since, own, watched } = self.counted.expect("more requests than are for warming");
        let seconds = since.elapsed().as_secs_f64();
        let answers = self.answered - self.job.warm;
        let each = |sum: u64| sum as f64 / answers as f64;
        let spent: Vec<_> =
            self.job.pids.iter().zip(&watched).map(|(pid, before)| Spent::by(*pid).since(before)).collect();
        let ms = |part: f64| self.took.value_at_quantile(part) as f64 / 1e6;
        Outcome {
            answers,
            seconds,
            statuses: self.statuses,
            body_bytes: self.body_bytes as f64 / answers as f64,
            own_cpu_us: each(Spent::by(std::process::id()).since(&own).cpu_ns) / 1e3,
            cpu_us: spent.iter().map(|spent| each(spent.cpu_ns) / 1e3).collect(),
            written_bytes: spent.iter().map(|spent| each(spent.written)).collect(),
            p50_ms: ms(0.5),
            p99_ms: ms(0.99),
            p999_ms: ms(0.999),
            max_ms: self.took.max() as f64 / 1e6,
            kept: self.kept,
        }
    }
}
