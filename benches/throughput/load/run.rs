//! One run over all connections.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mio::{Events, Poll};

use super::connection::{Answer, Connection};
use super::{Job, Outcome, Requests};
use crate::server_process::ResourceUsage;

/// The maximum sleep in an open loop when nothing is due: shorter than the measured latencies, and long enough to leave
/// the cores to the server.
const MAX_SLEEP: Duration = Duration::from_micros(100);

/// A run.
pub(super) struct LoadRun<'a> {
    job: &'a Job,
    poll: Poll,
    connections: Vec<Connection>,
    /// Idle connections.
    free: Vec<usize>,
    next: usize,
    answered: usize,
    begun: Instant,
    usage_at_start: Option<UsageAtStart>,
    statuses: BTreeMap<u16, usize>,
    body_bytes: usize,
    captured: Vec<String>,
    /// In nanoseconds.
    latencies: Vec<u64>,
}

/// Resource usage at the end of the warm-up.
struct UsageAtStart {
    since: Instant,
    own: ResourceUsage,
    watched: Vec<ResourceUsage>,
}

impl<'a> LoadRun<'a> {
    /// Connects.
    pub(super) fn begin(job: &'a Job) -> LoadRun<'a> {
        let poll = Poll::new().unwrap();
        let connections: Vec<_> =
            (0..job.connections).map(|token| Connection::connect(job.address, &poll, token)).collect();
        LoadRun {
            job,
            poll,
            free: (0..connections.len()).rev().collect(),
            connections,
            next: 0,
            answered: 0,
            begun: Instant::now(),
            usage_at_start: None,
            statuses: BTreeMap::new(),
            body_bytes: 0,
            captured: Vec::new(),
            latencies: Vec::with_capacity(job.requests.order.len()),
        }
    }

    /// Sends all requests, and waits for the last answer.
    pub(super) fn run(mut self) -> Outcome {
        let mut events = Events::with_capacity(1024);
        self.begun = Instant::now();
        self.start_clock_if_warm();
        while self.answered < self.job.requests.order.len() {
            self.send_due();
            let wait = if self.job.rate.is_some() { Some(Duration::ZERO) } else { None };
            self.poll.poll(&mut events, wait).unwrap();
            if events.is_empty() {
                self.sleep_until_due();
            }
            for event in &events {
                let at = event.token().0;
                if event.is_writable() {
                    self.connections[at].push();
                }
                if event.is_readable()
                    && let Some(answer) = self.connections[at].pull()
                {
                    self.record_answer(at, &answer);
                }
            }
        }
        self.outcome()
    }

    fn send_due(&mut self) {
        while self.next < self.job.requests.order.len() {
            let now = Instant::now();
            let due = self.due(now);
            if due > now {
                return;
            }
            let Some(at) = self.free.pop() else { return };
            let (head, tail) = self.job.requests.order[self.next];
            let Requests { heads, tails, .. } = &self.job.requests;
            self.connections[at].send(&heads[head as usize], &tails[tail as usize], due);
            self.next += 1;
        }
    }

    /// When the next request is due.
    fn due(&self, now: Instant) -> Instant {
        self.job.rate.map_or(now, |rate| {
            #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 requests")]
            let after = self.next as f64 / rate;
            self.begun + Duration::from_secs_f64(after)
        })
    }

    fn sleep_until_due(&self) {
        let now = Instant::now();
        let until = if self.next < self.job.requests.order.len() { self.due(now) } else { now + MAX_SLEEP };
        std::thread::sleep(until.saturating_duration_since(now).min(MAX_SLEEP));
    }

    fn record_answer(&mut self, at: usize, answer: &Answer) {
        let Answer { status, body_bytes, due } = *answer;
        let expected = self.job.statuses.contains(&status) && self.connections[at].has(&self.job.must_contain);
        assert!(expected, "unexpected answer:\n{}", self.connections[at].received());
        *self.statuses.entry(status).or_default() += 1;
        self.answered += 1;
        self.capture(at);
        self.free.push(at);
        if self.usage_at_start.is_some() {
            self.body_bytes += body_bytes;
            self.latencies.push(u64::try_from(due.elapsed().as_nanos()).unwrap());
        }
        self.start_clock_if_warm();
        if self.job.rate.is_none() {
            self.send_due();
        }
    }

    fn capture(&mut self, at: usize) {
        if self.job.capture.is_empty() {
            return;
        }
        let received = self.connections[at].received();
        let value = received.split_once(&self.job.capture).and_then(|(_, rest)| rest.split_once('"'));
        self.captured.push(value.expect("the text to capture").0.to_owned());
    }

    fn start_clock_if_warm(&mut self) {
        if self.usage_at_start.is_none() && self.answered >= self.job.warm {
            let watched = self.job.pids.iter().map(|pid| ResourceUsage::by(*pid)).collect();
            self.usage_at_start =
                Some(UsageAtStart { since: Instant::now(), own: ResourceUsage::by(std::process::id()), watched });
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 of anything")]
    fn outcome(mut self) -> Outcome {
        let UsageAtStart { since, own, watched } = self.usage_at_start.expect("more requests than the warm-up");
        let seconds = since.elapsed().as_secs_f64();
        let answers = self.answered - self.job.warm;
        let each = |sum: u64| sum as f64 / answers as f64;
        let spent: Vec<_> =
            self.job.pids.iter().zip(&watched).map(|(pid, before)| ResourceUsage::by(*pid).since(before)).collect();
        self.latencies.sort_unstable();
        // The smallest latency that at least this many thousandths of all do not exceed.
        let ms = |thousandths: usize| {
            let at = (self.latencies.len() * thousandths).div_ceil(1000).saturating_sub(1);
            self.latencies.get(at).copied().unwrap_or_default() as f64 / 1e6
        };
        Outcome {
            answers,
            seconds,
            statuses: self.statuses,
            body_bytes: self.body_bytes as f64 / answers as f64,
            own_cpu_us: each(ResourceUsage::by(std::process::id()).since(&own).cpu_ns) / 1e3,
            cpu_us: spent.iter().map(|spent| each(spent.cpu_ns) / 1e3).collect(),
            written_bytes: spent.iter().map(|spent| each(spent.written)).collect(),
            p50_ms: ms(500),
            p99_ms: ms(990),
            p999_ms: ms(999),
            max_ms: ms(1000),
            captured: self.captured,
        }
    }
}
