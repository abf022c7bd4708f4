//! A hold must not end before the gift can be picked up.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use crate::rules::carnival::{Carnival, Gift};
use crate::rules::gifts::claim_lifecycle::hold_until;
use crate::rules::samples::{at, at_in, carnival, pick_up, the, with_gift};

fn held(change: impl FnOnce(&mut Gift), now: &str) -> Timestamp {
    let carnival = with_gift(1, change);
    hold_until(&carnival, &carnival.gifts[0], at(now))
}

#[test]
fn a_hold_lasts_until_the_end_of_the_local_day() {
    assert_eq!(held(|_| (), "2023-04-14T10:00"), at("2023-04-14T23:59:59.999"));
    assert_eq!(held(|_| (), "2023-04-14T00:00"), at("2023-04-14T23:59:59.999"));
    assert_eq!(held(|_| (), "2023-04-14T23:59:59.999"), at("2023-04-14T23:59:59.999"));
}

#[test]
fn a_hold_time_counts_from_now_and_may_cross_midnight() {
    let half_an_hour = |gift: &mut Gift| gift.hold_minutes = Some(30);
    assert_eq!(held(half_an_hour, "2023-04-14T10:00"), at("2023-04-14T10:30"));
    assert_eq!(held(half_an_hour, "2023-04-14T23:50"), at("2023-04-15T00:20"));
}

#[test]
fn with_a_later_pick_up_a_hold_lasts_until_the_end_of_that_day() {
    let later = |gift: &mut Gift| gift.pick_up = Some(pick_up("2023-04-20", "2023-04-22", &[]));
    assert_eq!(held(later, "2023-04-14T10:00"), at("2023-04-20T23:59:59.999"));
    assert_eq!(held(later, "2023-04-21T10:00"), at("2023-04-21T23:59:59.999"));
}

fn afternoons(gift: &mut Gift) {
    gift.pick_up = Some(pick_up("2023-04-14", "2023-04-16", &["14:00-18:00"]));
}

#[test]
fn a_hold_time_counts_from_the_next_pick_up() {
    let half_an_hour = |gift: &mut Gift| {
        afternoons(gift);
        gift.hold_minutes = Some(30);
    };
    assert_eq!(held(half_an_hour, "2023-04-13T10:00"), at("2023-04-14T14:30"), "before the first day");
    assert_eq!(held(half_an_hour, "2023-04-14T09:00"), at("2023-04-14T14:30"), "before the hour");
    assert_eq!(held(half_an_hour, "2023-04-14T15:00"), at("2023-04-14T15:30"), "while it is handed out");
    assert_eq!(held(half_an_hour, "2023-04-14T18:01"), at("2023-04-15T14:30"), "after the hour");
}

#[test]
fn a_claim_after_todays_last_pick_up_is_held_through_the_next_pick_up_day() {
    assert_eq!(held(afternoons, "2023-04-14T18:00:59"), at("2023-04-14T23:59:59.999"));
    assert_eq!(held(afternoons, "2023-04-14T18:01"), at("2023-04-15T23:59:59.999"));
}

#[test]
fn after_the_last_pick_up_a_void_still_holds_for_the_rest_of_the_day() {
    assert_eq!(held(afternoons, "2023-04-16T19:00"), at("2023-04-16T23:59:59.999"));
}

fn in_zone(zone: &str, hold_minutes: Option<u32>) -> Carnival {
    let mut carnival = with_gift(1, |gift| gift.hold_minutes = hold_minutes);
    carnival.time_zone = TimeZone::get(zone).unwrap();
    carnival.days.first = the("2018-01-01");
    carnival
}

#[test]
fn a_hold_time_is_elapsed_time_across_a_clock_change() {
    let london = in_zone("Europe/London", Some(30));
    // The second 01:10 of that night, one hour after the first.
    let now = at_in("Europe/London", "2022-10-30T01:10") + 1.hour();
    assert_eq!(hold_until(&london, &london.gifts[0], now), now + 30.minutes());
}

proptest! {
    #![proptest_config(crate::rules::samples::property_config())]

    #[test]
    fn holds_are_correct_across_clock_changes(
        zone in prop::sample::select(vec!["Europe/London", "America/Sao_Paulo", "Asia/Tehran", "Asia/Shanghai"]),
        start in prop::sample::select(vec!["2018-02-16T00:00Z", "2018-11-03T00:00Z", "2022-03-20T00:00Z", "2022-09-20T00:00Z"]),
        minutes in 0i64..5 * 24 * 60,
        hold_minutes in 1u32..300,
    ) {
        let now = the::<Timestamp>(start) + minutes.minutes();
        let short = in_zone(zone, Some(hold_minutes));
        prop_assert_eq!(hold_until(&short, &short.gifts[0], now), now + i64::from(hold_minutes).minutes());
        let day = in_zone(zone, None);
        let end = hold_until(&day, &day.gifts[0], now);
        prop_assert!(end >= now);
        prop_assert_eq!(day.local(end).date(), day.local(now).date());
        prop_assert!(day.local(end + 1.millisecond()).date() > day.local(now).date());
    }
}

#[test]
fn without_pick_up_days_a_hold_waits_for_the_carnival() {
    let carnival = carnival();
    assert_eq!(hold_until(&carnival, &carnival.gifts[0], at("2023-04-01T10:00")), at("2023-04-13T23:59:59.999"));
}
