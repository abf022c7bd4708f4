//! Deletes personal data after the end of the carnival; statistics remain.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::actions::carnival::current_carnival::{self, LoadError};
use crate::rules::gifts::gift::last_pick_up_day;
use crate::store::export::{self, MaintenanceStore, RecordCounts};
use crate::store::{RecordKind, StoreError};

/// Why nothing was purged.
#[derive(Debug, thiserror::Error)]
pub enum PurgeError {
    /// The store failed. Deleted records stay deleted, and a repeated call continues.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No carnival can be loaded from the store.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The carnival is not over, or gifts are still handed out.
    #[error("the carnival lasts until {last_day}")]
    NotOver {
        /// The last day.
        last_day: Date,
    },
}

/// What a purge deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurgePlan {
    /// Name of the carnival.
    pub carnival: String,
    /// Counts of the records. Passports, claims and their log entries are deleted; stock movements and counters
    /// remain.
    pub counts: RecordCounts,
    /// Staff invitations.
    pub invitations: usize,
    /// Staff sessions, with the names that people typed.
    pub sessions: usize,
    /// Suspicions, including resolved ones.
    pub suspicions: usize,
}

/// What a purge would delete now.
///
/// # Errors
/// A carnival that is not over; a store that fails.
pub async fn plan(store: &dyn MaintenanceStore, now: Timestamp) -> Result<PurgePlan, PurgeError> {
    let (current, _) = current_carnival::load(store, now).await?;
    let last_day = last_pick_up_day(&current.carnival);
    if current.carnival.local(now).date() <= last_day {
        return Err(PurgeError::NotOver { last_day });
    }
    Ok(PurgePlan {
        carnival: current.carnival.name.clone(),
        counts: store.record_counts().await?,
        sessions: store.records(RecordKind::StaffSession).await?.len(),
        invitations: store.records(RecordKind::Invitation).await?.len(),
        suspicions: store.records(RecordKind::Suspicion).await?.len(),
    })
}

/// Deletes all personal data; `progress` receives the number of records deleted so far. Can be repeated, after a
/// crash and after completion.
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
    export::purge::purge(store, &mut report).await?;
    Ok(plan)
}
