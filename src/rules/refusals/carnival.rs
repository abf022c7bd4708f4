//! Refusals about the parts and versions of the carnival.

use jiff::Zoned;

use super::kind::refusals;
use super::sample_values::{FIRST_DAY, LAST_DAY, at};
use crate::rules::carnival::DateRange;
use crate::rules::wire_form::moment;

refusals! {
    /// The carnival has no such part, or has changed.
    CarnivalRefusal {
        /// No such point in this carnival.
        PointUnknown => Unknown,
        /// No such route in this carnival.
        RouteUnknown => Unknown,
        /// No such booth in this carnival.
        BoothUnknown => Unknown,
        /// The day is not a day of the carnival.
        DayUnknown {
            /// The days of the carnival.
            #[serde(flatten)]
            days: DateRange = DateRange { first: FIRST_DAY, last: LAST_DAY },
        } => Unknown,
        /// No such version of the carnival was published.
        VersionUnknown => Unknown,
        /// The published version is not the one that the request expected.
        CarnivalChanged {
            /// The published version.
            version: u64 = 3,
            /// Who published it.
            by: String = "李老师".to_owned(),
            /// Time of the publication.
            #[serde(serialize_with = "moment")]
            at: Box<Zoned> = Box::new(at(15, 42, 7)),
        } => Conflict,
    }
}
