//! What the simulated clients observed: counts of every response, and of everything that the server counts too.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::http::api::client::Call;
use reqwest::Method;

use super::population::FraudKind;

/// Counts by name.
pub(super) type CountsByName = BTreeMap<String, u64>;

/// Adds to the count of a name.
pub(super) fn add_count(counts: &mut CountsByName, name: &str, more: u64) {
    *counts.entry(name.to_owned()).or_default() += more;
}

/// A quantity that the crowd and the server count, in the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Quantity {
    /// Passports with a stamp.
    People,
    /// Stamps by point.
    Stamps,
    /// Stamps by day and hour: `2023-04-14 10`.
    Hours,
    /// Claimed gifts by gift.
    Claims,
    /// Gifts handed over by gift.
    Redeemed,
    /// Refusals by code.
    Refusals,
    /// Pairs of stamps too far apart for the time between them.
    Suspicions,
    /// Stamps: the summary's number and the public one.
    AvailableStamps,
    /// Passports with a stamp: the summary's number and the public one.
    AvailablePeople,
    /// What is left of a gift: computed from the summary's numbers, and the public number.
    Left,
    /// Gifts handed over: the summary's number and the ledger's.
    Ledger,
}

impl Quantity {
    /// Whether both numbers come from the server.
    pub(super) fn is_server_internal(self) -> bool {
        self >= Quantity::AvailableStamps
    }
}

/// Counts by quantity and name, as one side counts them. The name of a total is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals(pub(super) BTreeMap<(Quantity, String), u64>);

impl Totals {
    /// Adds to a count.
    pub(super) fn add(&mut self, quantity: Quantity, name: &str, more: u64) {
        *self.0.entry((quantity, name.to_owned())).or_default() += more;
    }

    /// A count; 0 if there is none.
    pub(super) fn get(&self, quantity: Quantity, name: &str) -> u64 {
        self.0.get(&(quantity, name.to_owned())).copied().unwrap_or(0)
    }

    /// The counts of one quantity, by name.
    pub(super) fn of(&self, quantity: Quantity) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().filter(move |((one, _), _)| *one == quantity).map(|((_, name), count)| (name.as_str(), *count))
    }

    /// The increase since `before`.
    pub(super) fn since(&self, before: &Totals) -> Totals {
        let increase = |((quantity, name), count): (&(Quantity, String), &u64)| {
            ((*quantity, name.clone()), count.saturating_sub(before.get(*quantity, name)))
        };
        Totals(self.0.iter().map(increase).collect())
    }
}

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
    /// The kind of a call.
    pub(super) fn of<A>(call: &Call<A>) -> RequestKind {
        match call.path.as_str() {
            _ if call.method != Method::POST => RequestKind::Read,
            "/v1/check-ins" => RequestKind::CheckIn,
            "/v1/me/claims" => RequestKind::Claim,
            path if path.starts_with("/v1/booth/") => RequestKind::Booth,
            path if path.starts_with("/v1/sessions/") || path == "/v1/me/companions" => RequestKind::LogIn,
            _ => RequestKind::Read,
        }
    }

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

impl Latencies {
    /// The mean response time.
    pub(super) fn mean(&self) -> Duration {
        self.sum / self.count.max(1)
    }
}

/// The state of the crowd.
#[derive(Clone, Debug, Default)]
pub(super) struct Stats {
    /// Counts that must agree with the server's.
    pub(super) totals: Totals,
    /// Refusals that the server may have counted in addition, because the first response was lost.
    pub(super) uncertain: Totals,
    /// People who arrived.
    pub(super) arrived: u64,
    /// People who went home.
    pub(super) departed: u64,
    /// People at each point now.
    pub(super) at_points: CountsByName,
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

impl Stats {
    /// Records a stamp at a point and time as returned by the server. `first` is the first stamp of its passport.
    pub(super) fn record_stamp(&mut self, point: &str, at: &str, first: bool) {
        self.totals.add(Quantity::Stamps, point, 1);
        if let (Some(day), Some(hour)) = (at.get(..10), at.get(11..13)) {
            self.totals.add(Quantity::Hours, &format!("{day} {hour}"), 1);
        }
        self.totals.add(Quantity::People, "", u64::from(first));
    }

    /// Whether the crowd claimed or got this gift.
    pub(super) fn knows_gift(&self, gift: &str) -> bool {
        self.totals.get(Quantity::Claims, gift) + self.totals.get(Quantity::Redeemed, gift) > 0
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
