//! Keeps the current carnival up to date with the store.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::current_carnival::{CurrentCarnival, LoadError, load_version};
use crate::actions::app::App;
use crate::store::ControlState;

/// Loads the published version if it differs from the current carnival. Every instance does this once a second.
///
/// # Errors
/// As [`load_version`]; also if the store does not hold the version that this instance has seen. The current carnival then
/// stays in place.
pub async fn refresh(app: &App) -> Result<(), LoadError> {
    let _lock = app.current.refresh_lock.lock().await;
    let control = app.store.control().await?;
    let current = app.current();
    let held = check_held(app, &control, &current).await;
    // A store that did not answer is as stale as it was.
    if !matches!(held, Err(LoadError::Store(_))) {
        metrics::gauge!("carnival_store_behind").set(u32::from(held.is_err()));
        app.current.stale.store(held.is_err(), Ordering::Relaxed);
    }
    held?;
    if control.version != current.version {
        let loaded = load_version(app.store.as_ref(), control, app.now()).await?.0;
        tracing::info!(
            version = loaded.version,
            before = current.version,
            "another version of the carnival is current"
        );
        app.replace_carnival(loaded);
    } else if control.generations != current.generations
        || control.blocked_passports != current.blocked_passports
        || control.relief != *current.relief_periods
    {
        let ControlState { generations, blocked_passports, relief, .. } = control;
        let same = CurrentCarnival { generations, blocked_passports, ..CurrentCarnival::clone(&current) };
        app.replace_carnival(same.with_relief(Arc::new(relief), app.now()));
    }
    metrics::gauge!("carnival_version").set(u32::try_from(app.current().version).unwrap_or(u32::MAX));
    Ok(())
}

/// Checks that the store still holds the version that this instance serves. Its number is not enough where the store was
/// stale or has a new version: a command or another instance may have begun a new carnival in an emptied Redis.
async fn check_held(app: &App, control: &ControlState, current: &CurrentCarnival) -> Result<(), LoadError> {
    if control.version < current.version {
        return Err(LoadError::Behind { stored: control.version, last_seen: current.version });
    }
    if control.version == current.version && !app.current.stale.load(Ordering::Relaxed) {
        return Ok(());
    }
    let stored = app.store.published_version(current.version).await?;
    if stored.is_some_and(|stored| stored.at == current.published_at) {
        Ok(())
    } else {
        Err(LoadError::Replaced(current.version))
    }
}
