//! Roles, stations and names of staff members.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::rules::ids::{BoothId, ParseError, PointId, string_conversions, text_id};

/// The role of a staff member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Confirms redemptions, records ink stamps, shows the display code.
    Volunteer,
    /// May do everything a volunteer may, void any redemption, and manage the carnival.
    Organiser,
}

/// The place where a staff member works.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Station {
    /// A booth that hands out gifts.
    Booth(BoothId),
    /// A point of a route.
    Point(PointId),
}

impl fmt::Display for Station {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Station::Booth(id) => write!(f, "booth/{id}"),
            Station::Point(id) => write!(f, "point/{id}"),
        }
    }
}

impl FromStr for Station {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text.split_once('/') {
            Some(("booth", id)) => id.parse().map(Station::Booth),
            Some(("point", id)) => id.parse().map(Station::Point),
            _ => Err(ParseError::new(text, "booth/NAME or point/NAME")),
        }
    }
}

text_id!(
    /// The name that a staff member types: 1 to 20 characters, trimmed.
    StaffName,
    |text| {
        let name = text.trim();
        let fits = (1..=20).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if fits { Ok(name) } else { Err(ParseError::new(text, "a name of 1 to 20 characters")) }
    }
);

impl StaffName {
    /// The fictitious colleague in practice scenarios.
    pub(crate) fn practice_volunteer(name: &'static str) -> StaffName {
        StaffName(name.into())
    }

    /// The operator at the command line.
    #[must_use]
    pub fn operator() -> StaffName {
        StaffName("command line".into())
    }
}
