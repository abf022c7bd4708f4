//! What never changes once it is there, and need not be read again.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::rules::tally::{LocalDay, Tally, TallyPeriod};
use crate::store::{PublishedVersion, Result, Store};

/// How long the counters of days that are over are believed: nothing changes them but a clock that was put
/// back, or an instance whose clock is off by a day.
const CLOSED_DAYS_TTL: SignedDuration = SignedDuration::from_mins(30);

/// The counters of days that are over, read once in a while.
#[derive(Default)]
pub struct ClosedDaysCache(Mutex<Option<ClosedDays>>);

struct ClosedDays {
    /// Of the days before this one.
    before: LocalDay,
    read: Timestamp,
    tallies: Arc<BTreeMap<Tally, u64>>,
}

impl ClosedDaysCache {
    /// Those of the days before this one.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn before(&self, store: &dyn Store, day: LocalDay, now: Timestamp) -> Result<Arc<BTreeMap<Tally, u64>>> {
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

/// How many versions are listed at most; earlier ones can still be read by their number.
const MAX_LISTED: u64 = 100;

/// A version as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionEntry {
    /// 1 for the first.
    pub version: u64,
    /// When it was published.
    pub at: Timestamp,
    /// By whom, in words.
    pub by: String,
}

/// What is listed of versions: a version stays as it was published, so its file is read once.
#[derive(Default)]
pub struct VersionListCache(Mutex<BTreeMap<u64, VersionEntry>>);

impl VersionListCache {
    /// The newest versions, the one that counts first.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn newest(&self, store: &dyn Store) -> Result<Vec<VersionEntry>> {
        let newest = store.control().await?.version;
        let listed = newest.saturating_sub(MAX_LISTED - 1).max(1)..=newest;
        // One reads; whoever else asks waits, and finds them read.
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
