//! Organisers manage the staff: invite, list, renew a link.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::InvitationLink;
use super::booth::{Shift, shifts};
use crate::actions::app::{App, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::actions::staff::OnDuty;
use crate::rules::ids::{InvitationId, Nonce, SessionId};
use crate::rules::refusals::AccessRefusal;
use crate::rules::staff::Invitation;
use crate::rules::staff::invitation_terms::InvitationTerms;
use crate::store::StoredInvitation;
use crate::tokens::Organiser;

/// Creates an invitation. With a nonce, a repeated request returns the same link and creates no second invitation.
///
/// # Errors
/// Only when the store fails or the system provides no random bytes.
pub async fn invite(
    app: &App,
    organiser: &OnDuty<Organiser>,
    offer: InvitationTerms,
    nonce: Option<&Nonce>,
) -> Result<InvitationLink> {
    let code = match nonce {
        Some(nonce) => app.codes.invitation_for_nonce(&organiser.id, nonce),
        None => app.codes.invitation()?,
    };
    super::store_invitation(app, code, offer).await
}

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

/// Terms of an earlier invitation, to renew it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousTerms {
    /// The invitation with this id, or the one of the session with this id.
    pub invitation: Invitation,
    /// Uses of the new invitation: as many as before, or one if a session is renewed.
    pub uses: u16,
}

impl PreviousTerms {
    /// Expiry of the new invitation, which is valid for as long as the previous one.
    #[must_use]
    pub fn renewed_until(&self, now: Timestamp) -> Timestamp {
        let length = self.invitation.until.duration_since(self.invitation.made_at);
        now.checked_add(length).unwrap_or(Timestamp::MAX)
    }
}

/// Finds an invitation or a session by its id.
///
/// # Errors
/// A refusal if there is neither.
pub async fn previous(app: &App, id: &str) -> Result<PreviousTerms> {
    if let Ok(id) = id.parse::<InvitationId>()
        && let Some(stored) = app.store.invitation(&id).await?
    {
        let uses = stored.invitation.uses;
        return Ok(PreviousTerms { invitation: stored.invitation, uses });
    }
    let id: SessionId = id.parse().map_err(|_| AccessRefusal::StaffUnknown)?;
    let session = app.store.session(&id).await?.ok_or(AccessRefusal::StaffUnknown)?.session;
    let stored = app.store.invitation(&session.invitation).await?.ok_or(AccessRefusal::StaffUnknown)?;
    Ok(PreviousTerms { invitation: stored.invitation, uses: 1 })
}
