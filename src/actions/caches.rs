//! Caches of store data that rarely or never changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::rules::statistics::tally::{LocalDay, Tally, TallyPeriod};
use crate::store::{ControlStore, CounterStore, PublishedVersion, Result};

/// How long the counters of past days are served from the cache. They change only if a clock is set back, or if an
/// instance's clock is wrong by a day.
const CLOSED_DAYS_TTL: SignedDuration = SignedDuration::from_mins(30);

/// Counters of past days.
#[derive(Default)]
pub struct ClosedDaysCache(Mutex<Option<ClosedDays>>);

struct ClosedDays {
    /// The counters cover the days before this one.
    before: LocalDay,
    read: Timestamp,
    tallies: Arc<BTreeMap<Tally, u64>>,
}

impl ClosedDaysCache {
    /// Counters of the days before `day`.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn before(
        &self,
        store: &dyn CounterStore,
        day: LocalDay,
        now: Timestamp,
    ) -> Result<Arc<BTreeMap<Tally, u64>>> {
        let mut cached = self.0.lock().await;
        let is_fresh = |closed_days: &&ClosedDays| {
            let age = now.duration_since(closed_days.read);
            closed_days.before == day && !age.is_negative() && age < CLOSED_DAYS_TTL
        };
        if let Some(closed_days) = cached.as_ref().filter(is_fresh) {
            return Ok(Arc::clone(&closed_days.tallies));
        }
        let mut tallies = store.tallies(TallyPeriod::ByHour).await?;
        tallies.retain(|tally, _| tally.day().is_some_and(|of| of < day));
        let tallies = Arc::new(tallies);
        *cached = Some(ClosedDays { before: day, read: now, tallies: Arc::clone(&tallies) });
        Ok(tallies)
    }
}

/// Maximum number of listed versions; older ones can still be read by number.
const MAX_LISTED: u64 = 100;

/// A published version, as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionEntry {
    /// Counted from 1.
    pub version: u64,
    /// When it was published.
    pub at: Timestamp,
    /// Name of the publisher.
    pub by: String,
}

/// The listed versions. A published version never changes, so each is read from the store once.
#[derive(Default)]
pub struct VersionListCache(Mutex<BTreeMap<u64, VersionEntry>>);

impl VersionListCache {
    /// The newest versions, newest first.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn newest(&self, store: &dyn ControlStore) -> Result<Vec<VersionEntry>> {
        let newest = store.control().await?.version;
        let listed = newest.saturating_sub(MAX_LISTED - 1).max(1)..=newest;
        // Concurrent callers wait for the first one and find the versions cached.
        let mut entries = self.0.lock().await;
        entries.retain(|version, _| listed.contains(version));
        for version in listed {
            if !entries.contains_key(&version)
                && let Some(PublishedVersion { at, by, .. }) = store.published_version(version).await?
            {
                entries.insert(version, VersionEntry { version, at, by });
            }
        }
        Ok(entries.values().rev().cloned().collect())
    }
}
