//! What the crowd itself knows: it writes down every answer that it was given.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::numbers::{Counts, Numbers, count};
use super::plan::Cheat;

/// What is asked of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ask {
    /// To be logged in.
    LogIn,
    /// For a stamp.
    CheckIn,
    /// For a gift.
    Claim,
    /// What a booth asks.
    Booth,
    /// To read something.
    Read,
}

impl Ask {
    /// Whether the server notes its refusals for the organisers.
    pub(super) fn is_noted(self) -> bool {
        matches!(self, Ask::CheckIn | Ask::Claim | Ask::Booth)
    }
}

/// How long answers of one kind took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Took {
    /// How many answers.
    pub(super) count: u32,
    /// All together.
    pub(super) sum: Duration,
    /// The slowest.
    pub(super) most: Duration,
}

/// How the crowd stands now.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    /// What must agree with the server's.
    pub(super) numbers: Numbers,
    /// Refusals that the server may have counted more often: the answer before them was lost.
    pub(super) perhaps: Counts,
    /// People who came.
    pub(super) came: u64,
    /// People who went home.
    pub(super) home: u64,
    /// People by point, now.
    pub(super) at_points: BTreeMap<String, u64>,
    /// People who wait at a booth, now.
    pub(super) waiting: u64,
    /// The most who ever waited.
    pub(super) most_waiting: u64,
    /// The longest that anybody waited, in the carnival's minutes.
    pub(super) longest_wait_min: f64,
    /// People who waited until they had enough of it.
    pub(super) walked_off: u64,
    /// How cheats ended: the refusal's code, or none where it was not refused.
    pub(super) cheats: BTreeMap<(Cheat, Option<String>), u64>,
    /// Writes whose answer was thrown away, or whose line was cut before it came.
    pub(super) lost: u64,
    /// Those of them whose line was cut.
    pub(super) cut: u64,
    /// Repeats that were told something else than the answer before.
    pub(super) untrue: Vec<String>,
    /// Answers that nobody should get: 5xx and the like.
    pub(super) failures: Counts,
    /// How often the server was busy, or not there, and was asked again.
    pub(super) busy: u64,
    /// How long answers took.
    pub(super) took: BTreeMap<Ask, Took>,
}

/// The books, written by everybody.
#[derive(Default)]
pub(super) struct Books {
    page: Mutex<Page>,
}

impl Books {
    /// To write something down; never held over an await.
    pub(super) fn open(&self) -> MutexGuard<'_, Page> {
        self.page.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Page {
    /// A stamp at a point at a moment as the server tells it; the first of its passport or not.
    pub(super) fn stamped(&mut self, point: &str, at: &str, first: bool) {
        count(&mut self.numbers.stamps, point, 1);
        if let (Some(day), Some(hour)) = (at.get(..10), at.get(11..13)) {
            count(&mut self.numbers.hours, &format!("{day} {hour}"), 1);
        }
        self.numbers.people += u64::from(first);
    }

    /// A gift was set aside.
    pub(super) fn claimed(&mut self, gift: &str) {
        count(&mut self.numbers.claims, gift, 1);
    }

    /// A gift was handed over.
    pub(super) fn redeemed(&mut self, gift: &str) {
        count(&mut self.numbers.redeemed, gift, 1);
    }

    /// What somebody got for cheating.
    pub(super) fn cheated(&mut self, cheat: Cheat, refused: Option<&str>) {
        *self.cheats.entry((cheat, refused.map(str::to_owned))).or_default() += 1;
    }

    /// So many people joined a queue.
    pub(super) fn queued(&mut self, people: u64) {
        self.waiting += people;
        self.most_waiting = self.most_waiting.max(self.waiting);
    }

    /// They left it, after so many of the carnival's minutes.
    pub(super) fn left_queue(&mut self, people: u64, minutes: f64) {
        self.waiting = self.waiting.saturating_sub(people);
        self.longest_wait_min = self.longest_wait_min.max(minutes);
    }

    /// How long an answer took.
    pub(super) fn took(&mut self, ask: Ask, long: Duration) {
        let took = self.took.entry(ask).or_default();
        *took = Took { count: took.count + 1, sum: took.sum + long, most: took.most.max(long) };
    }
}
