//! A simulated resident with a phone, alone or with the family's paper passports as companions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fastrand::Rng;
use serde_json::{Value, json};

use super::booth_queues::{BoothQueues, BoothRequest, MAX_WAIT_MINUTES, RequestOutcome};
use super::client_stats::RequestKind;
use super::http_client::{ApiResponse, RequestFailed};
use super::population::VisitorGroup;
use super::venue::Venue;

/// Percentage of earned gifts that are claimed.
const CLAIM_PERCENT: u32 = 92;
/// How often a phone polls whether its voucher was confirmed, in carnival minutes.
const POLL_MINUTES: f64 = 0.5;

/// A resident and their phone.
pub(super) struct SimulatedResident {
    /// The venue.
    pub(super) venue: Arc<Venue>,
    /// The booths.
    pub(super) booths: Arc<BoothQueues>,
    /// The resident's group.
    pub(super) group: VisitorGroup,
    /// Source of the resident's choices.
    pub(super) rng: Rng,
    /// Times of the resident's own stamps, by point.
    pub(super) stamps: BTreeMap<String, String>,
    /// Redeemed vouchers.
    pub(super) confirmed: Vec<String>,
    token: String,
    serials: Vec<String>,
    /// Stamps of all passports on this phone: holder and point.
    stamped_points: BTreeSet<(String, String)>,
    /// Earned gifts not yet decided on.
    earned: Vec<String>,
    /// Gifts already decided on.
    decided: BTreeSet<String>,
    /// Vouchers waiting for redemption, with their gifts.
    vouchers: Vec<(String, String)>,
}

impl SimulatedResident {
    /// Logs in and adds the family's cards as companions.
    pub(super) async fn start(
        venue: Arc<Venue>,
        booths: Arc<BoothQueues>,
        group: VisitorGroup,
        rng: Rng,
    ) -> Result<SimulatedResident, RequestFailed> {
        let mut resident = SimulatedResident {
            venue,
            booths,
            group,
            rng,
            stamps: BTreeMap::new(),
            confirmed: Vec::new(),
            token: String::new(),
            serials: Vec::new(),
            stamped_points: BTreeSet::new(),
            earned: Vec::new(),
            decided: BTreeSet::new(),
            vouchers: Vec::new(),
        };
        resident.log_in().await?;
        for card in resident.group.cards.clone() {
            let body = json!({ "passport": resident.venue.cards[card] });
            let client = &resident.venue.client;
            let added = client.request(RequestKind::LogIn, &resident.token, "/v1/me/companions", Some(&body)).await?;
            resident.serials.push(added.body["serial"].as_str().unwrap_or_default().to_owned());
        }
        Ok(resident)
    }

    async fn log_in(&mut self) -> Result<(), RequestFailed> {
        let body = json!({ "code": format!("{}-{}", self.venue.run_id, self.group.number) });
        let response = self.venue.client.request(RequestKind::LogIn, "", "/v1/sessions/wechat", Some(&body)).await?;
        response.body["token"].as_str().unwrap_or_default().clone_into(&mut self.token);
        Ok(())
    }

    /// Sends a write; logs in again if the token has expired.
    async fn write(
        &mut self,
        kind: RequestKind,
        path: &str,
        body: &Value,
        comparable: fn(&Value) -> Value,
    ) -> Result<ApiResponse, RequestFailed> {
        let venue = Arc::clone(&self.venue);
        // The outcome of a fraud is reported, so none of its responses is lost on purpose.
        let response = match self.group.fraud {
            None => venue.client.write(&mut self.rng, (kind, &self.token, path), body, comparable).await?,
            Some(_) => venue.client.request(kind, &self.token, path, Some(body)).await?,
        };
        if response.refusal_code() != Some("token_expired") {
            return Ok(response);
        }
        self.log_in().await?;
        venue.client.request(kind, &self.token, path, Some(body)).await
    }

    /// Scans a code. Counts the granted stamps.
    pub(super) async fn check_in(&mut self, code: &str, location: Value) -> Result<RequestOutcome, RequestFailed> {
        let mut body = json!({ "code": code });
        if !location.is_null() {
            body["location"] = location;
        }
        if !self.serials.is_empty() {
            body["for"] = ["me"].into_iter().chain(self.serials.iter().map(String::as_str)).collect();
        }
        let response = self.write(RequestKind::CheckIn, "/v1/check-ins", &body, comparable_stamps).await?;
        if let Some(code) = response.refusal_code() {
            return Ok(Err(code.to_owned()));
        }
        match response.body["results"].as_array() {
            Some(results) => results.iter().for_each(|one| self.record_stamp(one["for"].as_str().unwrap_or("me"), one)),
            None => self.record_stamp("me", &response.body),
        }
        Ok(Ok(()))
    }

    fn record_stamp(&mut self, holder: &str, result: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (point, at) = (text(&result["stamp"]["point"]), text(&result["stamp"]["at"]));
        // Refused for this passport only.
        if point.is_empty() {
            return;
        }
        let first = !self.stamped_points.iter().any(|(other, _)| other == holder);
        if self.stamped_points.insert((holder.to_owned(), point.clone())) {
            self.venue.client.stats.lock().record_stamp(&point, &at, first);
        }
        if holder == "me" {
            self.stamps.insert(point, at);
            let gifts = result["passport"]["gifts"].as_array().into_iter().flatten();
            let earned = gifts.filter(|gift| gift["earned"] == json!(true)).map(|gift| text(&gift["gift"]));
            self.earned = earned.filter(|gift| !self.decided.contains(gift)).collect();
        }
    }

    /// Claims some of the earned gifts.
    pub(super) async fn claim_earned(&mut self) -> Result<(), RequestFailed> {
        for gift in std::mem::take(&mut self.earned) {
            self.decided.insert(gift.clone());
            let somewhere = self.booths.offering(&self.venue, &gift, &mut self.rng).is_some();
            if somewhere && self.rng.u32(0..100) < CLAIM_PERCENT {
                // A refusal is fine: the gift may be gone for today, or closed.
                let _outcome = self.claim(&gift).await?;
            }
        }
        Ok(())
    }

    /// Claims a gift.
    pub(super) async fn claim(&mut self, gift: &str) -> Result<RequestOutcome, RequestFailed> {
        let response = self
            .write(RequestKind::Claim, "/v1/me/claims", &json!({ "gift": gift }), |body| body["id"].clone())
            .await?;
        if let Some(code) = response.refusal_code() {
            return Ok(Err(code.to_owned()));
        }
        self.venue.client.stats.lock().record_claim(gift);
        self.vouchers.push((response.body["id"].as_str().unwrap_or_default().to_owned(), gift.to_owned()));
        Ok(Ok(()))
    }

    /// Whether vouchers wait for redemption.
    pub(super) fn has_vouchers(&self) -> bool {
        !self.vouchers.is_empty()
    }

    /// Queues at booths with all vouchers, and with the family's cards if `with_cards` is set.
    pub(super) async fn visit_booths(&mut self, with_cards: bool) -> Result<(), RequestFailed> {
        let mut requests_by_booth: BTreeMap<usize, Vec<BoothRequest>> = BTreeMap::new();
        if with_cards && let Some(booth) = self.booths.any_booth(&mut self.rng) {
            for card in self.group.cards.clone() {
                let code = self.venue.cards[card].clone();
                requests_by_booth.entry(booth).or_default().push(BoothRequest::Card { code, ink: Vec::new() });
            }
        }
        let vouchers = std::mem::take(&mut self.vouchers);
        if self.booths.by_hand {
            self.wait_for_manual_redemption(vouchers).await?;
        } else {
            for (voucher, gift) in vouchers {
                let planned = requests_by_booth.keys().next().copied();
                let booth = planned.filter(|booth| self.booths.offers(&self.venue, *booth, &gift));
                if let Some(booth) = booth.or_else(|| self.booths.offering(&self.venue, &gift, &mut self.rng)) {
                    requests_by_booth.entry(booth).or_default().push(BoothRequest::Voucher(voucher));
                }
            }
        }
        for (booth, requests) in requests_by_booth {
            let vouchers_shown: Vec<Option<String>> = requests.iter().map(BoothRequest::voucher).collect();
            let outcomes = self.booths.queue_at(&self.venue, booth, self.group.people(), requests).await;
            let confirmed = vouchers_shown.into_iter().zip(outcomes).filter(|(_, outcome)| outcome.is_ok());
            self.confirmed.extend(confirmed.filter_map(|(voucher, _)| voucher));
        }
        Ok(())
    }

    /// Lists the vouchers for the human and polls until they are confirmed or the wait is too long.
    async fn wait_for_manual_redemption(&mut self, mut vouchers: Vec<(String, String)>) -> Result<(), RequestFailed> {
        let (venue, since) = (Arc::clone(&self.venue), std::time::Instant::now());
        if vouchers.is_empty() {
            return Ok(());
        }
        self.booths.add_pending(&vouchers);
        venue.client.stats.lock().join_queue(self.group.people());
        let mut outcome = Ok(());
        while !vouchers.is_empty() && venue.minutes_since(since) < MAX_WAIT_MINUTES {
            venue.sleep_minutes(POLL_MINUTES).await;
            let claims_response = venue.client.request(RequestKind::Read, &self.token, "/v1/me/claims", None).await;
            let Ok(claims_response) = claims_response else {
                outcome = Err(RequestFailed);
                break;
            };
            let redeemed = |id: &str| {
                let mut claims = claims_response.body["claims"].as_array().into_iter().flatten();
                claims.any(|claim| claim["id"] == json!(id) && claim["state"] == json!("redeemed"))
            };
            vouchers.retain(|(voucher, gift)| {
                let done = redeemed(voucher);
                if done {
                    venue.client.stats.lock().record_redemption(gift);
                    self.booths.remove_pending(voucher);
                    self.confirmed.push(voucher.clone());
                }
                !done
            });
        }
        for (voucher, _) in &vouchers {
            self.booths.remove_pending(voucher);
        }
        let mut stats = venue.client.stats.lock();
        stats.leave_queue(self.group.people(), venue.minutes_since(since));
        stats.gave_up += if vouchers.is_empty() { 0 } else { self.group.people() };
        outcome
    }
}

fn comparable_stamps(body: &Value) -> Value {
    let of = |one: &Value| json!([one["for"], one["stamp"], one["unlocked"]]);
    match body["results"].as_array() {
        Some(results) => results.iter().map(of).collect(),
        None => of(body),
    }
}
