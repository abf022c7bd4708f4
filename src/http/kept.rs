//! An answer that is the same for everybody, made again once in a while and by one request at a time.

use std::future::Future;
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use tokio::sync::Mutex;

use super::error::ApiError;
use crate::store::StoreError;

/// How long a failure stands for those who waited, so that they do not fail one after the other.
const FAILURE_STANDS: Duration = Duration::from_millis(500);

/// The answer, and when it was made.
pub struct Kept {
    good_for: Duration,
    last: Mutex<Option<Made>>,
}

enum Made {
    Good(Instant, Bytes),
    Failed(Instant),
}

impl Kept {
    /// Nothing yet; what is made is good for so long.
    #[must_use]
    pub fn new(good_for: Duration) -> Kept {
        Kept { good_for, last: Mutex::new(None) }
    }

    /// The answer; made by the first who asks after it went stale, while the others wait for it.
    ///
    /// # Errors
    /// What making it failed with.
    pub async fn get<F>(&self, make: F) -> Result<Bytes, ApiError>
    where
        F: Future<Output = Result<Bytes, ApiError>>,
    {
        let asked = Instant::now();
        let mut kept = self.last.lock().await;
        match kept.as_ref() {
            Some(Made::Good(at, bytes)) if at.elapsed() < self.good_for => return Ok(bytes.clone()),
            Some(Made::Failed(at)) if *at > asked || at.elapsed() < FAILURE_STANDS => {
                return Err(StoreError::Unavailable("it failed a moment ago".to_owned()).into());
            }
            _ => {}
        }
        let answer = make.await;
        *kept = Some(match &answer {
            Ok(bytes) => Made::Good(Instant::now(), bytes.clone()),
            Err(_) => Made::Failed(Instant::now()),
        });
        answer
    }
}
