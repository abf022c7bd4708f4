//! What the crowd itself knows: it writes down every answer that it was given.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::population::FraudKind;
use super::totals::{CountsByName, EventTotals, add_count};

/// What is asked of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RequestKind {
    /// To be logged in.
    LogIn,
    /// For a stamp.
    CheckIn,
    /// For a gift.
    Claim,
    /// What a booth asks.
    Booth,
    /// To read something.
    Read,
}

impl RequestKind {
    /// Whether the server notes its refusals for the organisers.
    pub(super) fn records_refusals(self) -> bool {
        matches!(self, RequestKind::CheckIn | RequestKind::Claim | RequestKind::Booth)
    }
}

/// How long answers of one kind took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Latencies {
    /// How many answers.
    pub(super) count: u32,
    /// All together.
    pub(super) sum: Duration,
    /// The slowest.
    pub(super) max: Duration,
}

/// How the crowd stands now.
#[derive(Clone, Debug, Default)]
pub(super) struct Stats {
    /// What must agree with the server's.
    pub(super) totals: EventTotals,
    /// Refusals that the server may have counted more often: the answer before them was lost.
    pub(super) uncertain_refusals: CountsByName,
    /// People who came.
    pub(super) arrived: u64,
    /// People who went home.
    pub(super) departed: u64,
    /// People by point, now.
    pub(super) at_points: BTreeMap<String, u64>,
    /// People who wait at a booth, now.
    pub(super) waiting: u64,
    /// The most who ever waited.
    pub(super) max_waiting: u64,
    /// The longest that anybody waited, in the carnival's minutes.
    pub(super) max_wait_minutes: f64,
    /// People who waited until they had enough of it.
    pub(super) gave_up: u64,
    /// How cheats ended: the refusal's code, or none where it was not refused.
    pub(super) fraud_outcomes: BTreeMap<(FraudKind, Option<String>), u64>,
    /// Writes whose answer was thrown away, or whose line was cut before it came.
    pub(super) lost_responses: u64,
    /// Those of them whose line was cut.
    pub(super) cut_connections: u64,
    /// Repeats that were told something else than the answer before.
    pub(super) inconsistent_repeats: Vec<String>,
    /// Answers that nobody should get: 5xx and the like.
    pub(super) unexpected_responses: CountsByName,
    /// How often the server was busy, or not there, and was asked again.
    pub(super) retries: u64,
    /// How long answers took.
    pub(super) latencies: BTreeMap<RequestKind, Latencies>,
}

/// The books, written by everybody.
#[derive(Default)]
pub(super) struct SharedStats {
    stats: Mutex<Stats>,
}

impl SharedStats {
    /// To write something down; never held over an await.
    pub(super) fn lock(&self) -> MutexGuard<'_, Stats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stats {
    /// A stamp at a point at a moment as the server tells it; the first of its passport or not.
    pub(super) fn record_stamp(&mut self, point: &str, at: &str, first: bool) {
        add_count(&mut self.totals.stamps, point, 1);
        if let (Some(day), Some(hour)) = (at.get(..10), at.get(11..13)) {
            add_count(&mut self.totals.hours, &format!("{day} {hour}"), 1);
        }
        self.totals.people += u64::from(first);
    }

    /// A gift was set aside.
    pub(super) fn record_claim(&mut self, gift: &str) {
        add_count(&mut self.totals.claims, gift, 1);
    }

    /// A gift was handed over.
    pub(super) fn record_redemption(&mut self, gift: &str) {
        add_count(&mut self.totals.redeemed, gift, 1);
    }

    /// What somebody got for cheating.
    pub(super) fn record_fraud(&mut self, kind: FraudKind, refused: Option<&str>) {
        *self.fraud_outcomes.entry((kind, refused.map(str::to_owned))).or_default() += 1;
    }

    /// So many people joined a queue.
    pub(super) fn join_queue(&mut self, people: u64) {
        self.waiting += people;
        self.max_waiting = self.max_waiting.max(self.waiting);
    }

    /// They left it, after so many of the carnival's minutes.
    pub(super) fn leave_queue(&mut self, people: u64, minutes: f64) {
        self.waiting = self.waiting.saturating_sub(people);
        self.max_wait_minutes = self.max_wait_minutes.max(minutes);
    }

    /// How long an answer took.
    pub(super) fn record_latency(&mut self, kind: RequestKind, latency: Duration) {
        let latencies = self.latencies.entry(kind).or_default();
        *latencies =
            Latencies { count: latencies.count + 1, sum: latencies.sum + latency, max: latencies.max.max(latency) };
    }
}
