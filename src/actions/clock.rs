//! What time it is. Everything that depends on time asks the clock that it was given.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// A clock. Its moments have whole milliseconds, which is what is kept.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's.
    System,
    /// The machine's, moved: a rehearsal takes place in another year, and runs on from there.
    Shifted(SignedDuration),
    /// Stands until it is set, in milliseconds since the Unix epoch.
    Given(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that shows this moment now and runs on.
    #[must_use]
    pub fn from(moment: Timestamp) -> Clock {
        Clock::Shifted(moment.duration_since(Timestamp::now()))
    }

    /// The moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let moment = match self {
            Clock::System => Timestamp::now(),
            Clock::Shifted(by) => Timestamp::now().checked_add(*by).unwrap_or(Timestamp::MAX),
            Clock::Given(ms) => Timestamp::from_millisecond(ms.load(Ordering::Relaxed)).unwrap_or(Timestamp::MIN),
        };
        Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(moment)
    }
}
