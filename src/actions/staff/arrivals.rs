//! 到岗 and 离岗: a device comes on duty with an invitation, perhaps after waiting for an organiser, and goes off duty.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::OnDuty;
use super::waiting_room::{LOOK_AGAIN, MAX_WAIT};
use crate::actions::app::{App, Result};
use crate::rules::ids::{DeviceId, InvitationId, Nonce, SessionId};
use crate::rules::refusals::StaffRefusal;
use crate::rules::staff::admission::{Admission, Arrival, BegunDuty, KnownDevice, WaitingDevice, admit, check_welcome};
use crate::rules::staff::session::EndedBy;
use crate::rules::staff::staff_name::StaffName;
use crate::rules::staff::{DeviceSecret, Invitation, StaffDevice, StaffSession};
use crate::store::RecordChange;
use crate::store::control_records::{self, MAX_ATTEMPTS, StoredValue, check_room, contended, created};
use crate::tokens::jwt::IssuedToken;
use crate::tokens::{AnyStaff, Code, random};

/// What a person on a device sends.
#[derive(Clone)]
pub struct DutyRequest {
    /// The invitation's link or code.
    pub invitation: String,
    /// The typed name.
    pub name: StaffName,
    /// Generated for this arrival.
    pub nonce: Nonce,
    /// The device's secret.
    pub device: DeviceSecret,
}

/// The answer to an arrival.
pub enum ArrivalOutcome {
    /// On duty.
    OnDuty {
        /// The staff session.
        session: Box<StaffSession>,
        /// The session's token with its expiry.
        issued: IssuedToken,
    },
    /// An organiser has to admit the device first.
    Waiting,
}

/// Comes on duty. A device that has to wait is answered when an organiser decides, at the latest after `wait`.
///
/// # Errors
/// A refusal of [`admit`], or when there is no such invitation.
pub async fn arrive(app: &App, request: &DutyRequest, wait: Duration) -> Result<ArrivalOutcome> {
    let deadline = Instant::now() + wait.min(MAX_WAIT);
    let seat = if wait.is_zero() { None } else { app.waiting_room.seat() };
    loop {
        // Registered before the store is read, so that no decision is missed.
        let mut decided = std::pin::pin!(app.waiting_room.next_decision());
        decided.as_mut().enable();
        let outcome = arrive_once(app, request).await?;
        let left = deadline.saturating_duration_since(Instant::now());
        if matches!(outcome, ArrivalOutcome::OnDuty { .. }) || left.is_zero() || seat.is_none() {
            return Ok(outcome);
        }
        let _again = timeout(left.min(LOOK_AGAIN), decided).await;
    }
}

async fn arrive_once(app: &App, request: &DutyRequest) -> Result<ArrivalOutcome> {
    let id = match app.codes.read(&request.invitation, app.now()) {
        Ok(Code::Invitation(id)) => id,
        Ok(code) => return Err(code.out_of_place().into()),
        Err(_) => return Err(StaffRefusal::InvitationUnknown.into()),
    };
    app.ensure_store_current()?;
    let device = app.codes.device(&id, &request.device);
    for _ in 0..4 * MAX_ATTEMPTS {
        let arrival = Arrival {
            device: device.clone(),
            name: request.name.clone(),
            nonce: request.nonce.clone(),
            session: random::session_id()?,
            now: app.now(),
            shift_limit: app.settings.staff_session,
        };
        let known = KnownRecords::read(app, &id, &arrival).await?;
        let admission = admit(&known.invitation.value, known.of_device(), &arrival)?;
        let (session, changes) = match admission {
            Admission::Running(session) => (Some(*session), Vec::new()),
            Admission::Waits(None) => (None, Vec::new()),
            Admission::Waits(Some(waiting)) => (None, known.changes_of_wait(app, &device, &waiting).await?),
            Admission::Begins(begun) => {
                let changes = known.changes_of_duty(app, &device, &begun).await?;
                (Some(begun.session), changes)
            }
        };
        if changes.is_empty() || app.store.change_records(&changes).await? {
            return session.map_or(Ok(ArrivalOutcome::Waiting), |session| {
                let issued = app.jwt.issue_staff(&session)?;
                Ok(ArrivalOutcome::OnDuty { session: Box::new(session), issued })
            });
        }
    }
    Err(contended().into())
}

/// The records that an arrival depends on.
struct KnownRecords {
    invitation: StoredValue<Invitation>,
    device: Option<StoredValue<StaffDevice>>,
    same_nonce: Option<StoredValue<StaffSession>>,
    last: Option<StoredValue<StaffSession>>,
}

impl KnownRecords {
    async fn read(app: &App, id: &InvitationId, arrival: &Arrival) -> Result<KnownRecords> {
        let store = app.store.as_ref();
        let (invitation, device) = futures_util::try_join!(
            StoredValue::read(store, id),
            StoredValue::<StaffDevice>::read(store, &arrival.device)
        )?;
        let invitation = invitation.ok_or(StaffRefusal::InvitationUnknown)?;
        let of = |find: fn(&StaffDevice, &Nonce) -> Option<SessionId>| {
            device.as_ref().and_then(|device| find(&device.value, &arrival.nonce))
        };
        let same_nonce = session(app, of(|device, nonce| device.session_of(nonce).cloned()));
        let last = session(app, of(|device, _| device.last_session().cloned()));
        let (same_nonce, last) = futures_util::try_join!(same_nonce, last)?;
        Ok(KnownRecords { invitation, device, same_nonce, last })
    }

    fn of_device(&self) -> KnownDevice<'_> {
        KnownDevice {
            device: self.device.as_ref().map(|stored| &stored.value),
            same_nonce: self.same_nonce.as_ref().map(|stored| &stored.value),
            last: self.last.as_ref().map(|stored| &stored.value),
        }
    }

    async fn changes_of_wait(&self, app: &App, id: &DeviceId, waiting: &WaitingDevice) -> Result<Vec<RecordChange>> {
        let WaitingDevice { invitation, device } = waiting;
        Ok(vec![self.invitation.changed_to(invitation)?, self.device_change(app, id, device).await?])
    }

    /// The invitation is part of the step even if it does not change: then no session begins after its end.
    async fn changes_of_duty(&self, app: &App, id: &DeviceId, begun: &BegunDuty) -> Result<Vec<RecordChange>> {
        let BegunDuty { invitation, device, session, replaced } = begun;
        let mut changes = vec![self.invitation.changed_to(invitation)?, self.device_change(app, id, device).await?];
        check_room::<StaffSession>(app.store.as_ref()).await?;
        changes.push(created(&session.id, session)?);
        if let (Some(replaced), Some(last)) = (replaced, &self.last) {
            changes.push(last.replaced_by(replaced)?);
        }
        Ok(changes)
    }

    async fn device_change(&self, app: &App, id: &DeviceId, device: &StaffDevice) -> Result<RecordChange> {
        if let Some(stored) = &self.device {
            return Ok(stored.changed_to(device)?);
        }
        check_room::<StaffDevice>(app.store.as_ref()).await?;
        Ok(created(id, device)?)
    }
}

async fn session(app: &App, id: Option<SessionId>) -> Result<Option<StoredValue<StaffSession>>> {
    match id {
        Some(id) => Ok(StoredValue::read(app.store.as_ref(), &id).await?),
        None => Ok(None),
    }
}

/// An invitation that a device may open: it is valid, and has a use left or knows the device.
///
/// # Errors
/// A refusal if there is no such invitation, or if it does not let the device in.
pub async fn open_invitation(app: &App, id: &InvitationId, device: Option<&DeviceSecret>) -> Result<Invitation> {
    app.ensure_store_current()?;
    let store = app.store.as_ref();
    let invitation: Invitation = control_records::read(store, id).await?.ok_or(StaffRefusal::InvitationUnknown)?;
    let device = match device {
        Some(secret) => control_records::read::<StaffDevice>(store, &app.codes.device(id, secret)).await?,
        None => None,
    };
    check_welcome(&invitation, device.as_ref(), app.now())?;
    Ok(invitation)
}

/// Goes off duty. The device may come back until the end of its invitation.
///
/// # Errors
/// A refusal if the session ended meanwhile.
pub async fn leave(app: &App, staff: &OnDuty<AnyStaff>) -> Result<StaffSession> {
    for _ in 0..MAX_ATTEMPTS {
        let now = app.now();
        let stored: Option<StoredValue<StaffSession>> = StoredValue::read(app.store.as_ref(), &staff.id).await?;
        let stored = stored.ok_or(StaffRefusal::StaffUnknown)?;
        stored.value.check_active(now)?;
        let left = stored.value.ended(EndedBy::Leaving, now);
        if app.store.change_records(&[stored.replaced_by(&left)?]).await? {
            return Ok(left);
        }
    }
    Err(contended().into())
}
