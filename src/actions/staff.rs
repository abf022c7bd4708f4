//! Staff access: invitations, sessions, and their end.

pub mod booth;
pub mod staff_admin;

use std::marker::PhantomData;
use std::ops::Deref;

use jiff::Timestamp;

use super::app::{App, Result};
use crate::rules::ids::{InvitationId, Nonce, SessionId};
use crate::rules::refusals::AccessRefusal;
use crate::rules::staff::roles::StaffName;
use crate::rules::staff::{Invitation, StaffSession};
use crate::store::JoinOutcome;
use crate::tokens::codes::{NewInvitation, link};
use crate::tokens::jwt::IssuedToken;
use crate::tokens::{Code, Organiser, StaffRole, random};

pub use crate::rules::staff::invitation_terms::InvitationTerms;

/// An invitation with its link, of which no copy is stored.
#[derive(Clone, Debug)]
pub struct InvitationLink {
    /// The stored invitation.
    pub invitation: Invitation,
    /// The link to send.
    pub link: String,
}

/// Creates an invitation. With a nonce of an organiser, a repeated request returns the same link and creates no second
/// invitation: the original terms remain in force.
///
/// # Errors
/// Only when the store fails or the system provides no random bytes.
pub async fn invite(
    app: &App,
    offer: InvitationTerms,
    nonce: Option<(&OnDuty<Organiser>, &Nonce)>,
) -> Result<InvitationLink> {
    let NewInvitation { id, text } = match nonce {
        Some((organiser, nonce)) => app.codes.invitation_for_nonce(&organiser.id, nonce),
        None => app.codes.invitation()?,
    };
    let InvitationTerms { role, place, uses, until } = offer;
    let offered = Invitation { id, role, place, uses, until, made_at: app.now() };
    app.store.invite(&offered).await?;
    let stored = app.store.invitation(&offered.id).await?;
    let invitation = stored.map_or(offered, |stored| stored.invitation);
    Ok(InvitationLink { invitation, link: link(&app.settings.public_url, &text) })
}

/// An accepted invitation.
pub struct AcceptedInvitation {
    /// The staff session.
    pub session: StaffSession,
    /// The session's token with its expiry.
    pub issued: IssuedToken,
}

/// Accepts an invitation, given its link or code, a typed name, and a nonce that the device keeps, so that the same
/// link opens the same session again on that device.
///
/// # Errors
/// A refusal when there is no such invitation, when it has expired, or when all its uses are taken.
pub async fn accept(app: &App, code: &str, name: StaffName, nonce: Nonce) -> Result<AcceptedInvitation> {
    let now = app.now();
    let id = match app.codes.read(code, now) {
        Ok(Code::Invitation(id)) => id,
        Ok(code) => return Err(code.out_of_place().into()),
        Err(_) => return Err(AccessRefusal::InvitationUnknown.into()),
    };
    app.ensure_store_current()?;
    let stored = app.store.invitation(&id).await?.ok_or(AccessRefusal::InvitationUnknown)?;
    if let Some(own) = stored.sessions.iter().find(|stored| stored.session.nonce == nonce) {
        // The same device: reopen its session, even after the invitation has expired.
        own.session.check_active(own.ended, now)?;
        return issue_token(app, own.session.clone());
    }
    stored.invitation.check_acceptable(now)?;
    let Invitation { role, place, uses, .. } = stored.invitation;
    let until = now.checked_add(app.settings.staff_session).unwrap_or(Timestamp::MAX);
    let session =
        StaffSession { id: random::session_id()?, invitation: id, role, place, name, nonce, begun: now, until };
    match app.store.begin_session(&session, uses).await? {
        JoinOutcome::Joined(stored) => {
            stored.session.check_active(stored.ended, now)?;
            issue_token(app, stored.session)
        }
        JoinOutcome::Full => Err(AccessRefusal::InvitationUsedUp.into()),
        JoinOutcome::Ended => Err(AccessRefusal::InvitationOver.into()),
    }
}

fn issue_token(app: &App, session: StaffSession) -> Result<AcceptedInvitation> {
    let issued = app.jwt.issue_staff(&session)?;
    Ok(AcceptedInvitation { session, issued })
}

/// A member of staff whose session was active when the request arrived. `R` is the role that the work needs; only
/// `tokens` can make one, so an action that takes this is only called for a verified token and an active session.
#[derive(Clone, Debug)]
pub struct OnDuty<R> {
    session: StaffSession,
    _role: PhantomData<R>,
}

impl<R: StaffRole> OnDuty<R> {
    /// Reads the caller's session from the store, on every request: an ended session is refused from the next request
    /// on.
    ///
    /// # Errors
    /// A refusal when the session was ended, has expired, or never existed.
    pub async fn check(app: &App, staff: &R) -> Result<OnDuty<R>> {
        if staff.is_operator() {
            return Ok(OnDuty { session: StaffSession::operator(), _role: PhantomData });
        }
        let stored = app.store.session(staff.session()).await?.ok_or(AccessRefusal::TokenInvalid)?;
        stored.session.check_active(stored.ended, app.now())?;
        app.hints.record_last_seen(&stored.session.id, app.now());
        Ok(OnDuty { session: stored.session, _role: PhantomData })
    }
}

impl<R> Deref for OnDuty<R> {
    type Target = StaffSession;

    fn deref(&self) -> &StaffSession {
        &self.session
    }
}

/// Ends an invitation with its sessions, or one session, by its id.
///
/// # Errors
/// A refusal if no invitation or session has this id.
pub async fn end(app: &App, id: &str) -> Result<()> {
    let now = app.now();
    if let Ok(invitation) = id.parse::<InvitationId>()
        && app.store.invitation(&invitation).await?.is_some()
    {
        // End the invitation first: then no further session can start, so none is missed.
        app.store.end_invitation(&invitation, now).await?;
        let sessions = app.store.invitation(&invitation).await?.map(|stored| stored.sessions).unwrap_or_default();
        for stored in sessions.into_iter().filter(|stored| stored.ended.is_none()) {
            app.store.end_session(&stored.session.id, now).await?;
        }
        return Ok(());
    }
    let session: SessionId = id.parse().map_err(|_| AccessRefusal::StaffUnknown)?;
    app.store.session(&session).await?.ok_or(AccessRefusal::StaffUnknown)?;
    Ok(app.store.end_session(&session, now).await?)
}
