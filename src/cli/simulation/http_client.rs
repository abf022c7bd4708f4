//! The crowd's client of the API: retries, loses some responses on purpose, and counts every refusal.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::http::api::client::{Answer, ApiClient, Call, NoAnswer};

use super::stats::{Quantity, RequestKind, Stats, add_count};

/// Concurrent requests, and so connections; the whole crowd shares them.
const MAX_CONCURRENT_REQUESTS: usize = 64;
/// The timeout of one request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// Attempts per request when the server is busy or unreachable, and the delay between them.
const MAX_ATTEMPTS: u32 = 60;
const RETRY_DELAY: Duration = Duration::from_millis(250);
/// Percentage of writes whose response is lost on purpose.
const LOST_RESPONSE_PERCENT: u32 = 5;

/// A request failed for good: no response, an unexpected response, or an ended session.
#[derive(Debug)]
pub(super) struct RequestFailed;

/// The body of a response, or the code of a refusal.
pub(super) type Outcome<A> = Result<Result<A, String>, RequestFailed>;

/// Client of the server, shared by all simulated people.
pub(super) struct HttpClient {
    api: ApiClient,
    base: String,
    permits: Semaphore,
    stats: Mutex<Stats>,
}

impl HttpClient {
    /// A client of the server at this base URL.
    ///
    /// # Errors
    /// When the HTTP client cannot be created.
    pub(super) fn new(base: String) -> reqwest::Result<HttpClient> {
        let (api, permits) = (ApiClient::new(REQUEST_TIMEOUT)?, Semaphore::new(MAX_CONCURRENT_REQUESTS));
        Ok(HttpClient { api, base, permits, stats: Mutex::default() })
    }

    /// What the crowd observed. The guard must not be held across an await.
    pub(super) fn stats(&self) -> MutexGuard<'_, Stats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a call, retrying while the server is busy or unreachable. Counts refusals.
    pub(super) async fn answer<A: DeserializeOwned>(
        &self,
        token: &str,
        call: &Call<A>,
    ) -> Result<Answer<A>, RequestFailed> {
        for _ in 0..MAX_ATTEMPTS {
            match self.send(token, call).await {
                Ok(answer) if answer.status != 503 => return self.record_refusals(call, answer),
                _ => self.stats().retries += 1,
            }
            sleep(RETRY_DELAY).await;
        }
        Err(self.unexpected("no response"))
    }

    /// Like `answer`, with the typed body.
    pub(super) async fn request<A: DeserializeOwned>(&self, token: &str, call: &Call<A>) -> Outcome<A> {
        self.outcome(&self.answer(token, call).await?)
    }

    /// Like `request`, for calls that are never refused.
    pub(super) async fn read<A: DeserializeOwned>(&self, token: &str, call: &Call<A>) -> Result<A, RequestFailed> {
        self.request(token, call).await?.map_err(|_| RequestFailed)
    }

    /// Like `request`, for a write. A share of the responses is lost on purpose: discarded, or the connection is cut
    /// before they arrive. The request is then repeated, and `comparable` must yield the same value for both responses.
    pub(super) async fn write<A: DeserializeOwned>(
        &self,
        rng: &mut Rng,
        token: &str,
        call: &Call<A>,
        comparable: fn(A) -> Value,
    ) -> Outcome<A> {
        if rng.u32(0..100) >= LOST_RESPONSE_PERCENT {
            return self.request(token, call).await;
        }
        // Half of the lost responses are discarded after reading; for the other half, the connection is cut mid-request.
        let cut_after = if rng.bool() { REQUEST_TIMEOUT } else { Duration::from_micros(rng.u64(500..6_000)) };
        let first = timeout(cut_after, self.send(token, call)).await;
        let first = first.ok().and_then(Result::ok).filter(|answer| answer.status != 503);
        let first = first.map(|first| self.record_refusals(call, first)).transpose()?;
        let again = self.answer(token, call).await?;
        let mut stats = self.stats();
        stats.lost_responses += 1;
        match first {
            None => {
                stats.cut_connections += 1;
                for (code, times) in refusal_counts(call, &again) {
                    stats.uncertain.add(Quantity::Refusals, &code, times);
                }
            }
            Some(first) if first.is_success() => {
                let [first, again] = [&first, &again].map(|answer| answer.read().map_or(Value::Null, comparable));
                if first != again {
                    stats.inconsistent_repeats.push(format!("{}: {first} ≠ {again}", call.path));
                }
            }
            Some(_) => {}
        }
        drop(stats);
        self.outcome(&again)
    }

    async fn send<A>(&self, token: &str, call: &Call<A>) -> Result<Answer<A>, NoAnswer> {
        let _permit = self.permits.acquire().await;
        let started = Instant::now();
        let answer = self.api.send(&self.base, token, call).await?;
        self.stats().record_latency(RequestKind::of(call), started.elapsed());
        Ok(answer)
    }

    fn outcome<A: DeserializeOwned>(&self, answer: &Answer<A>) -> Outcome<A> {
        match answer.read() {
            Err(code) if answer.is_success() => Err(self.unexpected(&code)),
            outcome => Ok(outcome),
        }
    }

    fn unexpected(&self, what: &str) -> RequestFailed {
        add_count(&mut self.stats().unexpected_responses, what, 1);
        RequestFailed
    }

    fn record_refusals<A: DeserializeOwned>(
        &self,
        call: &Call<A>,
        answer: Answer<A>,
    ) -> Result<Answer<A>, RequestFailed> {
        if RequestKind::of(call).records_refusals() && is_success_or_rule_refusal(&answer) {
            for (code, times) in refusal_counts(call, &answer) {
                self.stats().totals.add(Quantity::Refusals, &code, times);
            }
            return Ok(answer);
        }
        match answer.refusal_code().as_deref() {
            // The caller logs in again after an expired token, as phones do.
            None | Some("token_expired") => Ok(answer),
            // An organiser ended the volunteer's session.
            Some("session_ended") => Err(RequestFailed),
            Some(code) => Err(self.unexpected(&format!("{} {code}", answer.status))),
        }
    }
}

/// Whether no rule or a rule refused the request. Other refusals concern tokens, rate limits and malformed requests.
fn is_success_or_rule_refusal<A: DeserializeOwned>(answer: &Answer<A>) -> bool {
    let is_request_error = answer.status >= 500 || matches!(answer.status, 400 | 401 | 405 | 413 | 429);
    !is_request_error && answer.refusal_code().as_deref() != Some("not_your_role")
}

/// The refusals in a response with their counts. A group refused as a whole gets one response but counts per passport.
fn refusal_counts<A: DeserializeOwned>(call: &Call<A>, answer: &Answer<A>) -> Vec<(String, u64)> {
    if let Some(code) = answer.refusal_code() {
        let holders = call.body["for"].as_array().map_or(1, |holders| holders.len() as u64);
        return vec![(code, holders)];
    }
    let body = answer.json();
    let results = body["results"].as_array().into_iter().flatten();
    results.filter_map(|one| Some((one["problem"]["code"].as_str()?.to_owned(), 1))).collect()
}
