//! Suspicions, and their resolutions: an organiser marks one as seen, blocks the passport's gifts, or unblocks them.

use crate::actions::app::{App, Result};
use crate::actions::carnival::carnival_refresh::refresh;
use crate::actions::carnival::current_carnival::LoadError;
use crate::actions::staff::OnDuty;
use crate::rules::check_ins::suspicion::{Suspicion, SuspicionDecision, SuspicionId};
use crate::rules::refusals::CheckInRefusal;
use crate::store::control_records::{self, Existing, MAX_ATTEMPTS, changes_to, contended};
use crate::store::record_kinds::Block;
use crate::store::{self, ControlRecord, RecordKind, RecordStore, Resolution, StoredSuspicion};
use crate::tokens::Organiser;

/// Stores a resolution; the last one counts. It takes effect here at once, and on other instances within a second.
///
/// # Errors
/// A refusal if there is no such suspicion.
pub async fn resolve(
    app: &App,
    organiser: &OnDuty<Organiser>,
    id: &SuspicionId,
    action: SuspicionDecision,
) -> Result<(Suspicion, Resolution)> {
    let resolution = Resolution { action, by: organiser.name.clone(), at: app.now() };
    let suspicion = store_resolution(&*app.store, id, &resolution).await?.ok_or(CheckInRefusal::SuspicionUnknown)?;
    match refresh(app).await {
        Ok(()) => {}
        Err(LoadError::Store(error)) => return Err(error.into()),
        // The periodic refresh reports the same failure until it is resolved.
        Err(cause) => tracing::warn!(%cause, "the list of blocked passports could not be refreshed"),
    }
    Ok((suspicion, resolution))
}

/// Stores an organiser's resolution of a suspicion; the last one counts. In the same step, [`SuspicionDecision::Hold`]
/// blocks the passport and [`SuspicionDecision::Release`] releases it. `None` if there is no such suspicion.
///
/// # Errors
/// The store fails, or too many passports are blocked.
pub async fn store_resolution(
    store: &dyn RecordStore,
    id: &SuspicionId,
    resolution: &Resolution,
) -> store::Result<Option<Suspicion>> {
    for _ in 0..MAX_ATTEMPTS {
        let Some(record) = store.record(RecordKind::Suspicion, &id.to_string()).await? else {
            return Ok(None);
        };
        let StoredSuspicion { suspicion, .. } = record.decode()?;
        let resolved = StoredSuspicion { suspicion, resolution: Some(resolution.clone()) };
        let mut changes = vec![record.replaced_by(&resolved)?];
        let blocked = match resolution.action {
            SuspicionDecision::Seen => Vec::new(),
            SuspicionDecision::Hold | SuspicionDecision::Release => store.records(RecordKind::Block).await?,
        };
        changes.extend(match resolution.action {
            SuspicionDecision::Seen => Vec::new(),
            SuspicionDecision::Hold => changes_to(&blocked, &[(id.passport.clone(), Block {})].into(), Existing::Kept)?,
            SuspicionDecision::Release => {
                blocked.iter().filter(|record| record.is_of(&id.passport)).map(ControlRecord::removed).collect()
            }
        });
        if store.change_records(&changes).await? {
            return Ok(Some(resolved.suspicion));
        }
    }
    Err(contended())
}

/// Stores new suspicions; of each, the first value counts.
///
/// # Errors
/// Only when the store fails.
pub async fn store_new(store: &dyn RecordStore, suspicions: Vec<Suspicion>) -> store::Result<()> {
    let new = |suspicion: Suspicion| (suspicion.id.clone(), StoredSuspicion { suspicion, resolution: None });
    control_records::put(store, &suspicions.into_iter().map(new).collect(), Existing::Kept).await
}
