//! Claims and hand-overs: only earned gifts, at their booths, days and hours; every refusal has a reason.

use super::*;
use crate::rules::carnival::relief::{PeriodId, Relief, ReliefPeriod};
use crate::rules::refusals::{GiftRefusal, GiftUnit};
use crate::rules::samples::{at, carnival, days, passport, pick_up, point_number, spans, the, with_gift, with_point};

const NOW: &str = "2023-04-20T10:00";

fn claimed(carnival: &Carnival, gift: usize, stamps: &[u64], now: &str) -> Result<(), Refusal> {
    check_claim(carnival, &carnival.gifts[gift - 1], &passport(stamps).stamps, at(now))
}

fn handed_over(carnival: &Carnival, place: Option<&str>, now: &str) -> Result<(), Refusal> {
    let place = place.map(the::<Station>);
    check_hand_over(carnival, &carnival.gifts[0], place.as_ref(), at(now))
}

fn code(outcome: Result<(), Refusal>) -> &'static str {
    outcome.map_or_else(|refusal| refusal.code(), |()| "yes")
}

fn missing(number: u64) -> MissingPoint {
    MissingPoint { point: the(&format!("space-{number}")), name: format!("第{number}站") }
}

#[test]
fn an_earned_gift_may_be_claimed() {
    assert_eq!(claimed(&carnival(), 1, &[1, 2, 3], NOW), Ok(()));
}

#[test]
fn the_refusal_of_an_unearned_gift_lists_what_is_missing() {
    let refusal: Refusal = GiftRefusal::GiftNotEarned {
        gift: "礼物1".to_owned(),
        unit: GiftUnit::Stamps,
        have: 1,
        need: 3,
        missing: vec![missing(1), missing(3)],
    }
    .into();
    assert_eq!(claimed(&carnival(), 1, &[2, 4], NOW), Err(refusal));
}

#[test]
fn a_closed_point_is_not_missing() {
    let carnival = with_point(3, |point| point.closed = Some("下雨".to_owned()));
    let refusal = claimed(&carnival, 1, &[2], NOW);
    let alone = matches!(&refusal, Err(Refusal::Gift(GiftRefusal::GiftNotEarned { need: 3, missing: m, .. })) if *m == [missing(1)]);
    assert!(alone, "{refusal:?}");
}

#[test]
fn a_gift_for_any_stamps_lists_all_open_points() {
    let refusal = claimed(&carnival(), 3, &[1, 4], NOW);
    let all = [2, 3, 5, 6].map(missing);
    assert!(
        matches!(&refusal, Err(Refusal::Gift(GiftRefusal::GiftNotEarned { have: 2, need: 4, missing: m, .. })) if *m == all),
        "{refusal:?}"
    );
}

#[test]
fn a_gift_for_routes_lists_points_of_incomplete_routes() {
    // Point 1 was closed for good after it was stamped, so `play` is complete without point 3.
    let point = point_number(1);
    let period = ReliefPeriod { point, from: at("2023-04-13T08:00"), to: None, closed_day: None };
    let carnival = Carnival { relief: Relief::of(&[(PeriodId { point, nth: 1 }, period)].into()), ..carnival() };
    let refusal = claimed(&carnival, 4, &[1, 2], NOW);
    let live_and_street = [4, 5, 6].map(missing).to_vec();
    let expected: Refusal = GiftRefusal::GiftNotEarned {
        gift: "礼物4".to_owned(),
        unit: GiftUnit::Routes,
        have: 1,
        need: 2,
        missing: live_and_street,
    }
    .into();
    assert_eq!(refusal, Err(expected));
}

#[test]
fn the_refusal_of_a_closed_gift_names_the_reason() {
    let carnival = with_gift(1, |gift| gift.closed = Some("下一批周六到".to_owned()));
    let refusal: Refusal =
        GiftRefusal::GiftClosed { gift: "礼物1".to_owned(), reason: "下一批周六到".to_owned() }.into();
    assert_eq!(claimed(&carnival, 1, &[1, 2, 3], NOW), Err(refusal));
    assert_eq!(code(claimed(&carnival, 1, &[1], NOW)), "gift_not_earned");
}

#[test]
fn a_gift_claimed_before_it_closed_is_still_handed_over() {
    let carnival = with_gift(1, |gift| gift.closed = Some("下一批周六到".to_owned()));
    assert_eq!(handed_over(&carnival, Some("booth/east"), NOW), Ok(()));
}

#[test]
fn a_gift_can_be_claimed_until_the_last_minute_of_its_pick_up() {
    let carnival = with_gift(1, |gift| gift.pick_up = Some(pick_up("2023-04-20", "2023-04-22", &["10:00-18:00"])));
    let claimed = |now| claimed(&carnival, 1, &[1, 2, 3], now);
    assert_eq!(claimed("2023-04-14T20:00"), Ok(()));
    assert_eq!(claimed("2023-04-21T20:00"), Ok(()));
    assert_eq!(claimed("2023-04-22T18:00:59"), Ok(()));
    assert_eq!(code(claimed("2023-04-22T18:01")), "pick_up_closed", "too late to pick it up");
    assert_eq!(code(claimed("2023-04-23T10:00")), "pick_up_closed");
}

#[test]
fn after_the_last_day_nothing_is_claimed_or_handed_over() {
    let over = "2023-05-01T00:00";
    assert_eq!(code(claimed(&carnival(), 1, &[1, 2, 3], over)), "carnival_over");
    assert_eq!(code(handed_over(&carnival(), None, over)), "carnival_over");
    assert_eq!(claimed(&carnival(), 1, &[1, 2, 3], "2023-04-30T23:59:59"), Ok(()));
}

#[test]
fn before_the_first_day_nothing_is_handed_over() {
    assert_eq!(code(handed_over(&carnival(), None, "2023-04-12T23:59:59")), "carnival_not_begun");
}

#[test]
fn a_gift_without_booths_is_handed_out_everywhere() {
    for place in [None, Some("booth/east"), Some("booth/west"), Some("point/space-1")] {
        assert_eq!(handed_over(&carnival(), place, NOW), Ok(()), "{place:?}");
    }
}

#[test]
fn the_wrong_booth_is_refused_except_to_organisers() {
    let carnival = with_gift(1, |gift| gift.booths = vec![the("west")]);
    let refusal: Refusal =
        GiftRefusal::WrongBooth { gift: "礼物1".to_owned(), booths: vec!["友邻荟二号台".to_owned()] }.into();
    assert_eq!(handed_over(&carnival, Some("booth/east"), NOW), Err(refusal.clone()));
    assert_eq!(handed_over(&carnival, Some("point/space-1"), NOW), Err(refusal));
    assert_eq!(handed_over(&carnival, Some("booth/west"), NOW), Ok(()));
    assert_eq!(handed_over(&carnival, None, NOW), Ok(()));
}

#[test]
fn a_gift_is_handed_out_within_its_days_and_hours() {
    let carnival = with_gift(1, |gift| {
        gift.pick_up = Some(pick_up("2023-04-20", "2023-04-22", &["10:00-12:00", "14:00-18:00"]));
    });
    let at_booth = |now| handed_over(&carnival, Some("booth/east"), now);
    for now in ["2023-04-20T10:00", "2023-04-21T12:00:59", "2023-04-22T18:00:59"] {
        assert_eq!(at_booth(now), Ok(()), "{now}");
    }
    for now in ["2023-04-19T10:00", "2023-04-20T09:59:59", "2023-04-21T12:01", "2023-04-22T18:01", "2023-04-23T10:00"] {
        let refusal: Refusal = GiftRefusal::PickUpClosed {
            gift: "礼物1".to_owned(),
            days: days("2023-04-20", "2023-04-22"),
            hours: spans(&["10:00-12:00", "14:00-18:00"]),
            now: Box::new(carnival.zoned(at(now))),
        }
        .into();
        assert_eq!(at_booth(now), Err(refusal.clone()));
        assert_eq!(handed_over(&carnival, None, now), Err(refusal), "the hours apply to organisers too");
    }
}

#[test]
fn the_booth_is_checked_before_the_hour() {
    let carnival = with_gift(1, |gift| {
        gift.booths = vec![the("west")];
        gift.pick_up = Some(pick_up("2023-04-20", "2023-04-22", &[]));
    });
    assert_eq!(code(handed_over(&carnival, Some("booth/east"), "2023-04-13T10:00")), "wrong_booth");
}

#[test]
fn the_next_pick_up_is_found() {
    let carnival = with_gift(1, |gift| {
        gift.pick_up = Some(pick_up("2023-04-20", "2023-04-21", &["14:00-18:00", "10:00-12:00"]));
    });
    let next = |now| next_pick_up(&carnival, &carnival.gifts[0], at(now));
    assert_eq!(next("2023-04-14T15:00"), Some(at("2023-04-20T10:00")));
    assert_eq!(next("2023-04-20T11:00"), Some(at("2023-04-20T11:00")), "now");
    assert_eq!(next("2023-04-20T12:30"), Some(at("2023-04-20T14:00")));
    assert_eq!(next("2023-04-20T18:01"), Some(at("2023-04-21T10:00")));
    assert_eq!(next("2023-04-21T18:01"), None);
}
