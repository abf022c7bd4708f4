//! A simulated resident with a phone, alone or with the family's paper passports as companions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fastrand::Rng;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::http::api::answers::{ClaimState, PartyResult};
use crate::http::api::client::{self, Call};
use crate::rules::carnival::Location;

use super::booth_queues::{BoothQueues, BoothRequest, MAX_WAIT_MINUTES, RequestOutcome};
use super::http_client::{Outcome, RequestFailed};
use super::population::VisitorGroup;
use super::stats::Quantity;
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
    pub(super) vouchers: Vec<(String, String)>,
}

impl SimulatedResident {
    /// Logs in and adds the family's cards as companions.
    pub(super) async fn start(
        venue: Arc<Venue>,
        booths: Arc<BoothQueues>,
        group: VisitorGroup,
    ) -> Result<SimulatedResident, RequestFailed> {
        let mut resident = SimulatedResident {
            venue,
            booths,
            rng: Rng::with_seed(group.seed),
            group,
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
            let add = client::add_companion(&resident.venue.inputs.cards[card]);
            let added = resident.venue.client.read(&resident.token, &add).await?;
            resident.serials.push(added.serial);
        }
        Ok(resident)
    }

    async fn log_in(&mut self) -> Result<(), RequestFailed> {
        let log_in = client::log_in(&format!("{}-{}", self.venue.run_id, self.group.number));
        self.token = self.venue.client.read("", &log_in).await?.token;
        Ok(())
    }

    /// Sends a write; logs in again if the token has expired.
    async fn write<A: DeserializeOwned>(&mut self, call: &Call<A>, comparable: fn(A) -> Value) -> Outcome<A> {
        let venue = Arc::clone(&self.venue);
        // The outcome of a fraud is reported, so none of its responses is lost on purpose.
        let outcome = match self.group.fraud {
            None => venue.client.write(&mut self.rng, &self.token, call, comparable).await?,
            Some(_) => venue.client.request(&self.token, call).await?,
        };
        if !outcome.as_ref().is_err_and(|code| code == "token_expired") {
            return Ok(outcome);
        }
        self.log_in().await?;
        venue.client.request(&self.token, call).await
    }

    /// Scans a code. Counts the granted stamps.
    pub(super) async fn check_in(
        &mut self,
        code: &str,
        location: Option<Location>,
    ) -> Result<RequestOutcome, RequestFailed> {
        let me = (!self.serials.is_empty()).then_some("me");
        let party: Vec<&str> = me.into_iter().chain(self.serials.iter().map(String::as_str)).collect();
        let call = client::check_in(code, location, &party);
        let checked_in = self.write(&call, |answer| {
            let of = |one: PartyResult| json!([one.whom, one.stamped.map(|one| json!([one.stamp, one.unlocked]))]);
            answer.results().into_iter().map(of).collect()
        });
        Ok(checked_in.await?.map(|answer| answer.results().into_iter().for_each(|one| self.record_stamp(one))))
    }

    fn record_stamp(&mut self, result: PartyResult) {
        // There is none if the check-in was refused for this passport only.
        let Some(stamped) = result.stamped else { return };
        let Some(stamp) = stamped.stamp else { return };
        let first = !self.stamped_points.iter().any(|(holder, _)| *holder == result.whom);
        let is_mine = result.whom == "me";
        if self.stamped_points.insert((result.whom, stamp.point.clone())) {
            self.venue.client.stats().record_stamp(&stamp.point, &stamp.at, first);
        }
        if is_mine {
            self.stamps.insert(stamp.point, stamp.at);
            let earned = stamped.passport.gifts.into_iter().filter(|gift| gift.earned).map(|gift| gift.gift);
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
        let claimed = self.write(&client::claim(gift), |answer| json!(answer.claim.id)).await?;
        Ok(claimed.map(|answer| {
            self.venue.client.stats().totals.add(Quantity::Claims, gift, 1);
            self.vouchers.push((answer.claim.id, gift.to_owned()));
        }))
    }

    /// Queues at booths with all vouchers, and with the family's cards if `with_cards` is set.
    pub(super) async fn visit_booths(&mut self, with_cards: bool) -> Result<(), RequestFailed> {
        let mut requests_by_booth: BTreeMap<usize, Vec<BoothRequest>> = BTreeMap::new();
        if with_cards && let Some(booth) = self.booths.any_booth(&mut self.rng) {
            for card in self.group.cards.clone() {
                let code = self.venue.inputs.cards[card].clone();
                requests_by_booth.entry(booth).or_default().push(BoothRequest::Card { code, ink: Vec::new() });
            }
        }
        let vouchers = std::mem::take(&mut self.vouchers);
        if self.booths.by_hand {
            self.wait_for_manual_redemption(vouchers).await?;
        } else {
            for (voucher, gift) in vouchers {
                let planned = requests_by_booth.keys().next().copied();
                let booth = planned.filter(|booth| self.venue.offers(*booth, &gift));
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
        self.booths.pending().extend(vouchers.iter().map(|(voucher, _)| voucher.clone()));
        venue.client.stats().join_queue(self.group.people());
        let mut outcome = Ok(());
        while !vouchers.is_empty() && venue.minutes_since(since) < MAX_WAIT_MINUTES {
            venue.sleep_minutes(POLL_MINUTES).await;
            let Ok(answer) = venue.client.read(&self.token, &client::claims()).await else {
                outcome = Err(RequestFailed);
                break;
            };
            let claims = answer.claims.iter().map(|one| &one.claim);
            vouchers.retain(|(voucher, gift)| {
                let done = claims.clone().any(|claim| claim.id == *voucher && claim.state == ClaimState::Redeemed);
                if done {
                    venue.client.stats().totals.add(Quantity::Redeemed, gift, 1);
                    self.booths.pending().retain(|one| one != voucher);
                    self.confirmed.push(voucher.clone());
                }
                !done
            });
        }
        for (voucher, _) in &vouchers {
            self.booths.pending().retain(|one| one != voucher);
        }
        let mut stats = venue.client.stats();
        stats.leave_queue(self.group.people(), venue.minutes_since(since));
        stats.gave_up += if vouchers.is_empty() { 0 } else { self.group.people() };
        outcome
    }
}
