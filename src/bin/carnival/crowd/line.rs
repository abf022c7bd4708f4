//! The line to the server: HTTP and nothing else. What every answer says no to is written down here.

use std::time::{Duration, Instant};

use fastrand::Rng;
use rustls::crypto::{CryptoProvider, ring};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::books::{Ask, Books};
use super::numbers::count;

/// Requests under way at once, and so connections: a crowd of any size shares them.
const MOST_REQUESTS: usize = 64;
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often a phone asks again when it gets no answer, or a busy one, and how long it rests before.
const TRIES: u32 = 60;
const REST: Duration = Duration::from_millis(250);
/// How many writes of a hundred lose their answer.
const LOST_OF_100: u32 = 5;

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// The JSON, or a string where it is none.
    pub(super) body: Value,
}

impl Answer {
    /// Whether it was done.
    pub(super) fn is_yes(&self) -> bool {
        self.status < 300
    }

    /// The refusal's code; none for a yes.
    pub(super) fn refused(&self) -> Option<&str> {
        (!self.is_yes()).then(|| self.body["code"].as_str().unwrap_or("unknown"))
    }
}

/// The server gave no answer for a long time, or one that it must not give.
#[derive(Debug)]
pub(super) struct Silence;

/// The line.
pub(super) struct Line {
    http: reqwest::Client,
    base: String,
    under_way: Semaphore,
    /// What the crowd knows.
    pub(super) books: Books,
}

impl Line {
    /// To the server at this address.
    ///
    /// # Errors
    /// When this machine has no sockets to give.
    pub(super) fn new(base: String) -> reqwest::Result<Line> {
        // Fails only where a provider is installed already, and then that one serves.
        let _ = CryptoProvider::install_default(ring::default_provider());
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(MOST_REQUESTS).timeout(PATIENCE);
        let under_way = Semaphore::new(MOST_REQUESTS);
        Ok(Line { http: http.build()?, base, under_way, books: Books::default() })
    }

    /// Asks until there is an answer. What it refuses is written down.
    pub(super) async fn ask(&self, ask: Ask, token: &str, path: &str, body: Option<&Value>) -> Result<Answer, Silence> {
        for _ in 0..TRIES {
            match self.once(ask, token, path, body).await {
                Ok(answer) if answer.status != 503 => return self.note(ask, body, answer),
                _ => self.books.open().busy += 1,
            }
            sleep(REST).await;
        }
        count(&mut self.books.open().failures, "no answer", 1);
        Err(Silence)
    }

    /// The same for a write, whose answer is lost now and then: thrown away, or the line is cut before
    /// it came. It is then asked again, and must be told the same; `same` picks what may not differ.
    pub(super) async fn write(
        &self,
        chance: &mut Rng,
        (ask, token, path): (Ask, &str, &str),
        body: &Value,
        same: fn(&Value) -> Value,
    ) -> Result<Answer, Silence> {
        if chance.u32(0..100) >= LOST_OF_100 {
            return self.ask(ask, token, path, Some(body)).await;
        }
        // Half of them are read and thrown away, the others cut while the server is at work.
        let cut_after = if chance.bool() { PATIENCE } else { Duration::from_micros(chance.u64(500..6_000)) };
        let first = timeout(cut_after, self.once(ask, token, path, Some(body))).await;
        let first = first.ok().and_then(Result::ok).filter(|answer| answer.status != 503);
        let first = first.map(|first| self.note(ask, Some(body), first)).transpose()?;
        let again = self.ask(ask, token, path, Some(body)).await?;
        let mut books = self.books.open();
        books.lost += 1;
        match first {
            None => {
                books.cut += 1;
                for (code, times) in refusals(body, &again) {
                    count(&mut books.perhaps, &code, times);
                }
            }
            Some(first) if first.is_yes() && same(&first.body) != same(&again.body) => {
                books.untrue.push(format!("{path}: {} ≠ {}", same(&first.body), same(&again.body)));
            }
            Some(_) => {}
        }
        Ok(again)
    }

    async fn once(&self, ask: Ask, token: &str, path: &str, body: Option<&Value>) -> Result<Answer, reqwest::Error> {
        let _turn = self.under_way.acquire().await;
        let url = format!("{}{path}", self.base);
        let request = match body {
            Some(body) => self.http.post(url).json(body),
            None => self.http.get(url),
        };
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let begun = Instant::now();
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        self.books.open().took(ask, begun.elapsed());
        Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    fn note(&self, ask: Ask, body: Option<&Value>, answer: Answer) -> Result<Answer, Silence> {
        let mut books = self.books.open();
        if ask.is_noted() && is_rules(&answer) {
            for (code, times) in refusals(body.unwrap_or(&Value::Null), &answer) {
                count(&mut books.numbers.refusals, &code, times);
            }
        } else if let Some(code) = answer.refused() {
            match code {
                // Whoever asked logs in again, as phones do.
                "token_expired" => {}
                // An organiser sent a volunteer home.
                "session_ended" => return Err(Silence),
                code => {
                    count(&mut books.failures, &format!("{} {code}", answer.status), 1);
                    return Err(Silence);
                }
            }
        }
        Ok(answer)
    }
}

/// Whether a rule may have said it; the rest is about tokens, limits and requests that do not fit.
fn is_rules(answer: &Answer) -> bool {
    let code = answer.refused().unwrap_or_default();
    answer.status < 500 && !matches!(answer.status, 400 | 401 | 405 | 413 | 429) && code != "not_your_role"
}

/// The refusals in an answer, and how often each counts: a family that is refused alike gets one answer.
fn refusals(body: &Value, answer: &Answer) -> Vec<(String, u64)> {
    if let Some(code) = answer.refused() {
        let party = body["for"].as_array().map_or(1, |party| party.len() as u64);
        return vec![(code.to_owned(), party)];
    }
    let within = answer.body["results"].as_array().into_iter().flatten();
    within.filter_map(|one| Some((one["problem"]["code"].as_str()?.to_owned(), 1))).collect()
}
