//! Guards the table where gifts are handed out: who earned one gets it, here, now, and is told when not.

use super::super::samples::{at, carnival, days, passport, pick_up, spans, the, with_gift, with_point};
use super::*;
use crate::rules::refusal::GiftUnit;

const NOW: &str = "2023-04-20T10:00";

fn claimed(carnival: &Carnival, gift: usize, stamps: &[u64], now: &str) -> Result<(), Refusal> {
    check_claim(carnival, &carnival.gifts[gift - 1], &passport(stamps).stamps, at(now))
}

fn handed_over(carnival: &Carnival, place: Option<&str>, now: &str) -> Result<(), Refusal> {
    let place = place.map(the::<Station>);
    check_hand_over(carnival, &carnival.gifts[0], place.as_ref(), at(now))
}

fn code(judged: Result<(), Refusal>) -> &'static str {
    judged.map_or_else(|refusal| refusal.code(), |()| "yes")
}

fn missing(number: u64) -> MissingPoint {
    MissingPoint { point: the(&format!("space-{number}")), name: format!("第{number}站") }
}

#[test]
fn who_earned_it_may_claim_it() {
    assert_eq!(claimed(&carnival(), 1, &[1, 2, 3], NOW), Ok(()));
}

#[test]
fn who_did_not_is_told_what_is_missing() {
    let told = Refusal::GiftNotEarned {
        gift: "礼物1".to_owned(),
        unit: GiftUnit::Stamps,
        have: 1,
        need: 3,
        missing: vec![missing(1), missing(3)],
    };
    assert_eq!(claimed(&carnival(), 1, &[2, 4], NOW), Err(told));
}

#[test]
fn a_closed_point_is_not_missing() {
    let carnival = with_point(3, |point| point.closed = Some("下雨".to_owned()));
    let told = claimed(&carnival, 1, &[2], NOW);
    let alone = matches!(&told, Err(Refusal::GiftNotEarned { need: 2, missing: m, .. }) if *m == [missing(1)]);
    assert!(alone, "{told:?}");
}

#[test]
fn for_stamps_in_all_any_open_point_helps() {
    let told = claimed(&carnival(), 3, &[1, 4], NOW);
    let all = [2, 3, 5, 6].map(missing);
    assert!(matches!(&told, Err(Refusal::GiftNotEarned { have: 2, need: 4, missing: m, .. }) if *m == all), "{told:?}");
}

#[test]
fn for_routes_only_points_of_incomplete_routes_help() {
    // With the stamp of a point that closed since, `play` is complete without point 3.
    let carnival = with_point(1, |point| point.closed = Some("下雨".to_owned()));
    let told = claimed(&carnival, 4, &[1, 2], NOW);
    let live_and_street = [4, 5, 6].map(missing).to_vec();
    let expected = Refusal::GiftNotEarned {
        gift: "礼物4".to_owned(),
        unit: GiftUnit::Routes,
        have: 1,
        need: 2,
        missing: live_and_street,
    };
    assert_eq!(told, Err(expected));
}

#[test]
fn a_closed_gift_takes_no_claims_and_says_why() {
    let carnival = with_gift(1, |gift| gift.closed = Some("下一批周六到".to_owned()));
    let told = Refusal::GiftClosed { gift: "礼物1".to_owned(), reason: "下一批周六到".to_owned() };
    assert_eq!(claimed(&carnival, 1, &[1, 2, 3], NOW), Err(told));
    assert_eq!(code(claimed(&carnival, 1, &[1], NOW)), "gift_not_earned");
}

#[test]
fn what_was_claimed_before_a_gift_closed_is_still_handed_over() {
    let carnival = with_gift(1, |gift| gift.closed = Some("下一批周六到".to_owned()));
    assert_eq!(handed_over(&carnival, Some("booth/east"), NOW), Ok(()));
}

#[test]
fn a_gift_can_be_claimed_before_its_pick_up_and_to_its_last_minute() {
    let carnival = with_gift(1, |gift| gift.pick_up = Some(pick_up("2023-04-20", "2023-04-22", &["10:00-18:00"])));
    let claimed = |now| claimed(&carnival, 1, &[1, 2, 3], now);
    assert_eq!(claimed("2023-04-14T20:00"), Ok(()));
    assert_eq!(claimed("2023-04-21T20:00"), Ok(()));
    assert_eq!(claimed("2023-04-22T18:00:59"), Ok(()));
    assert_eq!(code(claimed("2023-04-22T18:01")), "pick_up_closed", "nobody could fetch it any more");
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
fn without_booths_of_its_own_a_gift_is_handed_out_everywhere() {
    for place in [None, Some("booth/east"), Some("booth/west"), Some("point/space-1")] {
        assert_eq!(handed_over(&carnival(), place, NOW), Ok(()), "{place:?}");
    }
}

#[test]
fn at_another_booth_its_own_booths_are_told_and_an_organiser_hands_it_out_anyway() {
    let carnival = with_gift(1, |gift| gift.booths = vec![the("west")]);
    let told = Refusal::WrongBooth { gift: "礼物1".to_owned(), booths: vec!["友邻荟二号台".to_owned()] };
    assert_eq!(handed_over(&carnival, Some("booth/east"), NOW), Err(told.clone()));
    assert_eq!(handed_over(&carnival, Some("point/space-1"), NOW), Err(told));
    assert_eq!(handed_over(&carnival, Some("booth/west"), NOW), Ok(()));
    assert_eq!(handed_over(&carnival, None, NOW), Ok(()));
}

#[test]
fn a_gift_is_handed_out_on_its_days_in_its_hours_to_the_last_minute() {
    let carnival = with_gift(1, |gift| {
        gift.pick_up = Some(pick_up("2023-04-20", "2023-04-22", &["10:00-12:00", "14:00-18:00"]));
    });
    let at_booth = |now| handed_over(&carnival, Some("booth/east"), now);
    for now in ["2023-04-20T10:00", "2023-04-21T12:00:59", "2023-04-22T18:00:59"] {
        assert_eq!(at_booth(now), Ok(()), "{now}");
    }
    for now in ["2023-04-19T10:00", "2023-04-20T09:59:59", "2023-04-21T12:01", "2023-04-22T18:01", "2023-04-23T10:00"] {
        let told = Refusal::PickUpClosed {
            gift: "礼物1".to_owned(),
            days: days("2023-04-20", "2023-04-22"),
            hours: spans(&["10:00-12:00", "14:00-18:00"]),
            now: Box::new(carnival.zoned(at(now))),
        };
        assert_eq!(at_booth(now), Err(told.clone()));
        assert_eq!(handed_over(&carnival, None, now), Err(told), "the hours bind organisers too");
    }
}

#[test]
fn the_wrong_booth_is_told_before_the_wrong_hour() {
    let carnival = with_gift(1, |gift| {
        gift.booths = vec![the("west")];
        gift.pick_up = Some(pick_up("2023-04-20", "2023-04-22", &[]));
    });
    assert_eq!(code(handed_over(&carnival, Some("booth/east"), "2023-04-13T10:00")), "wrong_booth");
}

#[test]
fn it_tells_when_it_is_handed_out_next() {
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
