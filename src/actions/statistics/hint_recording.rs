//! Recording of hints that may be lost (refusals, last-seen times, suspicions), and the periodic flush to the store.

use jiff::Timestamp;

use crate::actions::app::{App, Error, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::check_ins::suspicion_resolution;
use crate::rules::check_ins::passport::Passport;
use crate::rules::check_ins::suspicion;
use crate::rules::ids::PointNumber;
use crate::rules::statistics::tally::LocalHour;

/// Counts the refusal if `result` is one, and returns `result` unchanged.
pub(in crate::actions) fn record_refusal<T>(app: &App, point: Option<PointNumber>, result: Result<T>) -> Result<T> {
    if let Err(Error::Refused(refusal)) = &result {
        let hour = LocalHour::of(app.current().carnival.local(app.now()));
        app.hints.record_refusal(point, refusal.code(), hour);
    }
    result
}

/// Records a new stamp of a point, and a suspicion if it follows the previous one too soon.
pub(in crate::actions) fn record_stamp(
    app: &App,
    current: &CurrentCarnival,
    passport: &Passport,
    point: PointNumber,
    at: Timestamp,
) {
    app.hints.record_stamp(point, at);
    if app.settings.suspicious_kmh > 0
        && let Some(detected) = suspicion::detect(&current.carnival, passport, point, app.settings.suspicious_kmh)
    {
        app.hints.record_suspicion(detected);
    }
}

/// Writes the buffered hints to the store. If the write fails they are discarded, because a retry could count them
/// twice.
pub async fn flush(app: &App) {
    if app.ensure_store_current().is_err() {
        return;
    }
    let _lock = app.hints.flush_lock.lock().await;
    let (hints, suspicions) = app.hints.take();
    if !hints.is_empty()
        && let Err(cause) = app.store.record_hints(&hints).await
    {
        tracing::warn!(%cause, "the hints of the last seconds (refusals, last-seen times) were not stored");
    }
    if !suspicions.is_empty()
        && let Err(cause) = suspicion_resolution::store_new(&*app.store, suspicions).await
    {
        tracing::warn!(%cause, "the suspicions of the last seconds were not stored");
    }
}
