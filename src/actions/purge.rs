//! Forgetting people after the end: what is deleted, and what stays as counts.

use jiff::Timestamp;
use jiff::civil::Date;

use super::current_carnival::{self, LoadError};
use crate::store::StoreError;
use crate::store::export::{MaintenanceStore, RecordCounts};

/// Why nothing was purged.
#[derive(Debug, thiserror::Error)]
pub enum PurgeError {
    /// The store failed. What was deleted stays deleted, and asking again goes on.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No carnival can be read from it.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The carnival is not over.
    #[error("the carnival lasts until {last_day}")]
    NotOver {
        /// Its last day.
        last_day: Date,
    },
}

/// What would be deleted, and what would stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurgePlan {
    /// The carnival's name.
    pub carnival: String,
    /// Passports, claims and facts of theirs go; movements of stock and counters stay.
    pub counts: RecordCounts,
    /// Invitations of staff.
    pub invitations: usize,
    /// Staff sessions, with the names that people typed.
    pub sessions: usize,
    /// Suspicions, and those about which something was done.
    pub suspicions: usize,
}

/// What a purge would do now.
///
/// # Errors
/// A carnival that is not over; a store that fails.
pub async fn plan(store: &dyn MaintenanceStore, now: Timestamp) -> Result<PurgePlan, PurgeError> {
    let (current, _) = current_carnival::load(store).await?;
    let last_day = current.carnival.days.last;
    if current.carnival.local(now).date() <= last_day {
        return Err(PurgeError::NotOver { last_day });
    }
    let invitations = store.invitations().await?;
    Ok(PurgePlan {
        carnival: current.carnival.name.clone(),
        counts: store.record_counts().await?,
        sessions: invitations.iter().map(|stored| stored.sessions.len()).sum(),
        invitations: invitations.len(),
        suspicions: store.hints().await?.suspicions.len().max(store.resolutions().await?.len()),
    })
}

/// Deletes whatever is about people; `progress` is told how much is deleted so far. It can be asked for
/// again, after a crash and after it was done.
///
/// # Errors
/// As [`plan`].
pub async fn purge(
    store: &dyn MaintenanceStore,
    now: Timestamp,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<PurgePlan, PurgeError> {
    let plan = plan(store, now).await?;
    let mut deleted = 0;
    let mut report = |count| {
        deleted += count;
        progress(deleted);
    };
    store.purge(&mut report).await?;
    Ok(plan)
}
