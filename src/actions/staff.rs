//! Staff: invited, on duty, ended.

use jiff::Timestamp;

use super::app::{App, Result};
use crate::rules::claim::StaffActor;
use crate::rules::ids::{InvitationId, Nonce, SessionId};
use crate::rules::refusal::Refusal;
use crate::rules::roles::StaffName;
use crate::rules::staff::{Invitation, StaffSession};
use crate::store::JoinOutcome;
use crate::tokens::codes::{NewInvitation, link};
use crate::tokens::jwt::IssuedToken;
use crate::tokens::{Code, Staff, random};

pub use crate::rules::invitation_terms::InvitationTerms;

/// An invitation and the only copy of its link.
#[derive(Clone, Debug)]
pub struct Invited {
    /// What is kept.
    pub invitation: Invitation,
    /// What the invited open.
    pub link: String,
}

/// Makes an invitation.
///
/// # Errors
/// Only when the store fails or the system gives no random bytes.
pub async fn invite(app: &App, offer: InvitationTerms) -> Result<Invited> {
    keep(app, app.codes.invitation()?, offer).await
}

/// Keeps an invitation. If it was kept before, what was offered then stands.
pub(super) async fn keep(app: &App, code: NewInvitation, offer: InvitationTerms) -> Result<Invited> {
    let NewInvitation { id, text } = code;
    let InvitationTerms { role, place, uses, until } = offer;
    let offered = Invitation { id, role, place, uses, until, made_at: app.now() };
    app.store.invite(&offered).await?;
    let kept = app.store.invitation(&offered.id).await?;
    let invitation = kept.map_or(offered, |kept| kept.invitation);
    Ok(Invited { invitation, link: link(&app.practice.public_url, &text) })
}

/// A staff member's token and what it opened.
pub struct Accepted {
    /// The session.
    pub session: StaffSession,
    /// The token and its end.
    pub issued: IssuedToken,
}

/// Accepts an invitation: its link or code, the name that was typed, and a nonce that the device
/// keeps, so that opening the same link there again simply opens.
///
/// # Errors
/// A refusal when there is no such invitation, its time is over, or all its uses are taken.
pub async fn accept(app: &App, code: &str, name: StaffName, nonce: Nonce) -> Result<Accepted> {
    let now = app.now();
    let id = match app.codes.read(code, now) {
        Ok(Code::Invitation(id)) => id,
        Ok(_) => return Err(Refusal::CodeOfAnotherKind.into()),
        Err(_) => return Err(Refusal::InvitationUnknown.into()),
    };
    let kept = app.store.invitation(&id).await?.ok_or(Refusal::InvitationUnknown)?;
    if let Some(mine) = kept.sessions.iter().find(|kept| kept.session.nonce == nonce) {
        // The same device: its session opens again, also after the invitation's time.
        mine.session.check_active(mine.ended, now)?;
        return accepted(app, mine.session.clone());
    }
    kept.invitation.check_acceptable(now)?;
    let Invitation { role, place, uses, .. } = kept.invitation;
    let until = now.checked_add(app.practice.staff_session).unwrap_or(Timestamp::MAX);
    let session =
        StaffSession { id: random::session_id()?, invitation: id, role, place, name, nonce, begun: now, until };
    match app.store.begin_session(&session, uses).await? {
        JoinOutcome::Joined(kept) => {
            kept.session.check_active(kept.ended, now)?;
            accepted(app, kept.session)
        }
        JoinOutcome::Full => Err(Refusal::InvitationUsedUp.into()),
        JoinOutcome::Ended => Err(Refusal::InvitationOver.into()),
    }
}

fn accepted(app: &App, session: StaffSession) -> Result<Accepted> {
    let issued = app.jwt.issue_staff(&session)?;
    Ok(Accepted { session, issued })
}

/// Who asks, read from the store with each request: a session that was ended is refused from the
/// next request on.
///
/// # Errors
/// A refusal when the session was ended, is over, or was never there.
pub async fn on_duty(app: &App, staff: &Staff) -> Result<StaffSession> {
    let kept = app.store.session(staff.session()).await?.ok_or(Refusal::TokenInvalid)?;
    kept.session.check_active(kept.ended, app.now())?;
    app.notes.seen(&kept.session.id, app.now());
    Ok(kept.session)
}

/// A staff member as she is written into what she does.
pub(super) fn hand(session: &StaffSession) -> StaffActor {
    StaffActor::from(session)
}

/// What ending ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// An invitation, and the sessions that came of it.
    Invitation(InvitationId, Vec<SessionId>),
    /// One session.
    Session(SessionId),
    /// There is neither an invitation nor a session of this name.
    Unknown,
}

/// Ends an invitation with its sessions, or one session, by its id.
///
/// # Errors
/// Only when the store fails.
pub async fn end(app: &App, id: &str) -> Result<Ended> {
    let now = app.now();
    if let Ok(invitation) = id.parse::<InvitationId>()
        && app.store.invitation(&invitation).await?.is_some()
    {
        return end_invitation(app, invitation, now).await;
    }
    let Ok(session) = id.parse::<SessionId>() else { return Ok(Ended::Unknown) };
    if app.store.session(&session).await?.is_none() {
        return Ok(Ended::Unknown);
    }
    app.store.end_session(&session, now).await?;
    Ok(Ended::Session(session))
}

async fn end_invitation(app: &App, id: InvitationId, now: Timestamp) -> Result<Ended> {
    // The invitation first: afterwards no further session can begin, so none is missed.
    app.store.end_invitation(&id, now).await?;
    let sessions = app.store.invitation(&id).await?.map(|kept| kept.sessions).unwrap_or_default();
    let mut ended = Vec::new();
    for kept in sessions.into_iter().filter(|kept| kept.ended.is_none()) {
        app.store.end_session(&kept.session.id, now).await?;
        ended.push(kept.session.id);
    }
    Ok(Ended::Invitation(id, ended))
}
