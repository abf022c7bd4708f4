//! Refusals about the parts and versions of the carnival.

use jiff::civil::Date;

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
        /// A point cannot close, and a notice cannot end, on a day that is over.
        DayOver {
            /// The day.
            day: Date = FIRST_DAY,
            /// Today, because a day in another year is written with it.
            #[serde(skip)]
            today: Date = LAST_DAY,
        } => Unsuitable,
        /// A point cannot close on a day on which its route does not run.
        RouteNotOnDay {
            /// The route's name.
            route: String = route(),
            /// The day.
            day: Date = LAST_DAY,
        } => Unsuitable,
        /// The reason of a closure is empty or too long.
        ReasonLength {
            /// Its length in characters.
            length: usize = 74,
            /// The maximum length.
            most: usize = 60,
        } => Unsuitable,
        /// A notice is empty or too long.
        NoticeLength {
            /// Its length in characters.
            length: usize = 230,
            /// The maximum length.
            most: usize = 200,
        } => Unsuitable,
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
