//! Resolutions of suspicions: an organiser marks one as seen, blocks the passport's gifts, or unblocks them.

use crate::actions::app::{App, Result};
use crate::actions::carnival::carnival_refresh::refresh;
use crate::actions::carnival::current_carnival::LoadError;
use crate::rules::check_ins::suspicion::{Suspicion, SuspicionDecision, SuspicionId};
use crate::rules::refusals::CheckInRefusal;
use crate::rules::staff::StaffSession;
use crate::store::Resolution;

/// Stores a resolution; the last one counts. It takes effect here at once, and on other instances within a second.
///
/// # Errors
/// A refusal if there is no such suspicion.
pub async fn resolve(
    app: &App,
    organiser: &StaffSession,
    id: &SuspicionId,
    action: SuspicionDecision,
) -> Result<(Suspicion, Resolution)> {
    let suspicion = app.store.suspicion(id).await?.ok_or(CheckInRefusal::SuspicionUnknown)?;
    let resolution = Resolution { action, by: organiser.name.clone(), at: app.now() };
    app.store.resolve_suspicion(id, &resolution).await?;
    match refresh(app).await {
        Ok(()) => {}
        Err(LoadError::Store(error)) => return Err(error.into()),
        // The periodic refresh reports the same failure until it is resolved.
        Err(cause) => tracing::warn!(%cause, "the list of blocked passports could not be refreshed"),
    }
    Ok((suspicion, resolution))
}
