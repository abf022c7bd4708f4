//! An answer that is the same for everybody, made again once in a while and by one request at a time.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::error::ApiError;
use crate::store::StoreError;

/// How long a failure stands for those who waited, so that they do not fail one after the other.
const FAILURE_TTL: Duration = Duration::from_millis(500);

/// The answer, and when it was made.
pub struct TimedCache<T> {
    ttl: Duration,
    last: Mutex<Option<CachedResult<T>>>,
}

enum CachedResult<T> {
    Value(Instant, T),
    Failure(Instant),
}

impl<T: Clone> TimedCache<T> {
    /// Nothing yet; what is made is good for so long.
    #[must_use]
    pub fn new(ttl: Duration) -> TimedCache<T> {
        TimedCache { ttl, last: Mutex::new(None) }
    }

    /// The answer; made by the first who asks after it went stale, while the others wait for it.
    ///
    /// # Errors
    /// What making it failed with.
    pub async fn get_or_compute<F>(&self, compute: F) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let requested_at = Instant::now();
        let mut cached = self.last.lock().await;
        match cached.as_ref() {
            Some(CachedResult::Value(at, answer)) if at.elapsed() < self.ttl => return Ok(answer.clone()),
            Some(CachedResult::Failure(at)) if *at > requested_at || at.elapsed() < FAILURE_TTL => {
                return Err(StoreError::Unavailable("it failed a moment ago".to_owned()).into());
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

    /// Lets go of the answer: whoever changed what it says wants to see it changed.
    pub async fn invalidate(&self) {
        *self.last.lock().await = None;
    }
}
