//! Opening hours: time ranges of a day, in the carnival's local time. A range may end after midnight; it belongs to the
//! day on which it begins.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};

use crate::rules::ids::{ParseError, string_conversions};

/// Minutes in a day.
pub const MINUTES_PER_DAY: u16 = 24 * 60;

/// The latest end of a range that passes midnight, in minutes after midnight. Later ends are more likely a slip.
const LATEST_END: u16 = 6 * 60;

/// A time range of one day, `09:00-18:00`. May end at `24:00`, or after midnight: `18:00-02:00` ends at 02:00 of the next
/// day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeRange {
    opens: u16,
    closes: u16,
}

impl TimeRange {
    /// The whole day, `00:00-24:00`.
    pub const WHOLE_DAY: TimeRange = TimeRange { opens: 0, closes: MINUTES_PER_DAY };

    /// Opening time, in minutes since midnight.
    #[must_use]
    pub fn opens(self) -> u16 {
        self.opens
    }

    /// Closing time, in minutes since the midnight before it opens; 1440 for 24:00, more if it passes midnight.
    #[must_use]
    pub fn closes(self) -> u16 {
        self.closes
    }

    /// Whether the range, extended by `grace` minutes, contains a minute of the day, or of the next day if it is 1440 or
    /// more. The last minute is included: a range until 18:00 is open at 18:00:59 and closed at 18:01.
    #[must_use]
    pub fn contains(self, minute: u16, grace: u16) -> bool {
        (self.opens..=self.closes + grace).contains(&minute)
    }

    /// Whether the range ends on the next day.
    #[must_use]
    pub fn passes_midnight(self) -> bool {
        self.closes > MINUTES_PER_DAY
    }

    /// The whole day, and the next one until this minute after midnight of the day.
    #[must_use]
    pub fn whole_day_until(closes: u16) -> TimeRange {
        TimeRange { opens: 0, closes: closes.max(MINUTES_PER_DAY) }
    }

    /// Whether the two ranges share more than a boundary.
    #[must_use]
    pub fn overlaps(self, other: TimeRange) -> bool {
        self.opens < other.closes && other.opens < self.closes
    }
}

impl FromStr for TimeRange {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let parts = || {
            let (opens, closes) = text.split_once('-')?;
            let (opens, closes) = (minute_of(opens.trim())?, minute_of(closes.trim())?);
            // An end before the beginning is one after midnight.
            let closes = if closes < opens && closes <= LATEST_END { closes + MINUTES_PER_DAY } else { closes };
            (opens < closes && opens < MINUTES_PER_DAY).then_some(TimeRange { opens, closes })
        };
        parts().ok_or_else(|| ParseError::new(text, "a time range such as 09:00-18:00 or 18:00-02:00"))
    }
}

fn minute_of(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |part: &str| {
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= MINUTES_PER_DAY).then_some(total)
}

string_conversions!(TimeRange);

impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let closes = if self.passes_midnight() { self.closes - MINUTES_PER_DAY } else { self.closes };
        write!(f, "{}-{}", clock(self.opens), clock(closes))
    }
}

/// Opening hours of every day: usual hours and exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpeningHours {
    /// Ranges of a day without an exception, sorted, without overlaps. Empty if they differ by weekday.
    pub usual: Vec<TimeRange>,
    /// Ranges of each weekday, Monday first, if they differ; a weekday without ranges is closed.
    pub by_weekday: Option<[Vec<TimeRange>; 7]>,
    /// Exceptional days; no ranges means closed all day.
    pub exceptions: Vec<(Date, Vec<TimeRange>)>,
    /// Reasons for some of the exceptions.
    pub reasons: Vec<(Date, String)>,
    /// The planned hours of exceptional days that were closed.
    pub planned: Vec<(Date, Vec<TimeRange>)>,
    /// Notices for residents that came with the closures of single days.
    pub notices: Vec<(Date, String)>,
}

impl OpeningHours {
    /// The ranges of one day.
    #[must_use]
    pub fn for_day(&self, day: Date) -> &[TimeRange] {
        let exception = self.exceptions.iter().find(|(date, _)| *date == day);
        exception.map_or_else(|| self.usual_on(day), |(_, spans)| spans)
    }

    /// The ranges of this day if it had no exception.
    #[must_use]
    pub fn usual_on(&self, day: Date) -> &[TimeRange] {
        let nth = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
        self.by_weekday.as_ref().and_then(|days| days.get(nth)).unwrap_or(&self.usual)
    }

    /// All ranges, of any day.
    pub fn all_ranges(&self) -> impl Iterator<Item = TimeRange> {
        let by_weekday = self.by_weekday.iter().flatten();
        let exceptions = self.exceptions.iter().map(|(_, spans)| spans);
        by_weekday.chain(exceptions).chain([&self.usual]).flatten().copied()
    }

    /// The ranges that a day has or, if it was closed, would have had.
    #[must_use]
    pub fn planned_for_day(&self, day: Date) -> &[TimeRange] {
        let planned = self.planned.iter().find(|(date, _)| *date == day).map(|(_, spans)| spans.as_slice());
        let closed = self.for_day(day).is_empty() && self.reason_for(day).is_some();
        planned.unwrap_or_else(|| if closed { self.usual_on(day) } else { self.for_day(day) })
    }

    /// The reason for the exception of this day, if the file gives one.
    #[must_use]
    pub fn reason_for(&self, day: Date) -> Option<&str> {
        self.reasons.iter().find(|(date, _)| *date == day).map(|(_, reason)| reason.as_str())
    }

    /// The days from `from` that were closed with a reason, in order.
    #[must_use]
    pub fn closures_from(&self, from: Date) -> Vec<Date> {
        let is_closed = |day: &Date| *day >= from && self.for_day(*day).is_empty() && self.reason_for(*day).is_some();
        self.exceptions.iter().map(|(day, _)| *day).filter(is_closed).collect()
    }

    /// The notice that came with the closure of this day.
    #[must_use]
    pub fn notice_for(&self, day: Date) -> Option<&str> {
        self.notices.iter().find(|(date, _)| *date == day).map(|(_, notice)| notice.as_str())
    }

    /// The days whose hours include `now`: today, and yesterday if its last range or the grace period after it extends
    /// past midnight. `grace` is in minutes.
    pub fn open_days(&self, now: DateTime, grace: u16) -> impl Iterator<Item = Date> {
        let minute = minute_of_day(now.time());
        let today = now.date();
        let days = [(Some(today), minute), (today.yesterday().ok(), minute + MINUTES_PER_DAY)];
        days.into_iter().filter_map(move |(day, minute)| {
            day.filter(|day| self.for_day(*day).iter().any(|span| span.contains(minute, grace)))
        })
    }

    /// The next opening time on the same day, after the current minute.
    #[must_use]
    pub fn next_opening(&self, now: DateTime) -> Option<Time> {
        let minute = minute_of_day(now.time());
        let opens = self.for_day(now.date()).iter().map(|span| span.opens).filter(|opens| *opens > minute).min()?;
        Time::new(i8::try_from(opens / 60).ok()?, i8::try_from(opens % 60).ok()?, 0, 0).ok()
    }
}

/// Minutes since midnight.
#[must_use]
pub fn minute_of_day(time: Time) -> u16 {
    u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs())
}

/// Formats ranges for people: `09:00-12:00, 14:00-18:00`; empty for a closed day.
#[must_use]
pub fn format_ranges(spans: &[TimeRange]) -> String {
    spans.iter().map(TimeRange::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
