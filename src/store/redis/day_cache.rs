//! The days whose counters this process has already registered.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::rules::statistics::tally::LocalDay;

/// The days that this process added to the set of days.
#[derive(Debug, Default)]
pub(super) struct DayCache(Mutex<BTreeSet<LocalDay>>);

impl DayCache {
    /// Whether this process registered the day.
    pub(super) fn contains(&self, day: LocalDay) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&day)
    }

    /// Remembers a registered day.
    pub(super) fn insert(&self, day: LocalDay) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(day);
    }
}
