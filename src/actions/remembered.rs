//! What never changes once it is there, and need not be read again.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::rules::tally::{LocalDay, Tally, TallyPeriod};
use crate::store::{PublishedVersion, Result, Store};

/// How long the counters of days that are over are believed: nothing changes them but a clock that was put
/// back, or an instance whose clock is off by a day.
const PAST_STANDS: SignedDuration = SignedDuration::from_mins(30);

/// The counters of days that are over, read once in a while.
#[derive(Default)]
pub struct PastDays(Mutex<Option<Past>>);

struct Past {
    /// Of the days before this one.
    before: LocalDay,
    read: Timestamp,
    tallies: Arc<BTreeMap<Tally, u64>>,
}

impl PastDays {
    /// Those of the days before this one.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn before(&self, store: &dyn Store, day: LocalDay, now: Timestamp) -> Result<Arc<BTreeMap<Tally, u64>>> {
        let mut kept = self.0.lock().await;
        let stands = |past: &&Past| {
            let age = now.duration_since(past.read);
            past.before == day && !age.is_negative() && age < PAST_STANDS
        };
        if let Some(past) = kept.as_ref().filter(stands) {
            return Ok(Arc::clone(&past.tallies));
        }
        let mut tallies = store.tallies(TallyPeriod::ByHour).await?;
        tallies.retain(|tally, _| tally.day().is_some_and(|of| of < day));
        let tallies = Arc::new(tallies);
        *kept = Some(Past { before: day, read: now, tallies: Arc::clone(&tallies) });
        Ok(tallies)
    }
}

/// How many versions are listed at most; earlier ones can still be read by their number.
const LISTED: u64 = 100;

/// A version as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// 1 for the first.
    pub version: u64,
    /// When it was published.
    pub at: Timestamp,
    /// By whom, in words.
    pub by: String,
}

/// What is listed of versions: a version stays as it was published, so its file is read once.
#[derive(Default)]
pub struct Heads(Mutex<BTreeMap<u64, Version>>);

impl Heads {
    /// The newest versions, the one that counts first.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn newest(&self, store: &dyn Store) -> Result<Vec<Version>> {
        let newest = store.control().await?.version;
        let listed = newest.saturating_sub(LISTED - 1).max(1)..=newest;
        // One reads; whoever else asks waits, and finds them read.
        let mut heads = self.0.lock().await;
        heads.retain(|version, _| listed.contains(version));
        for version in listed {
            if !heads.contains_key(&version)
                && let Some(PublishedVersion { at, by, .. }) = store.published_version(version).await?
            {
                heads.insert(version, Version { version, at, by });
            }
        }
        Ok(heads.values().rev().cloned().collect())
    }
}
