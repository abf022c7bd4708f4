//! What the sentences about edits of points and routes speak of: names, days and numbers.

use jiff::civil::{Date, Time};

use crate::rules::carnival::DateRange;
use crate::rules::carnival::hours::TimeRange;
use crate::rules::carnival::impact::PointImpact;

/// An edit of a point.
pub struct PointEditText<'a> {
    /// The point's name.
    pub point: &'a str,
    /// Its route's name.
    pub route: &'a str,
    /// The day of the closure, or of the reopening; `None` if the closure is for good.
    pub day: Option<Date>,
    /// Today.
    pub today: Date,
    /// What was done.
    pub action: PointAction<'a>,
    /// What it changes.
    pub impact: &'a PointImpact,
    /// Day and time from which people are relieved, if they are.
    pub since: Option<(Date, Time)>,
    /// Whether that has come.
    pub in_force: bool,
    /// Gifts whose requirement changes: name, stamps before, stamps after.
    pub gifts: Vec<(&'a str, u16, u16)>,
    /// How many gifts of the route are held.
    pub held: u32,
    /// People with a stamp of the point.
    pub stamped: u64,
    /// People with a stamp of the route, on the day if there is one.
    pub walked: u64,
}

/// What was done to a point.
#[derive(Clone, Copy)]
pub enum PointAction<'a> {
    /// It was closed.
    Closed {
        /// Why.
        reason: &'a str,
        /// Whether people are relieved of it.
        relief: bool,
        /// Whether they shall stay away.
        keep_away: bool,
    },
    /// It was reopened.
    Opened {
        /// Its hours today.
        hours: &'a [TimeRange],
        /// Whether a closure was counting towards relief.
        was_counting: bool,
        /// Later days on which it was closed too.
        later_days: &'a [Date],
    },
}

/// A moved route.
pub struct RouteMoveText<'a> {
    /// The route's name.
    pub route: &'a str,
    /// Its days.
    pub days: DateRange,
    /// Its extra days.
    pub extra_days: &'a [Date],
    /// People with a stamp of the route.
    pub walked: u64,
    /// Whether it ran today before the move and does not any more.
    pub stops_today: bool,
    /// Exceptions that are kept for the days before the move.
    pub kept_exceptions: usize,
}
