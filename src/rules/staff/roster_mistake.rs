//! What is wrong with the lines of a roster.

use serde::Serialize;
use utoipa::ToSchema;

/// A line of a roster that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RosterMistake {
    /// The number of the line, from 1.
    pub line: usize,
    /// The part that is wrong, or the line.
    pub text: String,
    /// What is wrong with it.
    pub wrong: RosterFault,
}

/// What is wrong with a line of a roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RosterFault {
    /// It has no name and no place.
    PartsMissing,
    /// The name is too long or has a hidden character.
    Name,
    /// No booth and no point has this id or name.
    PlaceUnknown,
    /// Several have this name; its id is needed.
    PlaceAmbiguous,
    /// The shift cannot be read.
    Shift,
    /// The shift is over.
    ShiftOver,
}
