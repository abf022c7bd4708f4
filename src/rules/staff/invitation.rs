//! An invitation admits devices until its end.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::device::{DeviceState, StaffDevice};
use super::planned_shift::PlannedShift;
use super::roles::{Role, Station};
use super::staff_name::StaffName;
use crate::rules::ids::InvitationId;
use crate::rules::refusals::{Refusal, StaffRefusal};

/// An invitation. Its secret is only in the link; the record has its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Derived from the hash of the secret.
    pub id: InvitationId,
    /// The role that it grants.
    pub role: Role,
    /// The station; `None` for roles that work everywhere, and where each arrival gets its own from an organiser.
    pub place: Option<Station>,
    /// How many devices it admits.
    pub uses: u16,
    /// End of its validity.
    pub until: Timestamp,
    /// Time of creation.
    pub made_at: Timestamp,
    /// Whether a new device waits until an organiser admits it.
    pub approval: bool,
    /// How many devices it has admitted, barred ones included.
    pub taken: u16,
    /// How many devices wait.
    pub waiting: u16,
    /// The line of a roster that it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roster: Option<RosterEntry>,
    /// When an organiser ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
}

/// The line of a roster that an invitation was made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterEntry {
    /// The person.
    pub name: StaffName,
    /// When they are expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<PlannedShift>,
    /// The number among the people of the roster, from 1.
    pub line: u16,
    /// How many people the roster has.
    pub lines: u16,
}

/// What an organiser decides about a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceDecision {
    /// It is let in; a bar is lifted.
    Admit {
        /// Its station, if the invitation has none.
        place: Option<Station>,
    },
    /// It is not let in. A device that was let in is barred.
    Refuse,
}

impl Invitation {
    /// Checks that the invitation was not ended and has not expired.
    ///
    /// # Errors
    /// A refusal that says which.
    pub fn check_valid(&self, now: Timestamp) -> Result<(), Refusal> {
        if self.ended.is_some() {
            Err(StaffRefusal::InvitationEnded.into())
        } else if now > self.until {
            Err(StaffRefusal::InvitationExpired.into())
        } else {
            Ok(())
        }
    }

    /// Checks that a further device can be admitted.
    ///
    /// # Errors
    /// A refusal if it has ended, has expired, or was used up.
    pub fn check_open(&self, now: Timestamp) -> Result<(), Refusal> {
        self.check_valid(now)?;
        if self.uses_left() == 0 { Err(StaffRefusal::InvitationUsedUp { uses: self.uses }.into()) } else { Ok(()) }
    }

    /// How many further devices it can admit, if it is valid.
    #[must_use]
    pub fn uses_left(&self) -> u16 {
        self.uses.saturating_sub(self.taken)
    }

    /// Applies an organiser's decision about a device. `None` if that is decided already.
    ///
    /// # Errors
    /// A refusal if no use is left for the device, or if it has no station.
    pub fn decide(
        &self,
        before: &StaffDevice,
        decision: DeviceDecision,
    ) -> Result<Option<(Invitation, StaffDevice)>, Refusal> {
        let (mut invitation, mut device) = (self.clone(), before.clone());
        let had_use = matches!(before.state, DeviceState::Admitted | DeviceState::Barred);
        match decision {
            DeviceDecision::Admit { place } => {
                if place.is_some() {
                    device.place = place;
                }
                if self.role == Role::Volunteer && device.place.is_none() && self.place.is_none() {
                    return Err(StaffRefusal::StationNeeded.into());
                }
                if !had_use {
                    if self.uses_left() == 0 {
                        return Err(StaffRefusal::NoUseLeft { uses: self.uses }.into());
                    }
                    invitation.taken += 1;
                }
                device.state = DeviceState::Admitted;
            }
            DeviceDecision::Refuse if had_use => device.state = DeviceState::Barred,
            DeviceDecision::Refuse => device.state = DeviceState::Refused,
        }
        invitation.waiting = self.waiting.saturating_sub((before.state == DeviceState::Waiting).into());
        Ok((device != *before).then_some((invitation, device)))
    }

    /// Bars a device after a session on it was ended: it is not let in until an organiser lifts that, and further
    /// devices wait, because the person may have another one.
    #[must_use]
    pub fn bar(&self, device: &StaffDevice) -> (Invitation, StaffDevice) {
        let device = StaffDevice { state: DeviceState::Barred, ..device.clone() };
        (Invitation { approval: true, ..self.clone() }, device)
    }
}
