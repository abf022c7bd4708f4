//! How often somebody may be wrong, when being right once is what she must not reach by trying.
//!
//! Unlike the other limits this one keeps out whoever knows a right code too, until time has passed:
//! a limit that still lets a right guess through would bound nothing.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_secs(3600);

/// Wrong guesses by whoever made them; each is forgotten bit by bit, all of them within an hour.
pub struct Guesses<K> {
    per_hour: NonZeroU32,
    made: Mutex<HashMap<K, Made>>,
}

/// What stands at a moment. More than an hour's worth can stand there: one request may hold several.
#[derive(Clone, Copy)]
struct Made {
    guesses: f64,
    at: Instant,
}

impl<K: Clone + Eq + Hash> Guesses<K> {
    /// Nobody guessed yet.
    #[must_use]
    pub fn new(per_hour: NonZeroU32) -> Guesses<K> {
        Guesses { per_hour, made: Mutex::default() }
    }

    /// Seconds to wait, if there were too many.
    #[must_use]
    pub fn wait(&self, who: &K, now: Instant) -> Option<u64> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let beyond = self.standing(*made.get(who)?, now) + 1.0 - f64::from(self.per_hour.get());
        (beyond > 0.0).then(|| Duration::from_secs_f64(beyond / self.per_second()).as_secs() + 1)
    }

    /// Counts a wrong one.
    pub fn wrong(&self, who: &K, now: Instant) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let guesses = made.get(who).map_or(0.0, |made| self.standing(*made, now)) + 1.0;
        made.insert(who.clone(), Made { guesses, at: now });
    }

    /// Forgets whoever has nothing standing any more.
    pub fn forget(&self, now: Instant) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.retain(|_, made| self.standing(*made, now) > 0.0);
        made.shrink_to_fit();
    }

    fn standing(&self, made: Made, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(made.at).as_secs_f64();
        (made.guesses - passed * self.per_second()).max(0.0)
    }

    fn per_second(&self) -> f64 {
        f64::from(self.per_hour.get()) / HOUR.as_secs_f64()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn so_many_an_hour_and_no_more_however_they_come() {
        let guesses: Guesses<u8> = Guesses::new(NonZeroU32::new(60).unwrap());
        let begun = Instant::now();
        let mut taken = 0;
        // As fast as it lets her, for a day.
        for second in 0..86_400 {
            let now = begun + Duration::from_secs(second);
            while guesses.wait(&1, now).is_none() {
                guesses.wrong(&1, now);
                taken += 1;
            }
        }
        assert!((60 * 24..=60 * 25).contains(&taken), "{taken}");
        assert_eq!(guesses.wait(&2, begun), None, "somebody else");
    }

    #[test]
    fn what_one_request_held_beyond_the_limit_is_waited_for() {
        let guesses: Guesses<u8> = Guesses::new(NonZeroU32::new(60).unwrap());
        let begun = Instant::now();
        (0..80).for_each(|_| guesses.wrong(&1, begun));
        assert_eq!(guesses.wait(&1, begun), Some(21 * 60 + 1));
        guesses.forget(begun + Duration::from_secs(60));
        assert!(guesses.wait(&1, begun + Duration::from_secs(60)).is_some());
        guesses.forget(begun + Duration::from_secs(80 * 60 + 1));
        assert!(guesses.made.lock().unwrap().is_empty());
    }
}
