//! When a roster expects somebody: a day, and from when to when.

use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::rules::carnival::Carnival;

/// A planned shift, in the carnival's local time. It may end after midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedShift {
    /// The day on which it begins.
    pub day: Date,
    /// When it begins.
    pub from: Time,
    /// When it ends; on the next day if that is not later.
    pub to: Time,
}

/// An invitation for a shift, or for a day with hours past midnight, is valid until this hour of the next morning, for
/// those who stay longer.
pub(super) const NEXT_MORNING: i8 = 6;

impl PlannedShift {
    /// Reads a shift as people write it: `4月14日 9:00-13:00`, `2023-04-14 09:00~13:00`, `4/14 9点到13点`. A day without a
    /// year is one of the carnival's.
    #[must_use]
    pub fn parse(text: &str, carnival: &Carnival) -> Option<PlannedShift> {
        let text: String = text.chars().map(plain).collect();
        let text = text.replace('点', ":00").replace(":00半", ":30");
        let hours_at = text.find(':')?;
        // The hour before the first colon belongs to the hours.
        let split = text[..hours_at].trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (day, hours) = text.split_at(split);
        let (from, to) = hours.split_once('-')?;
        let shift =
            PlannedShift { day: parse_day(day.trim(), carnival)?, from: parse_time(from)?, to: parse_time(to)? };
        (shift.from != shift.to).then_some(shift)
    }

    /// Until when an invitation for this shift is valid: the next morning.
    #[must_use]
    pub fn valid_until(&self, carnival: &Carnival) -> Option<Timestamp> {
        let morning: DateTime = self.day.tomorrow().ok()?.at(NEXT_MORNING, 0, 0, 0);
        Some(morning.to_zoned(carnival.time_zone.clone()).ok()?.timestamp())
    }
}

/// `2023-04-14 09:00-13:00`.
impl fmt::Display for PlannedShift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PlannedShift { day, from, to } = self;
        write!(f, "{day} {:02}:{:02}-{:02}:{:02}", from.hour(), from.minute(), to.hour(), to.minute())
    }
}

/// Full-width digits and signs as plain ones; the words and dashes between two times as a hyphen.
fn plain(c: char) -> char {
    match c {
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10).unwrap_or(c),
        '：' => ':',
        '～' | '~' | '—' | '–' | '－' | '―' | '至' | '到' => '-',
        '／' | '.' | '．' => '/',
        '　' => ' ',
        other => other,
    }
}

/// `2023-4-14`, `2023/4/14`, `2023年4月14日`, `4-14`, `4/14`, `4月14日`, `4月14号`.
fn parse_day(text: &str, carnival: &Carnival) -> Option<Date> {
    let text = text.trim_end_matches(['日', '号']).replace(['年', '月', '/'], "-");
    let parts: Vec<i16> = text.split('-').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
    let date = |year: i16, month: i16, day: i16| Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok();
    match parts[..] {
        [year, month, day] => date(year, month, day),
        [month, day] => {
            let days = carnival.days;
            let years = days.first.year()..=days.last.year();
            let mut candidates = years.filter_map(|year| date(year, month, day));
            let first = candidates.clone().next();
            // The day before and after the carnival too: somebody sets up, somebody clears away.
            let near = |day: &Date| {
                let from = days.first.checked_sub(30.days()).unwrap_or(days.first);
                let to = days.last.checked_add(30.days()).unwrap_or(days.last);
                (from..=to).contains(day)
            };
            candidates.find(near).or(first)
        }
        _ => None,
    }
}

/// `9:00`, `09:00`, `24:00`.
fn parse_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |part: &str| (1..=2).contains(&part.len()).then(|| part.parse::<i8>().ok()).flatten();
    let (hour, minute) = (digits(hour.trim())?, digits(minute.trim())?);
    let hour = if (hour, minute) == (24, 0) { 0 } else { hour };
    Time::new(hour, minute, 0, 0).ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use crate::rules::samples::{at, carnival};

    fn read(text: &str) -> Option<String> {
        PlannedShift::parse(text, &carnival()).map(|shift| shift.to_string())
    }

    #[test]
    fn shifts_as_people_write_them_are_read() {
        for text in [
            "2023-04-14 09:00-13:00",
            "2023/4/14 9:00~13:00",
            "4月14日 9:00-13:00",
            "4月14号9：00—13：00",
            "4-14 9:00-13:00",
            "4/14　９：００至１３：００",
            "4.14 9点到13点",
            "2023年4月14日 9:00 - 13:00",
        ] {
            assert_eq!(read(text).as_deref(), Some("2023-04-14 09:00-13:00"), "{text}");
        }
        assert_eq!(read("4月14日 18:00-02:00").as_deref(), Some("2023-04-14 18:00-02:00"));
        assert_eq!(read("4月14日 18点半-24:00").as_deref(), Some("2023-04-14 18:30-00:00"));
        assert_eq!(read("4月12日 18:00-20:00").as_deref(), Some("2023-04-12 18:00-20:00"), "the evening before");
    }

    #[test]
    fn other_texts_are_not_shifts() {
        for text in [
            "",
            "上午",
            "4月14日",
            "9:00-13:00",
            "4月31日 9:00-13:00",
            "4月14日 9:00",
            "4月14日 9:00-9:00",
            "4月14日 25:00-26:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn an_invitation_for_a_shift_lasts_until_the_next_morning() {
        let shift = PlannedShift::parse("4月14日 18:00-02:00", &carnival()).unwrap();
        assert_eq!(shift.valid_until(&carnival()), Some(at("2023-04-15T06:00")));
    }
}
