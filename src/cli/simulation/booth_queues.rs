//! Booth queues. Simulated volunteers serve them one customer at a time, or a human confirms the vouchers.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Instant;

use fastrand::Rng;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinSet;

use crate::http::api::answers::{ClaimState, ClaimView, RecordedStampsView};
use crate::http::api::client::{self, Call};

use super::arguments::Arguments;
use super::http_client::{Outcome, RequestFailed};
use super::stats::Quantity;
use super::venue::Venue;

/// How long people wait before they give up, in carnival minutes.
pub(super) const MAX_WAIT_MINUTES: f64 = 60.0;
/// Visitors per booth for which one volunteer is enough.
const PEOPLE_PER_VOLUNTEER: usize = 100;

/// What a customer wants at a booth.
pub(super) enum BoothRequest {
    /// Redeem the voucher of a claim made on a phone.
    Voucher(String),
    /// Record the ink stamps of a paper passport, and redeem the gifts that it has earned.
    Card {
        /// The passport's code.
        code: String,
        /// Ids of the points with an ink stamp.
        ink: Vec<String>,
    },
}

impl BoothRequest {
    /// The voucher, for a voucher request.
    pub(super) fn voucher(&self) -> Option<String> {
        match self {
            BoothRequest::Voucher(voucher) => Some(voucher.clone()),
            BoothRequest::Card { .. } => None,
        }
    }
}

/// The outcome of a request: the refusal's code if it was refused.
pub(super) type RequestOutcome = Result<(), String>;

struct Customer {
    requests: Vec<BoothRequest>,
    /// Signals the start of the service; the outcomes follow.
    turn: oneshot::Sender<()>,
    outcomes: oneshot::Sender<Vec<RequestOutcome>>,
}

/// The queues of all booths that are open today, in the venue's order.
pub(super) struct BoothQueues {
    queues: Vec<mpsc::UnboundedSender<Customer>>,
    /// Whether a human confirms the vouchers.
    pub(super) by_hand: bool,
    /// The vouchers that wait for the human.
    pending: std::sync::Mutex<Vec<String>>,
}

impl BoothQueues {
    /// Invites volunteers to each booth and starts them; they work until the join set is dropped.
    pub(super) async fn with_volunteers(
        venue: &Arc<Venue>,
        people: u32,
        arguments: &Arguments,
    ) -> Result<(BoothQueues, JoinSet<()>), RequestFailed> {
        let volunteers_needed = (people as usize).div_ceil(PEOPLE_PER_VOLUNTEER * venue.booths.len().max(1));
        let per_booth = arguments.volunteers.map_or(volunteers_needed.max(1), usize::from);
        let (mut queues, mut staff) = (Vec::new(), JoinSet::new());
        for (nth, venue_booth) in venue.booths.iter().enumerate() {
            let invite =
                client::invite_volunteers(venue_booth.id.as_str(), per_booth, &format!("{}-b{nth}", venue.run_id));
            let link = venue.client.read(&venue.organiser_token, &invite).await?.link;
            let (entrance, queue) = mpsc::unbounded_channel();
            let queue = Arc::new(Mutex::new(queue));
            for who in 0..per_booth {
                let nonce = format!("{}-v{nth}-{who}", venue.run_id);
                let device = format!("simulated-volunteer-{nonce}");
                let accept = client::accept_invitation(&link, &format!("演练志愿者{}", who + 1), &device, &nonce);
                let token = venue.client.read("", &accept).await?.token;
                let rng = Rng::with_seed((nth * 1_000 + who) as u64);
                let volunteer = Volunteer { venue: Arc::clone(venue), booth: nth, token, nonce, rng, served: 0 };
                staff.spawn(volunteer.work(Arc::clone(&queue)));
            }
            queues.push(entrance);
        }
        Ok((BoothQueues { queues, by_hand: arguments.booths_by_hand, pending: std::sync::Mutex::default() }, staff))
    }

    /// A random booth that hands out this gift; `None` if no open booth does.
    pub(super) fn offering(&self, venue: &Venue, gift: &str, rng: &mut Rng) -> Option<usize> {
        let fitting: Vec<usize> = (0..self.queues.len()).filter(|booth| venue.offers(*booth, gift)).collect();
        rng.choice(fitting)
    }

    /// A random booth; `None` if there is none today.
    pub(super) fn any_booth(&self, rng: &mut Rng) -> Option<usize> {
        rng.choice(0..self.queues.len())
    }

    /// The vouchers that wait for the human, longest first.
    pub(super) fn pending(&self) -> MutexGuard<'_, Vec<String>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues at a booth and returns the outcomes; none for people who give up waiting.
    pub(super) async fn queue_at(
        &self,
        venue: &Venue,
        booth: usize,
        people: u64,
        requests: Vec<BoothRequest>,
    ) -> Vec<RequestOutcome> {
        let ((turn, called), (outcomes, served)) = (oneshot::channel(), oneshot::channel());
        let since = Instant::now();
        venue.client.stats().join_queue(people);
        let queued = self.queues[booth].send(Customer { requests, turn, outcomes }).is_ok();
        let called = tokio::time::timeout(venue.real_duration(MAX_WAIT_MINUTES), called).await;
        venue.client.stats().leave_queue(people, venue.minutes_since(since));
        if !queued || !matches!(called, Ok(Ok(()))) {
            venue.client.stats().gave_up += people;
            return Vec::new();
        }
        served.await.unwrap_or_default()
    }
}

struct Volunteer {
    venue: Arc<Venue>,
    booth: usize,
    token: String,
    nonce: String,
    rng: Rng,
    served: u64,
}

impl Volunteer {
    /// Serves customers until the queue closes or an organiser ends the session.
    async fn work(mut self, queue: Arc<Mutex<mpsc::UnboundedReceiver<Customer>>>) {
        loop {
            let Some(customer) = queue.lock().await.recv().await else { return };
            // The customer gave up waiting.
            if customer.turn.send(()).is_err() {
                continue;
            }
            let mut outcomes = Vec::new();
            for request in customer.requests {
                self.served += 1;
                let seconds = self.rng.f64() * 15.0 + 12.0;
                self.venue.sleep_minutes(seconds / 60.0).await;
                let served = match request {
                    BoothRequest::Voucher(voucher) => self.confirm(&voucher).await,
                    BoothRequest::Card { code, ink } => self.serve_card(&code, &ink).await,
                };
                let Ok(outcome) = served else { return };
                outcomes.push(outcome);
            }
            let _gone = customer.outcomes.send(outcomes);
        }
    }

    fn nonce(&self, step: usize) -> String {
        format!("{}-{}-{step}", self.nonce, self.served)
    }

    async fn write<A: DeserializeOwned>(&mut self, call: &Call<A>, comparable: fn(A) -> Value) -> Outcome<A> {
        self.venue.client.write(&mut self.rng, &self.token, call, comparable).await
    }

    async fn confirm(&mut self, voucher: &str) -> Result<RequestOutcome, RequestFailed> {
        if let Err(code) = self.venue.client.request(&self.token, &client::look_up(voucher)).await? {
            return Ok(Err(code));
        }
        let redeem = client::redeem(&[voucher], &self.nonce(0));
        let redeemed = self.write(&redeem, |answer| {
            answer.results.iter().map(|one| json!([one.redeemed, one.claim.as_ref().map(comparable_claim)])).collect()
        });
        let result = match redeemed.await? {
            Ok(answer) => answer.results.into_iter().next(),
            Err(code) => return Ok(Err(code)),
        };
        if let Some(claim) = result.as_ref().filter(|one| one.redeemed).and_then(|one| one.claim.as_ref()) {
            self.venue.client.stats().totals.add(Quantity::Redeemed, &claim.gift.gift, 1);
            return Ok(Ok(()));
        }
        Ok(Err(result.and_then(|one| one.problem).map_or_else(|| "unknown".to_owned(), |problem| problem.code)))
    }

    async fn serve_card(&mut self, code: &str, ink: &[String]) -> Result<RequestOutcome, RequestFailed> {
        if !ink.is_empty() {
            self.record_ink(code, ink).await?;
        }
        let lookup = self.venue.client.request(&self.token, &client::look_up(code)).await?;
        let Ok(lookup) = lookup else { return Ok(Ok(())) };
        let gifts = lookup.passport.map_or_else(Vec::new, |passport| passport.gifts);
        for (step, gift) in gifts.into_iter().filter(|gift| gift.earned).enumerate() {
            let is_same = |claim: &ClaimView| claim.gift.gift == gift.gift && claim.state == ClaimState::Redeemed;
            let already_redeemed = lookup.claims.iter().any(|one| is_same(&one.claim));
            if already_redeemed || !self.venue.offers(self.booth, &gift.gift) {
                continue;
            }
            let redeem = client::redeem_for_paper(code, &gift.gift, &self.nonce(step + 10));
            if self.write(&redeem, |claim| comparable_claim(&claim)).await?.is_ok() {
                self.venue.client.stats().totals.add(Quantity::Redeemed, &gift.gift, 1);
            }
        }
        Ok(Ok(()))
    }

    /// Records all points in one request. One refused point refuses the whole request; then records them one by one.
    async fn record_ink(&mut self, code: &str, ink: &[String]) -> Result<(), RequestFailed> {
        let points: Vec<&str> = ink.iter().map(String::as_str).collect();
        let mut answers = vec![self.record_stamps(code, &points, 0).await?];
        if answers[0].is_err() {
            for (step, point) in points.iter().enumerate() {
                answers.push(self.record_stamps(code, &[point], step + 1).await?);
            }
        }
        let mut stats = self.venue.client.stats();
        let stamps = answers.into_iter().flatten().flat_map(|answer| answer.results).filter_map(|one| one.stamp);
        for (nth, stamp) in stamps.enumerate() {
            stats.record_stamp(&stamp.point, &stamp.at, nth == 0);
        }
        Ok(())
    }

    async fn record_stamps(&mut self, code: &str, points: &[&str], step: usize) -> Outcome<RecordedStampsView> {
        self.write(&client::record_stamps(code, points, &self.nonce(step)), |answer| json!(answer.results)).await
    }
}

fn comparable_claim(claim: &ClaimView) -> Value {
    json!([claim.gift.gift, claim.redemption.as_ref().map(|redemption| &redemption.id)])
}
