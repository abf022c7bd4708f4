//! Organisers manage the staff: list it, and find an invitation to renew.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::booth::{Shift, shifts};
use crate::actions::app::{App, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::rules::ids::{InvitationId, SessionId};
use crate::rules::refusals::AccessRefusal;
use crate::rules::staff::Invitation;
use crate::store::StoredInvitation;

/// All staff, for organisers.
#[derive(Clone, Debug)]
pub struct StaffList {
    /// The carnival that was current at the time.
    pub current: Arc<CurrentCarnival>,
    /// When it was read.
    pub now: Timestamp,
    /// All invitations with their sessions, newest first.
    pub invitations: Vec<StoredInvitation>,
    /// Last use of each session, a few seconds behind.
    pub last_seen: BTreeMap<SessionId, Timestamp>,
    /// Totals of each session.
    pub shifts: BTreeMap<SessionId, Shift>,
}

/// Reads all invitations with their sessions, last use and totals.
///
/// # Errors
/// Only when the store fails.
pub async fn list(app: &App) -> Result<StaffList> {
    let (current, now) = (app.current(), app.now());
    let (invitations, last_seen, shifts) =
        futures_util::join!(app.store.invitations(), app.store.last_seen(), shifts(app));
    Ok(StaffList { current, now, invitations: invitations?, last_seen: last_seen?, shifts: shifts? })
}

/// The invitation with this id, to renew it; or the one of the session with this id, with one use.
///
/// # Errors
/// A refusal if there is neither.
pub async fn previous(app: &App, id: &str) -> Result<Invitation> {
    if let Ok(id) = id.parse::<InvitationId>()
        && let Some(stored) = app.store.invitation(&id).await?
    {
        return Ok(stored.invitation);
    }
    let id: SessionId = id.parse().map_err(|_| AccessRefusal::StaffUnknown)?;
    let session = app.store.session(&id).await?.ok_or(AccessRefusal::StaffUnknown)?.session;
    let stored = app.store.invitation(&session.invitation).await?.ok_or(AccessRefusal::StaffUnknown)?;
    Ok(Invitation { uses: 1, ..stored.invitation })
}
