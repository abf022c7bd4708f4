//! The hours of staff: from the first act of a session to the last, or as an organiser corrected them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::OnDuty;
use crate::actions::app::{App, Result};
use crate::rules::ids::SessionId;
use crate::rules::refusals::StaffRefusal;
use crate::rules::staff::StaffSession;
use crate::rules::staff::session::{CorrectedHours, DutyHours};
use crate::store::control_records::{self, MAX_ATTEMPTS, StoredValue, contended};
use crate::tokens::Organiser;

/// The hours of every session, by when it began and by name.
///
/// # Errors
/// Only when the store fails.
pub async fn all(app: &App) -> Result<Vec<(StaffSession, DutyHours)>> {
    let (store, now) = (app.store.as_ref(), app.now());
    let (sessions, last_seen): (BTreeMap<SessionId, StaffSession>, _) =
        futures_util::try_join!(control_records::read_all(store), store.last_seen())?;
    let hours = |session: StaffSession| {
        let hours = session.hours(last_seen.get(&session.id).copied(), now);
        (session, hours)
    };
    let mut all: Vec<_> = sessions.into_values().map(hours).collect();
    all.sort_by(|(a, one), (b, other)| (one.from, &a.name, &a.id).cmp(&(other.from, &b.name, &b.id)));
    Ok(all)
}

/// Corrects the hours of a session; the last correction counts.
///
/// # Errors
/// A refusal for an unknown session, or for hours that cannot be.
pub async fn correct(
    app: &App,
    organiser: &OnDuty<Organiser>,
    id: &str,
    from: Timestamp,
    to: Timestamp,
) -> Result<StaffSession> {
    let id: SessionId = id.parse().map_err(|_| StaffRefusal::StaffUnknown)?;
    for _ in 0..MAX_ATTEMPTS {
        let stored: Option<StoredValue<StaffSession>> = StoredValue::read(app.store.as_ref(), &id).await?;
        let stored = stored.ok_or(StaffRefusal::StaffUnknown)?;
        let hours = CorrectedHours { from, to, by: organiser.name.clone(), at: app.now() };
        let corrected = stored.value.corrected(hours)?;
        if app.store.change_records(&[stored.replaced_by(&corrected)?]).await? {
            return Ok(corrected);
        }
    }
    Err(contended().into())
}
