//! Refusals about the parts and versions of the carnival.

use super::kind::refusals;
use super::sample_values::{FIRST_DAY, LAST_DAY, route};
use crate::rules::carnival::DateRange;

refusals! {
    /// The carnival has no such part, or has changed.
    CarnivalRefusal {
        /// No such point in this carnival.
        PointUnknown => Unknown,
        /// No such route in this carnival.
        RouteUnknown => Unknown,
        /// No such booth in this carnival.
        BoothUnknown => Unknown,
        /// The day can have no records.
        DayUnknown {
            /// The days that can have some.
            #[serde(flatten)]
            days: DateRange = DateRange { first: FIRST_DAY, last: LAST_DAY },
        } => Unknown,
        /// No such version of the carnival was published.
        VersionUnknown => Unknown,
        /// The route is under way, so moving it asks for a confirmation.
        RouteUnderWay {
            /// The route's name.
            route: String = route(),
            /// People with a stamp of the route today.
            people: u64 = 37,
            /// Whether the route would not run today any more.
            stops_today: bool = true,
            /// Sent as `confirm`, it confirms this move of this version.
            confirm: String = "f3a1c05be2d49786".to_owned(),
        } => Conflict,
        /// The version that the file says it was made from was never published.
        BaseUnknown {
            /// That version, as written.
            base: String = "9".to_owned(),
        } => Unsuitable,
    }
}
