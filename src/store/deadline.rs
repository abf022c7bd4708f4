//! How long whoever asks is kept waiting: the calls of one request share the limit of one call.
//!
//! A claim reads, writes and looks again. With a store that is slow, each of these within its
//! limit, the whole would take several times as long as anybody waits for an answer.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// A call that is as quick as this costs no patience: a report makes thousands.
const FREE_CALL_DURATION: Duration = Duration::from_millis(50);

tokio::task_local! {
    static SHARED: SharedDeadline;
}

#[derive(Default)]
struct SharedDeadline {
    /// What earlier calls took.
    spent: Cell<Duration>,
    /// How many calls are under way; those at the same time cost once.
    in_flight: Cell<u32>,
    /// Since when there are any.
    since: Cell<Option<Instant>>,
}

/// Does something for which all calls of a store together may keep somebody waiting as long as one
/// alone. What it spawns has a patience of its own.
pub async fn with_shared_deadline<T>(work: impl Future<Output = T>) -> T {
    SHARED.scope(SharedDeadline::default(), work).await
}

/// A call that is waited for, until this is dropped.
pub(super) struct CallBudget(());

impl CallBudget {
    /// Begins to wait for a call that may take `limit`; also says how much of that is left.
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
        // Without anybody who shares there is nothing to note.
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
    async fn slow_calls_share_what_one_alone_may_take() {
        with_shared_deadline(async {
            assert_eq!(left(), LIMIT);
            wait(200).await;
            wait(200).await;
            assert!(left() <= Duration::from_millis(1700), "{:?}", left());
        })
        .await;
        assert_eq!(left(), LIMIT, "nobody shares here");
    }

    #[tokio::test]
    async fn calls_at_the_same_time_cost_once() {
        with_shared_deadline(async {
            futures_util::future::join_all((0..50).map(|_| wait(100))).await;
            assert!(left() > Duration::ZERO);
            assert!(left() < LIMIT);
        })
        .await;
    }
}
