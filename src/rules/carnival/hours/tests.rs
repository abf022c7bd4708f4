//! A point that closes a minute early sends residents home without the stamp they queued for.

use jiff::civil::{DateTime, date, time};
use proptest::prelude::*;

use super::*;
use crate::rules::samples::{spans, the};

const GRACE: u16 = 5;

fn open(hours: &OpeningHours, now: &str) -> bool {
    hours.open_days(the(now), GRACE).next().is_some()
}

fn nine_to_six() -> OpeningHours {
    OpeningHours { usual: spans(&["09:00-18:00"]), ..OpeningHours::default() }
}

#[test]
fn it_opens_on_the_minute() {
    assert!(!open(&nine_to_six(), "2023-04-13T08:59:59.999"));
    assert!(open(&nine_to_six(), "2023-04-13T09:00:00"));
}

#[test]
fn the_grace_period_includes_its_last_minute() {
    assert!(open(&nine_to_six(), "2023-04-13T18:05:59.999"));
    assert!(!open(&nine_to_six(), "2023-04-13T18:06:00"));
}

#[test]
fn the_grace_period_extends_past_midnight_and_belongs_to_yesterday() {
    let late = OpeningHours { usual: spans(&["20:00-24:00"]), ..OpeningHours::default() };
    let days = |now: &str| late.open_days(the(now), GRACE).collect::<Vec<_>>();
    assert_eq!(days("2023-04-13T23:59:59"), [date(2023, 4, 13)]);
    assert_eq!(days("2023-04-14T00:05:59"), [date(2023, 4, 13)]);
    assert_eq!(days("2023-04-14T00:06:00"), []);
    let nearly = OpeningHours { usual: spans(&["20:00-23:58"]), ..OpeningHours::default() };
    assert!(open(&nearly, "2023-04-14T00:03:59"));
    assert!(!open(&nearly, "2023-04-14T00:04:00"));
}

#[test]
fn around_midnight_both_days_may_be_open() {
    let always = OpeningHours { usual: vec![TimeRange::WHOLE_DAY], ..OpeningHours::default() };
    let days: Vec<Date> = always.open_days(the("2023-04-14T00:02"), GRACE).collect();
    assert_eq!(days, [date(2023, 4, 14), date(2023, 4, 13)]);
}

#[test]
fn an_exception_replaces_the_usual_hours_of_its_day_alone() {
    let hours = OpeningHours {
        exceptions: vec![(date(2023, 4, 14), spans(&["14:00-16:00"])), (date(2023, 4, 15), vec![])],
        ..nine_to_six()
    };
    assert!(open(&hours, "2023-04-13T10:00"));
    assert!(!open(&hours, "2023-04-14T10:00"));
    assert!(open(&hours, "2023-04-14T15:00"));
    assert!(!open(&hours, "2023-04-15T15:00"));
    assert!(open(&hours, "2023-04-16T10:00"));
}

#[test]
fn the_grace_period_after_midnight_follows_yesterdays_exception() {
    let hours = OpeningHours { exceptions: vec![(date(2023, 4, 14), spans(&["20:00-24:00"]))], ..nine_to_six() };
    assert!(open(&hours, "2023-04-15T00:05"));
    assert!(!open(&hours, "2023-04-16T00:05"));
}

#[test]
fn the_next_opening_of_the_day_is_found() {
    let hours = OpeningHours { usual: spans(&["09:00-12:00", "14:00-18:00"]), ..OpeningHours::default() };
    let next = |now: &str| hours.next_opening(the(now));
    assert_eq!(next("2023-04-13T08:59:59"), Some(time(9, 0, 0, 0)));
    assert_eq!(next("2023-04-13T09:00"), Some(time(14, 0, 0, 0)));
    assert_eq!(next("2023-04-13T13:00"), Some(time(14, 0, 0, 0)));
    assert_eq!(next("2023-04-13T14:00"), None);
}

#[test]
fn a_range_may_end_at_midnight_or_in_the_night_after() {
    assert_eq!("00:00-24:00".parse(), Ok(TimeRange::WHOLE_DAY));
    let night: TimeRange = the("18:00-02:00");
    assert_eq!((night.opens(), night.closes(), night.to_string().as_str()), (18 * 60, 26 * 60, "18:00-02:00"));
    assert!(night.passes_midnight() && !TimeRange::WHOLE_DAY.passes_midnight());
    assert_eq!(the::<TimeRange>("22:00-00:00").closes(), MINUTES_PER_DAY);
    for wrong in [
        "24:00-24:00",
        "24:00-02:00",
        "00:00-24:01",
        "22:00-06:01",
        "18:00-09:00",
        "18:00-18:00",
        "9:00-18:00",
        "09:60-18:00",
        "09:00",
        "",
    ] {
        assert!(wrong.parse::<TimeRange>().is_err(), "{wrong:?}");
    }
    assert_eq!(the::<TimeRange>(" 09:00 - 18:00 ").to_string(), "09:00-18:00");
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_begins() {
    let hours = OpeningHours {
        usual: spans(&["18:00-02:00"]),
        exceptions: vec![(date(2023, 4, 15), vec![])],
        ..OpeningHours::default()
    };
    let days = |now: &str| hours.open_days(the(now), GRACE).collect::<Vec<_>>();
    assert_eq!(days("2023-04-14T17:59"), []);
    assert_eq!(days("2023-04-14T18:00"), [date(2023, 4, 14)]);
    assert_eq!(days("2023-04-15T02:05"), [date(2023, 4, 14)], "closed on the 15th, but this is the night of the 14th");
    assert_eq!(days("2023-04-15T02:06"), []);
    assert_eq!(days("2023-04-15T23:00"), []);
    assert_eq!(days("2023-04-16T01:00"), [], "the night of the 15th");
}

#[test]
fn hours_by_weekday_hold_on_days_without_an_exception() {
    let mut by_weekday: [Vec<TimeRange>; 7] = Default::default();
    by_weekday[5] = spans(&["10:00-20:00"]);
    let exceptions = vec![(date(2023, 4, 17), spans(&["12:00-13:00"])), (date(2023, 4, 22), vec![])];
    let hours = OpeningHours { by_weekday: Some(by_weekday), exceptions, ..OpeningHours::default() };
    let of = |day| format_ranges(hours.for_day(date(2023, 4, day)));
    assert_eq!([14, 15, 16, 17, 22].map(of), ["", "10:00-20:00", "", "12:00-13:00", ""], "a Friday is the 14th");
    assert_eq!(hours.all_ranges().count(), 2);
}

#[test]
fn adjacent_ranges_do_not_overlap() {
    let [morning, noon, day] = [the::<TimeRange>("09:00-12:00"), the("12:00-14:00"), the("09:00-18:00")];
    assert!(!morning.overlaps(noon) && !noon.overlaps(morning));
    assert!(day.overlaps(noon) && noon.overlaps(day) && day.overlaps(day));
}

#[test]
fn the_hours_of_a_closed_day_are_empty() {
    assert_eq!(format_ranges(&spans(&["09:00-12:00", "14:00-18:00"])), "09:00-12:00, 14:00-18:00");
    assert_eq!(format_ranges(&[]), "");
}

fn any_range() -> impl Strategy<Value = TimeRange> {
    (0..MINUTES_PER_DAY, 1..=MINUTES_PER_DAY + LATEST_END)
        .prop_filter_map("a range ends after it begins, within a day", |(opens, closes)| {
            (opens < closes && closes < opens + MINUTES_PER_DAY).then_some(TimeRange { opens, closes })
        })
        .boxed()
}

proptest! {
    #![proptest_config(crate::rules::samples::property_config())]

    #[test]
    fn a_range_round_trips(span in any_range()) {
        prop_assert_eq!(the::<TimeRange>(&span.to_string()), span);
    }

    #[test]
    fn seconds_do_not_matter(span in any_range(), minute in 0..MINUTES_PER_DAY, second in 0i8..60) {
        let hours = OpeningHours { usual: vec![span], ..OpeningHours::default() };
        let at = |second| {
            let clock = Time::new(i8::try_from(minute / 60).unwrap(), i8::try_from(minute % 60).unwrap(), second, 0);
            DateTime::from_parts(date(2023, 4, 13), clock.unwrap())
        };
        prop_assert!(hours.open_days(at(0), GRACE).eq(hours.open_days(at(second), GRACE)));
    }
}
