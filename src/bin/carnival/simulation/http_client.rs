//! The line to the server: HTTP and nothing else. What every answer says no to is written down here.

use std::time::{Duration, Instant};

use fastrand::Rng;
use rustls::crypto::{CryptoProvider, ring};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::client_stats::{RequestKind, SharedStats};
use super::totals::add_count;

/// Requests under way at once, and so connections: a crowd of any size shares them.
const MAX_CONCURRENT_REQUESTS: usize = 64;
/// How long one answer may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// How often a phone asks again when it gets no answer, or a busy one, and how long it rests before.
const MAX_ATTEMPTS: u32 = 60;
const RETRY_DELAY: Duration = Duration::from_millis(250);
/// How many writes of a hundred lose their answer.
const LOST_RESPONSE_PERCENT: u32 = 5;

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct ApiResponse {
    /// The HTTP status.
    pub(super) status: u16,
    /// The JSON, or a string where it is none.
    pub(super) body: Value,
}

impl ApiResponse {
    /// Whether it was done.
    pub(super) fn is_success(&self) -> bool {
        self.status < 300
    }

    /// The refusal's code; none for a yes.
    pub(super) fn refusal_code(&self) -> Option<&str> {
        (!self.is_success()).then(|| self.body["code"].as_str().unwrap_or("unknown"))
    }
}

/// The server gave no answer for a long time, or one that it must not give.
#[derive(Debug)]
pub(super) struct RequestFailed;

/// The line.
pub(super) struct HttpClient {
    http: reqwest::Client,
    base: String,
    permits: Semaphore,
    /// What the crowd knows.
    pub(super) stats: SharedStats,
}

impl HttpClient {
    /// To the server at this address.
    ///
    /// # Errors
    /// When this machine has no sockets to give.
    pub(super) fn new(base: String) -> reqwest::Result<HttpClient> {
        // Fails only where a provider is installed already, and then that one serves.
        let _ = CryptoProvider::install_default(ring::default_provider());
        let http = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(MAX_CONCURRENT_REQUESTS)
            .timeout(REQUEST_TIMEOUT);
        let permits = Semaphore::new(MAX_CONCURRENT_REQUESTS);
        Ok(HttpClient { http: http.build()?, base, permits, stats: SharedStats::default() })
    }

    /// Asks until there is an answer. What it refuses is written down.
    pub(super) async fn request(
        &self,
        kind: RequestKind,
        token: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<ApiResponse, RequestFailed> {
        for _ in 0..MAX_ATTEMPTS {
            match self.send(kind, token, path, body).await {
                Ok(answer) if answer.status != 503 => return self.record_refusals(kind, body, answer),
                _ => self.stats.lock().retries += 1,
            }
            sleep(RETRY_DELAY).await;
        }
        add_count(&mut self.stats.lock().unexpected_responses, "no answer", 1);
        Err(RequestFailed)
    }

    /// The same for a write, whose answer is lost now and then: thrown away, or the line is cut before
    /// it came. It is then asked again, and must be told the same; `same` picks what may not differ.
    pub(super) async fn write(
        &self,
        rng: &mut Rng,
        (kind, token, path): (RequestKind, &str, &str),
        body: &Value,
        comparable: fn(&Value) -> Value,
    ) -> Result<ApiResponse, RequestFailed> {
        if rng.u32(0..100) >= LOST_RESPONSE_PERCENT {
            return self.request(kind, token, path, Some(body)).await;
        }
        // Half of them are read and thrown away, the others cut while the server is at work.
        let cut_after = if rng.bool() { REQUEST_TIMEOUT } else { Duration::from_micros(rng.u64(500..6_000)) };
        let first = timeout(cut_after, self.send(kind, token, path, Some(body))).await;
        let first = first.ok().and_then(Result::ok).filter(|answer| answer.status != 503);
        let first = first.map(|first| self.record_refusals(kind, Some(body), first)).transpose()?;
        let again = self.request(kind, token, path, Some(body)).await?;
        let mut stats = self.stats.lock();
        stats.lost_responses += 1;
        match first {
            None => {
                stats.cut_connections += 1;
                for (code, times) in refusal_counts(body, &again) {
                    add_count(&mut stats.uncertain_refusals, &code, times);
                }
            }
            Some(first) if first.is_success() && comparable(&first.body) != comparable(&again.body) => {
                stats.inconsistent_repeats.push(format!(
                    "{path}: {} ≠ {}",
                    comparable(&first.body),
                    comparable(&again.body)
                ));
            }
            Some(_) => {}
        }
        Ok(again)
    }

    async fn send(
        &self,
        kind: RequestKind,
        token: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<ApiResponse, reqwest::Error> {
        let _permit = self.permits.acquire().await;
        let url = format!("{}{path}", self.base);
        let request = match body {
            Some(body) => self.http.post(url).json(body),
            None => self.http.get(url),
        };
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let started = Instant::now();
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        self.stats.lock().record_latency(kind, started.elapsed());
        Ok(ApiResponse { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    fn record_refusals(
        &self,
        kind: RequestKind,
        body: Option<&Value>,
        answer: ApiResponse,
    ) -> Result<ApiResponse, RequestFailed> {
        let mut stats = self.stats.lock();
        if kind.records_refusals() && is_rule_refusal(&answer) {
            for (code, times) in refusal_counts(body.unwrap_or(&Value::Null), &answer) {
                add_count(&mut stats.totals.refusals, &code, times);
            }
        } else if let Some(code) = answer.refusal_code() {
            match code {
                // Whoever asked logs in again, as phones do.
                "token_expired" => {}
                // An organiser sent a volunteer home.
                "session_ended" => return Err(RequestFailed),
                code => {
                    add_count(&mut stats.unexpected_responses, &format!("{} {code}", answer.status), 1);
                    return Err(RequestFailed);
                }
            }
        }
        Ok(answer)
    }
}

/// Whether a rule may have said it; the rest is about tokens, limits and requests that do not fit.
fn is_rule_refusal(answer: &ApiResponse) -> bool {
    let code = answer.refusal_code().unwrap_or_default();
    answer.status < 500 && !matches!(answer.status, 400 | 401 | 405 | 413 | 429) && code != "not_your_role"
}

/// The refusals in an answer, and how often each counts: a family that is refused alike gets one answer.
fn refusal_counts(body: &Value, answer: &ApiResponse) -> Vec<(String, u64)> {
    if let Some(code) = answer.refusal_code() {
        let holders = body["for"].as_array().map_or(1, |holders| holders.len() as u64);
        return vec![(code.to_owned(), holders)];
    }
    let results = answer.body["results"].as_array().into_iter().flatten();
    results.filter_map(|one| Some((one["problem"]["code"].as_str()?.to_owned(), 1))).collect()
}
