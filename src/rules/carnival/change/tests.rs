//! Each blocker is raised, and a change without blockers takes no earned gift from any passport.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{CarnivalComparison, ChangeWarning, GiftStatus, compare};
use crate::rules::carnival::design::{CardPattern, CardPosition, DayMark, MarkSymbol};
use crate::rules::carnival::{Carnival, GiftRequirement, LoginMethod, Route};
use crate::rules::check_ins::passport::PassportProgress;
use crate::rules::samples::{at, carnival, days, gift, gift_number, passport, pick_up, point, point_number, the};

fn compared(current: &Carnival, new: &Carnival, held: u32) -> CarnivalComparison {
    let gifts: BTreeMap<_, _> =
        current.gifts.iter().map(|gift| (gift.number, GiftStatus { stock: 20, held })).collect();
    compare(current, new, &gifts, at("2023-04-14T10:00"))
}

fn changed(change: impl FnOnce(&mut Carnival)) -> Carnival {
    let mut new = carnival();
    change(&mut new);
    new
}

fn codes(new: &Carnival, held: u32) -> Vec<&'static str> {
    compared(&carnival(), new, held).blockers.iter().map(super::ChangeBlocker::code).collect()
}

#[test]
fn the_same_carnival_is_no_change() {
    assert_eq!(compared(&carnival(), &carnival(), 3), CarnivalComparison::default());
}

#[test]
fn what_is_printed_or_held_must_stay() {
    let of = |change: fn(&mut Carnival)| codes(&changed(change), 0);
    assert_eq!(of(|new| new.id = the("other")), ["another_carnival"]);
    assert_eq!(of(|new| new.login = LoginMethod::Web), ["login_changed"]);
    assert_eq!(of(|new| new.time_zone = jiff::tz::TimeZone::UTC), ["time_zone_changed"]);
    assert_eq!(of(|new| drop(new.points.pop())), ["point_vanished", "gift_harder", "gift_harder"]);
    assert_eq!(of(|new| new.points[5].number = point_number(9)), ["point_renumbered", "gift_harder", "gift_harder"]);
    assert_eq!(of(|new| new.points[5].id = the("another")), ["point_renumbered"]);
    assert_eq!(of(|new| drop(new.gifts.pop())), ["gift_vanished"]);
    assert_eq!(of(|new| new.gifts[3].number = gift_number(9)), ["gift_renumbered"]);
    assert_eq!(of(|new| new.gifts[3].id = the("another")), ["gift_renumbered"]);
    // Completing `street` now takes one stamp more, and the two complete routes may include it.
    assert_eq!(of(|new| new.points.push(point(7, "street"))), ["gift_harder"]);
}

#[test]
fn a_gift_may_become_easier_and_never_harder() {
    let of = |change: fn(&mut Carnival)| codes(&changed(change), 0);
    assert_eq!(of(|new| new.gifts[2].needs = GiftRequirement::Total(3)), [""; 0]);
    assert_eq!(of(|new| new.gifts[2].needs = GiftRequirement::Total(5)), ["gift_harder"]);
    assert_eq!(of(|new| new.points[0].closed = Some("rain".to_owned())), [""; 0]);
    assert_eq!(of(|new| new.routes[0].complete_with = Some(2)), [""; 0]);
    // Three stamps of `play` are three stamps of any route; four stamps of any route may include just one of `play`.
    assert_eq!(of(|new| new.gifts[0].needs = GiftRequirement::Total(3)), [""; 0]);
    assert_eq!(of(|new| new.gifts[2].needs = GiftRequirement::CompleteRoute(the("play"))), ["gift_harder"]);
    // Two complete routes contain at least three stamps: one of `street` and two of `live`.
    assert_eq!(of(|new| new.gifts[3].needs = GiftRequirement::Total(3)), [""; 0]);
    assert_eq!(of(|new| new.gifts[3].needs = GiftRequirement::Total(4)), ["gift_harder"]);
    // At most three stamps complete no route: two of `play`, one of `live`, none of `street`. A fourth completes one
    // route, but not two.
    assert_eq!(of(|new| new.gifts[2].needs = GiftRequirement::Routes(1)), [""; 0]);
    assert_eq!(of(|new| new.gifts[2].needs = GiftRequirement::Routes(2)), ["gift_harder"]);
}

#[test]
fn a_point_may_open_again() {
    let rain = changed(|new| new.points[0].closed = Some("rain".to_owned()));
    assert_eq!(compared(&rain, &carnival(), 0), CarnivalComparison::default());
}

#[test]
fn holds_must_keep_their_time() {
    let of = |held, change: fn(&mut Carnival)| codes(&changed(change), held);
    assert_eq!(of(1, |new| new.gifts[0].hold_minutes = Some(60)), ["hold_shorter"]);
    assert_eq!(of(0, |new| new.gifts[0].hold_minutes = Some(60)), [""; 0]);
    assert_eq!(of(1, |new| new.gifts[0].hold_minutes = Some(24 * 60)), [""; 0]);
    let narrow: fn(&mut Carnival) = |new| new.gifts[0].pick_up = Some(pick_up("2023-04-13", "2023-04-20", &[]));
    assert_eq!((of(1, narrow), of(0, narrow)), (vec!["pick_up_narrower"], vec![]));
    assert_eq!(of(1, |new| new.gifts[0].pick_up = Some(pick_up("2023-04-14", "2023-04-30", &[]))), [""; 0]);
    let hours: fn(&mut Carnival) =
        |new| new.gifts[0].pick_up = Some(pick_up("2023-04-13", "2023-04-30", &["09:00-18:00"]));
    assert_eq!(of(1, hours), ["pick_up_narrower"]);
    assert_eq!(of(1, |new| new.days = days("2023-04-13", "2023-04-29")), ["pick_up_narrower"; 4]);
}

#[test]
fn a_different_stock_in_the_file_is_only_a_warning() {
    let comparison = compared(&carnival(), &changed(|new| new.gifts[0].stock = 70), 0);
    assert_eq!((comparison.blockers.len(), comparison.warnings.len()), (0, 1));
    let unchanged = ChangeWarning::StockUnchanged { gift: "礼物1".to_owned(), file: 70, current: 20 };
    assert_eq!(comparison.warnings, [unchanged]);
}

#[test]
fn the_design_may_always_change() {
    let drawn = changed(|new| {
        new.routes[0].artwork = Some(the("artwork/play.svg"));
        new.routes[0].colour = Some(the("#2c4a7c"));
        new.routes[0].pattern = Some(CardPattern::Tiles);
        new.points[0].stamp = Some(the("artwork/stamps/space-1.svg"));
        new.points[0].card_position = Some(CardPosition { x_mm: 74.0, y_mm: 52.5 });
        let (day, mark) = (the("2023-04-15"), MarkSymbol::Umbrella);
        new.day_marks = vec![DayMark { day, name: "雨天".to_owned(), mark }];
    });
    assert_eq!(compared(&carnival(), &drawn, 3), CarnivalComparison::default());
    assert_eq!(compared(&drawn, &carnival(), 3), CarnivalComparison::default());
}

fn needs() -> impl Strategy<Value = GiftRequirement> {
    let route = || select(vec!["play", "live", "street"]);
    prop_oneof![
        route().prop_map(|route| GiftRequirement::CompleteRoute(the(route))),
        (route(), 1u16..=3).prop_map(|(route, stamps)| GiftRequirement::OfRoute { route: the(route), stamps }),
        (1u16..=7).prop_map(GiftRequirement::Total),
        (1u16..=3).prop_map(GiftRequirement::Routes),
    ]
}

/// Six points on three routes, some closed, some moved to another route, and possibly a seventh.
fn any_carnival() -> impl Strategy<Value = Carnival> {
    let closed = subsequence(vec![0usize, 1, 2, 3, 4, 5], 0..=6);
    let moved = prop::collection::vec(select(vec!["", "", "", "play", "live", "street"]), 6);
    let complete = prop::collection::vec(prop::option::of(1u16..=4), 3);
    let parts = (needs(), closed, moved, complete, any::<bool>());
    parts.prop_map(|(needs, closed, moved, complete, seventh)| {
        changed(|new| {
            new.gifts = vec![gift(1, needs)];
            for at in closed {
                new.points[at].closed = Some("rain".to_owned());
            }
            for (point, route) in new.points.iter_mut().zip(moved).filter(|(_, route)| !route.is_empty()) {
                point.route = the(route);
            }
            for (route, complete) in new.routes.iter_mut().zip(complete) {
                route.complete_with = complete;
            }
            if seventh {
                new.points.push(point(7, "street"));
            }
        })
    })
}

fn earned(carnival: &Carnival, stamps: &[u64]) -> bool {
    PassportProgress::of(carnival, &passport(stamps).stamps).gifts().all(|gift| gift.is_earned())
}

#[test]
fn two_complete_routes_do_not_imply_one_given_route() {
    let before = changed(|new| new.gifts = vec![gift(1, GiftRequirement::Routes(2))]);
    let after = changed(|new| new.gifts = vec![gift(1, GiftRequirement::CompleteRoute(the("play")))]);
    let stamps = [4, 5, 6];
    assert!(earned(&before, &stamps) && !earned(&after, &stamps));
    assert!(!compared(&before, &after, 0).blockers.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..crate::rules::samples::property_config() })]
    #[test]
    fn a_change_without_blockers_takes_no_earned_gift(before in any_carnival(), mut after in any_carnival()) {
        if before.points.len() == 7 && after.points.len() == 6 {
            after.points.push(point(7, "street"));
        }
        let agreed = compared(&before, &after, 0).blockers.is_empty();
        let mut lost = false;
        for chosen in 0..1u32 << before.points.len() {
            let stamps: Vec<u64> = (1..=7).filter(|point| chosen >> (point - 1) & 1 == 1).collect();
            lost |= earned(&before, &stamps) && !earned(&after, &stamps);
        }
        prop_assert!(!(agreed && lost), "{before:#?}\n{after:#?}");
        // If no point moved and each route has points (always true of a validated carnival), a blocker implies that
        // some passport would lose the gift.
        let walked = |route: &Route| before.point_count(&route.id) > 0;
        let stays = before.points.iter().zip(&after.points).all(|(one, other)| one.route == other.route)
            && before.routes.iter().all(walked);
        prop_assert!(agreed || lost || !stays, "blocked without a reason: {before:#?}\n{after:#?}");
    }
}
