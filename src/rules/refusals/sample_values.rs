//! Values from the sample carnival, for the samples of refusals.

use jiff::Zoned;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use crate::rules::carnival::DateRange;
use crate::rules::carnival::hours::TimeRange;

/// The first day of the carnival.
pub(super) const FIRST_DAY: Date = date(2023, 4, 13);
/// The last day of the carnival.
pub(super) const LAST_DAY: Date = date(2023, 4, 30);
/// The days of the first route.
pub(super) const WEEK: DateRange = DateRange { first: FIRST_DAY, last: date(2023, 4, 18) };

/// The name of a route.
pub(super) fn route() -> String {
    "“玩”美社区".to_owned()
}

/// The name of a point.
pub(super) fn point() -> String {
    "社区美空间·第1站".to_owned()
}

/// The name of a gift.
pub(super) fn gift() -> String {
    "嘉年华纪念章".to_owned()
}

/// A time of the first day.
pub(super) fn at(hour: i8, minute: i8, second: i8) -> Zoned {
    let zone = TimeZone::fixed(jiff::tz::offset(8));
    FIRST_DAY.at(hour, minute, second, 0).to_zoned(zone).unwrap_or_default()
}

/// Opening hours. A test of the API document excludes that they do not parse.
pub(super) fn hours() -> Vec<TimeRange> {
    "09:00-18:00".parse().into_iter().collect()
}
