//! Relief: points that closures take off what routes ask for, and the rain stamps of closed points.
//!
//! A closure begins a *relief period*. Periods are records beside the versions of the carnival. No period is ever
//! removed, so what a closure took off stays off with any later version.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::rules::ids::{ParseError, PointNumber, string_conversions};

/// How long a closure must last before it relieves anybody, so that a slip that is corrected costs nothing.
pub const MINIMUM: SignedDuration = SignedDuration::from_mins(15);

/// How long after the end of its hours a closed point still gives rain stamps: the grace of any point, and the minute in
/// which it closes.
const RAIN_GRACE: SignedDuration = SignedDuration::from_mins(6);

/// The key of a period: the point, and the position among the periods of this point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PeriodId {
    /// The point.
    pub point: PointNumber,
    /// Counted from 1.
    pub nth: u16,
}

impl fmt::Display for PeriodId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.point, self.nth)
    }
}

impl FromStr for PeriodId {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let read = || {
            let (point, nth) = text.split_once('-')?;
            Some(PeriodId { point: point.parse().ok()?, nth: nth.parse().ok()? })
        };
        read().ok_or_else(|| ParseError::new(text, "a relief period such as 7-1"))
    }
}

string_conversions!(PeriodId);

/// All periods of a carnival.
pub type ReliefPeriods = BTreeMap<PeriodId, ReliefPeriod>;

/// A time span, from inclusive, to exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeSpan {
    /// Its begin.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
}

/// A period for which a point was closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReliefPeriod {
    /// The point.
    pub point: PointNumber,
    /// When it was closed.
    pub from: Timestamp,
    /// Its end: the end of the point's hours of that day, or the reopening. `None` while it is closed for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// The day of a closure for one day; `None` if the point was closed for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_day: Option<ClosedDay>,
}

/// What a period keeps of its day, so that later versions of the carnival cannot change its effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedDay {
    /// The day.
    pub day: Date,
    /// The point's own hours of that day, in order.
    pub hours: Vec<TimeSpan>,
    /// The points of its route. A stamp of any of them on that day relieves a passport.
    pub route_points: Vec<PointNumber>,
    /// Whether residents shall stay away: no rain stamps.
    pub keep_away: bool,
}

impl ReliefPeriod {
    /// Whether it has not ended.
    #[must_use]
    pub fn is_running(&self, now: Timestamp) -> bool {
        self.to.is_none_or(|to| to > now)
    }

    /// The day, if the point was closed for one day.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        self.closed_day.as_ref().map(|closed| closed.day)
    }

    /// When it lowers its route for everybody, if it lasts that long.
    fn lowers_from(&self) -> Option<Timestamp> {
        let since = self.from.saturating_add(MINIMUM).ok().filter(|_| self.closed_day.is_none())?;
        self.to.is_none_or(|to| to >= since).then_some(since)
    }

    /// The parts of the point's own hours that lie in the period.
    fn spans(&self) -> impl Iterator<Item = TimeSpan> {
        let end = self.to.unwrap_or(Timestamp::MAX);
        let hours = self.closed_day.as_ref().map_or(&[][..], |closed| &closed.hours);
        let within = move |span: &TimeSpan| TimeSpan { from: span.from.max(self.from), to: span.to.min(end) };
        hours.iter().map(within).filter(|span| span.from < span.to)
    }
}

/// A point that passports stamped on its route on one day are relieved of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayRelief {
    /// The point.
    pub point: PointNumber,
    /// The day.
    pub day: Date,
    /// When its closures had lasted long enough.
    pub since: Timestamp,
    /// The first and last moment of the point's own hours of that day, which may be after midnight.
    hours: TimeSpan,
    route_points: Vec<PointNumber>,
}

impl DayRelief {
    /// Whether a stamp relieves its passport of the point. `date` is the local date of `at`; `named` is the day that a
    /// volunteer named for a stamp by hand.
    #[must_use]
    pub fn is_earned_by(&self, point: PointNumber, at: Timestamp, date: Date, named: Option<Date>) -> bool {
        let on_day = match named {
            Some(named) => named == self.day,
            None => date == self.day || (self.hours.from <= at && at < self.hours.to),
        };
        on_day && self.route_points.contains(&point)
    }
}

/// A time at which a closed point gives rain stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RainWindow {
    point: PointNumber,
    day: Date,
    span: TimeSpan,
}

/// What the periods take off at some moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relief {
    /// Points that routes no longer ask of anybody, and since when.
    lowered: BTreeMap<PointNumber, Timestamp>,
    days: Vec<DayRelief>,
    rain: Vec<RainWindow>,
}

impl Relief {
    /// What the periods take off at `now`.
    #[must_use]
    pub fn in_force(periods: &ReliefPeriods, now: Timestamp) -> Relief {
        Relief::of(periods).as_of(now)
    }

    /// When the periods next take something off, after `now`.
    #[must_use]
    pub fn next_effect(periods: &ReliefPeriods, now: Timestamp) -> Option<Timestamp> {
        Relief::of(periods).effects().filter(|since| *since > now).min()
    }

    /// All effects that the periods have had or will have if nothing ends them earlier.
    #[must_use]
    pub fn of(periods: &ReliefPeriods) -> Relief {
        let mut relief = Relief::default();
        let mut by_day: BTreeMap<(PointNumber, Date), Vec<&ReliefPeriod>> = BTreeMap::new();
        for period in periods.values() {
            if let Some(since) = period.lowers_from() {
                relief.lowered.entry(period.point).and_modify(|first| *first = since.min(*first)).or_insert(since);
            }
            if let Some(closed) = &period.closed_day {
                by_day.entry((period.point, closed.day)).or_default().push(period);
                if !closed.keep_away {
                    relief.rain.extend(period.spans().map(|span| RainWindow {
                        point: period.point,
                        day: closed.day,
                        span: with_grace(span, &closed.hours),
                    }));
                }
            }
        }
        relief.days =
            by_day.into_iter().filter_map(|((point, day), periods)| day_relief(point, day, &periods)).collect();
        relief
    }

    /// The effects that were in force at a moment.
    #[must_use]
    pub fn as_of(mut self, at: Timestamp) -> Relief {
        self.lowered.retain(|_, since| *since <= at);
        self.days.retain(|relief| relief.since <= at);
        self
    }

    /// The moments at which something was taken off.
    pub fn effects(&self) -> impl Iterator<Item = Timestamp> {
        self.lowered.values().copied().chain(self.days.iter().map(|relief| relief.since))
    }

    /// Whether no route asks for the point any more.
    #[must_use]
    pub fn is_lowered(&self, point: PointNumber) -> bool {
        self.lowered.contains_key(&point)
    }

    /// Since when people are relieved of a point: those of a day, or everybody.
    #[must_use]
    pub fn since(&self, point: PointNumber, day: Option<Date>) -> Option<Timestamp> {
        let of_day = |relief: &&DayRelief| relief.point == point && Some(relief.day) == day;
        let relieved = self.days.iter().find(of_day).map(|relief| relief.since);
        self.lowered.get(&point).copied().into_iter().chain(relieved).min()
    }

    /// The points that stamps of a day relieve of.
    #[must_use]
    pub fn days(&self) -> &[DayRelief] {
        &self.days
    }

    /// Whether the closed point gives rain stamps now.
    #[must_use]
    pub fn gives_rain_stamps(&self, point: PointNumber, now: Timestamp) -> bool {
        self.rain.iter().any(|window| window.point == point && (window.span.from..window.span.to).contains(&now))
    }

    /// Whether the point gave rain stamps on that day.
    #[must_use]
    pub fn gave_rain_stamps(&self, point: PointNumber, day: Date) -> bool {
        self.rain.iter().any(|window| window.point == point && window.day == day)
    }
}

/// The relief of one point on one day, whose closures count together.
fn day_relief(point: PointNumber, day: Date, periods: &[&ReliefPeriod]) -> Option<DayRelief> {
    let mut spans: Vec<TimeSpan> = periods.iter().flat_map(|period| period.spans()).collect();
    spans.sort_unstable_by_key(|span| span.from);
    let mut left = MINIMUM;
    let since = spans.iter().find_map(|span| {
        let lasted = span.to.duration_since(span.from);
        if lasted >= left {
            return span.from.saturating_add(left).ok();
        }
        left -= lasted;
        None
    })?;
    let closed: Vec<&ClosedDay> = periods.iter().filter_map(|period| period.closed_day.as_ref()).collect();
    let hours = closed.iter().flat_map(|closed| &closed.hours);
    let from = hours.clone().map(|span| span.from).min()?;
    let to = hours.map(|span| span.to).max()?.saturating_add(RAIN_GRACE).ok()?;
    let route_points = closed.iter().flat_map(|closed| closed.route_points.iter().copied()).collect();
    Some(DayRelief { point, day, since, hours: TimeSpan { from, to }, route_points })
}

/// A span that ends with the point's own hours is followed by their grace period; one that a reopening ended is not.
fn with_grace(span: TimeSpan, hours: &[TimeSpan]) -> TimeSpan {
    let until_closing = hours.iter().any(|own| own.to == span.to);
    let to = if until_closing { span.to.saturating_add(RAIN_GRACE).unwrap_or(span.to) } else { span.to };
    TimeSpan { to, ..span }
}

#[cfg(test)]
mod tests;
