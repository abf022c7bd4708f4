//! Noting what may be lost: refusals, signs of life, suspicions; and writing it down now and then.

use jiff::Timestamp;

use super::app::{App, Error, Result};
use super::current_carnival::CurrentCarnival;
use crate::rules::ids::PointNumber;
use crate::rules::passport::Passport;
use crate::rules::suspicion;
use crate::rules::tally::LocalHour;

/// Notes the refusal that a step ended with, if it is one, and hands the result on.
pub(super) fn record_refusal<T>(app: &App, point: Option<PointNumber>, result: Result<T>) -> Result<T> {
    if let Err(Error::Refused(refusal)) = &result {
        let hour = LocalHour::of(app.current().carnival.local(app.now()));
        app.hints.record_refusal(point, refusal.code(), hour);
    }
    result
}

/// Notes that a point gave a new stamp, and whether it came too soon after the one before it.
pub(super) fn record_stamp(
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

/// Writes down what was noted since the last time. What a store does not take is lost: written
/// again it could count twice.
pub async fn flush(app: &App) {
    if app.ensure_store_current().is_err() {
        return;
    }
    let _lock = app.hints.flush_lock.lock().await;
    let hints = app.hints.take();
    if hints.is_empty() {
        return;
    }
    if let Err(cause) = app.store.record_hints(&hints).await {
        tracing::warn!(%cause, "refusals and signs of life of the last seconds were not written down");
    }
}
