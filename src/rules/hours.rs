//! Opening hours: spans of minutes within a day, judged by the carnival's own clock.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};

use super::ids::{ParseError, string_conversions};

/// Minutes in a day.
const MINUTES_PER_DAY: u16 = 24 * 60;

/// A span of one day, `09:00-18:00`. It may end at `24:00`; it never crosses midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeRange {
    opens: u16,
    closes: u16,
}

impl TimeRange {
    /// From the first minute of the day to the last.
    pub const WHOLE_DAY: TimeRange = TimeRange { opens: 0, closes: MINUTES_PER_DAY };

    /// The minute of the day at which it opens.
    #[must_use]
    pub fn opens(self) -> u16 {
        self.opens
    }

    /// The minute of the day at which it closes; [`TimeRange::WHOLE_DAY`] ends at 24:00.
    #[must_use]
    pub fn closes(self) -> u16 {
        self.closes
    }

    /// Whether the minute falls in the span. The span's last minute counts: at 18:00 a span that
    /// ends at 18:00 is still open, at 18:01 it is not, whatever the second.
    #[must_use]
    pub fn contains(self, minute: u16, grace: u16) -> bool {
        (self.opens..=self.closes + grace).contains(&minute)
    }

    /// Whether the two share more than a border.
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
            let span = TimeRange { opens: minute_of(opens.trim())?, closes: minute_of(closes.trim())? };
            (span.opens < span.closes).then_some(span)
        };
        parts().ok_or_else(|| ParseError::new(text, "a span of hours such as 09:00-18:00, ending after it begins"))
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
        write!(f, "{}-{}", clock(self.opens), clock(self.closes))
    }
}

/// The hours of every day, with the days that differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpeningHours {
    /// What holds on a day without an exception; in order, not overlapping.
    pub usual: Vec<TimeRange>,
    /// Days that differ; no spans means closed all day.
    pub exceptions: Vec<(Date, Vec<TimeRange>)>,
    /// Why some of those days differ.
    pub reasons: Vec<(Date, String)>,
    /// Those of these days for which the route can be completed without the point.
    pub excused_days: Vec<Date>,
}

impl OpeningHours {
    /// The spans of one day.
    #[must_use]
    pub fn for_day(&self, day: Date) -> &[TimeRange] {
        let exception = self.exceptions.iter().find(|(date, _)| *date == day);
        exception.map_or(&self.usual, |(_, spans)| spans)
    }

    /// Why this day differs, if it does and the file says so.
    #[must_use]
    pub fn reason_for(&self, day: Date) -> Option<&str> {
        self.reasons.iter().find(|(date, _)| *date == day).map(|(_, reason)| reason.as_str())
    }

    /// The days on which it is open at this moment: today, and yesterday when the grace of
    /// yesterday's last span reaches past midnight. `grace` is in minutes.
    pub fn open_days(&self, now: DateTime, grace: u16) -> impl Iterator<Item = Date> {
        let minute = minute_of_day(now.time());
        let today = now.date();
        let days = [(Some(today), minute), (today.yesterday().ok(), minute + MINUTES_PER_DAY)];
        days.into_iter().filter_map(move |(day, minute)| {
            day.filter(|day| self.for_day(*day).iter().any(|span| span.contains(minute, grace)))
        })
    }

    /// When it next opens on this day, strictly after this minute.
    #[must_use]
    pub fn next_opening(&self, now: DateTime) -> Option<Time> {
        let minute = minute_of_day(now.time());
        let opens = self.for_day(now.date()).iter().map(|span| span.opens).filter(|opens| *opens > minute).min()?;
        Time::new(i8::try_from(opens / 60).ok()?, i8::try_from(opens % 60).ok()?, 0, 0).ok()
    }
}

/// The minute of the day, from 0.
#[must_use]
pub fn minute_of_day(time: Time) -> u16 {
    u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs())
}

/// Spans as people read them: `09:00-12:00, 14:00-18:00`; empty for a day that stays closed.
#[must_use]
pub fn format_ranges(spans: &[TimeRange]) -> String {
    spans.iter().map(TimeRange::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
