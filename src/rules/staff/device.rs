//! The devices that come with an invitation.

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::roles::Station;
use super::staff_name::StaffName;
use crate::rules::ids::{InvitationId, Nonce, ParseError, SessionId};

/// The secret that a device keeps and sends with each arrival: at least 22 characters, so that 128 random bits fit in.
/// Not `Debug`, so that it cannot be logged.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceSecret(Box<str>);

/// Fewer different characters than this are not random.
const MIN_DIFFERENT: usize = 8;

impl DeviceSecret {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DeviceSecret {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let is_random = text.bytes().collect::<BTreeSet<u8>>().len() >= MIN_DIFFERENT;
        let fits = (22..=128).contains(&text.len()) && text.bytes().all(is_part) && is_random;
        let wanted = "a device secret: 22 to 128 random letters, digits, hyphens and underscores";
        // The error does not repeat the text, because errors are logged.
        if fits { Ok(DeviceSecret(text.into())) } else { Err(ParseError::new("…", wanted)) }
    }
}

/// Where a device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// An organiser has to admit it.
    Waiting,
    /// An organiser refused it.
    Refused,
    /// It is let in until the end of the invitation.
    Admitted,
    /// An organiser ended a session on it. It has its use, and is not let in.
    Barred,
}

/// A device that came with an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffDevice {
    /// The invitation.
    pub invitation: InvitationId,
    /// Where it stands.
    pub state: DeviceState,
    /// The name typed last.
    pub name: StaffName,
    /// When it came first.
    pub since: Timestamp,
    /// The nonce of the arrival that waits, or waited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Nonce>,
    /// The station that an organiser gave it when admitting it, instead of the invitation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Station>,
    /// The sessions that began on it, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<BegunSession>,
}

/// A session that began on a device, and the nonce that began it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BegunSession {
    /// The nonce.
    pub nonce: Nonce,
    /// The session.
    pub id: SessionId,
}

impl StaffDevice {
    /// The session that a nonce began, if any.
    #[must_use]
    pub fn session_of(&self, nonce: &Nonce) -> Option<&SessionId> {
        self.sessions.iter().find(|begun| begun.nonce == *nonce).map(|begun| &begun.id)
    }

    /// The session that began last.
    #[must_use]
    pub fn last_session(&self) -> Option<&SessionId> {
        self.sessions.last().map(|begun| &begun.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_secret_has_room_for_128_bits() {
        for good in ["0123456789abcdef0123456789abcdef", "Zm9vYmFyYmF6cXV4cXV1eA", &"0123456789".repeat(12)] {
            assert!(good.parse::<DeviceSecret>().is_ok(), "{good}");
        }
        for bad in
            ["", "0123456789abcdef01234", "a b c d e f g h i j k l m", &"ab".repeat(20), &"0123456789".repeat(13)]
        {
            assert!(bad.parse::<DeviceSecret>().is_err(), "{bad}");
        }
    }
}
