//! Simulates many clients like mini-programs and tablets. Each performs one step after the other; a request without an
//! answer is retried with the same nonce, or given up, as people do.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use carnival::http::api::answers::RedemptionView;
use carnival::http::api::client::{self, Answer, ApiClient, Call, NoAnswer};
use carnival::http::errors::Problem;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::answer_log::{AnswerLog, ClaimLog, ClaimStep, ResidentLog};
use super::test_site::{GIFTS, LoadTarget};

/// Timeout of a request.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The delay before a retry. `Retry-After` says a second or more; tests have less time.
const RETRY_DELAY: Duration = Duration::from_millis(60);

/// A running load.
pub(crate) struct LoadGenerator {
    shared: Arc<Shared>,
    clients: Vec<JoinHandle<AnswerLog>>,
}

struct Shared {
    /// Base URLs of the servers; a client without an answer switches to the next.
    bases: RwLock<Vec<String>>,
    http: ApiClient,
    login: Arc<dyn Fn(&str) -> String + Send + Sync>,
    posters: Vec<(String, String)>,
    tablet: String,
    stopped: AtomicBool,
    acknowledged: AtomicU64,
    refused: AtomicU64,
    logins_refused: AtomicU64,
    /// How many requests of each client have ended, with or without an answer.
    ended: Vec<AtomicU64>,
    clock_steps: bool,
    /// How often a resident repeats the visit; after the first time everything exists already.
    laps: u32,
}

impl LoadGenerator {
    /// Starts clients on the servers at these addresses. `label` distinguishes their residents from those of another
    /// load on the same site.
    pub(crate) fn start(target: &LoadTarget, bases: &[String], clients: usize, label: &str) -> LoadGenerator {
        LoadGenerator::start_with(target, bases, clients, label, 1)
    }

    /// The same with residents who log in once and repeat their visit until the end.
    pub(crate) fn start_lasting(target: &LoadTarget, bases: &[String], clients: usize, label: &str) -> LoadGenerator {
        LoadGenerator::start_with(target, bases, clients, label, u32::MAX)
    }

    fn start_with(target: &LoadTarget, bases: &[String], clients: usize, label: &str, laps: u32) -> LoadGenerator {
        let shared = Arc::new(Shared {
            bases: RwLock::new(bases.to_vec()),
            http: ApiClient::new(TIMEOUT).unwrap(),
            login: Arc::clone(&target.login),
            posters: target.posters.clone(),
            tablet: target.tablet.clone(),
            stopped: AtomicBool::new(false),
            acknowledged: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            logins_refused: AtomicU64::new(0),
            ended: (0..clients).map(|_| AtomicU64::new(0)).collect(),
            clock_steps: target.clock_steps,
            laps,
        });
        let client = |n: usize| {
            let (shared, label) = (Arc::clone(&shared), format!("{label}-{n}"));
            tokio::spawn(async move { Client::new(shared, label, n).run().await })
        };
        let clients = (0..clients).map(client).collect();
        LoadGenerator { shared, clients }
    }

    /// Switches all clients to other servers.
    pub(crate) fn switch_servers(&self, bases: &[String]) {
        *self.shared.bases.write().unwrap() = bases.to_vec();
    }

    /// The number of successful answers so far.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.shared.acknowledged.load(Ordering::SeqCst)
    }

    /// The number of 503 answers so far.
    pub(crate) fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::SeqCst)
    }

    /// The number of logins refused because of WeChat so far.
    pub(crate) fn logins_refused(&self) -> u64 {
        self.shared.logins_refused.load(Ordering::SeqCst)
    }

    /// Waits for this many more successful answers; returns how long that took.
    pub(crate) async fn wait_for_answers(&self, more: u64) -> Duration {
        let (begun, wanted) = (Instant::now(), self.acknowledged() + more);
        while self.acknowledged() < wanted {
            assert!(begun.elapsed() < Duration::from_secs(60), "no answers within 60 s");
            assert!(self.clients.iter().any(|client| !client.is_finished()), "all clients ended");
            sleep(Duration::from_millis(1)).await;
        }
        begun.elapsed()
    }

    /// Waits until every request that is pending now has ended.
    pub(crate) async fn wait_for_pending_requests(&self) {
        let ended = || self.shared.ended.iter().map(|ended| ended.load(Ordering::SeqCst));
        let (begun, before) = (Instant::now(), ended().collect::<Vec<_>>());
        // A client has one request at a time.
        while ended().zip(&before).any(|(now, before)| now == *before) {
            assert!(begun.elapsed() < Duration::from_secs(60), "a request is not answered");
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Stops: each client finishes its current step if a server answers. Returns the merged log.
    pub(crate) async fn stop(self) -> AnswerLog {
        self.shared.stopped.store(true, Ordering::SeqCst);
        let mut answer_log = AnswerLog::default();
        for client in self.clients {
            answer_log.add(client.await.unwrap());
        }
        answer_log
    }
}

/// Simulates one resident after the other, and the booth tablet that serves them.
struct Client {
    shared: Arc<Shared>,
    /// The index of this client.
    number: usize,
    label: String,
    /// The index of its current server.
    base: usize,
    answer_log: AnswerLog,
    /// The state of a xorshift generator: clients differ, and each run is the same.
    random: u64,
    nonces: u64,
}

impl Client {
    fn new(shared: Arc<Shared>, label: String, n: usize) -> Client {
        let random = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(n as u64 + 1);
        Client { shared, number: n, label, base: n, answer_log: AnswerLog::default(), random, nonces: 0 }
    }

    /// True once in `n` times.
    fn one_in(&mut self, n: u64) -> bool {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random.is_multiple_of(n)
    }

    fn nonce(&mut self) -> String {
        self.nonces += 1;
        format!("{}-{:06}", self.label, self.nonces)
    }

    fn is_over(&self) -> bool {
        self.shared.stopped.load(Ordering::SeqCst)
    }

    async fn run(mut self) -> AnswerLog {
        let mut n = 0;
        while !self.is_over() {
            n += 1;
            let name = format!("{}-{n}", self.label);
            let Some(token) = self.log_in(&name).await else { continue };
            let mut resident = ResidentLog { name, token, ..ResidentLog::default() };
            for _ in 0..self.shared.laps {
                if self.is_over() {
                    break;
                }
                self.visit(&mut resident).await;
            }
            self.answer_log.residents.push(resident);
        }
        self.answer_log
    }

    async fn log_in(&mut self, name: &str) -> Option<String> {
        while !self.is_over() {
            let call = client::log_in(&(self.shared.login)(name));
            let begun = Instant::now();
            if let Some(answer) = self.ask_once("", &call).await {
                match (answer.status, answer.read()) {
                    (201, Ok(session)) => return Some(session.token),
                    (502 | 503, Err(code)) if code.starts_with("login_") => {
                        self.answer_log.logins_refused += 1;
                        self.shared.logins_refused.fetch_add(1, Ordering::SeqCst);
                        self.answer_log.longest_login_refusal =
                            self.answer_log.longest_login_refusal.max(begun.elapsed());
                    }
                    (503, _) => {}
                    _ => self.record_wrong("a login", &answer),
                }
            }
            sleep(RETRY_DELAY).await;
        }
        None
    }

    fn record_wrong<A>(&mut self, what: &str, answer: &Answer<A>) {
        self.answer_log.wrong.push(format!("{what}: {} {}", answer.status, answer.text));
    }

    /// A complete visit: all points, some of them twice, and a gift or two.
    async fn visit(&mut self, resident: &mut ResidentLog) {
        for (at, (point, poster)) in self.shared.posters.clone().iter().enumerate() {
            if self.is_over() {
                return;
            }
            self.check_in(resident, point, poster).await;
            if self.one_in(4) {
                self.check_in(resident, point, poster).await;
            }
            let gift = GIFTS[at % GIFTS.len()];
            if at % 3 == 1 && !resident.stamps.is_empty() && !resident.claims.contains_key(gift) {
                self.gift(resident, gift).await;
            }
        }
    }

    async fn check_in(&mut self, resident: &mut ResidentLog, point: &str, poster: &str) {
        let Some(answer) = self.ask(&resident.token, &client::check_in(poster, None, &[])).await else {
            if !resident.stamps.contains_key(point) {
                resident.unconfirmed.insert(point.to_owned());
            }
            return;
        };
        let checked_in = answer.read().ok().and_then(|body| body.results().pop()?.stamped);
        let Some((passport, stamp)) = checked_in.and_then(|stamped| Some((stamped.passport, stamped.stamp?))) else {
            self.record_wrong("a check-in", &answer);
            return;
        };
        let before = resident.stamps.insert(point.to_owned(), stamp.at.clone());
        if let Some(before) = before.filter(|before| *before != stamp.at) {
            let wrong = format!("{} at {point}: first {before}, then {}", resident.name, stamp.at);
            self.answer_log.wrong.push(wrong);
        }
        resident.acknowledged_at.entry(point.to_owned()).or_insert_with(Timestamp::now);
        resident.unconfirmed.remove(point);
        let held = |point: &str, at: &str| passport.stamps.iter().any(|stamp| stamp.point == point && stamp.at == at);
        // Each answer contains the whole passport, so a lost stamp shows at once.
        if let Some((point, at)) = resident.stamps.iter().find(|(point, at)| !held(point, at)) {
            self.record_wrong(&format!("{} lost the stamp of {point} at {at}", resident.name), &answer);
        }
    }

    /// Claims a gift, then releases or redeems it; sometimes voids and redeems it again.
    async fn gift(&mut self, resident: &mut ResidentLog, gift: &str) {
        let mut claim_log = ClaimLog { unconfirmed: Some(ClaimStep::Claimed), ..ClaimLog::default() };
        if let Some(answer) = self.ask(&resident.token, &client::claim(gift)).await {
            match answer.read() {
                Ok(claimed) => {
                    claim_log = ClaimLog { voucher: Some(claimed.claim.id), ..ClaimLog::default() };
                    claim_log.steps.push(ClaimStep::Claimed);
                    self.voucher(&resident.token, &mut claim_log).await;
                }
                Err(code) if code == "gift_gone" => {
                    resident.sold_out.insert(gift.to_owned());
                    return;
                }
                Err(_) => {
                    self.record_wrong("a claim", &answer);
                    return;
                }
            }
        }
        resident.claims.insert(gift.to_owned(), claim_log);
    }

    async fn voucher(&mut self, token: &str, claim_log: &mut ClaimLog) {
        let voucher = claim_log.voucher.clone().unwrap_or_default();
        if self.one_in(4) {
            claim_log.unconfirmed = Some(ClaimStep::Released);
            match self.ask(token, &client::release(&voucher)).await {
                Some(answer) if answer.read().is_ok() => claim_log.confirm(ClaimStep::Released),
                Some(answer) => self.record_wrong("a release", &answer),
                None => {}
            }
            return;
        }
        let Some(redemption) = self.redeem(&voucher, claim_log).await else { return };
        if self.one_in(3) && self.void(&redemption, claim_log).await {
            self.redeem(&voucher, claim_log).await;
        }
    }

    /// The redemption's id, if it was acknowledged; the request is then repeated once, as after a lost answer.
    async fn redeem(&mut self, voucher: &str, claim_log: &mut ClaimLog) -> Option<String> {
        let nonce = self.nonce();
        claim_log.unconfirmed = Some(ClaimStep::Redeemed { nonce: nonce.clone(), at: String::new() });
        let (tablet, call) = (self.shared.tablet.clone(), client::redeem(&[voucher], &nonce));
        let mut first: Option<RedemptionView> = None;
        for _ in 0..2 {
            let Some(answer) = self.ask(&tablet, &call).await else { break };
            let result = answer.read().ok().and_then(|body| body.results.into_iter().next());
            let is_gone = |problem: &Problem| problem.code == "gift_gone";
            if self.shared.clock_steps && result.as_ref().is_some_and(|one| one.problem.as_ref().is_some_and(is_gone)) {
                // The hold lapsed while the clock was ahead, and another resident got the gift.
                claim_log.unconfirmed = None;
                return None;
            }
            let redeemed = result.filter(|one| one.redeemed).and_then(|one| one.claim?.redemption);
            let Some(redemption) = redeemed else {
                self.record_wrong(&format!("a redemption of {voucher} with {nonce}"), &answer);
                return None;
            };
            match &first {
                None => {
                    claim_log.confirm(ClaimStep::Redeemed { nonce: nonce.clone(), at: redemption.at.clone() });
                    first = Some(redemption);
                }
                Some(first) if json!(first) != json!(redemption) => {
                    let wrong = format!("a repeat returned {redemption:?}, the first answer {first:?}");
                    self.answer_log.wrong.push(wrong);
                }
                Some(_) => {}
            }
        }
        first.map(|redemption| redemption.id)
    }

    async fn void(&mut self, redemption: &str, claim_log: &mut ClaimLog) -> bool {
        let nonce = self.nonce();
        claim_log.unconfirmed = Some(ClaimStep::Voided { nonce: nonce.clone() });
        let tablet = self.shared.tablet.clone();
        let Some(answer) = self.ask(&tablet, &client::void(redemption, "扫错了人", &nonce)).await else {
            return false;
        };
        match answer.read() {
            Ok(_) => {
                claim_log.confirm(ClaimStep::Voided { nonce });
                return true;
            }
            Err(code) if self.shared.clock_steps && code == "too_late_to_void" => claim_log.unconfirmed = None,
            Err(_) => self.record_wrong(&format!("a void of {redemption}"), &answer),
        }
        false
    }

    /// Retries until there is an answer; `None` if it is given up. A client gives up one request in three that had no
    /// answer, and all of them at the end.
    async fn ask<A: DeserializeOwned>(&mut self, token: &str, call: &Call<A>) -> Option<Answer<A>> {
        let begun = Instant::now();
        loop {
            match self.ask_once(token, call).await {
                // 408: on a busy machine, the head of the request arrived later than the server waits for it.
                Some(answer) if answer.status == 503 || answer.status == 408 => {}
                Some(answer) => {
                    if answer.is_success() {
                        self.answer_log.acknowledged += 1;
                        self.shared.acknowledged.fetch_add(1, Ordering::SeqCst);
                    }
                    return Some(answer);
                }
                None if self.one_in(3) => return None,
                None => {}
            }
            if self.is_over() && begun.elapsed() > TIMEOUT {
                return None;
            }
            sleep(RETRY_DELAY).await;
        }
    }

    /// None without a complete answer.
    async fn ask_once<A: DeserializeOwned>(&mut self, token: &str, call: &Call<A>) -> Option<Answer<A>> {
        let base = {
            let bases = self.shared.bases.read().unwrap();
            bases[self.base % bases.len()].clone()
        };
        let begun = Instant::now();
        let answer = self.shared.http.send(&base, token, call).await;
        self.shared.ended[self.number].fetch_add(1, Ordering::SeqCst);
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.answer_log.unanswered += 1;
                self.answer_log.broken_off += u64::from(matches!(error, NoAnswer::CutOff(_)));
                self.base += 1;
                return None;
            }
        };
        if answer.status == 503 && !answer.refusal_code().is_some_and(|code| code.starts_with("login_")) {
            self.answer_log.refused += 1;
            self.shared.refused.fetch_add(1, Ordering::SeqCst);
            self.answer_log.longest_refusal = self.answer_log.longest_refusal.max(begun.elapsed());
            if !answer.retry_after || answer.json()["code"].is_null() {
                self.record_wrong("503 without Retry-After or without a code", &answer);
            }
            // Another instance may work.
            self.base += 1;
        } else if answer.is_success() {
            self.answer_log.longest_answer = self.answer_log.longest_answer.max(begun.elapsed());
        }
        Some(answer)
    }
}

impl ClaimLog {
    fn confirm(&mut self, step: ClaimStep) {
        self.steps.push(step);
        self.unconfirmed = None;
    }
}
