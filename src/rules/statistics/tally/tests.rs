//! A counter whose key does not parse back is lost.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::rules::samples::{at, carnival, gift_number, point_number, the};

fn any_hour() -> impl Strategy<Value = LocalHour> {
    (2023i16..2100, 1i8..=12, 1i8..=28, 0i8..24)
        .prop_map(|(year, month, day, hour)| LocalHour::of(date(year, month, day).at(hour, 30, 0, 0)))
}

fn any_place() -> impl Strategy<Value = Option<Station>> {
    let slug = "[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}";
    prop_oneof![
        Just(None),
        slug.prop_map(|id| Some(Station::Booth(the(&id)))),
        slug.prop_map(|id| Some(Station::Point(the(&id)))),
    ]
}

fn any_tally() -> impl Strategy<Value = Tally> {
    let point = || (1u64..=511).prop_map(point_number);
    let gift = || (1u64..=99).prop_map(gift_number);
    let session = || "[0-9A-HJKMNP-TV-Z]{16}".prop_map(|id| the::<SessionId>(&id));
    prop_oneof![
        (point(), any_hour()).prop_map(|(point, hour)| Tally::Stamps(point, hour)),
        point().prop_map(Tally::AllStamps),
        session().prop_map(Tally::StampsBy),
        any_hour().prop_map(Tally::Passports),
        Just(Tally::AllPassports),
        "[a-z][a-z0-9]{0,7}(-[a-z0-9]{1,8}){0,2}".prop_map(|id| Tally::UniqueRouteVisitors(the(&id))),
        ("[a-z][a-z0-9]{0,7}", any_hour()).prop_map(|(id, hour)| Tally::UniqueRouteVisitorsOn(the(&id), hour.day())),
        any_hour().prop_map(|hour| Tally::UniqueVisitorsOn(hour.day())),
        any_hour().prop_map(Tally::UniqueVisitorsIn),
        (gift(), any_hour()).prop_map(|(gift, hour)| Tally::Claims(gift, hour)),
        (gift(), any_place(), any_hour()).prop_map(|(gift, place, hour)| Tally::Redemptions(gift, place, hour)),
        (gift(), session()).prop_map(|(gift, session)| Tally::RedemptionsBy(gift, session)),
        (gift(), any_place(), any_hour()).prop_map(|(gift, place, hour)| Tally::Voids(gift, place, hour)),
        (gift(), session()).prop_map(|(gift, session)| Tally::VoidsBy(gift, session)),
    ]
}

#[test]
fn the_text_of_an_hour_sorts_chronologically() {
    let hour = LocalHour::of(date(2023, 4, 13).at(14, 59, 59, 0));
    assert_eq!(hour.to_string(), "2023041314");
}

#[test]
fn a_moment_has_the_start_of_its_hour_and_day() {
    let carnival = carnival();
    let moment = LocalMoment::of(&carnival, at("2023-04-14T10:20:30.123"));
    assert_eq!(moment.hour.to_string(), "2023041410");
    assert_eq!((moment.hour_began, moment.day_began), (at("2023-04-14T10:00"), at("2023-04-14T00:00")));
    assert_eq!(moment.hour.day().date(), Some(date(2023, 4, 14)));
    assert_eq!(LocalDay::of(date(2023, 4, 14)), moment.hour.day());
}

#[test]
fn counters_have_the_documented_keys() {
    let hour = LocalHour::of(date(2023, 4, 13).at(14, 0, 0, 0));
    let east = Some(Station::Booth(the("east")));
    let session: SessionId = the("0123456789ABCDEF");
    let written = [
        Tally::Stamps(point_number(7), hour),
        Tally::AllStamps(point_number(7)),
        Tally::StampsBy(session.clone()),
        Tally::Passports(hour),
        Tally::AllPassports,
        Tally::UniqueRouteVisitors(the("play")),
        Tally::UniqueRouteVisitorsOn(the("play"), hour.day()),
        Tally::UniqueVisitorsOn(hour.day()),
        Tally::UniqueVisitorsIn(hour),
        Tally::Claims(gift_number(3), hour),
        Tally::Redemptions(gift_number(3), east, hour),
        Tally::RedemptionsBy(gift_number(3), session.clone()),
        Tally::Voids(gift_number(3), None, hour),
        Tally::VoidsBy(gift_number(3), session),
    ]
    .map(|tally| tally.to_string());
    assert_eq!(
        written,
        [
            "stamps:7:2023041314",
            "stamps:7",
            "stamps-by:0123456789ABCDEF",
            "passports:2023041314",
            "passports",
            "people:play",
            "people:play:20230413",
            "people-on:20230413",
            "people-in:2023041314",
            "claims:3:2023041314",
            "redemptions:3:booth/east:2023041314",
            "redemptions-by:3:0123456789ABCDEF",
            "voids:3:-:2023041314",
            "voids-by:3:0123456789ABCDEF",
        ]
    );
}

#[test]
fn invalid_keys_are_rejected() {
    let wrong =
        ["", "stamps", "stamps:0", "stamps:7:", "stamps:7:202304131", "claims:100:2023041314", "voids:3:east:1"];
    for text in wrong {
        assert!(text.parse::<Tally>().is_err(), "{text:?}");
    }
}

proptest! {
    #![proptest_config(crate::rules::samples::property_config())]

    #[test]
    fn a_counter_round_trips(tally in any_tally()) {
        prop_assert_eq!(the::<Tally>(&tally.to_string()), tally);
    }

    #[test]
    fn no_two_counters_share_a_key(one in any_tally(), other in any_tally()) {
        prop_assert_eq!(one == other, one.to_string() == other.to_string());
    }

    #[test]
    fn no_text_panics_the_parser(text in ".{0,60}") {
        let _ = text.parse::<Tally>();
    }

    #[test]
    fn the_period_follows_from_the_end_of_the_key(tally in any_tally()) {
        let text = tally.to_string();
        let end = text.rsplit(':').next().unwrap_or_default();
        let ends_in_time = end.parse::<LocalHour>().is_ok() || end.parse::<LocalDay>().is_ok();
        prop_assert_eq!(tally.period() == TallyPeriod::ByHour, ends_in_time, "{}", text);
    }

    #[test]
    fn a_refusal_tally_round_trips(
        point in proptest::option::of((1u64..=511).prop_map(point_number)),
        code in "[a-z]{1,8}(_[a-z]{1,8}){0,3}",
        hour in any_hour(),
    ) {
        let refused = RefusalTally { point, code, hour };
        prop_assert_eq!(the::<RefusalTally>(&refused.to_string()), refused);
    }
}
