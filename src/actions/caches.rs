//! Caches of store data that rarely or never changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::rules::statistics::tally::{LocalDay, Tally, TallyPeriod};
use crate::store::{ControlStore, CounterStore, PublicationSource, PublishedVersion, Result};

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
    /// Forgets the counters, because one of a past day was changed.
    pub(super) async fn forget(&self) {
        *self.0.lock().await = None;
    }

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

/// How many versions a page of the list has.
const VERSIONS_PER_PAGE: u64 = 100;

/// A published version, as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionEntry {
    /// Counted from 1.
    pub version: u64,
    /// When it was published.
    pub at: Timestamp,
    /// Name of the publisher.
    pub by: String,
    /// How it was made.
    pub source: PublicationSource,
}

/// The listed versions. A published version never changes, so each is read from the store once.
#[derive(Default)]
pub struct VersionListCache(Mutex<BTreeMap<u64, VersionEntry>>);

impl VersionListCache {
    /// A page of the versions before the version `before`, or of the newest ones; newest first.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn page(&self, store: &dyn ControlStore, before: Option<u64>) -> Result<Vec<VersionEntry>> {
        let end = (store.control().await?.version + 1).min(before.unwrap_or(u64::MAX));
        // Concurrent callers wait for the first one and find the versions cached.
        let mut cached = self.0.lock().await;
        let mut page = Vec::new();
        for version in (end.saturating_sub(VERSIONS_PER_PAGE).max(1)..end).rev() {
            page.extend(entry(&mut cached, store, version).await?);
        }
        Ok(page)
    }

    /// When the first version was published; the store has no record from before.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn first_published(&self, store: &dyn ControlStore) -> Result<Timestamp> {
        let first = entry(&mut *self.0.lock().await, store, 1).await?;
        Ok(first.map_or(Timestamp::MAX, |first| first.at))
    }

    /// The last version that this author published from a file; 1 if there is none.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn last_file_of(&self, store: &dyn ControlStore, author: &str) -> Result<u64> {
        let newest = store.control().await?.version;
        let mut cached = self.0.lock().await;
        for version in (2..=newest).rev() {
            let entry = entry(&mut cached, store, version).await?;
            if entry.is_some_and(|entry| entry.by == author && entry.source == PublicationSource::File) {
                return Ok(version);
            }
        }
        Ok(1)
    }
}

async fn entry(
    cached: &mut BTreeMap<u64, VersionEntry>,
    store: &dyn ControlStore,
    version: u64,
) -> Result<Option<VersionEntry>> {
    if !cached.contains_key(&version)
        && let Some(PublishedVersion { at, by, source, .. }) = store.published_version(version).await?
    {
        cached.insert(version, VersionEntry { version, at, by, source });
    }
    Ok(cached.get(&version).cloned())
}
