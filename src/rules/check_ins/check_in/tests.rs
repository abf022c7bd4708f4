//! Refusals at a point: a wrong refusal sends a resident away, a missing one gives stamps away.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use super::*;
use crate::rules::carnival::{CodeKinds, DateRange};
use crate::rules::samples::{at, at_in, carnival, chengdu, date, days, fence, point_number, spans, the, with_point};

/// A time at which point 1 is open.
const OPEN: &str = "2023-04-14T10:00";

fn generation(number: u64) -> Generation {
    Generation::try_from(number).unwrap_or(Generation::FIRST)
}

fn poster(point: u64) -> CheckInAttempt {
    let source = CodeSource::Printed { generation: Generation::FIRST, current: Generation::FIRST };
    CheckInAttempt { point: point_number(point), source, device_location: None }
}

fn tablet(point: u64, too_old: bool) -> CheckInAttempt {
    CheckInAttempt { source: CodeSource::Display { too_old }, ..poster(point) }
}

fn refused(carnival: &Carnival, attempt: &CheckInAttempt, now: &str) -> Option<Refusal> {
    check(carnival, attempt, at(now)).err()
}

fn code(carnival: &Carnival, attempt: &CheckInAttempt, now: &str) -> &'static str {
    refused(carnival, attempt, now).map_or("stamped", |refusal| refusal.code())
}

#[test]
fn an_open_point_gives_a_stamp() {
    let carnival = carnival();
    let stamped = check(&carnival, &poster(1), at(OPEN)).map(|admission| (admission.point.number, admission.rain));
    assert_eq!(stamped, Ok((point_number(1), false)));
}

#[test]
fn before_and_after_the_carnival_the_refusal_names_its_days() {
    let first_day = date("2023-04-13");
    let last_day = date("2023-04-30");
    let early = refused(&carnival(), &poster(1), "2023-04-12T23:59:59");
    assert_eq!(early, Some(CheckInRefusal::CarnivalNotBegun { first_day, today: date("2023-04-12") }.into()));
    let late = refused(&carnival(), &poster(6), "2023-05-01T00:00");
    assert_eq!(late, Some(CheckInRefusal::CarnivalOver { last_day, today: date("2023-05-01") }.into()));
}

#[test]
fn the_refusal_of_a_route_of_another_week_names_its_days() {
    let refusal = refused(&carnival(), &poster(1), "2023-04-19T10:00");
    let (days, extra_days) = (days("2023-04-13", "2023-04-18"), vec![date("2023-04-21")]);
    assert_eq!(
        refusal,
        Some(
            CheckInRefusal::RouteNotThisWeek {
                route: "“玩”美社区".to_owned(),
                days,
                extra_days,
                today: date("2023-04-19")
            }
            .into()
        )
    );
}

#[test]
fn a_point_gives_stamps_on_an_extra_day() {
    assert_eq!(code(&carnival(), &poster(1), "2023-04-21T10:00"), "stamped");
    assert_eq!(code(&carnival(), &poster(1), "2023-04-22T10:00"), "route_not_this_week");
}

#[test]
fn outside_the_hours_the_refusal_names_them_and_the_servers_time() {
    let carnival = with_point(1, |point| point.hours.usual = spans(&["09:00-12:00", "14:00-18:00"]));
    let assert_closed = |now: &str, opens: Option<&str>| {
        let expected: Refusal = CheckInRefusal::PointClosed {
            point: "第1站".to_owned(),
            hours: spans(&["09:00-12:00", "14:00-18:00"]),
            opens: opens.map(the),
            now: Box::new(carnival.zoned(at(now))),
            reason: None,
        }
        .into();
        assert_eq!(refused(&carnival, &poster(1), now), Some(expected));
    };
    assert_closed("2023-04-14T08:59:59", Some("09:00"));
    assert_closed("2023-04-14T12:06", Some("14:00"));
    assert_closed("2023-04-14T18:06", None);
}

#[test]
fn the_grace_period_covers_the_queue_at_closing_time() {
    assert_eq!(code(&carnival(), &poster(1), "2023-04-14T18:05:59"), "stamped");
    assert_eq!(code(&carnival(), &poster(1), "2023-04-14T18:06:00"), "point_closed");
}

#[test]
fn the_grace_period_extends_beyond_the_last_day_of_route_and_carnival() {
    let late = |number: usize| with_point(number, |point| point.hours.usual = spans(&["18:00-24:00"]));
    assert_eq!(code(&late(1), &poster(1), "2023-04-19T00:05:59"), "stamped");
    assert_eq!(code(&late(1), &poster(1), "2023-04-19T00:06:00"), "route_not_this_week");
    assert_eq!(code(&late(6), &poster(6), "2023-05-01T00:05:59"), "stamped");
    assert_eq!(code(&late(6), &poster(6), "2023-05-01T00:06:00"), "carnival_over");
}

#[test]
fn there_is_no_grace_period_before_the_first_day() {
    let always = with_point(1, |point| point.hours.usual = spans(&["00:00-24:00"]));
    assert_eq!(code(&always, &poster(1), "2023-04-12T23:59:59"), "carnival_not_begun");
    assert_eq!(code(&always, &poster(1), "2023-04-13T00:00"), "stamped");
}

#[test]
fn the_refusal_of_a_closed_point_has_a_reason_and_no_opening_time() {
    let carnival = with_point(1, |point| point.closed = Some("下雨".to_owned()));
    for now in [OPEN, "2023-04-14T08:00"] {
        let refusal = refused(&carnival, &poster(1), now);
        let closed =
            matches!(refusal, Some(Refusal::CheckIn(CheckInRefusal::PointClosed { reason: Some(_), opens: None, .. })));
        assert!(closed, "{refusal:?}");
    }
    assert_eq!(code(&carnival, &poster(1), "2023-04-19T10:00"), "route_not_this_week");
}

#[test]
fn the_code_of_a_replaced_poster_is_refused() {
    let printed = |generation_, current| CheckInAttempt {
        source: CodeSource::Printed { generation: generation(generation_), current: generation(current) },
        ..poster(1)
    };
    assert_eq!(code(&carnival(), &printed(1, 2), OPEN), "code_replaced");
    assert_eq!(code(&carnival(), &printed(2, 2), OPEN), "stamped");
    assert_eq!(code(&carnival(), &printed(3, 2), OPEN), "code_unknown");
}

#[test]
fn a_point_accepts_only_the_kinds_of_code_that_it_declares() {
    let only = |printed, display| with_point(1, |point| point.codes = CodeKinds { printed, display });
    assert_eq!(code(&only(true, false), &tablet(1, false), OPEN), "printed_code_needed");
    assert_eq!(code(&only(false, true), &poster(1), OPEN), "display_code_needed");
    assert_eq!(code(&only(false, true), &tablet(1, false), OPEN), "stamped");
    assert_eq!(code(&only(true, true), &poster(1), OPEN), "stamped");
    assert_eq!(code(&only(true, true), &tablet(1, false), OPEN), "stamped");
}

#[test]
fn an_expired_display_code_is_refused() {
    let both = with_point(1, |point| point.codes = CodeKinds { printed: true, display: true });
    assert_eq!(code(&both, &tablet(1, true), OPEN), "display_code_too_old");
}

#[test]
fn a_manual_stamp_needs_no_code_and_no_location() {
    let by_hand = CheckInAttempt { source: CodeSource::Manual, ..poster(1) };
    let strict = with_point(1, |point| {
        point.codes = CodeKinds { printed: false, display: true };
        point.location = Some(chengdu(0.0));
        point.geofence = Some(fence(50, true));
    });
    assert_eq!(code(&strict, &by_hand, OPEN), "stamped");
    assert_eq!(code(&strict, &by_hand, "2023-04-14T20:00"), "point_closed");
}

#[test]
fn a_point_that_is_not_in_the_carnival_is_an_unknown_code() {
    assert_eq!(code(&carnival(), &poster(99), OPEN), "code_unknown");
}

fn fenced(required: bool) -> Carnival {
    with_point(1, |point| {
        point.location = Some(chengdu(0.0));
        point.geofence = Some(fence(200, required));
    })
}

fn from(north: f64, accuracy_m: f64) -> CheckInAttempt {
    CheckInAttempt { device_location: Some(DeviceLocation { location: chengdu(north), accuracy_m }), ..poster(1) }
}

#[test]
fn outside_the_geofence_the_refusal_names_the_distance() {
    // A hundredth of a degree of latitude is 1,112 m.
    let refusal = refused(&fenced(false), &from(0.01, 30.0), OPEN);
    assert_eq!(
        refusal,
        Some(CheckInRefusal::TooFarAway { point: "第1站".to_owned(), metres: 1_112, radius_m: 200 }.into())
    );
    assert_eq!(code(&fenced(false), &from(0.001, 30.0), OPEN), "stamped");
}

#[test]
fn the_reported_accuracy_is_added_up_to_two_kilometres() {
    assert_eq!(code(&fenced(false), &from(0.01, 950.0), OPEN), "stamped");
    assert_eq!(code(&fenced(false), &from(0.01, 900.0), OPEN), "too_far_away");
    assert_eq!(code(&fenced(false), &from(0.03, 1e9), OPEN), "too_far_away");
    assert_eq!(code(&fenced(false), &from(0.001, -500.0), OPEN), "stamped");
}

#[test]
fn a_missing_location_is_refused_only_where_the_file_says_so() {
    assert_eq!(code(&fenced(false), &poster(1), OPEN), "stamped");
    assert_eq!(code(&fenced(true), &poster(1), OPEN), "location_needed");
    assert_eq!(code(&carnival(), &from(10.0, 5.0), OPEN), "stamped");
}

#[test]
fn checks_run_in_the_order_code_day_hour_location() {
    let strict = with_point(1, |point| {
        point.codes = CodeKinds { printed: true, display: true };
        point.location = Some(chengdu(0.0));
        point.geofence = Some(fence(200, true));
    });
    let old = CheckInAttempt { device_location: None, ..tablet(1, true) };
    assert_eq!(code(&strict, &old, "2023-04-01T20:00"), "display_code_too_old");
    assert_eq!(code(&strict, &poster(1), "2023-04-01T20:00"), "carnival_not_begun");
    assert_eq!(code(&strict, &poster(1), "2023-04-20T20:00"), "route_not_this_week");
    assert_eq!(code(&strict, &poster(1), "2023-04-14T20:00"), "point_closed");
    assert_eq!(code(&strict, &poster(1), OPEN), "location_needed");
}

#[test]
fn hours_follow_the_carnivals_time_zone() {
    let utc = |text: &str| at_in("UTC", text);
    let stamps = |now| check(&carnival(), &poster(1), now).is_ok();
    assert!(!stamps(utc("2023-04-13T00:59:59")));
    assert!(stamps(utc("2023-04-13T01:00")), "nine o'clock in Chengdu");
    assert!(stamps(utc("2023-04-13T10:05:59")));
    assert!(!stamps(utc("2023-04-13T10:06")));
}

#[test]
fn availability_and_check_in_agree() {
    let carnival = carnival();
    let open =
        |number: usize, now: &str| carnival.points.get(number - 1).map(|point| is_open(&carnival, point, at(now)));
    assert_eq!(open(1, OPEN), Some(true));
    assert_eq!(open(4, OPEN), Some(false));
}

#[test]
fn an_ink_stamp_counts_from_the_first_day_of_its_route_at_any_hour() {
    let any = InkStamp::default();
    let ink =
        |number, now: &str| check_ink_stamp(&carnival(), point_number(number), any, at(now)).map(|point| point.number);
    let first_day = date("2023-04-19");
    let early = Err(CheckInRefusal::RouteNotBegun {
        route: "乐活社区".to_owned(),
        first_day,
        today: date("2023-04-18"),
    }
    .into());
    assert_eq!(ink(4, "2023-04-18T23:59:59"), early);
    for now in ["2023-04-19T00:00", "2023-04-19T22:00", "2023-04-28T03:00", "2023-05-02T10:00"] {
        assert_eq!(ink(4, now), Ok(point_number(4)));
    }
    assert_eq!(ink(99, OPEN), Err(CarnivalRefusal::PointUnknown.into()));
}

#[test]
fn an_ink_stamp_counts_from_an_early_extra_day_of_its_route() {
    let mut carnival = carnival();
    if let Some(current) = carnival.routes.get_mut(1) {
        current.extra_days = vec![date("2023-04-17")];
    }
    let ink = |now: &str| check_ink_stamp(&carnival, point_number(4), InkStamp::default(), at(now));
    assert!(ink("2023-04-17T10:00").is_ok());
    assert!(ink("2023-04-16T10:00").is_err());
}

#[test]
fn a_named_day_is_one_on_which_the_route_ran() {
    let ink = |day: &str, rain, now: &str| {
        let ink = InkStamp { day: Some(date(day)), rain };
        check_ink_stamp(&carnival(), point_number(1), ink, at(now)).err().map(|refusal| refusal.code())
    };
    assert_eq!(ink("2023-04-14", false, "2023-04-16T10:00"), None);
    assert_eq!(ink("2023-04-21", false, "2023-04-22T10:00"), None, "an extra day");
    assert_eq!(ink("2023-04-17", false, "2023-04-16T10:00"), Some("ink_day_wrong"), "tomorrow");
    assert_eq!(ink("2023-04-20", false, "2023-04-22T10:00"), Some("ink_day_wrong"), "not on the route");
    assert_eq!(ink("2023-04-14", true, "2023-04-16T10:00"), Some("no_rain_stamp"));
    let manual = CheckInAttempt { point: point_number(1), source: CodeSource::Manual, device_location: None };
    let by_hand = |day: &str| {
        let ink = InkStamp { day: Some(date(day)), rain: false };
        check_manual_check_in(&carnival(), &manual, ink, at(OPEN)).err().map(|refusal| refusal.code())
    };
    assert_eq!((by_hand(&OPEN[..10]), by_hand("2023-04-13")), (None, Some("ink_day_wrong")));
}

proptest! {
    #![proptest_config(crate::rules::samples::property_config())]

    #[test]
    fn hours_follow_local_time_across_clock_changes(
        zone in prop::sample::select(vec!["Europe/London", "America/Sao_Paulo", "Australia/Lord_Howe"]),
        start in prop::sample::select(vec!["2018-02-16T00:00Z", "2018-11-03T00:00Z", "2023-03-25T00:00Z"]),
        minutes in 0i64..4 * 24 * 60,
    ) {
        let mut carnival = with_point(1, |point| point.hours.usual = spans(&["00:30-02:00", "22:00-23:50"]));
        carnival.time_zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let whole = DateRange { first: date("2018-01-01"), last: date("2023-12-31") };
        carnival.days = whole;
        if let Some(play) = carnival.routes.first_mut() {
            play.days = whole;
        }
        let now = the::<Timestamp>(start) + minutes.minutes();
        let clock = carnival.zoned(now).strftime("%H:%M").to_string();
        let open = ("00:30"..="02:05").contains(&&*clock) || ("22:00"..="23:55").contains(&&*clock);
        prop_assert_eq!(check(&carnival, &poster(1), now).is_ok(), open, "{} at {}", zone, clock);
    }
}
