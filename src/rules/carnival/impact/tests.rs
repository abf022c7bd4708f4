//! What an edit of a point changes is announced before it takes effect.

use super::*;
use crate::rules::carnival::closures::{DayClosure, settle};
use crate::rules::samples::{at, carnival, date, point_number};

/// The impact of closing point 3 of `play` at 10:00 on 14 April, after other closures.
fn closing(numbers: &[u64], relief: bool) -> PointImpact {
    let mut carnival = carnival();
    let (day, now) = (date("2023-04-14"), at("2023-04-14T10:00"));
    let (mut before, mut after) = (ReliefPeriods::new(), ReliefPeriods::new());
    for number in numbers {
        let hours = &mut carnival.points[usize::try_from(*number).unwrap() - 1].hours;
        hours.exceptions.push((day, Vec::new()));
        hours.reasons.push((day, "因雨".to_owned()));
        before.clone_from(&after);
        let closure = DayClosure { point: point_number(*number), day, relief, keep_away: false };
        after.extend(settle(&carnival, &before, Some(&closure), now));
    }
    let last = carnival.point(point_number(*numbers.last().unwrap())).unwrap();
    PointImpact::of(&carnival, last, Some(day), (&before, &after)).unwrap()
}

#[test]
fn a_closure_with_relief_says_from_when_it_lowers_what() {
    let impact = closing(&[3], true);
    assert_eq!((impact.needed, impact.since), ((3, 2), Some(at("2023-04-14T10:15"))));
    let gifts: Vec<_> = impact.gifts.iter().map(|gift| (gift.index, gift.needed)).collect();
    assert_eq!(gifts, [(0, (3, 2))], "all of `play`; four stamps in all stay four");
    assert!(!impact.is_at_half);
}

#[test]
fn a_second_closure_reaches_half() {
    let impact = closing(&[3, 2], true);
    assert_eq!((impact.needed, impact.is_at_half), ((2, 2), true));
}

#[test]
fn a_closure_without_relief_lowers_nothing() {
    let impact = closing(&[3], false);
    assert_eq!((impact.needed, impact.since), ((3, 3), None));
}

#[test]
fn a_closure_for_good_lowers_for_everybody() {
    let mut carnival = carnival();
    carnival.points[2].closed = Some("修路".to_owned());
    let (before, now) = (ReliefPeriods::new(), at("2023-04-14T10:00"));
    let after = settle(&carnival, &before, None, now);
    let impact = PointImpact::of(&carnival, &carnival.points[2], None, (&before, &after)).unwrap();
    assert_eq!((impact.needed, impact.since), ((3, 2), Some(at("2023-04-14T10:15"))));
}
