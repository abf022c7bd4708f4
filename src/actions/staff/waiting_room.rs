//! Wakes the requests of devices that wait for an organiser.

use std::time::Duration;

use tokio::sync::futures::Notified;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

/// The longest wait for an organiser in one request.
pub const MAX_WAIT: Duration = Duration::from_secs(8);

/// How often a waiting request looks again, for decisions that were made on another instance.
pub const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How many requests wait at once; a further one is answered immediately.
const SEATS: usize = 64;

/// Where requests wait for an organiser's decision.
pub struct WaitingRoom {
    decisions: Notify,
    seats: Semaphore,
}

impl Default for WaitingRoom {
    fn default() -> WaitingRoom {
        WaitingRoom { decisions: Notify::new(), seats: Semaphore::new(SEATS) }
    }
}

impl WaitingRoom {
    /// Wakes everybody, after a decision.
    pub fn wake(&self) {
        self.decisions.notify_waiters();
    }

    /// A place to wait in, if one is free.
    pub fn seat(&self) -> Option<SemaphorePermit<'_>> {
        self.seats.try_acquire().ok()
    }

    /// The next decision. It is not missed once this is enabled.
    pub fn next_decision(&self) -> Notified<'_> {
        self.decisions.notified()
    }
}
