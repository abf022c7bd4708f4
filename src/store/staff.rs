//! Invitations and staff sessions.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{JoinOutcome, Result};
use crate::rules::ids::{InvitationId, SessionId};
use crate::rules::staff::{Invitation, StaffSession};

/// Invitations and staff sessions.
#[async_trait]
pub trait StaffStore: Send + Sync {
    /// Stores an invitation. The first write of an id wins.
    async fn invite(&self, invitation: &Invitation) -> Result<()>;

    /// An invitation with its sessions.
    async fn invitation(&self, id: &InvitationId) -> Result<Option<StoredInvitation>>;

    /// All invitations with their sessions, newest first.
    async fn invitations(&self) -> Result<Vec<StoredInvitation>>;

    /// Begins a staff session, at most `uses` per invitation. The same nonce returns the session that it began, even
    /// if the invitation was used up or ended since then.
    async fn begin_session(&self, session: &StaffSession, uses: u16) -> Result<JoinOutcome<StoredSession>>;

    /// A staff session. Every request of a staff member reads it, so it takes one round trip.
    async fn session(&self, id: &SessionId) -> Result<Option<StoredSession>>;

    /// Ends an invitation: it cannot be accepted afterwards. The first call sets the time.
    async fn end_invitation(&self, id: &InvitationId, at: Timestamp) -> Result<()>;

    /// Ends a staff session. The first call sets the time.
    async fn end_session(&self, id: &SessionId, at: Timestamp) -> Result<()>;
}

/// A staff session and when it was ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSession {
    /// The session.
    pub session: StaffSession,
    /// When an organiser ended it.
    pub ended: Option<Timestamp>,
}

/// An invitation, when it was ended, and its sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// When an organiser ended it.
    pub ended: Option<Timestamp>,
    /// The sessions that accepted it.
    pub sessions: Vec<StoredSession>,
}

/// Sorts sessions by when they began.
pub(super) fn sort_sessions(sessions: &mut [StoredSession]) {
    sessions.sort_unstable_by(|a, b| (a.session.begun, &a.session.id).cmp(&(b.session.begun, &b.session.id)));
}

/// Sorts invitations, newest first.
pub(super) fn sort_invitations(invitations: &mut [StoredInvitation]) {
    invitations.sort_unstable_by(|a, b| {
        (b.invitation.made_at, &b.invitation.id).cmp(&(a.invitation.made_at, &a.invitation.id))
    });
}
