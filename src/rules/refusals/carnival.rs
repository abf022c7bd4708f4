//! Refusals about the parts and versions of the carnival.

use jiff::Zoned;
use serde::Serialize;
use strum::{IntoStaticStr, VariantNames};

use super::kind::RefusalKind;
use super::sample_values::{FIRST_DAY, LAST_DAY, at};
use crate::rules::carnival::DateRange;
use crate::rules::wire_form::moment;

/// The carnival has no such part, or has changed.
#[derive(Clone, Debug, PartialEq, Serialize, IntoStaticStr, VariantNames)]
#[serde(untagged)]
#[strum(serialize_all = "snake_case")]
pub enum CarnivalRefusal {
    /// No such point in this carnival.
    PointUnknown,
    /// No such route in this carnival.
    RouteUnknown,
    /// No such booth in this carnival.
    BoothUnknown,
    /// The day is not a day of the carnival.
    DayUnknown {
        /// The days of the carnival.
        #[serde(flatten)]
        days: DateRange,
    },
    /// No such version of the carnival was published.
    VersionUnknown,
    /// The published version is not the one that the request expected.
    CarnivalChanged {
        /// The published version.
        version: u64,
        /// Who published it.
        by: String,
        /// Time of the publication.
        #[serde(serialize_with = "moment")]
        at: Box<Zoned>,
    },
}

impl CarnivalRefusal {
    pub(super) fn kind(&self) -> RefusalKind {
        match self {
            Self::PointUnknown
            | Self::RouteUnknown
            | Self::BoothUnknown
            | Self::DayUnknown { .. }
            | Self::VersionUnknown => RefusalKind::Unknown,
            Self::CarnivalChanged { .. } => RefusalKind::Conflict,
        }
    }

    pub(super) fn samples() -> Vec<Self> {
        vec![
            Self::PointUnknown,
            Self::RouteUnknown,
            Self::BoothUnknown,
            Self::DayUnknown { days: DateRange { first: FIRST_DAY, last: LAST_DAY } },
            Self::VersionUnknown,
            Self::CarnivalChanged { version: 3, by: "李老师".to_owned(), at: Box::new(at(15, 42, 7)) },
        ]
    }
}
