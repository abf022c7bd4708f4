//! How organisers look after the staff: invite, list, hand out a new link.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::app::{App, Result};
use super::booth::{Shift, shifts};
use super::current_carnival::CurrentCarnival;
use super::staff::{self, InvitationLink};
use crate::rules::ids::{InvitationId, Nonce, SessionId};
use crate::rules::invitation_terms::InvitationTerms;
use crate::rules::refusal::Refusal;
use crate::rules::staff::{Invitation, StaffSession};
use crate::store::StoredInvitation;

/// Makes an invitation. With a nonce, asking again is answered with the same link, and makes no second one.
///
/// # Errors
/// Only when the store fails or the system gives no random bytes.
pub async fn invite(
    app: &App,
    organiser: &StaffSession,
    offer: InvitationTerms,
    nonce: Option<&Nonce>,
) -> Result<InvitationLink> {
    let code = match nonce {
        Some(nonce) => app.codes.invitation_for_nonce(&organiser.id, nonce),
        None => app.codes.invitation()?,
    };
    staff::store_invitation(app, code, offer).await
}

/// The staff, as organisers see them.
#[derive(Clone, Debug)]
pub struct StaffList {
    /// The carnival.
    pub current: Arc<CurrentCarnival>,
    /// When it was read.
    pub now: Timestamp,
    /// All invitations with their sessions, newest first.
    pub invitations: Vec<StoredInvitation>,
    /// When each session was last seen, a few seconds late.
    pub last_seen: BTreeMap<SessionId, Timestamp>,
    /// What each did.
    pub shifts: BTreeMap<SessionId, Shift>,
}

/// All invitations, who came of them, when they were last seen and what they did.
///
/// # Errors
/// Only when the store fails.
pub async fn list(app: &App) -> Result<StaffList> {
    let (current, now) = (app.current(), app.now());
    let (invitations, last_seen, shifts) =
        futures_util::join!(app.store.invitations(), app.store.last_seen(), shifts(app));
    Ok(StaffList { current, now, invitations: invitations?, last_seen: last_seen?, shifts: shifts? })
}

/// What stands behind an id of the list, to be offered anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousTerms {
    /// The invitation of this id, or of the session of this id.
    pub invitation: Invitation,
    /// How many may accept the new one: as many as before, or the one whose session it was.
    pub uses: u16,
}

impl PreviousTerms {
    /// Until when a new one can be accepted: for as long a time as the former.
    #[must_use]
    pub fn renewed_until(&self, now: Timestamp) -> Timestamp {
        let length = self.invitation.until.duration_since(self.invitation.made_at);
        now.checked_add(length).unwrap_or(Timestamp::MAX)
    }
}

/// Finds an invitation or a session.
///
/// # Errors
/// A refusal when there is neither.
pub async fn previous(app: &App, id: &str) -> Result<PreviousTerms> {
    if let Ok(id) = id.parse::<InvitationId>()
        && let Some(stored) = app.store.invitation(&id).await?
    {
        let uses = stored.invitation.uses;
        return Ok(PreviousTerms { invitation: stored.invitation, uses });
    }
    let id: SessionId = id.parse().map_err(|_| Refusal::StaffUnknown)?;
    let session = app.store.session(&id).await?.ok_or(Refusal::StaffUnknown)?.session;
    let stored = app.store.invitation(&session.invitation).await?.ok_or(Refusal::StaffUnknown)?;
    Ok(PreviousTerms { invitation: stored.invitation, uses: 1 })
}
