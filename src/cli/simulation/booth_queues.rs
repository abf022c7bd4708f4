//! Booth queues. Simulated volunteers serve them one customer at a time, or a human confirms the vouchers.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use fastrand::Rng;
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinSet;

use super::client_stats::RequestKind;
use super::http_client::RequestFailed;
use super::venue::{Venue, accept_invitation};

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

/// The queue of one booth.
struct Queue {
    id: String,
    entrance: mpsc::UnboundedSender<Customer>,
}

struct Customer {
    requests: Vec<BoothRequest>,
    /// Signals the start of the service; the outcomes follow.
    turn: oneshot::Sender<()>,
    outcomes: oneshot::Sender<Vec<RequestOutcome>>,
}

/// The queues of all booths that are open today.
pub(super) struct BoothQueues {
    queues: Vec<Queue>,
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
        volunteers: Option<u16>,
        by_hand: bool,
    ) -> Result<(BoothQueues, JoinSet<()>), RequestFailed> {
        let volunteers_needed = (people as usize).div_ceil(PEOPLE_PER_VOLUNTEER * venue.booths.len().max(1));
        let per_booth = volunteers.map_or(volunteers_needed.max(1), usize::from);
        let (mut queues, mut staff) = (Vec::new(), JoinSet::new());
        for (nth, venue_booth) in venue.booths.iter().enumerate() {
            let body = json!({ "role": "volunteer", "booth": venue_booth.id, "uses": per_booth, "nonce": format!("{}-b{nth}", venue.run_id) });
            let invited = venue
                .client
                .request(RequestKind::Read, &venue.organiser_token, "/v1/organiser/staff", Some(&body))
                .await?;
            let link = invited.body["link"].as_str().unwrap_or_default();
            let (entrance, queue) = mpsc::unbounded_channel();
            let queue = Arc::new(Mutex::new(queue));
            for who in 0..per_booth {
                let nonce = format!("{}-v{nth}-{who}", venue.run_id);
                let token = accept_invitation(&venue.client, link, &format!("演练志愿者{}", who + 1), &nonce).await?;
                let rng = Rng::with_seed((nth * 1_000 + who) as u64);
                let volunteer = Volunteer { venue: Arc::clone(venue), booth: nth, token, nonce, rng, served: 0 };
                staff.spawn(volunteer.work(Arc::clone(&queue)));
            }
            queues.push(Queue { id: venue_booth.id.clone(), entrance });
        }
        Ok((BoothQueues { queues, by_hand, pending: std::sync::Mutex::default() }, staff))
    }

    /// A random booth that hands out this gift; `None` if no open booth does.
    pub(super) fn offering(&self, venue: &Venue, gift: &str, rng: &mut Rng) -> Option<usize> {
        let fitting: Vec<usize> = (0..self.queues.len()).filter(|booth| self.offers(venue, *booth, gift)).collect();
        rng.choice(fitting)
    }

    /// Whether this booth hands out this gift.
    pub(super) fn offers(&self, venue: &Venue, booth: usize, gift: &str) -> bool {
        let gift = venue.gifts.iter().find(|one| one.id == gift);
        gift.is_some_and(|gift| gift.booths.is_empty() || gift.booths.contains(&self.queues[booth].id))
    }

    /// A random booth; `None` if there is none today.
    pub(super) fn any_booth(&self, rng: &mut Rng) -> Option<usize> {
        rng.choice(0..self.queues.len())
    }

    /// Adds vouchers for the human to confirm.
    pub(super) fn add_pending(&self, vouchers: &[(String, String)]) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.extend(vouchers.iter().map(|(voucher, _)| voucher.clone()));
    }

    /// Removes a voucher that was confirmed, or whose holder gave up.
    pub(super) fn remove_pending(&self, voucher: &str) {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).retain(|one| one != voucher);
    }

    /// The vouchers that wait, longest first.
    pub(super) fn pending_vouchers(&self) -> Vec<String> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
        venue.client.stats.lock().join_queue(people);
        let queued = self.queues[booth].entrance.send(Customer { requests, turn, outcomes }).is_ok();
        let called = tokio::time::timeout(venue.real_duration(MAX_WAIT_MINUTES), called).await;
        venue.client.stats.lock().leave_queue(people, venue.minutes_since(since));
        if !queued || !matches!(called, Ok(Ok(()))) {
            venue.client.stats.lock().gave_up += people;
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
                match self.serve(request).await {
                    Ok(outcome) => outcomes.push(outcome),
                    Err(RequestFailed) => return,
                }
            }
            let _gone = customer.outcomes.send(outcomes);
        }
    }

    fn nonce(&self, step: usize) -> String {
        format!("{}-{}-{step}", self.nonce, self.served)
    }

    async fn serve(&mut self, request: BoothRequest) -> Result<RequestOutcome, RequestFailed> {
        match request {
            BoothRequest::Voucher(voucher) => self.confirm(&voucher).await,
            BoothRequest::Card { code, ink } => self.serve_card(&code, &ink).await,
        }
    }

    async fn write(
        &mut self,
        path: &str,
        body: &Value,
        comparable: fn(&Value) -> Value,
    ) -> Result<super::http_client::ApiResponse, RequestFailed> {
        let venue = Arc::clone(&self.venue);
        venue.client.write(&mut self.rng, (RequestKind::Booth, &self.token, path), body, comparable).await
    }

    async fn confirm(&mut self, voucher: &str) -> Result<RequestOutcome, RequestFailed> {
        let venue = Arc::clone(&self.venue);
        let query = json!({ "code": voucher });
        let lookup = venue.client.request(RequestKind::Booth, &self.token, "/v1/booth/lookups", Some(&query)).await?;
        if let Some(code) = lookup.refusal_code() {
            return Ok(Err(code.to_owned()));
        }
        let body = json!({ "vouchers": [voucher], "nonce": self.nonce(0) });
        let response = self.write("/v1/booth/redemptions", &body, comparable_redemption).await?;
        let result = &response.body["results"][0];
        if result["redeemed"] == json!(true) {
            venue.client.stats.lock().record_redemption(result["claim"]["gift"].as_str().unwrap_or_default());
            return Ok(Ok(()));
        }
        Ok(Err(result["problem"]["code"].as_str().unwrap_or("unknown").to_owned()))
    }

    async fn serve_card(&mut self, code: &str, ink: &[String]) -> Result<RequestOutcome, RequestFailed> {
        let venue = Arc::clone(&self.venue);
        if !ink.is_empty() {
            self.record_ink(code, ink).await?;
        }
        let query = json!({ "code": code });
        let lookup = venue.client.request(RequestKind::Booth, &self.token, "/v1/booth/lookups", Some(&query)).await?;
        let earned = lookup.body["passport"]["gifts"].as_array().cloned().unwrap_or_default();
        let held = lookup.body["claims"].as_array().cloned().unwrap_or_default();
        for (step, gift) in earned.iter().filter(|gift| gift["earned"] == json!(true)).enumerate() {
            let id = gift["gift"].as_str().unwrap_or_default();
            let already_redeemed =
                held.iter().any(|claim| claim["gift"] == gift["gift"] && claim["state"] == json!("redeemed"));
            if already_redeemed || !self.offers_gift(id) {
                continue;
            }
            let body = json!({ "passport": code, "gift": id, "nonce": self.nonce(step + 10) });
            if self.write("/v1/booth/paper-redemptions", &body, comparable_redemption).await?.is_success() {
                venue.client.stats.lock().record_redemption(id);
            }
        }
        Ok(Ok(()))
    }

    fn offers_gift(&self, gift: &str) -> bool {
        let here = &self.venue.booths[self.booth].id;
        let gift = self.venue.gifts.iter().find(|one| one.id == gift);
        gift.is_some_and(|gift| gift.booths.is_empty() || gift.booths.contains(here))
    }

    /// Records all points in one request. One refused point refuses the whole request; then records them one by one.
    async fn record_ink(&mut self, code: &str, ink: &[String]) -> Result<(), RequestFailed> {
        let all = json!({ "passport": code, "points": ink, "nonce": self.nonce(0) });
        let response = self.write("/v1/booth/check-ins", &all, comparable_stamps).await?;
        let mut stamps = if response.is_success() { stamps_of(&response.body) } else { Vec::new() };
        if !response.is_success() {
            for (step, point) in ink.iter().enumerate() {
                let one = json!({ "passport": code, "points": [point], "nonce": self.nonce(step + 1) });
                let response = self.write("/v1/booth/check-ins", &one, comparable_stamps).await?;
                if response.is_success() {
                    stamps.extend(stamps_of(&response.body));
                }
            }
        }
        let venue = Arc::clone(&self.venue);
        let mut stats = venue.client.stats.lock();
        for (nth, (point, at)) in stamps.iter().enumerate() {
            stats.record_stamp(point, at, nth == 0);
        }
        Ok(())
    }
}

fn stamps_of(body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let stamp = |one: &Value| (text(&one["point"]), text(&one["at"]));
    body["results"].as_array().into_iter().flatten().map(stamp).collect()
}

fn comparable_stamps(body: &Value) -> Value {
    body["results"].clone()
}

fn comparable_redemption(body: &Value) -> Value {
    let of = |claim: &Value| json!([claim["gift"], claim["redemption"]["id"]]);
    match body["results"].as_array() {
        Some(results) => results.iter().map(|one| json!([one["redeemed"], of(&one["claim"])])).collect(),
        None => of(body),
    }
}
