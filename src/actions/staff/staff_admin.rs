//! Organisers manage the staff: who is on duty, who waits, whose duty ends.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::OnDuty;
use super::booth::{Shift, shifts};
use super::invitations::running_sessions;
use crate::actions::app::{App, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::rules::ids::{DeviceId, InvitationId, SessionId};
use crate::rules::refusals::{Refusal, StaffRefusal};
use crate::rules::staff::invitation::DeviceDecision;
use crate::rules::staff::roles::Role;
use crate::rules::staff::session::{EndedBy, remaining_organiser};
use crate::rules::staff::{DeviceState, Invitation, StaffDevice, StaffSession};
use crate::store::RecordChange;
use crate::store::control_records::{self, MAX_ATTEMPTS, StoredValue, contended};
use crate::tokens::Organiser;

/// All staff, for organisers.
#[derive(Clone, Debug)]
pub struct StaffList {
    /// The carnival that was current at the time.
    pub current: Arc<CurrentCarnival>,
    /// When it was read.
    pub now: Timestamp,
    /// All invitations, newest first.
    pub invitations: Vec<ListedInvitation>,
    /// Last use of each session, a few seconds behind.
    pub last_seen: BTreeMap<SessionId, Timestamp>,
    /// Totals of each session.
    pub shifts: BTreeMap<SessionId, Shift>,
}

/// An invitation with what came of it.
#[derive(Clone, Debug)]
pub struct ListedInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// Its devices, the first one first.
    pub devices: Vec<(DeviceId, StaffDevice)>,
    /// The sessions on them, the first one first.
    pub sessions: Vec<StaffSession>,
}

/// Reads all invitations with their devices and sessions, last use and totals.
///
/// # Errors
/// Only when the store fails.
pub async fn list(app: &App) -> Result<StaffList> {
    let (current, now, store) = (app.current(), app.now(), app.store.as_ref());
    let (invitations, devices, sessions, last_seen) = futures_util::try_join!(
        control_records::read_all::<Invitation>(store),
        control_records::read_all::<StaffDevice>(store),
        control_records::read_all::<StaffSession>(store),
        store.last_seen(),
    )?;
    let mut listed: BTreeMap<InvitationId, ListedInvitation> = BTreeMap::new();
    for (id, invitation) in invitations {
        listed.insert(id, ListedInvitation { invitation, devices: Vec::new(), sessions: Vec::new() });
    }
    for (id, device) in devices {
        if let Some(entry) = listed.get_mut(&device.invitation) {
            entry.devices.push((id, device));
        }
    }
    for session in sessions.into_values() {
        if let Some(entry) = listed.get_mut(&session.invitation) {
            entry.sessions.push(session);
        }
    }
    let mut invitations: Vec<ListedInvitation> = listed.into_values().collect();
    for entry in &mut invitations {
        entry.devices.sort_by(|(a, one), (b, other)| (one.since, a).cmp(&(other.since, b)));
        entry.sessions.sort_by(|a, b| (a.begun, &a.id).cmp(&(b.begun, &b.id)));
    }
    // A roster stays in its order.
    invitations.sort_by_cached_key(|entry| {
        let Invitation { made_at, id, roster, .. } = &entry.invitation;
        (Reverse(*made_at), roster.as_ref().map(|entry| entry.line), id.clone())
    });
    Ok(StaffList { current, now, invitations, last_seen, shifts: shifts(app).await? })
}

/// What was ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndedDuty {
    /// A session; its device is barred.
    Session {
        /// The session.
        session: Box<StaffSession>,
        /// Its invitation.
        invitation: Box<Invitation>,
    },
    /// An invitation with its sessions.
    Invitation {
        /// The invitation.
        invitation: Box<Invitation>,
        /// How many sessions ended with it.
        sessions: usize,
    },
}

/// Ends an invitation with its sessions, or one session, by its id. The device of an ended session is barred until an
/// organiser lifts that, and new devices of the invitation wait for an organiser. A repeat changes nothing.
///
/// # Errors
/// A refusal if no invitation or session has this id, or if no organiser would be left. The operator may end everybody.
pub async fn end(app: &App, organiser: &OnDuty<Organiser>, id: &str) -> Result<EndedDuty> {
    let store = app.store.as_ref();
    for _ in 0..MAX_ATTEMPTS {
        let invitation = match id.parse::<InvitationId>() {
            Ok(id) => StoredValue::<Invitation>::read(store, &id).await?,
            Err(_) => None,
        };
        let (mut changes, ended) = match invitation {
            Some(invitation) => end_invitation(app, &invitation).await?,
            None => end_session(app, id).await?,
        };
        if !changes.is_empty() {
            changes.extend(guard_of_organisers(app, organiser, &ended).await?);
        }
        if changes.is_empty() || store.change_records(&changes).await? {
            app.waiting_room.wake();
            return Ok(ended);
        }
    }
    Err(contended().into())
}

/// All in one step: an arrival requires that the invitation is as it was, so none begins after it and is missed.
async fn end_invitation(app: &App, stored: &StoredValue<Invitation>) -> Result<(Vec<RecordChange>, EndedDuty)> {
    let (now, before) = (app.now(), &stored.value);
    let running = running_sessions(app, &before.id).await?;
    let ended = Invitation { ended: before.ended.or(Some(now)), ..before.clone() };
    let mut changes = Vec::new();
    if ended != *before {
        changes.push(stored.replaced_by(&ended)?);
    }
    for session in &running {
        changes.push(session.replaced_by(&session.value.ended(EndedBy::Organiser, now))?);
    }
    let sessions = running.iter().filter(|session| session.value.is_active(now)).count();
    Ok((changes, EndedDuty::Invitation { invitation: Box::new(ended), sessions }))
}

async fn end_session(app: &App, id: &str) -> Result<(Vec<RecordChange>, EndedDuty)> {
    let (store, now) = (app.store.as_ref(), app.now());
    let id: SessionId = id.parse().map_err(|_| StaffRefusal::StaffUnknown)?;
    let session = StoredValue::<StaffSession>::read(store, &id).await?.ok_or(StaffRefusal::StaffUnknown)?;
    let before = &session.value;
    let (invitation, device) = futures_util::try_join!(
        StoredValue::<Invitation>::read(store, &before.invitation),
        StoredValue::<StaffDevice>::read(store, &before.device),
    )?;
    let (invitation, device) = invitation.zip(device).ok_or(StaffRefusal::StaffUnknown)?;
    let is_repeat = before.end.as_ref().is_some_and(|end| end.by == EndedBy::Organiser);
    if is_repeat || device.value.last_session() != Some(&before.id) {
        // The bar may have been lifted since then, or somebody else may be on duty on the device.
        let (session, invitation) = (Box::new(before.clone()), Box::new(invitation.value));
        return Ok((Vec::new(), EndedDuty::Session { session, invitation }));
    }
    let ended = before.ended(EndedBy::Organiser, now);
    let (barring, barred) = invitation.value.bar(&device.value);
    let changes = vec![session.replaced_by(&ended)?, invitation.changed_to(&barring)?, device.changed_to(&barred)?];
    Ok((changes, EndedDuty::Session { session: Box::new(ended), invitation: Box::new(barring) }))
}

/// A change that requires that another organiser stays as they are, so that two of them cannot end each other.
async fn guard_of_organisers(app: &App, caller: &OnDuty<Organiser>, ended: &EndedDuty) -> Result<Option<RecordChange>> {
    let ends_organisers = match ended {
        EndedDuty::Session { session, .. } => session.role == Role::Organiser,
        EndedDuty::Invitation { invitation, .. } => invitation.role == Role::Organiser,
    };
    if !ends_organisers || caller.id == StaffSession::operator().id {
        return Ok(None);
    }
    let sessions = StoredValue::<StaffSession>::read_all(app.store.as_ref()).await?;
    let ends = |session: &StaffSession| match ended {
        EndedDuty::Session { session: ended, .. } => session.id == ended.id,
        EndedDuty::Invitation { invitation, .. } => session.invitation == invitation.id,
    };
    let staying = remaining_organiser(sessions.iter().map(|stored| &stored.value), &caller.id, ends, app.now());
    let staying = staying.ok_or_else(|| Refusal::from(StaffRefusal::LastOrganiser))?;
    Ok(sessions.iter().find(|stored| stored.value.id == staying.id).map(StoredValue::unchanged))
}

/// Admits a device that waits or was refused, lifts its bar, or refuses it. A refused device that was let in before is
/// barred, and its session ends. A repeat changes nothing.
///
/// # Errors
/// A refusal if there is no such device, or if the invitation has ended or is used up.
pub async fn decide(
    app: &App,
    organiser: &OnDuty<Organiser>,
    id: &DeviceId,
    decision: DeviceDecision,
) -> Result<(Invitation, StaffDevice)> {
    let store = app.store.as_ref();
    for _ in 0..MAX_ATTEMPTS {
        let device = StoredValue::<StaffDevice>::read(store, id).await?.ok_or(StaffRefusal::StaffUnknown)?;
        let invitation = StoredValue::<Invitation>::read(store, &device.value.invitation).await?;
        let invitation = invitation.ok_or(StaffRefusal::StaffUnknown)?;
        let running = running_on(app, &device.value).await?;
        if let (DeviceDecision::Refuse, Some(running)) = (&decision, &running) {
            // Ending the session bars the device too, and asks whether an organiser stays.
            end(app, organiser, running.value.id.as_str()).await?;
            continue;
        }
        invitation.value.check_valid(app.now())?;
        let Some((after, decided)) = invitation.value.decide(&device.value, decision.clone())? else {
            return Ok((invitation.value, device.value));
        };
        let changes = [invitation.changed_to(&after)?, device.changed_to(&decided)?];
        if store.change_records(&changes).await? {
            app.waiting_room.wake();
            return Ok((after, decided));
        }
    }
    Err(contended().into())
}

async fn running_on(app: &App, device: &StaffDevice) -> Result<Option<StoredValue<StaffSession>>> {
    let Some(last) = device.last_session().filter(|_| device.state == DeviceState::Admitted) else { return Ok(None) };
    let stored = StoredValue::<StaffSession>::read(app.store.as_ref(), last).await?;
    Ok(stored.filter(|stored| stored.value.is_active(app.now())))
}
