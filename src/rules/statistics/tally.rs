//! The counters. Each is updated in the same transaction as the record that it counts.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::rules::carnival::Carnival;
use crate::rules::ids::{GiftNumber, ParseError, PointNumber, RouteId, SessionId, string_conversions};
use crate::rules::staff::roles::Station;

/// An hour of local time, written `2023041314` for 14:00 to 14:59 on 13 April 2023.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LocalHour(u32);

impl LocalHour {
    /// The hour of a local time.
    #[must_use]
    pub fn of(local: DateTime) -> LocalHour {
        let two = |part: i8| u32::from(part.unsigned_abs());
        let year = u32::from(local.year().unsigned_abs());
        LocalHour(((year * 100 + two(local.month())) * 100 + two(local.day())) * 100 + two(local.hour()))
    }

    /// The day of the hour.
    #[must_use]
    pub fn day(self) -> LocalDay {
        LocalDay(self.0 / 100)
    }

    /// The hour of the day, from 0 to 23.
    #[must_use]
    pub fn hour_of_day(self) -> u32 {
        self.0 % 100
    }
}

/// A local day, written `20230413`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LocalDay(u32);

impl LocalDay {
    /// The day of a date.
    #[must_use]
    pub fn of(date: Date) -> LocalDay {
        LocalHour::of(date.to_datetime(Time::midnight())).day()
    }

    /// The date; `None` if the number is not a date, which no writer produces.
    #[must_use]
    pub fn date(self) -> Option<Date> {
        let part = |number: u32| i8::try_from(number % 100).ok();
        Date::new(i16::try_from(self.0 / 10_000).ok()?, part(self.0 / 100)?, part(self.0)?).ok()
    }
}

impl FromStr for LocalDay {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        digits(text, 8).map(LocalDay).ok_or_else(|| ParseError::new(text, "a day such as 20230413"))
    }
}

impl fmt::Display for LocalDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}", self.0)
    }
}

/// A timestamp with its local hour and the start of that hour and day. The store uses these to count first-time
/// visitors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalMoment {
    /// The timestamp, to the millisecond.
    pub at: Timestamp,
    /// The local hour.
    pub hour: LocalHour,
    /// Start of the hour.
    pub hour_began: Timestamp,
    /// Start of the day.
    pub day_began: Timestamp,
}

impl LocalMoment {
    /// The moment in a carnival's local time.
    #[must_use]
    pub fn of(carnival: &Carnival, at: Timestamp) -> LocalMoment {
        let zoned = carnival.zoned(at);
        let local = zoned.datetime();
        let into_hour = SignedDuration::from_mins(i64::from(local.minute()))
            + SignedDuration::from_secs(i64::from(local.second()))
            + SignedDuration::from_nanos(i64::from(local.subsec_nanosecond()));
        LocalMoment {
            at,
            hour: LocalHour::of(local),
            hour_began: at.checked_sub(into_hour).unwrap_or(at),
            day_began: zoned.start_of_day().map_or(at, |day| day.timestamp()),
        }
    }
}

impl FromStr for LocalHour {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        digits(text, 10).map(LocalHour).ok_or_else(|| ParseError::new(text, "an hour such as 2023041314"))
    }
}

impl fmt::Display for LocalHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}", self.0)
    }
}

/// A counter. Its text form is its key in every store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Tally {
    /// `stamps:7:2023041314`: stamps at a point in an hour.
    Stamps(PointNumber, LocalHour),
    /// `stamps:7`: stamps at a point, all time.
    AllStamps(PointNumber),
    /// `stamps-by:S`: stamps that a staff session recorded by hand.
    StampsBy(SessionId),
    /// `passports:2023041314`: new passports in an hour. Replaced by `people-in` and not written any more; still
    /// parsed, because old stores and exports contain it.
    Passports(LocalHour),
    /// `passports`: passports, all time.
    AllPassports,
    /// `people:play`: passports with a stamp of a route, all time.
    UniqueRouteVisitors(RouteId),
    /// `people:play:20230413`: passports stamped on a route on a day.
    UniqueRouteVisitorsOn(RouteId, LocalDay),
    /// `people-on:20230413`: passports stamped on a day.
    UniqueVisitorsOn(LocalDay),
    /// `people-in:2023041314`: passports stamped in an hour.
    UniqueVisitorsIn(LocalHour),
    /// `claims:3:2023041314`: claims of a gift in an hour, including renewals.
    Claims(GiftNumber, LocalHour),
    /// `redemptions:3:booth/east:2023041314`: redemptions of a gift at a station in an hour.
    Redemptions(GiftNumber, Option<Station>, LocalHour),
    /// `redemptions-by:3:S`: redemptions of a gift by a staff session.
    RedemptionsBy(GiftNumber, SessionId),
    /// `voids:3:booth/east:2023041314`: voids, counted at the station of the redemption and in the hour of the void.
    Voids(GiftNumber, Option<Station>, LocalHour),
    /// `voids-by:3:S`: voids by a staff session.
    VoidsBy(GiftNumber, SessionId),
}

/// Number of refusals with a code at a point in an hour. Counted in memory and written at intervals: a hint that a
/// crash may lose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RefusalTally {
    /// The point; `None` if the request named no point.
    pub point: Option<PointNumber>,
    /// The refusal's code.
    pub code: String,
    /// The local hour.
    pub hour: LocalHour,
}

impl fmt::Display for RefusalTally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.point {
            Some(point) => write!(f, "{point}:{}:{}", self.code, self.hour),
            None => write!(f, "-:{}:{}", self.code, self.hour),
        }
    }
}

impl FromStr for RefusalTally {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let read = || {
            let (point, rest) = text.split_once(':')?;
            let (code, at) = rest.split_once(':')?;
            let point = if point == "-" { None } else { Some(point.parse().ok()?) };
            let is_code = !code.is_empty() && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            is_code.then_some(RefusalTally { point, code: code.to_owned(), hour: at.parse().ok()? })
        };
        read().ok_or_else(|| ParseError::new(text, "a refusal tally"))
    }
}

string_conversions!(RefusalTally);

/// The two groups of counters: a few all-time ones, read often, and many hourly ones, read seldom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TallyPeriod {
    /// Counters without an hour or day.
    #[serde(rename = "in_all")]
    AllTime,
    /// Counters per hour or day.
    ByHour,
}

impl Tally {
    /// The group of the counter; stores keep the groups apart.
    #[must_use]
    pub fn period(&self) -> TallyPeriod {
        if self.day().is_some() { TallyPeriod::ByHour } else { TallyPeriod::AllTime }
    }

    /// The day of an hourly or daily counter.
    #[must_use]
    pub fn day(&self) -> Option<LocalDay> {
        match self {
            Tally::Stamps(_, hour)
            | Tally::Passports(hour)
            | Tally::UniqueVisitorsIn(hour)
            | Tally::Claims(_, hour)
            | Tally::Redemptions(_, _, hour)
            | Tally::Voids(_, _, hour) => Some(hour.day()),
            Tally::UniqueRouteVisitorsOn(_, day) | Tally::UniqueVisitorsOn(day) => Some(*day),
            Tally::AllStamps(_)
            | Tally::UniqueRouteVisitors(_)
            | Tally::StampsBy(_)
            | Tally::AllPassports
            | Tally::RedemptionsBy(..)
            | Tally::VoidsBy(..) => None,
        }
    }

    /// The gift that the counter belongs to, if any.
    #[must_use]
    pub fn gift(&self) -> Option<GiftNumber> {
        match self {
            Tally::Claims(gift, _)
            | Tally::Redemptions(gift, ..)
            | Tally::RedemptionsBy(gift, _)
            | Tally::Voids(gift, ..)
            | Tally::VoidsBy(gift, _) => Some(*gift),
            _ => None,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |place: &Option<Station>| place.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        match self {
            Tally::Stamps(point, hour) => write!(f, "stamps:{point}:{hour}"),
            Tally::AllStamps(point) => write!(f, "stamps:{point}"),
            Tally::StampsBy(session) => write!(f, "stamps-by:{session}"),
            Tally::Passports(hour) => write!(f, "passports:{hour}"),
            Tally::AllPassports => f.write_str("passports"),
            Tally::UniqueRouteVisitors(route) => write!(f, "people:{route}"),
            Tally::UniqueRouteVisitorsOn(route, day) => write!(f, "people:{route}:{day}"),
            Tally::UniqueVisitorsOn(day) => write!(f, "people-on:{day}"),
            Tally::UniqueVisitorsIn(hour) => write!(f, "people-in:{hour}"),
            Tally::Claims(gift, hour) => write!(f, "claims:{gift}:{hour}"),
            Tally::Redemptions(gift, at, hour) => write!(f, "redemptions:{gift}:{}:{hour}", place(at)),
            Tally::RedemptionsBy(gift, session) => write!(f, "redemptions-by:{gift}:{session}"),
            Tally::Voids(gift, at, hour) => write!(f, "voids:{gift}:{}:{hour}", place(at)),
            Tally::VoidsBy(gift, session) => write!(f, "voids-by:{gift}:{session}"),
        }
    }
}

impl FromStr for Tally {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        parsed(text).ok_or_else(|| ParseError::new(text, "a tally"))
    }
}

fn parsed(text: &str) -> Option<Tally> {
    let place = |text: &str| if text == "-" { Some(None) } else { text.parse().ok().map(Some) };
    let parts: Vec<&str> = text.split(':').collect();
    Some(match parts.as_slice() {
        ["stamps", point, at] => Tally::Stamps(point.parse().ok()?, at.parse().ok()?),
        ["stamps", point] => Tally::AllStamps(point.parse().ok()?),
        ["stamps-by", session] => Tally::StampsBy(session.parse().ok()?),
        ["passports", at] => Tally::Passports(at.parse().ok()?),
        ["passports"] => Tally::AllPassports,
        ["people", route] => Tally::UniqueRouteVisitors(route.parse().ok()?),
        ["people", route, on] => Tally::UniqueRouteVisitorsOn(route.parse().ok()?, on.parse().ok()?),
        ["people-on", on] => Tally::UniqueVisitorsOn(on.parse().ok()?),
        ["people-in", at] => Tally::UniqueVisitorsIn(at.parse().ok()?),
        ["claims", gift, at] => Tally::Claims(gift.parse().ok()?, at.parse().ok()?),
        ["redemptions", gift, by, at] => Tally::Redemptions(gift.parse().ok()?, place(by)?, at.parse().ok()?),
        ["redemptions-by", gift, session] => Tally::RedemptionsBy(gift.parse().ok()?, session.parse().ok()?),
        ["voids", gift, by, at] => Tally::Voids(gift.parse().ok()?, place(by)?, at.parse().ok()?),
        ["voids-by", gift, session] => Tally::VoidsBy(gift.parse().ok()?, session.parse().ok()?),
        _ => return None,
    })
}

string_conversions!(Tally);

/// A number of exactly this many digits.
fn digits(text: &str, length: usize) -> Option<u32> {
    let sound = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
