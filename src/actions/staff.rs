//! Staff: who is on duty, and how they come and go.

pub mod arrivals;
pub mod booth;
pub mod hours;
pub mod invitations;
pub mod staff_admin;
pub mod waiting_room;

use std::marker::PhantomData;
use std::ops::Deref;

use super::app::{App, Result};
use crate::rules::refusals::AccessRefusal;
use crate::rules::staff::StaffSession;
use crate::store::control_records;
use crate::tokens::StaffRole;

pub use crate::rules::staff::invitation_terms::InvitationTerms;

/// A member of staff whose session was active when the request arrived. `R` is the work that the role must permit; only
/// `tokens` can make one, so an action that takes this is only called for a verified token and an active session.
#[derive(Clone, Debug)]
pub struct OnDuty<R> {
    session: StaffSession,
    _role: PhantomData<R>,
}

impl<R: StaffRole> OnDuty<R> {
    /// Reads the caller's session from the store, on every request: an ended session is refused from the next request
    /// on. The session must have the token's role, so that a stolen key alone makes nobody an organiser.
    ///
    /// # Errors
    /// A refusal when the session was ended, has expired, never existed, or has another role.
    pub async fn check(app: &App, staff: &R) -> Result<OnDuty<R>> {
        let token = staff.token();
        if token.is_operator() {
            return Ok(OnDuty { session: StaffSession::operator(), _role: PhantomData });
        }
        let session: Option<StaffSession> = control_records::read(app.store.as_ref(), token.session()).await?;
        let session = session.filter(|session| session.role == token.role()).ok_or(AccessRefusal::TokenInvalid)?;
        session.check_active(app.now())?;
        app.hints.record_last_seen(&session.id, app.now());
        Ok(OnDuty { session, _role: PhantomData })
    }
}

impl<R> Deref for OnDuty<R> {
    type Target = StaffSession;

    fn deref(&self) -> &StaffSession {
        &self.session
    }
}
