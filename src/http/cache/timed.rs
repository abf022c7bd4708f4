//! A cache for one value with a time to live, computed by one request at a time.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::http::errors::ApiError;
use crate::store::StoreError;

/// How long a failure is cached, so that waiting requests fail together instead of one after the other.
const FAILURE_TTL: Duration = Duration::from_millis(500);

/// The cached value and its age limit.
pub struct TimedCache<T> {
    ttl: Duration,
    last: Mutex<Option<CachedResult<T>>>,
}

enum CachedResult<T> {
    Value(Instant, T),
    Failure(Instant),
}

impl<T: Clone> TimedCache<T> {
    /// An empty cache whose value expires after `ttl`.
    #[must_use]
    pub fn new(ttl: Duration) -> TimedCache<T> {
        TimedCache { ttl, last: Mutex::new(None) }
    }

    /// Returns the cached value or computes it; concurrent callers wait for one computation.
    ///
    /// # Errors
    /// The error of the computation; `Unavailable` for callers within [`FAILURE_TTL`] of a failure.
    pub async fn get_or_compute<F>(&self, compute: F) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let requested_at = Instant::now();
        let mut cached = self.last.lock().await;
        match cached.as_ref() {
            Some(CachedResult::Value(at, answer)) if at.elapsed() < self.ttl => return Ok(answer.clone()),
            Some(CachedResult::Failure(at)) if *at > requested_at || at.elapsed() < FAILURE_TTL => {
                return Err(StoreError::Unavailable("a recent attempt failed".to_owned()).into());
            }
            _ => {}
        }
        let answer = compute.await;
        *cached = Some(match &answer {
            Ok(answer) => CachedResult::Value(Instant::now(), answer.clone()),
            Err(_) => CachedResult::Failure(Instant::now()),
        });
        answer
    }

    /// Drops the value, so that a client sees the effect of a change it has made.
    pub async fn invalidate(&self) {
        *self.last.lock().await = None;
    }
}
