//! Refusals of check-ins, companions and suspicions.

use jiff::Zoned;
use jiff::civil::{Date, Time, time};
use serde::Serialize;
use strum::{IntoStaticStr, VariantNames};

use super::kind::RefusalKind;
use super::sample_values::{FIRST_DAY, LAST_DAY, WEEK, at, hours, point, route};
use crate::rules::carnival::DateRange;
use crate::rules::carnival::hours::TimeRange;
use crate::rules::wire_form::{clock, moment};

/// No stamp is given here and now, or a passport is not at hand.
#[derive(Clone, Debug, PartialEq, Serialize, IntoStaticStr, VariantNames)]
#[serde(untagged)]
#[strum(serialize_all = "snake_case")]
pub enum CheckInRefusal {
    /// The carnival has not begun.
    CarnivalNotBegun {
        /// Its first day.
        first_day: Date,
    },
    /// The carnival has ended.
    CarnivalOver {
        /// Its last day.
        last_day: Date,
    },
    /// The point's route runs on other days.
    RouteNotThisWeek {
        /// The route's name.
        route: String,
        /// Its week.
        #[serde(flatten)]
        days: DateRange,
        /// Its extra days.
        extra_days: Vec<Date>,
    },
    /// The route of an ink stamp has not begun.
    RouteNotBegun {
        /// The route's name.
        route: String,
        /// Its first day.
        first_day: Date,
    },
    /// The point is closed now.
    PointClosed {
        /// The point's name.
        point: String,
        /// Its hours today.
        hours: Vec<TimeRange>,
        /// When it opens again today, if it does.
        #[serde(serialize_with = "clock")]
        opens: Option<Time>,
        /// The server's time.
        #[serde(serialize_with = "moment")]
        now: Box<Zoned>,
        /// The reason for an exceptional closing.
        reason: Option<String>,
    },
    /// The phone is outside the geofence.
    TooFarAway {
        /// The point's name.
        point: String,
        /// Distance in metres.
        metres: u32,
        /// Radius of the geofence, in metres.
        radius_m: u32,
    },
    /// The point requires a location.
    LocationNeeded {
        /// The point's name.
        point: String,
    },
    /// The phone already carries the maximum number of paper passports.
    CompanionsFull {
        /// The maximum number.
        limit: u16,
    },
    /// This phone does not carry the paper passport.
    CompanionUnknown,
    /// No such suspicion.
    SuspicionUnknown,
}

impl CheckInRefusal {
    pub(super) fn kind(&self) -> RefusalKind {
        match self {
            Self::CarnivalNotBegun { .. }
            | Self::CarnivalOver { .. }
            | Self::RouteNotThisWeek { .. }
            | Self::RouteNotBegun { .. }
            | Self::PointClosed { .. }
            | Self::TooFarAway { .. }
            | Self::LocationNeeded { .. } => RefusalKind::NotPermitted,
            Self::CompanionsFull { .. } => RefusalKind::Conflict,
            Self::CompanionUnknown | Self::SuspicionUnknown => RefusalKind::Unknown,
        }
    }

    pub(super) fn samples() -> Vec<Self> {
        vec![
            Self::CarnivalNotBegun { first_day: FIRST_DAY },
            Self::CarnivalOver { last_day: LAST_DAY },
            Self::RouteNotThisWeek { route: route(), days: WEEK, extra_days: Vec::new() },
            Self::RouteNotBegun { route: route(), first_day: FIRST_DAY },
            Self::PointClosed {
                point: point(),
                hours: hours(),
                opens: Some(time(9, 0, 0, 0)),
                now: Box::new(at(8, 12, 0)),
                reason: None,
            },
            Self::TooFarAway { point: point(), metres: 1840, radius_m: 300 },
            Self::LocationNeeded { point: point() },
            Self::CompanionsFull { limit: 5 },
            Self::CompanionUnknown,
            Self::SuspicionUnknown,
        ]
    }
}
