//! An answer that is the same for everybody, made again once in a while and by one request at a time.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::error::ApiError;
use crate::store::StoreError;

/// How long a failure stands for those who waited, so that they do not fail one after the other.
const FAILURE_STANDS: Duration = Duration::from_millis(500);

/// The answer, and when it was made.
pub struct Kept<T> {
    good_for: Duration,
    last: Mutex<Option<Made<T>>>,
}

enum Made<T> {
    Good(Instant, T),
    Failed(Instant),
}

impl<T: Clone> Kept<T> {
    /// Nothing yet; what is made is good for so long.
    #[must_use]
    pub fn new(good_for: Duration) -> Kept<T> {
        Kept { good_for, last: Mutex::new(None) }
    }

    /// The answer; made by the first who asks after it went stale, while the others wait for it.
    ///
    /// # Errors
    /// What making it failed with.
    pub async fn get<F>(&self, make: F) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let asked = Instant::now();
        let mut kept = self.last.lock().await;
        match kept.as_ref() {
            Some(Made::Good(at, answer)) if at.elapsed() < self.good_for => return Ok(answer.clone()),
            Some(Made::Failed(at)) if *at > asked || at.elapsed() < FAILURE_STANDS => {
                return Err(StoreError::Unavailable("it failed a moment ago".to_owned()).into());
            }
            _ => {}
        }
        let answer = make.await;
        *kept = Some(match &answer {
            Ok(answer) => Made::Good(Instant::now(), answer.clone()),
            Err(_) => Made::Failed(Instant::now()),
        });
        answer
    }

    /// Lets go of the answer: whoever changed what it says wants to see it changed.
    pub async fn forget(&self) {
        *self.last.lock().await = None;
    }
}
