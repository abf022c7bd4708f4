//! A postcard shows exactly the stamps of its passport and route.

use super::*;
use crate::rules::carnival::design::DayMark;
use crate::rules::carnival::relief::{PeriodId, Relief, ReliefPeriod};
use crate::rules::check_ins::passport::{Stamp, StampSource};
use crate::rules::ids::PointNumber;
use crate::rules::samples::{at, carnival};

fn passport(stamps: &[(u64, &str)]) -> Passport {
    let stamp = |(nth, (point, when)): (u16, &(u64, &str))| Stamp {
        point: PointNumber::try_from(*point).unwrap(),
        at: at(when),
        nth,
        how: StampSource::Printed,
        rain: false,
    };
    Passport {
        number: "0123456789ABC".parse().unwrap(),
        stamps: (1..).zip(stamps).map(stamp).collect(),
        undone: Vec::new(),
    }
}

#[test]
fn an_empty_card_has_a_slot_for_each_point() {
    let carnival = carnival();
    let card = Postcard::of(&carnival, &carnival.routes[0], None);
    assert_eq!(card.slots.len(), carnival.points_of(&carnival.routes[0].id).count());
    assert!(card.slots.iter().all(|place| place.postmark.is_none()));
    assert_eq!((card.stamped, card.complete_on), (0, None));
}

#[test]
fn a_stamp_is_in_its_points_slot_with_the_local_time() {
    let carnival = carnival();
    let held = passport(&[(1, "2023-04-14T10:30")]);
    let card = Postcard::of(&carnival, &carnival.routes[0], Some(&held));
    let postmark = card.slots[0].postmark.unwrap();
    assert_eq!(postmark.at.to_string(), "2023-04-14T10:30:00");
    assert!(card.slots[1..].iter().all(|place| place.postmark.is_none()));
}

#[test]
fn rotations_are_stable_and_cover_the_whole_range() {
    let turns: Vec<i16> = (0..2_000).map(|nth| rotation(&format!("0123456789ABC/{nth}"))).collect();
    assert_eq!(rotation("0123456789ABC/7"), turns[7]);
    let most = i16::try_from(MAX_ROTATION_DEG).unwrap();
    for turn in -most..=most {
        assert!(turns.contains(&turn), "{turn}");
    }
    assert!(turns.iter().all(|turn| (-most..=most).contains(turn)));
}

#[test]
fn a_card_is_complete_on_the_day_of_the_last_required_stamp() {
    let mut carnival = carnival();
    carnival.routes[0].complete_with = Some(2);
    let held = passport(&[(2, "2023-04-14T10:30"), (1, "2023-04-15T09:30")]);
    let card = Postcard::of(&carnival, &carnival.routes[0], Some(&held));
    assert_eq!(card.needed, 2);
    assert_eq!(card.complete_on, Some(jiff::civil::date(2023, 4, 15)));
}

#[test]
fn a_closure_that_comes_later_does_not_change_the_day_of_completion() {
    let mut carnival = carnival();
    let held = passport(&[(1, "2023-04-14T10:30"), (2, "2023-04-14T11:30"), (3, "2023-04-15T09:30")]);
    let completed = |carnival: &Carnival, held: &Passport| {
        Postcard::of(carnival, &carnival.routes[0], Some(held)).complete_on.map(|day| day.to_string())
    };
    assert_eq!(completed(&carnival, &held).as_deref(), Some("2023-04-15"));
    let two = passport(&[(1, "2023-04-14T10:30"), (2, "2023-04-14T11:30")]);
    assert_eq!(completed(&carnival, &two), None);
    // Point 3 is closed for good, 15 minutes before noon of the 16th.
    let point = carnival.points[2].number;
    let period = ReliefPeriod { point, from: at("2023-04-16T11:45"), to: None, closed_day: None };
    carnival.relief = Relief::of(&[(PeriodId { point, nth: 1 }, period)].into());
    assert_eq!(completed(&carnival, &held).as_deref(), Some("2023-04-15"), "as before");
    assert_eq!(completed(&carnival, &two).as_deref(), Some("2023-04-16"), "by the closure");
}

#[test]
fn a_rain_stamp_has_an_umbrella() {
    let mut carnival = carnival();
    let mut held = passport(&[(1, "2023-04-14T10:30"), (2, "2023-04-14T10:40")]);
    held.stamps[1].rain = true;
    let (day, mark) = ("2023-04-14".parse().unwrap(), MarkSymbol::Star);
    carnival.day_marks.push(DayMark { day, name: "星".to_owned(), mark });
    let card = Postcard::of(&carnival, &carnival.routes[0], Some(&held));
    let marks: Vec<_> = card.slots.iter().map(|slot| slot.postmark.and_then(|postmark| postmark.mark)).collect();
    assert_eq!(marks, [Some(&MarkSymbol::Star), Some(&MarkSymbol::Umbrella), None]);
}

#[test]
fn stamps_stay_in_the_area_and_do_not_overlap_for_any_number_of_points() {
    for count in 1..=120 {
        let (slots, radius) = rows(count);
        assert_eq!(slots.len(), count);
        for (nth, one) in slots.iter().enumerate() {
            let (left, top, width, height) = STAMP_AREA_MM;
            assert!(one.x_mm - radius >= left - 1e-6 && one.x_mm + radius <= left + width + 1e-6, "{count}: {one:?}");
            assert!(one.y_mm - radius >= top - 1e-6 && one.y_mm + radius <= top + height + 1e-6, "{count}: {one:?}");
            assert!(slots[..nth].iter().all(|other| one.distance_mm(*other) >= 2.0 * radius - 1e-6), "{count}");
        }
    }
    assert!(rows(7).1 > 9.5, "seven stamps have nearly the full size: {}", rows(7).1);
}
