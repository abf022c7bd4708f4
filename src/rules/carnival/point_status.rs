//! The status of a point: open since when, next open when, idle since when.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::hours::{MINUTES_PER_DAY, TimeRange, minute_of_day};
use super::relief::TimeSpan;
use super::{Carnival, Point};

/// When the point opened, today or in the evening before; `None` while it is closed. The grace period after closing
/// does not count, because no new visitors come then.
#[must_use]
pub fn open_since(carnival: &Carnival, point: &Point, now: Timestamp) -> Option<Timestamp> {
    let local = carnival.local(now);
    let minute = minute_of_day(local.time());
    let days = [(Some(local.date()), minute), (local.date().yesterday().ok(), minute + MINUTES_PER_DAY)];
    days.into_iter().find_map(|(day, minute)| {
        let span = ranges_on(carnival, point, day?).iter().find(|span| span.contains(minute, 0))?;
        moment(carnival, day?, span.opens())
    })
}

/// The minute at which the last point closes on the latest of all evenings, counted from the midnight before; 1440 if no
/// point is open past midnight.
#[must_use]
pub fn latest_closing(carnival: &Carnival) -> u16 {
    let ranges = carnival.points.iter().flat_map(|point| point.hours.all_ranges());
    ranges.map(TimeRange::closes).fold(MINUTES_PER_DAY, u16::max)
}

/// The next day on which the point is open, with its hours; today until its last range ends.
#[must_use]
pub fn next_open_hours<'a>(carnival: &Carnival, point: &'a Point, now: Timestamp) -> Option<(Date, &'a [TimeRange])> {
    let local = carnival.local(now);
    let to_come = |day: &Date| {
        let minute = if *day == local.date() { minute_of_day(local.time()) } else { 0 };
        ranges_on(carnival, point, *day).iter().any(|span| minute <= span.closes())
    };
    let from = local.date().max(carnival.days.first);
    let mut days = from.series(1.day()).take_while(|day| *day <= carnival.days.last);
    days.find(to_come).map(|day| (day, point.hours.for_day(day)))
}

fn ranges_on<'a>(carnival: &Carnival, point: &'a Point, day: Date) -> &'a [TimeRange] {
    let runs = carnival.days.contains(day) && carnival.route(&point.route).is_some_and(|route| route.runs_on(day));
    if runs && point.closed.is_none() { point.hours.for_day(day) } else { &[] }
}

/// The point's own hours of a day on which its route runs: those that it has or, if it was closed, would have had.
#[must_use]
pub fn own_hours(carnival: &Carnival, point: &Point, day: Date) -> Vec<TimeSpan> {
    let runs = carnival.days.contains(day) && carnival.route(&point.route).is_some_and(|route| route.runs_on(day));
    let spans = if runs { point.hours.planned_for_day(day) } else { &[] };
    let span = |range: &TimeRange| {
        let (from, to) = (moment(carnival, day, range.opens())?, moment(carnival, day, range.closes())?);
        Some(TimeSpan { from, to })
    };
    spans.iter().filter_map(span).collect()
}

/// The day to which a moment belongs for a point: after midnight yesterday, while the hours that began then last;
/// otherwise today. A closed point keeps the hours that it would have had.
#[must_use]
pub fn current_day(carnival: &Carnival, point: &Point, now: Timestamp) -> Date {
    let today = carnival.local(now).date();
    let runs_now = |day: &Date| own_hours(carnival, point, *day).iter().any(|span| span.from <= now && now < span.to);
    today.yesterday().ok().filter(|yesterday| !runs_now(&today) && runs_now(yesterday)).unwrap_or(today)
}

fn moment(carnival: &Carnival, day: Date, minute: u16) -> Option<Timestamp> {
    let midnight: DateTime = day.at(0, 0, 0, 0);
    let local = midnight.checked_add(i64::from(minute).minutes()).ok()?;
    Some(local.to_zoned(carnival.time_zone.clone()).ok()?.timestamp())
}

/// The time since which an open point has been idle: its last stamp or today's opening, whichever is later. `None`
/// unless that is longer ago than `max_idle`.
#[must_use]
pub fn idle_since(
    carnival: &Carnival,
    point: &Point,
    last_stamp: Option<Timestamp>,
    now: Timestamp,
    max_idle: SignedDuration,
) -> Option<Timestamp> {
    let opened = open_since(carnival, point, now)?;
    let since = last_stamp.map_or(opened, |last| last.max(opened));
    (now.duration_since(since) > max_idle).then_some(since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::samples::{at, carnival, date, spans};

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    #[test]
    fn a_point_is_open_since_the_start_of_the_current_range() {
        let mut carnival = carnival();
        carnival.points[0].hours.usual = spans(&["09:00-12:00", "14:00-18:00"]);
        let since = |local| open_since(&carnival, &carnival.points[0], at(local));
        assert_eq!(since("2023-04-14T08:59"), None);
        assert_eq!(since("2023-04-14T12:00:30"), Some(at("2023-04-14T09:00")));
        assert_eq!(since("2023-04-14T13:00"), None);
        assert_eq!(since("2023-04-14T15:00"), Some(at("2023-04-14T14:00")));
        assert_eq!(since("2023-04-19T10:00"), None, "its route is over");
        assert_eq!(since("2023-04-21T10:00"), Some(at("2023-04-21T09:00")), "an extra day");
    }

    #[test]
    fn after_midnight_the_day_is_yesterday_while_its_hours_last() {
        let mut carnival = carnival();
        let day = |carnival: &Carnival, local| current_day(carnival, &carnival.points[0], at(local));
        assert_eq!(day(&carnival, "2023-04-15T00:30"), date("2023-04-15"));
        carnival.points[0].hours.usual = spans(&["18:00-02:00"]);
        for closed in [false, true] {
            if closed {
                carnival.points[0].hours.exceptions = vec![(date("2023-04-14"), vec![])];
                carnival.points[0].hours.reasons = vec![(date("2023-04-14"), "因雨".to_owned())];
            }
            assert_eq!(day(&carnival, "2023-04-14T23:59"), date("2023-04-14"));
            assert_eq!(day(&carnival, "2023-04-15T01:59"), date("2023-04-14"));
            assert_eq!(day(&carnival, "2023-04-15T02:00"), date("2023-04-15"));
        }
        assert_eq!(day(&carnival, "2023-04-13T00:30"), date("2023-04-13"), "its route did not run yesterday");
        carnival.points[0].hours.usual = spans(&["00:00-24:00"]);
        assert_eq!(day(&carnival, "2023-04-16T00:30"), date("2023-04-16"));
    }

    #[test]
    fn idleness_begins_with_the_last_stamp_or_with_the_opening() {
        let carnival = carnival();
        let idle = |last: Option<&str>, now| idle_since(&carnival, &carnival.points[0], last.map(at), at(now), HOUR);
        assert_eq!(idle(None, "2023-04-14T10:00"), None, "an hour, not longer");
        assert_eq!(idle(None, "2023-04-14T10:01"), Some(at("2023-04-14T09:00")));
        assert_eq!(idle(Some("2023-04-13T17:00"), "2023-04-14T10:01"), Some(at("2023-04-14T09:00")));
        assert_eq!(idle(Some("2023-04-14T09:30"), "2023-04-14T10:01"), None);
        assert_eq!(idle(Some("2023-04-14T09:30"), "2023-04-14T10:31"), Some(at("2023-04-14T09:30")));
        assert_eq!(idle(None, "2023-04-14T18:01"), None, "closed");
    }

    #[test]
    fn the_next_hours_are_todays_until_they_end() {
        let mut carnival = carnival();
        let next = |carnival: &Carnival, point: usize, now| {
            next_open_hours(carnival, &carnival.points[point], at(now)).map(|(day, _)| day)
        };
        assert_eq!(next(&carnival, 0, "2023-04-01T20:00"), Some(date("2023-04-13")));
        assert_eq!(next(&carnival, 0, "2023-04-14T18:00"), Some(date("2023-04-14")));
        assert_eq!(next(&carnival, 0, "2023-04-14T18:01"), Some(date("2023-04-15")));
        assert_eq!(next(&carnival, 0, "2023-04-18T19:00"), Some(date("2023-04-21")));
        assert_eq!(next(&carnival, 0, "2023-04-21T19:00"), None);
        assert_eq!(next(&carnival, 3, "2023-04-14T10:00"), Some(date("2023-04-19")));
        carnival.points[0].closed = Some("因雨关闭".to_owned());
        assert_eq!(next(&carnival, 0, "2023-04-14T10:00"), None);
    }
}
