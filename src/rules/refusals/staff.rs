//! Refusals about staff: invitations and the devices they admit, rosters, names and hours.

use super::kind::refusals;
use super::sample_values::point;
use crate::rules::staff::roles::Role;
use crate::rules::staff::roster_mistake::{RosterFault, RosterMistake};
use crate::rules::staff::staff_name::{self, NameFault};

refusals! {
    /// The invitation, device, roster or name cannot be used like this.
    StaffRefusal {
        /// No such invitation.
        InvitationUnknown => Unknown,
        /// An organiser ended the invitation.
        InvitationEnded => Outdated,
        /// The invitation has expired.
        InvitationExpired => Outdated,
        /// All uses of the invitation are taken by other devices.
        InvitationUsedUp {
            /// How many devices it admits.
            uses: u16 = 6,
        } => Outdated,
        /// An organiser admits a device, and all uses are taken by others.
        NoUseLeft {
            /// How many devices it admits.
            uses: u16 = 6,
        } => Conflict,
        /// An organiser ended a session on this device, and has not lifted the bar.
        DeviceBarred => NotPermitted,
        /// An organiser refused to admit this device.
        DeviceRefused => NotPermitted,
        /// The request has neither a device secret nor the cookie of the invitation's page.
        DeviceNeeded => Unsuitable,
        /// Too many devices wait for an organiser already.
        WaitingListFull => NotPermitted,
        /// The name has no visible character.
        NameEmpty => Unsuitable,
        /// The name is too long.
        NameTooLong {
            /// How many characters it has.
            length: usize = 43,
            /// How many it may have.
            most: usize = 40,
        } => Unsuitable,
        /// The name has a character that nobody sees, or that changes the direction of the text.
        NameHidden {
            /// The character's number in Unicode.
            found: String = "U+202E".to_owned(),
        } => Unsuitable,
        /// A role without the station that it needs, or with one that it does not have.
        StationMismatch {
            /// The role.
            role: Role = Role::Volunteer,
        } => Unsuitable,
        /// A volunteer is admitted by an invitation without a station, and none was named.
        StationNeeded => Unsuitable,
        /// The point of a tablet has no display code.
        NoDisplayCode {
            /// The point's name.
            point: String = point(),
        } => Unsuitable,
        /// The number of devices is too small or too large.
        UsesOutOfRange {
            /// The largest number.
            most: u16 = 1_000,
        } => Unsuitable,
        /// The end of an invitation cannot be read.
        UntilUnreadable => Unsuitable,
        /// The end of an invitation is in the past.
        UntilPast => Unsuitable,
        /// The roster has no lines, or too many.
        RosterLength {
            /// How many lines it has.
            lines: usize = 201,
            /// How many it may have.
            most: usize = 200,
        } => Unsuitable,
        /// Some lines of the roster cannot be used; nobody was invited.
        RosterMistakes {
            /// The lines.
            lines: Vec<RosterMistake> = vec![RosterMistake {
                line: 3,
                text: "一号台子".to_owned(),
                wrong: RosterFault::PlaceUnknown,
            }],
        } => Unsuitable,
        /// The hours cannot be read.
        HoursUnreadable => Unsuitable,
        /// The hours end before they begin, last longer than a day, or are not over.
        HoursOdd => Unsuitable,
        /// The carnival would have no organiser.
        LastOrganiser => Conflict,
        /// No such invitation and no such staff session.
        StaffUnknown => Unknown,
    }
}

impl From<NameFault> for StaffRefusal {
    fn from(fault: NameFault) -> StaffRefusal {
        match fault {
            NameFault::Empty => StaffRefusal::NameEmpty,
            NameFault::Hidden(found) => StaffRefusal::NameHidden { found: format!("U+{:04X}", u32::from(found)) },
            NameFault::TooLong(length) => StaffRefusal::NameTooLong { length, most: staff_name::MAX_CHARS },
        }
    }
}
