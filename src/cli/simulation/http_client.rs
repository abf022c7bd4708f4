//! HTTP client of the simulation. Retries, and counts every refusal.

use std::time::{Duration, Instant};

use fastrand::Rng;
use rustls::crypto::{CryptoProvider, ring};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::client_stats::{RequestKind, SharedStats};
use super::event_totals::add_count;

/// Concurrent requests, and so connections; the whole crowd shares them.
const MAX_CONCURRENT_REQUESTS: usize = 64;
/// The timeout of one request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// Attempts per request when the server is busy or unreachable, and the delay between them.
const MAX_ATTEMPTS: u32 = 60;
const RETRY_DELAY: Duration = Duration::from_millis(250);
/// Percentage of writes whose response is lost on purpose.
const LOST_RESPONSE_PERCENT: u32 = 5;

/// A response of the API.
#[derive(Clone, Debug)]
pub(super) struct ApiResponse {
    /// The HTTP status.
    pub(super) status: u16,
    /// The JSON body, or a string if it is not JSON.
    pub(super) body: Value,
}

impl ApiResponse {
    /// Whether the request succeeded.
    pub(super) fn is_success(&self) -> bool {
        self.status < 300
    }

    /// The refusal's code; `None` on success.
    pub(super) fn refusal_code(&self) -> Option<&str> {
        (!self.is_success()).then(|| self.body["code"].as_str().unwrap_or("unknown"))
    }
}

/// A request failed for good: no response, an unexpected response, or an ended session.
#[derive(Debug)]
pub(super) struct RequestFailed;

/// Client of the server, shared by all simulated people.
pub(super) struct HttpClient {
    http: reqwest::Client,
    base: String,
    permits: Semaphore,
    /// What the crowd observed.
    pub(super) stats: SharedStats,
}

impl HttpClient {
    /// A client of the server at this base URL.
    ///
    /// # Errors
    /// When the HTTP client cannot be created.
    pub(super) fn new(base: String) -> reqwest::Result<HttpClient> {
        // Fails only if a provider is already installed, and then that one is used.
        let _ = CryptoProvider::install_default(ring::default_provider());
        let http = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(MAX_CONCURRENT_REQUESTS)
            .timeout(REQUEST_TIMEOUT);
        let permits = Semaphore::new(MAX_CONCURRENT_REQUESTS);
        Ok(HttpClient { http: http.build()?, base, permits, stats: SharedStats::default() })
    }

    /// Sends a request, retrying while the server is busy or unreachable. Counts refusals.
    pub(super) async fn request(
        &self,
        kind: RequestKind,
        token: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<ApiResponse, RequestFailed> {
        for _ in 0..MAX_ATTEMPTS {
            match self.send(kind, token, path, body).await {
                Ok(response) if response.status != 503 => return self.record_refusals(kind, body, response),
                _ => self.stats.lock().retries += 1,
            }
            sleep(RETRY_DELAY).await;
        }
        add_count(&mut self.stats.lock().unexpected_responses, "no response", 1);
        Err(RequestFailed)
    }

    /// Like `request`, for a write. A share of the responses is lost on purpose: discarded, or the connection is cut
    /// before they arrive. The request is then repeated, and `comparable` must yield the same value for both responses.
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
        // Half of the lost responses are discarded after reading; for the other half, the connection is cut mid-request.
        let cut_after = if rng.bool() { REQUEST_TIMEOUT } else { Duration::from_micros(rng.u64(500..6_000)) };
        let first = timeout(cut_after, self.send(kind, token, path, Some(body))).await;
        let first = first.ok().and_then(Result::ok).filter(|response| response.status != 503);
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
        let response = request.send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        self.stats.lock().record_latency(kind, started.elapsed());
        Ok(ApiResponse { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    fn record_refusals(
        &self,
        kind: RequestKind,
        body: Option<&Value>,
        response: ApiResponse,
    ) -> Result<ApiResponse, RequestFailed> {
        let mut stats = self.stats.lock();
        if kind.records_refusals() && is_rule_refusal(&response) {
            for (code, times) in refusal_counts(body.unwrap_or(&Value::Null), &response) {
                add_count(&mut stats.totals.refusals, &code, times);
            }
        } else if let Some(code) = response.refusal_code() {
            match code {
                // The caller logs in again, as phones do.
                "token_expired" => {}
                // An organiser ended the volunteer's session.
                "session_ended" => return Err(RequestFailed),
                code => {
                    add_count(&mut stats.unexpected_responses, &format!("{} {code}", response.status), 1);
                    return Err(RequestFailed);
                }
            }
        }
        Ok(response)
    }
}

/// Whether a rule refused the request. Other refusals concern tokens, rate limits and malformed requests.
fn is_rule_refusal(response: &ApiResponse) -> bool {
    let code = response.refusal_code().unwrap_or_default();
    response.status < 500 && !matches!(response.status, 400 | 401 | 405 | 413 | 429) && code != "not_your_role"
}

/// The refusals in a response with their counts. A group refused as a whole gets one response but counts per passport.
fn refusal_counts(body: &Value, response: &ApiResponse) -> Vec<(String, u64)> {
    if let Some(code) = response.refusal_code() {
        let holders = body["for"].as_array().map_or(1, |holders| holders.len() as u64);
        return vec![(code.to_owned(), holders)];
    }
    let results = response.body["results"].as_array().into_iter().flatten();
    results.filter_map(|one| Some((one["problem"]["code"].as_str()?.to_owned(), 1))).collect()
}
