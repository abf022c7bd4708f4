//! Which days have counters, as far as this process wrote them down.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::rules::tally::LocalDay;

/// The days that this process wrote into the set.
#[derive(Debug, Default)]
pub(super) struct DayCache(Mutex<BTreeSet<LocalDay>>);

impl DayCache {
    /// Whether it wrote this day.
    pub(super) fn contains(&self, day: LocalDay) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&day)
    }

    /// It wrote this day.
    pub(super) fn insert(&self, day: LocalDay) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(day);
    }
}
