//! Who works at the carnival: invitations, and the sessions that accepting one begins.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::carnival::Carnival;
use super::ids::{InvitationId, Nonce, PointId, SessionId};
use super::refusal::Refusal;
use super::roles::{Role, StaffName, Station};

/// An invitation. Its secret is in the link alone; what is kept names its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// From the hash of the secret.
    pub id: InvitationId,
    /// The role that it gives.
    pub role: Role,
    /// Where the invited will work; organisers work everywhere.
    pub place: Option<Station>,
    /// How many may accept it.
    pub uses: u16,
    /// Until when it can be accepted.
    pub until: Timestamp,
    /// When it was made.
    pub made_at: Timestamp,
}

impl Invitation {
    /// Whether it can be accepted now. How many already did is the store's to count.
    ///
    /// # Errors
    /// A refusal when its time is over.
    pub fn check_acceptable(&self, now: Timestamp) -> Result<(), Refusal> {
        if now <= self.until { Ok(()) } else { Err(Refusal::InvitationOver) }
    }
}

/// One person on duty with one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffSession {
    /// Random.
    pub id: SessionId,
    /// The invitation that was accepted.
    pub invitation: InvitationId,
    /// Its role.
    pub role: Role,
    /// Its place.
    pub place: Option<Station>,
    /// What the person typed.
    pub name: StaffName,
    /// Made by the device: the same link opened again there is the same session.
    pub nonce: Nonce,
    /// When it began.
    pub begun: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
}

impl StaffSession {
    /// Whether the session still stands; `ended` is when an organiser ended it.
    ///
    /// # Errors
    /// A refusal when it was ended or is over.
    pub fn check_active(&self, ended: Option<Timestamp>, now: Timestamp) -> Result<(), Refusal> {
        if ended.is_some() {
            Err(Refusal::SessionEnded)
        } else if now > self.until {
            Err(Refusal::TokenExpired)
        } else {
            Ok(())
        }
    }

    /// Whether this person may act for a point: show its code, stamp there.
    ///
    /// # Errors
    /// A refusal for a volunteer who was invited for another point.
    pub fn check_may_serve(&self, point: &PointId, carnival: &Carnival) -> Result<(), Refusal> {
        match &self.place {
            Some(place @ Station::Point(mine)) if mine != point => {
                Err(Refusal::NotYourPoint { yours: carnival.station_name(place) })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
