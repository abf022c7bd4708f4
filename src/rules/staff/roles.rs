//! Roles and stations of staff members.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use crate::rules::ids::{BoothId, ParseError, PointId};

/// The role of a staff member.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Confirms redemptions, records ink stamps, shows the display code.
    Volunteer,
    /// May do everything a volunteer may, void any redemption, and manage the carnival.
    Organiser,
    /// Reads the numbers and changes nothing.
    Viewer,
    /// Posts to the live feed; sees what everybody on duty sees.
    Reporter,
    /// A tablet that shows the display code of one point, and nothing else.
    Display,
}

impl Role {
    /// Its name in the API and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
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
