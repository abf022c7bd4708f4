//! What periods take off, and from when.

use super::*;
use crate::rules::samples::{at, date, point_number};

fn span(from: &str, to: &str) -> TimeSpan {
    TimeSpan { from: at(from), to: at(to) }
}

/// A period of point 3 on 14 April, whose hours are 9:00 to 12:00 and 14:00 to 18:00.
fn period(from: &str, to: &str) -> ReliefPeriod {
    let hours = vec![span("2023-04-14T09:00", "2023-04-14T12:00"), span("2023-04-14T14:00", "2023-04-14T18:00")];
    let route_points = [1, 2, 3].map(point_number).into();
    ReliefPeriod {
        point: point_number(3),
        from: at(from),
        to: Some(at(to)),
        closed_day: Some(ClosedDay { day: date("2023-04-14"), hours, route_points, keep_away: false }),
    }
}

fn for_good(from: &str, to: Option<&str>) -> ReliefPeriod {
    ReliefPeriod { point: point_number(3), from: at(from), to: to.map(at), closed_day: None }
}

fn periods(list: impl IntoIterator<Item = ReliefPeriod>) -> ReliefPeriods {
    (1..).zip(list).map(|(nth, period)| (PeriodId { point: period.point, nth }, period)).collect()
}

/// From when point 3 is taken off, for the day and for good.
fn since(list: impl IntoIterator<Item = ReliefPeriod>) -> (Option<Timestamp>, Option<Timestamp>) {
    let relief = Relief::of(&periods(list));
    (relief.since(point_number(3), Some(date("2023-04-14"))), relief.since(point_number(3), None))
}

#[test]
fn a_closure_relieves_after_15_minutes_of_the_points_own_hours() {
    let closed = |from, to| since([period(from, to)]).0;
    assert_eq!(closed("2023-04-14T15:00", "2023-04-14T18:00"), Some(at("2023-04-14T15:15")));
    assert_eq!(closed("2023-04-14T15:00", "2023-04-14T15:15"), Some(at("2023-04-14T15:15")));
    assert_eq!(closed("2023-04-14T15:00", "2023-04-14T15:14:59"), None);
    assert_eq!(closed("2023-04-14T15:00", "2023-04-14T15:00:01"), None, "a slip");
    assert_eq!(closed("2023-04-14T08:00", "2023-04-14T18:00"), Some(at("2023-04-14T09:15")), "before it opens");
    assert_eq!(closed("2023-04-14T11:55", "2023-04-14T18:00"), Some(at("2023-04-14T14:10")), "across noon");
    assert_eq!(closed("2023-04-14T12:00", "2023-04-14T14:00"), None, "at noon");
    assert_eq!(closed("2023-04-14T17:50", "2023-04-14T18:00"), None, "too late");
}

#[test]
fn closures_of_one_day_count_together() {
    let closed = |second_ends| {
        since([period("2023-04-14T14:00", "2023-04-14T14:10"), period("2023-04-14T16:00", second_ends)]).0
    };
    assert_eq!(closed("2023-04-14T16:04"), None);
    assert_eq!(closed("2023-04-14T16:20"), Some(at("2023-04-14T16:05")));
}

#[test]
fn a_closure_for_good_relieves_everybody_15_minutes_later() {
    let closed = |to| since([for_good("2023-04-14T03:00", to)]).1;
    assert_eq!(closed(None), Some(at("2023-04-14T03:15")));
    assert_eq!(closed(Some("2023-04-14T03:14:59")), None);
    assert_eq!(closed(Some("2023-04-20T10:00")), Some(at("2023-04-14T03:15")), "lifted later, it stays lowered");
}

#[test]
fn only_effects_that_have_come_are_in_force() {
    let periods = periods([period("2023-04-14T15:00", "2023-04-14T18:00"), for_good("2023-04-14T16:00", None)]);
    let count = |now| Relief::in_force(&periods, at(now)).effects().count();
    assert_eq!((count("2023-04-14T15:14:59"), count("2023-04-14T15:15"), count("2023-04-14T16:15")), (0, 1, 2));
    let next = |now| Relief::next_effect(&periods, at(now));
    assert_eq!(next("2023-04-14T15:00"), Some(at("2023-04-14T15:15")));
    assert_eq!((next("2023-04-14T15:15"), next("2023-04-14T16:15")), (Some(at("2023-04-14T16:15")), None));
}

#[test]
fn a_stamp_of_the_route_on_the_day_relieves() {
    let relief = Relief::of(&periods([period("2023-04-14T15:00", "2023-04-14T18:00")]));
    let relieves = |point: u64, when: &str, named: Option<&str>| {
        let local = date(&when[..10]);
        relief.days()[0].is_earned_by(point_number(point), at(when), local, named.map(date))
    };
    assert!(relieves(1, "2023-04-14T10:00", None), "before");
    assert!(relieves(2, "2023-04-14T20:00", None), "after");
    assert!(!relieves(4, "2023-04-14T10:00", None), "another route");
    assert!(!relieves(1, "2023-04-15T10:00", None), "another day");
    assert!(relieves(1, "2023-04-16T10:00", Some("2023-04-14")), "ink that a volunteer dates");
    assert!(!relieves(1, "2023-04-14T10:00", Some("2023-04-13")));
}

#[test]
fn hours_past_midnight_belong_to_their_day() {
    let mut late = period("2023-04-14T20:00", "2023-04-15T02:00");
    if let Some(closed) = &mut late.closed_day {
        closed.hours = vec![span("2023-04-14T18:00", "2023-04-15T02:00")];
    }
    let relief = Relief::of(&periods([late]));
    let relieves = |when: &str| relief.days()[0].is_earned_by(point_number(1), at(when), date(&when[..10]), None);
    assert!(relieves("2023-04-15T01:30") && relieves("2023-04-15T02:05"));
    assert!(!relieves("2023-04-15T02:06"));
    assert!(relief.gives_rain_stamps(point_number(3), at("2023-04-15T02:05")));
}

#[test]
fn rain_stamps_are_given_during_the_period_within_the_hours() {
    let gives = |keep_away: bool, now: &str| {
        let mut period = period("2023-04-14T11:00", "2023-04-14T18:00");
        if let Some(closed) = &mut period.closed_day {
            closed.keep_away = keep_away;
        }
        Relief::of(&periods([period])).gives_rain_stamps(point_number(3), at(now))
    };
    for (now, expected) in
        [("10:59", false), ("11:00", true), ("12:05", true), ("12:30", false), ("18:05", true), ("18:06", false)]
    {
        assert_eq!(gives(false, &format!("2023-04-14T{now}")), expected, "{now}");
    }
    assert!(!gives(true, "2023-04-14T11:00"), "keep away");
    let reopened = Relief::of(&periods([period("2023-04-14T11:00", "2023-04-14T11:30")]));
    assert!(!reopened.gives_rain_stamps(point_number(3), at("2023-04-14T11:30")));
    assert!(reopened.gave_rain_stamps(point_number(3), date("2023-04-14")));
    assert!(!reopened.gave_rain_stamps(point_number(3), date("2023-04-15")));
}
