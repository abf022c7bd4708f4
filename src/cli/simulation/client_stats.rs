//! What the simulated clients observed: counts of every response.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::event_totals::{CountsByName, EventTotals, add_count};
use super::population::FraudKind;

/// Kinds of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RequestKind {
    /// Logging in, or accepting an invitation.
    LogIn,
    /// Checking in.
    CheckIn,
    /// Claiming a gift.
    Claim,
    /// Any request of a booth.
    Booth,
    /// Reading.
    Read,
}

impl RequestKind {
    /// Whether the server counts refusals of this kind for the organisers.
    pub(super) fn records_refusals(self) -> bool {
        matches!(self, RequestKind::CheckIn | RequestKind::Claim | RequestKind::Booth)
    }
}

/// Response times of one kind of request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Latencies {
    /// Number of responses.
    pub(super) count: u32,
    /// Sum of the response times.
    pub(super) sum: Duration,
    /// The longest response time.
    pub(super) max: Duration,
}

/// The state of the crowd.
#[derive(Clone, Debug, Default)]
pub(super) struct Stats {
    /// Counts that must agree with the server's.
    pub(super) totals: EventTotals,
    /// Refusals that the server may have counted in addition, because the first response was lost.
    pub(super) uncertain_refusals: CountsByName,
    /// People who arrived.
    pub(super) arrived: u64,
    /// People who went home.
    pub(super) departed: u64,
    /// People at each point now.
    pub(super) at_points: BTreeMap<String, u64>,
    /// People who wait at a booth now.
    pub(super) waiting: u64,
    /// The highest number of waiting people.
    pub(super) max_waiting: u64,
    /// The longest wait, in carnival minutes.
    pub(super) max_wait_minutes: f64,
    /// People who gave up waiting.
    pub(super) gave_up: u64,
    /// Outcomes of frauds: the refusal's code, or `None` if it was not refused.
    pub(super) fraud_outcomes: BTreeMap<(FraudKind, Option<String>), u64>,
    /// Writes whose response was discarded, or whose connection was cut before it arrived.
    pub(super) lost_responses: u64,
    /// Those of them whose connection was cut.
    pub(super) cut_connections: u64,
    /// Repeated requests whose response differs from the first one.
    pub(super) inconsistent_repeats: Vec<String>,
    /// Responses that must not occur, such as 5xx.
    pub(super) unexpected_responses: CountsByName,
    /// Retries because the server was busy or unreachable.
    pub(super) retries: u64,
    /// Response times by kind of request.
    pub(super) latencies: BTreeMap<RequestKind, Latencies>,
}

/// Statistics shared by all simulated clients.
#[derive(Default)]
pub(super) struct SharedStats {
    stats: Mutex<Stats>,
}

impl SharedStats {
    /// Locks the statistics. The guard must not be held across an await.
    pub(super) fn lock(&self) -> MutexGuard<'_, Stats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stats {
    /// Records a stamp at a point and time as returned by the server. `first` is the first stamp of its passport.
    pub(super) fn record_stamp(&mut self, point: &str, at: &str, first: bool) {
        add_count(&mut self.totals.stamps, point, 1);
        if let (Some(day), Some(hour)) = (at.get(..10), at.get(11..13)) {
            add_count(&mut self.totals.hours, &format!("{day} {hour}"), 1);
        }
        self.totals.people += u64::from(first);
    }

    /// Records a claim.
    pub(super) fn record_claim(&mut self, gift: &str) {
        add_count(&mut self.totals.claims, gift, 1);
    }

    /// Records a redemption.
    pub(super) fn record_redemption(&mut self, gift: &str) {
        add_count(&mut self.totals.redeemed, gift, 1);
    }

    /// Records the outcome of a fraud.
    pub(super) fn record_fraud(&mut self, kind: FraudKind, refused: Option<&str>) {
        *self.fraud_outcomes.entry((kind, refused.map(str::to_owned))).or_default() += 1;
    }

    /// Records that people joined a queue.
    pub(super) fn join_queue(&mut self, people: u64) {
        self.waiting += people;
        self.max_waiting = self.max_waiting.max(self.waiting);
    }

    /// Records that people left a queue after this many carnival minutes.
    pub(super) fn leave_queue(&mut self, people: u64, minutes: f64) {
        self.waiting = self.waiting.saturating_sub(people);
        self.max_wait_minutes = self.max_wait_minutes.max(minutes);
    }

    /// Records a response time.
    pub(super) fn record_latency(&mut self, kind: RequestKind, latency: Duration) {
        let latencies = self.latencies.entry(kind).or_default();
        *latencies =
            Latencies { count: latencies.count + 1, sum: latencies.sum + latency, max: latencies.max.max(latency) };
    }
}
