//! What a staff member may do, where she works, what she calls herself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::{BoothId, ParseError, PointId, string_conversions};
use super::lang::Lang;

/// What a staff member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Confirms gifts, records ink stamps, shows the display code.
    Volunteer,
    /// All that, voids any redemption, and runs the carnival.
    Organiser,
}

/// Where a staff member works.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Station {
    /// At a booth where gifts are handed out.
    Booth(BoothId),
    /// At a point of a route.
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

/// What a staff member calls herself: 1 to 20 characters, as typed but for spaces around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StaffName(Box<str>);

impl StaffName {
    /// Whoever confirms before others do, where that is only practised.
    #[must_use]
    pub fn practice_volunteer(lang: Lang) -> StaffName {
        StaffName(lang.pick("练习志愿者", "a practice volunteer").into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StaffName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for StaffName {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let name = text.trim();
        let fits = (1..=20).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if fits { Ok(StaffName(name.into())) } else { Err(ParseError::new(text, "a name of 1 to 20 characters")) }
    }
}

string_conversions!(StaffName);
