//! Refusals of check-ins, companions and suspicions.

use jiff::Zoned;
use jiff::civil::{Date, Time, time};

use super::gifts::PriorAction;
use super::kind::refusals;
use super::sample_values::{FIRST_DAY, LAST_DAY, WEEK, at, gift, hours, point, route};
use crate::rules::carnival::DateRange;
use crate::rules::carnival::hours::TimeRange;
use crate::rules::wire_form::{clock, moment};

refusals! {
    /// No stamp is given here and now, or a passport is not at hand.
    CheckInRefusal {
        /// The carnival has not begun.
        CarnivalNotBegun {
            /// Its first day.
            first_day: Date = FIRST_DAY,
            /// The day of the request, because another year is said.
            #[serde(skip)]
            today: Date = FIRST_DAY,
        } => NotPermitted,
        /// The carnival has ended.
        CarnivalOver {
            /// Its last day.
            last_day: Date = LAST_DAY,
            /// The day of the request.
            #[serde(skip)]
            today: Date = LAST_DAY,
        } => NotPermitted,
        /// The point's route runs on other days.
        RouteNotThisWeek {
            /// The route's name.
            route: String = route(),
            /// Its week.
            #[serde(flatten)]
            days: DateRange = WEEK,
            /// Its extra days.
            extra_days: Vec<Date> = Vec::new(),
            /// The day of the request.
            #[serde(skip)]
            today: Date = FIRST_DAY,
        } => NotPermitted,
        /// The route of an ink stamp has not begun.
        RouteNotBegun {
            /// The route's name.
            route: String = route(),
            /// Its first day.
            first_day: Date = FIRST_DAY,
            /// The day of the request.
            #[serde(skip)]
            today: Date = FIRST_DAY,
        } => NotPermitted,
        /// The route did not run on the day that was named for an ink stamp.
        InkDayWrong {
            /// The route's name.
            route: String = route(),
            /// The day.
            day: Date = LAST_DAY,
        } => NotPermitted,
        /// The point gave no rain stamps on that day.
        NoRainStamp {
            /// The point's name.
            point: String = point(),
            /// The day.
            day: Date = FIRST_DAY,
        } => NotPermitted,
        /// The point is closed now.
        PointClosed {
            /// The point's name.
            point: String = point(),
            /// Its hours today.
            hours: Vec<TimeRange> = hours(),
            /// When it opens again today, if it does.
            #[serde(serialize_with = "clock")]
            opens: Option<Time> = Some(time(9, 0, 0, 0)),
            /// The server's time.
            #[serde(serialize_with = "moment")]
            now: Box<Zoned> = Box::new(at(8, 12, 0)),
            /// The reason for an exceptional closing.
            reason: Option<String> = None,
        } => NotPermitted,
        /// The phone is outside the geofence.
        TooFarAway {
            /// The point's name.
            point: String = point(),
            /// Distance in metres.
            metres: u32 = 1840,
            /// Radius of the geofence, in metres.
            radius_m: u32 = 300,
        } => NotPermitted,
        /// The point requires a location.
        LocationNeeded {
            /// The point's name.
            point: String = point(),
        } => NotPermitted,
        /// The passport has no stamp of the point.
        StampUnknown {
            /// The point's name.
            point: String = point(),
        } => Unknown,
        /// The stamp was earned with a scan, and cannot be undone.
        StampNotByHand {
            /// The point's name.
            point: String = point(),
        } => NotPermitted,
        /// Another staff member recorded the stamp.
        NotYourStamp {
            /// The point's name.
            point: String = point(),
        } => NotPermitted,
        /// The stamp was recorded too long ago for a volunteer to undo it.
        TooLateToUndo {
            /// The point's name.
            point: String = point(),
            /// When it was recorded.
            #[serde(serialize_with = "moment")]
            stamped_at: Box<Zoned> = Box::new(at(15, 42, 7)),
        } => NotPermitted,
        /// A gift that the stamp unlocked was handed over.
        StampUsed {
            /// The point's name.
            point: String = point(),
            /// The gift's name.
            gift: String = gift(),
            /// The hand-over.
            done: Box<PriorAction> = PriorAction::sample()?.into(),
        } => Conflict,
        /// The phone already carries the maximum number of paper passports.
        CompanionsFull {
            /// The maximum number.
            limit: u16 = 5,
        } => Conflict,
        /// This phone does not carry the paper passport.
        CompanionUnknown => Unknown,
        /// No such suspicion.
        SuspicionUnknown => Unknown,
    }
}
