//! A deadline shared by all store calls of one request.
//!
//! A claim reads, writes and reads again. Without a shared deadline, a slow store could take the limit of a single
//! call several times over, longer than any client waits.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// The part of each call that is not charged, because a report makes thousands of fast calls.
const FREE_CALL_DURATION: Duration = Duration::from_millis(50);

tokio::task_local! {
    static SHARED: SharedDeadline;
}

#[derive(Default)]
struct SharedDeadline {
    /// Time charged to earlier calls.
    spent: Cell<Duration>,
    /// Number of calls in flight; concurrent calls are charged once.
    in_flight: Cell<u32>,
    /// Since when calls have been in flight without a pause.
    since: Cell<Option<Instant>>,
}

/// Runs `work` with one deadline for all its store calls together: the limit of a single call. Tasks that it spawns
/// are not included.
pub async fn with_shared_deadline<T>(work: impl Future<Output = T>) -> T {
    SHARED.scope(SharedDeadline::default(), work).await
}

/// A store call in flight; dropping it ends the charge.
pub(super) struct CallBudget(());

impl CallBudget {
    /// Starts a call that may take `limit`, and returns how much of the limit is left.
    pub(super) fn start(limit: Duration) -> (CallBudget, Duration) {
        let left = SHARED.try_with(|shared| {
            shared.in_flight.set(shared.in_flight.get() + 1);
            let now = Instant::now();
            let since = shared.since.get().unwrap_or(now);
            shared.since.set(Some(since));
            limit
                .saturating_sub(shared.spent.get())
                .saturating_sub(now.duration_since(since).saturating_sub(FREE_CALL_DURATION))
        });
        (CallBudget(()), left.unwrap_or(limit))
    }
}

impl Drop for CallBudget {
    fn drop(&mut self) {
        // Outside of `with_shared_deadline` there is nothing to record.
        let _alone = SHARED.try_with(|shared| {
            shared.in_flight.set(shared.in_flight.get().saturating_sub(1));
            if shared.in_flight.get() == 0
                && let Some(since) = shared.since.take()
            {
                shared.spent.set(shared.spent.get() + since.elapsed().saturating_sub(FREE_CALL_DURATION));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(2);

    fn left() -> Duration {
        CallBudget::start(LIMIT).1
    }

    async fn wait(ms: u64) {
        let _waiting = CallBudget::start(LIMIT).0;
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }

    #[tokio::test]
    async fn slow_calls_share_the_limit_of_one_call() {
        with_shared_deadline(async {
            assert_eq!(left(), LIMIT);
            wait(200).await;
            wait(200).await;
            assert!(left() <= Duration::from_millis(1700), "{:?}", left());
        })
        .await;
        assert_eq!(left(), LIMIT, "no shared deadline here");
    }

    #[tokio::test]
    async fn concurrent_calls_are_charged_once() {
        with_shared_deadline(async {
            futures_util::future::join_all((0..50).map(|_| wait(100))).await;
            assert!(left() > Duration::ZERO);
            assert!(left() < LIMIT);
        })
        .await;
    }
}
