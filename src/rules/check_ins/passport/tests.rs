//! Closing a point never takes an earned gift away.

use proptest::prelude::*;
use proptest::sample::{Index, subsequence};

use super::*;
use crate::rules::carnival::GiftRequirement;
use crate::rules::carnival::relief::{PeriodId, Relief, ReliefPeriod};
use crate::rules::gifts::requirement::GiftProgress;
use crate::rules::samples::{at, carnival, gift, passport, point_number, the};

const ALL_OF_PLAY: usize = 0;
const ONE_OF_LIVE: usize = 1;
const FOUR_IN_ALL: usize = 2;
const TWO_ROUTES: usize = 3;

const NOTHING: [u8; 0] = [];

/// The sample carnival some time after these points were closed for good.
fn closing(points: &[u64]) -> Carnival {
    Carnival { relief: closed_for_good(points), ..carnival() }
}

fn closed_for_good(points: &[u64]) -> Relief {
    let period = |point: &u64| {
        let point = point_number(*point);
        let period = ReliefPeriod { point, from: at("2023-04-13T08:00"), to: None, closed_day: None };
        (PeriodId { point, nth: 1 }, period)
    };
    Relief::of(&points.iter().map(period).collect())
}

/// The number of stamps or routes that count, and the number required.
fn for_gift(carnival: &Carnival, gift: usize, stamps: &[u64]) -> (u16, u16) {
    let stamps = passport(stamps).stamps;
    let progress = PassportProgress::of(carnival, &stamps);
    let gifts: Vec<GiftProgress<'_>> = progress.gifts().collect();
    (gifts[gift].have, gifts[gift].need)
}

fn unlocked(carnival: &Carnival, stamps: &[u64], by: &[u64]) -> Vec<u8> {
    let by: Vec<PointNumber> = by.iter().map(|number| point_number(*number)).collect();
    gifts_unlocked_by(carnival, &passport(stamps), &by).iter().map(|gift| gift.number.get()).collect()
}

#[test]
fn each_kind_of_requirement_counts_correctly() {
    let carnival = carnival();
    assert_eq!(for_gift(&carnival, ALL_OF_PLAY, &[1, 4]), (1, 3));
    assert_eq!(for_gift(&carnival, ONE_OF_LIVE, &[1, 4]), (1, 1));
    assert_eq!(for_gift(&carnival, FOUR_IN_ALL, &[1, 4]), (2, 4));
    assert_eq!(for_gift(&carnival, TWO_ROUTES, &[1, 4]), (0, 2));
    assert_eq!(for_gift(&carnival, TWO_ROUTES, &[4, 5, 6]), (2, 2));
    assert_eq!(for_gift(&carnival, ALL_OF_PLAY, &[]), (0, 3));
}

#[test]
fn a_route_is_complete_when_each_of_its_points_is_stamped() {
    let carnival = carnival();
    let stamps = passport(&[4, 5, 1]).stamps;
    let progress = PassportProgress::of(&carnival, &stamps);
    let routes: Vec<_> = progress.routes().iter().map(|on| (on.stamped, on.needed, on.is_complete())).collect();
    assert_eq!(routes, [(1, 3, false), (2, 2, true), (0, 1, false)]);
}

#[test]
fn a_closed_point_lowers_the_requirement() {
    assert_eq!(for_gift(&closing(&[3]), ALL_OF_PLAY, &[1, 2]), (2, 2));
    assert_eq!(for_gift(&closing(&[1, 2, 3]), FOUR_IN_ALL, &[]), (0, 3));
    assert_eq!(for_gift(&closing(&[4]), ONE_OF_LIVE, &[]), (0, 1));
}

#[test]
fn the_stamp_of_a_closed_point_still_counts() {
    assert_eq!(for_gift(&closing(&[3]), ALL_OF_PLAY, &[1, 3]), (2, 2));
    assert_eq!(for_gift(&closing(&[3]), FOUR_IN_ALL, &[1, 2, 3]), (3, 4));
}

#[test]
fn a_route_with_all_points_closed_still_requires_half_of_its_stamps() {
    assert_eq!(for_gift(&closing(&[1, 2, 3]), ALL_OF_PLAY, &[]), (0, 2));
    assert_eq!(for_gift(&closing(&[1, 2, 3]), ALL_OF_PLAY, &[2, 3]), (2, 2));
}

#[test]
fn a_gift_requires_what_is_left_but_at_least_half() {
    // Point 6 is the only one that can be stamped.
    assert_eq!(for_gift(&closing(&[1, 2, 3, 4, 5]), FOUR_IN_ALL, &[6]), (1, 2));
    assert_eq!(for_gift(&closing(&[1, 2, 3, 4, 5]), TWO_ROUTES, &[6]), (1, 1));
    assert_eq!(for_gift(&closing(&[1, 2, 3]), TWO_ROUTES, &[4, 5]), (1, 2));
    let all = closing(&[1, 2, 3, 4, 5, 6]);
    let needs = [ALL_OF_PLAY, ONE_OF_LIVE, FOUR_IN_ALL, TWO_ROUTES].map(|gift| for_gift(&all, gift, &[]).1);
    assert_eq!(needs, [2, 1, 2, 1]);
}

#[test]
fn the_stamp_that_completes_a_route_unlocks_its_gift() {
    assert_eq!(unlocked(&carnival(), &[1, 2], &[2]), NOTHING);
    assert_eq!(unlocked(&carnival(), &[1, 2, 3], &[3]), [1]);
    assert_eq!(unlocked(&carnival(), &[1, 2, 3, 4], &[4]), [2, 3], "one of `live`, and the fourth in all");
    assert_eq!(unlocked(&carnival(), &[1, 2, 3], &[6]), NOTHING, "a stamp that is not there unlocks nothing");
}

#[test]
fn several_stamps_at_once_unlock_gifts_together() {
    assert_eq!(unlocked(&carnival(), &[1, 2, 3], &[1, 2, 3]), [1]);
    assert_eq!(unlocked(&carnival(), &[1, 4, 2, 3], &[2, 3]), [1, 3]);
}

#[test]
fn several_stamps_do_not_unlock_gifts_that_other_stamps_earned() {
    // The volunteer records points 1 and 5. Point 1 was stamped before, and point 4 unlocked the gift of `live`.
    assert_eq!(unlocked(&carnival(), &[1, 4, 5], &[1, 5]), NOTHING);
}

/// A carnival with random requirements, and with some points closed.
fn any_carnival() -> impl Strategy<Value = Carnival> {
    let needs = prop_oneof![
        Just(GiftRequirement::CompleteRoute(the("play"))),
        (1u16..=3).prop_map(|stamps| GiftRequirement::OfRoute { route: the("play"), stamps }),
        (1u16..=6).prop_map(GiftRequirement::Total),
        (1u16..=3).prop_map(GiftRequirement::Routes),
    ];
    let gifts = prop::collection::vec(needs, 4);
    (gifts, subsequence(vec![1u64, 2, 3, 4, 5, 6], 0..=6)).prop_map(|(needs, closed)| Carnival {
        gifts: (1..).zip(needs).map(|(number, needs)| gift(number, needs)).collect(),
        ..closing(&closed)
    })
}

fn any_stamps() -> impl Strategy<Value = Vec<u64>> {
    subsequence(vec![1u64, 2, 3, 4, 5, 6], 0..=6).prop_shuffle()
}

proptest! {
    #![proptest_config(crate::rules::samples::property_config())]

    #[test]
    fn closing_a_point_never_takes_an_earned_gift_away(
        before in any_carnival(), stamps in any_stamps(), closed in any::<Index>(),
    ) {
        let more = u64::from(closed.get(&before.points).number.get());
        let all: Vec<u64> = before.points.iter().map(|point| point.number)
            .filter(|point| before.relief.is_lowered(*point)).map(|point| u64::from(point.get())).chain([more]).collect();
        let after = Carnival { relief: closed_for_good(&all), ..before.clone() };
        let stamps = passport(&stamps).stamps;
        let (was, is) = (PassportProgress::of(&before, &stamps), PassportProgress::of(&after, &stamps));
        for (was, is) in was.gifts().zip(is.gifts()) {
            prop_assert!(is.need <= was.need && is.have >= was.have, "{:?}", was.gift.needs);
        }
    }

    #[test]
    fn stamps_of_all_points_earn_every_gift(carnival in any_carnival()) {
        let stamps = passport(&[1, 2, 3, 4, 5, 6]).stamps;
        for gift in PassportProgress::of(&carnival, &stamps).gifts() {
            prop_assert!(gift.is_earned(), "{:?}", gift);
        }
    }

    #[test]
    fn a_repeated_check_in_gets_the_same_answer_after_later_stamps(
        carnival in any_carnival(), stamps in any_stamps(), by in any_stamps(), cut in 0usize..=6,
    ) {
        let early = &stamps[..cut.min(stamps.len())];
        let by: Vec<u64> = by.into_iter().filter(|point| early.contains(point)).collect();
        prop_assert_eq!(unlocked(&carnival, early, &by), unlocked(&carnival, &stamps, &by));
    }

    #[test]
    fn stamp_by_stamp_each_earned_gift_is_unlocked_exactly_once(
        carnival in any_carnival(), stamps in any_stamps(),
    ) {
        let mut all_unlocked: Vec<u8> = stamps.iter().flat_map(|point| unlocked(&carnival, &stamps, &[*point])).collect();
        all_unlocked.sort_unstable();
        let all = passport(&stamps).stamps;
        let progress = PassportProgress::of(&carnival, &all);
        let earned: Vec<u8> = progress.gifts().filter(GiftProgress::is_earned).map(|on| on.gift.number.get()).collect();
        prop_assert_eq!(all_unlocked, earned);
    }
}
