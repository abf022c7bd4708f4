//! What an organiser does about a suspicion: looks at it, holds the passport's gifts, releases them.

use super::app::{App, Result};
use super::carnival_refresh::refresh;
use super::current_carnival::LoadError;
use crate::rules::refusal::Refusal;
use crate::rules::staff::StaffSession;
use crate::rules::suspicion::{Suspicion, SuspicionDecision, SuspicionId};
use crate::store::Resolution;

/// Keeps what an organiser did; the last counts. This instance goes by it at once, the others within
/// a second.
///
/// # Errors
/// A refusal when there is no such suspicion.
pub async fn resolve(
    app: &App,
    organiser: &StaffSession,
    id: &SuspicionId,
    action: SuspicionDecision,
) -> Result<(Suspicion, Resolution)> {
    let suspicion = app.store.suspicion(id).await?.ok_or(Refusal::SuspicionUnknown)?;
    let resolution = Resolution { action, by: organiser.name.clone(), at: app.now() };
    app.store.resolve_suspicion(id, &resolution).await?;
    match refresh(app).await {
        Ok(()) => {}
        Err(LoadError::Store(error)) => return Err(error.into()),
        // Told by the look of each second too, which goes on until it is mended.
        Err(cause) => tracing::warn!(%cause, "which passports wait could not be read"),
    }
    Ok((suspicion, resolution))
}
