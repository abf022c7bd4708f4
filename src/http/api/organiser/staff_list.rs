//! The list of staff: invitations with their devices and sessions.

use jiff::Timestamp;

use crate::actions::staff::staff_admin::{ListedInvitation, StaffList};
use crate::http::api::booth::desk::{ShiftGift, shift_gifts};
use crate::http::api::booth::sessions::StationView;
use crate::http::api::prelude::*;
use crate::rules::ids::DeviceId;
use crate::rules::staff::invitation::RosterEntry;
use crate::rules::staff::roles::Role;
use crate::rules::staff::{DeviceState, Invitation, StaffDevice, StaffSession};

/// All invitations.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StaffView {
    /// Newest first.
    pub invitations: Vec<InvitationView>,
}

/// An invitation, its devices and its sessions.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct InvitationView {
    /// The invitation.
    #[serde(flatten)]
    pub terms: InvitationTermsView,
    /// How many devices it has admitted.
    pub taken: u16,
    /// How many devices wait for an organiser.
    pub waiting: u16,
    /// When it was created.
    #[schema(example = "2023-04-14T08:00:00+08:00")]
    pub made_at: String,
    /// When an organiser ended it, if so.
    pub ended: Option<String>,
    /// Whether it admits a further device now.
    pub open: bool,
    /// The devices that came with it, the first one first.
    pub devices: Vec<DeviceView>,
    /// The sessions on them, the first one first.
    pub sessions: Vec<StaffSessionView>,
}

/// The terms of an invitation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct InvitationTermsView {
    /// The invitation's id, with which it can be changed and ended.
    #[schema(example = "V1M5TEG2GXXR9VG9")]
    pub id: String,
    /// The role.
    #[schema(value_type = String, example = "volunteer")]
    pub role: Role,
    /// The booth or point.
    pub place: Option<StationView>,
    /// How many devices it admits.
    pub uses: u16,
    /// How many further devices it admits.
    pub uses_left: u16,
    /// When it expires.
    #[schema(example = "2023-04-14T18:00:00+08:00")]
    pub until: String,
    /// Whether each new device waits until an organiser admits it.
    pub approval: bool,
    /// The line of a roster that it was made for.
    pub roster: Option<RosterEntryView>,
}

impl InvitationTermsView {
    /// The terms, with names of the published carnival.
    #[must_use]
    pub fn of(current: &CurrentCarnival, invitation: &Invitation) -> InvitationTermsView {
        InvitationTermsView {
            id: invitation.id.to_string(),
            role: invitation.role,
            place: invitation.place.as_ref().map(|place| StationView::of(current, place)),
            uses: invitation.uses,
            uses_left: invitation.uses_left(),
            until: views::local_time(current, invitation.until),
            approval: invitation.approval,
            roster: invitation.roster.as_ref().map(RosterEntryView::from),
        }
    }
}

/// The line of a roster.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RosterEntryView {
    /// The person.
    #[schema(example = "王阿姨")]
    pub name: String,
    /// When they are expected.
    #[schema(example = "2023-04-14 09:00-13:00")]
    pub shift: Option<String>,
}

impl From<&RosterEntry> for RosterEntryView {
    fn from(entry: &RosterEntry) -> RosterEntryView {
        RosterEntryView { name: entry.name.to_string(), shift: entry.shift.map(|shift| shift.to_string()) }
    }
}

/// A device that came with an invitation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DeviceView {
    /// Its id, with which an organiser admits or refuses it.
    #[schema(example = "0W6K3NZ8QH5T2MCJ")]
    pub id: String,
    /// `waiting`, `refused`, `admitted`, or `barred` after a session on it was ended.
    #[schema(value_type = String, example = "admitted")]
    pub state: DeviceState,
    /// The name typed last.
    #[schema(example = "王阿姨")]
    pub name: String,
    /// When it came first.
    #[schema(example = "2023-04-14T08:10:00+08:00")]
    pub since: String,
    /// The place that an organiser gave it, if the invitation has none.
    pub place: Option<StationView>,
}

impl DeviceView {
    /// A device, with names of the published carnival.
    #[must_use]
    pub fn of(current: &CurrentCarnival, id: &DeviceId, device: &StaffDevice) -> DeviceView {
        DeviceView {
            id: id.to_string(),
            state: device.state,
            name: device.name.to_string(),
            since: views::local_time(current, device.since),
            place: device.place.as_ref().map(|place| StationView::of(current, place)),
        }
    }
}

/// A staff session: one person with one device.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StaffSessionView {
    /// The session's id.
    #[schema(example = "8Q3ZK0V7T1M5XGBA")]
    pub id: String,
    /// The device's id.
    #[schema(example = "0W6K3NZ8QH5T2MCJ")]
    pub device: String,
    /// The person's name.
    #[schema(example = "王阿姨")]
    pub name: String,
    /// The booth or point.
    pub place: Option<StationView>,
    /// Start of the session.
    #[schema(example = "2023-04-14T08:10:00+08:00")]
    pub begun: String,
    /// End of the session, unless it is ended earlier.
    #[schema(example = "2023-04-15T00:10:00+08:00")]
    pub until: String,
    /// Time of the last request, a few seconds late; none if there was none.
    pub last_seen: Option<String>,
    /// When it was ended, if so: by leaving, by the next person on the device, or by an organiser.
    pub ended: Option<String>,
    /// Whether the session is active now.
    pub on_duty: bool,
    /// The hours: first and last act, or as an organiser corrected them.
    pub hours: DutyHoursView,
    /// Stamps recorded by hand in the staff session.
    pub stamps: u64,
    /// Gifts redeemed or voided in the staff session.
    pub gifts: Vec<ShiftGift>,
}

/// The hours of a staff session.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DutyHoursView {
    /// The start.
    #[schema(example = "2023-04-14T08:10:00+08:00")]
    pub from: String,
    /// The end; none while the person is on duty.
    #[schema(example = "2023-04-14T13:02:00+08:00")]
    pub to: Option<String>,
    /// The organiser who corrected them, if so.
    pub corrected_by: Option<String>,
}

impl DutyHoursView {
    /// The hours of a session.
    #[must_use]
    pub fn of(
        current: &CurrentCarnival,
        session: &StaffSession,
        last_seen: Option<Timestamp>,
        now: Timestamp,
    ) -> DutyHoursView {
        let hours = session.hours(last_seen, now);
        DutyHoursView {
            from: views::local_time(current, hours.from),
            to: hours.to.map(|to| views::local_time(current, to)),
            corrected_by: session.corrected.as_ref().map(|corrected| corrected.by.to_string()),
        }
    }
}

/// The list of staff.
#[must_use]
pub fn staff_view(list: &StaffList) -> StaffView {
    StaffView { invitations: list.invitations.iter().map(|entry| invitation_view(list, entry)).collect() }
}

fn invitation_view(list: &StaffList, entry: &ListedInvitation) -> InvitationView {
    let ListedInvitation { invitation, devices, sessions } = entry;
    let at = |moment| views::local_time(&list.current, moment);
    InvitationView {
        terms: InvitationTermsView::of(&list.current, invitation),
        taken: invitation.taken,
        waiting: invitation.waiting,
        made_at: at(invitation.made_at),
        ended: invitation.ended.map(at),
        open: invitation.check_open(list.now).is_ok(),
        devices: devices.iter().map(|(id, device)| DeviceView::of(&list.current, id, device)).collect(),
        sessions: sessions.iter().map(|session| session_view(list, session)).collect(),
    }
}

fn session_view(list: &StaffList, session: &StaffSession) -> StaffSessionView {
    let at = |moment| views::local_time(&list.current, moment);
    let shift = list.shifts.get(&session.id).cloned().unwrap_or_default();
    let last_seen = list.last_seen.get(&session.id).copied();
    StaffSessionView {
        id: session.id.to_string(),
        device: session.device.to_string(),
        name: session.name.to_string(),
        place: session.place.as_ref().map(|place| StationView::of(&list.current, place)),
        begun: at(session.begun),
        until: at(session.until),
        last_seen: last_seen.map(at),
        ended: session.end.as_ref().map(|end| at(end.at)),
        on_duty: session.is_active(list.now),
        hours: DutyHoursView::of(&list.current, session, last_seen, list.now),
        stamps: shift.stamps,
        gifts: shift_gifts(&list.current, &shift),
    }
}
