//! Totals add up and count no visitor twice.

use super::*;
use crate::rules::samples::{self, at, carnival, date, the};

/// Two days at three points; one visitor came on both.
fn tallies() -> BTreeMap<Tally, u64> {
    [
        ("stamps:1:2023041310", 3),
        ("stamps:1:2023041411", 1),
        ("stamps:2:2023041311", 2),
        ("stamps:4:2023041411", 1),
        ("passports", 4),
        ("people:play", 4),
        ("people:live", 1),
        ("people:play:20230413", 3),
        ("people:play:20230414", 1),
        ("people:live:20230414", 1),
        ("people-on:20230413", 3),
        ("people-on:20230414", 1),
        ("people-in:2023041310", 3),
        ("people-in:2023041311", 2),
        ("people-in:2023041411", 1),
        ("claims:1:2023041311", 2),
        ("redemptions:1:booth/east:2023041311", 2),
        ("redemptions:1:-:2023041411", 1),
        ("voids:1:booth/east:2023041411", 1),
        ("stamps:9:2023041311", 7),
    ]
    .map(|(name, count)| (the(name), count))
    .into()
}

fn statistics_of(day: Option<&str>, route: Option<&str>, point: Option<&str>) -> Statistics {
    let carnival = carnival();
    let filter = StatisticsFilter::new(&carnival, day.map(date), route.map(the), point.map(the).as_ref()).unwrap();
    let hours_of = filter.day().unwrap_or(LocalDay::of(date("2023-04-14")));
    aggregate(&carnival, &filter, &[&tallies()], hours_of)
}

fn row(stamps: u64, people: u64) -> StampTotals {
    StampTotals { stamps, people: Some(people) }
}

#[test]
fn totals_add_up_and_unknown_points_are_left_out() {
    let all = statistics_of(None, None, None);
    assert_eq!(all.total, row(7, 4));
    assert_eq!(
        all.points,
        [(1, 4), (2, 2), (4, 1)].map(|(point, count)| (PointNumber::try_from(point).unwrap(), count)).into()
    );
    assert_eq!((all.routes[&the("play")], all.routes[&the("live")]), (row(6, 4), row(1, 1)));
    let day = |text| all.days[&LocalDay::of(date(text))];
    assert_eq!(day("2023-04-13"), (row(5, 3), GiftFlow { claims: 2, redeemed: 2, voided: 0 }));
    assert_eq!(day("2023-04-14"), (row(2, 1), GiftFlow { claims: 0, redeemed: 1, voided: 1 }));
    assert_eq!(all.hours, [(11, row(2, 1))].into(), "hours of the selected day only");
    let gift = &all.gifts[&GiftNumber::try_from(1).unwrap()];
    assert_eq!(gift.gift_flow, GiftFlow { claims: 2, redeemed: 3, voided: 1 });
    assert_eq!(gift.places[&Some(the("booth/east"))], GiftFlow { claims: 0, redeemed: 2, voided: 1 });
    assert_eq!(gift.places[&None].redeemed, 1);
}

#[test]
fn a_days_visitors_are_counted_once() {
    let day = statistics_of(Some("2023-04-13"), None, None);
    assert_eq!((day.total, day.routes[&the("play")]), (row(5, 3), row(5, 3)));
    assert_eq!(day.hours, [(10, row(3, 3)), (11, row(2, 2))].into());
    assert_eq!(day.gift_flow, GiftFlow { claims: 2, redeemed: 2, voided: 0 });
}

#[test]
fn a_routes_visitors_are_counted_once_but_not_per_hour() {
    let route = statistics_of(None, Some("play"), None);
    assert_eq!((route.total, route.routes.len()), (row(6, 4), 1));
    assert_eq!(route.days[&LocalDay::of(date("2023-04-14"))].0, row(1, 1));
    assert_eq!(route.hours, [(11, StampTotals { stamps: 1, people: None })].into());
    assert_eq!(statistics_of(Some("2023-04-14"), Some("play"), None).total, row(1, 1));
}

#[test]
fn stamps_of_a_point_are_people() {
    let point = statistics_of(None, Some("play"), Some("space-1"));
    assert_eq!((point.total, point.hours[&11]), (row(4, 4), row(1, 1)));
    assert_eq!(point.days[&LocalDay::of(date("2023-04-13"))].0, row(3, 3));
}

#[test]
fn routes_and_points_outside_the_carnival_are_refused() {
    let carnival = carnival();
    let refused = |route: Option<&str>, point: Option<&str>| {
        StatisticsFilter::new(&carnival, None, route.map(the), point.map(the).as_ref()).unwrap_err().code()
    };
    assert_eq!(refused(Some("nowhere"), None), "route_unknown");
    assert_eq!(refused(None, Some("space-99")), "point_unknown");
    assert_eq!(refused(Some("live"), Some("space-1")), "point_unknown");
}

#[test]
fn days_before_and_after_the_carnival_can_have_records() {
    let days = |published, now| recorded_days(&carnival(), at(published), at(now));
    assert_eq!(days("2023-04-01T09:00", "2023-04-14T10:00"), samples::days("2023-04-01", "2023-04-30"));
    assert_eq!(days("2023-04-20T09:00", "2023-05-02T00:01"), samples::days("2023-04-13", "2023-05-02"));
    let late = [(the("claims:1:2023060210"), 1)].into();
    assert!(counts_on(&late, date("2023-06-02")) && !counts_on(&late, date("2023-06-03")));
}

#[test]
fn all_days_of_the_carnival_and_other_days_with_counts_are_shown() {
    let carnival = carnival();
    let late = [(the("claims:1:2023050210"), 1)].into();
    let counts = aggregate(&carnival, &StatisticsFilter::default(), &[&late], LocalDay::of(date("2023-04-14")));
    let days = days_shown(&carnival, &StatisticsFilter::default(), &counts);
    assert_eq!((days.len(), days.last().copied()), (19, Some(LocalDay::of(date("2023-05-02")))));
}
