//! Periods follow closures, and nothing turns an earned gift into one that is not earned.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::rules::carnival::change::compare;
use crate::rules::carnival::relief::Relief;
use crate::rules::carnival::{Gift, GiftRequirement};
use crate::rules::check_ins::check_in::{CheckInAttempt, CodeSource, check};
use crate::rules::check_ins::passport::{Passport, PassportProgress, Stamp, StampSource};
use crate::rules::ids::Generation;
use crate::rules::samples::{at, carnival, date, gift, passport_number, point, point_number, property_config, the};

/// A published carnival with its periods, and a clock.
#[derive(Clone)]
struct Running {
    text: Carnival,
    periods: ReliefPeriods,
    now: Timestamp,
}

impl Running {
    fn new(now: &str) -> Running {
        Running { text: carnival(), periods: ReliefPeriods::new(), now: at(now) }
    }

    fn in_force(&self) -> Carnival {
        Carnival { relief: Relief::in_force(&self.periods, self.now), ..self.text.clone() }
    }

    /// Publishes and settles, as the action does.
    fn publish(&mut self, text: Carnival, closure: Option<&DayClosure>) {
        self.text = text;
        let changed = settle(&self.text, &self.periods, closure, self.now);
        self.periods.extend(changed);
        assert!(settle(&self.text, &self.periods, closure, self.now).is_empty(), "settling again changes nothing");
    }

    fn close(&mut self, number: u64, relief: bool, keep_away: bool) {
        let day = self.text.local(self.now).date();
        let mut text = self.text.clone();
        let hours = &mut text.points[usize::try_from(number).unwrap() - 1].hours;
        hours.exceptions.retain(|(on, _)| *on != day);
        hours.reasons.retain(|(on, _)| *on != day);
        hours.exceptions.push((day, Vec::new()));
        hours.reasons.push((day, "因雨".to_owned()));
        let point = point_number(number);
        self.publish(text, Some(&DayClosure { point, day, relief, keep_away }));
    }

    fn close_for_good(&mut self, number: u64) {
        let mut text = self.text.clone();
        text.points[usize::try_from(number).unwrap() - 1].closed = Some("修路".to_owned());
        self.publish(text, None);
    }

    fn open(&mut self, number: u64) {
        let mut text = self.text.clone();
        let point = &mut text.points[usize::try_from(number).unwrap() - 1];
        point.closed = None;
        point.hours.exceptions.clear();
        point.hours.reasons.clear();
        self.publish(text, None);
    }

    fn wait(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
    }

    /// Stamps of a passport that complete `play`.
    fn needed(&self, passport: &Passport) -> u16 {
        PassportProgress::of(&self.in_force(), &passport.stamps).routes()[0].needed
    }

    fn scan(&self, passport: &mut Passport, number: u64) -> Option<bool> {
        let point = point_number(number);
        let (generation, current) = (Generation::FIRST, Generation::FIRST);
        let source = CodeSource::Printed { generation, current };
        let attempt = CheckInAttempt { point, source, device_location: None };
        let rain = check(&self.in_force(), &attempt, self.now).ok()?.rain;
        if passport.stamp(point).is_none() {
            let nth = u16::try_from(passport.stamps.len()).unwrap() + 1;
            passport.stamps.push(Stamp { point, at: self.now, nth, how: StampSource::Printed, rain });
        }
        Some(rain)
    }
}

fn empty() -> Passport {
    Passport { number: passport_number(), stamps: Vec::new(), undone: Vec::new() }
}

#[test]
fn a_downpour_relieves_who_was_there_before_and_who_comes_later() {
    let mut day = Running::new("2023-04-14T10:00");
    let (mut morning, mut afternoon, tomorrow) = (empty(), empty(), empty());
    day.scan(&mut morning, 1);
    day.wait(5 * 60);
    day.close(3, true, false);
    assert_eq!((day.needed(&morning), day.needed(&afternoon)), (3, 3), "not at once");
    day.wait(60);
    assert_eq!(day.needed(&morning), 2);
    assert_eq!(day.needed(&afternoon), 3, "not on the route today");
    day.scan(&mut afternoon, 2);
    assert_eq!(day.needed(&afternoon), 2);
    day.wait(24 * 60);
    assert_eq!((day.needed(&morning), day.needed(&afternoon), day.needed(&tomorrow)), (2, 2, 3), "for ever");
    // With its stamp after all, the point is asked for again, and there.
    assert_eq!(day.scan(&mut morning, 3), Some(false));
    assert_eq!((day.needed(&morning), morning.stamps.len()), (3, 2));
}

#[test]
fn a_slip_costs_nobody_anything() {
    for good in [false, true] {
        let mut day = Running::new("2023-04-14T10:00");
        let mut passport = empty();
        day.scan(&mut passport, 1);
        if good {
            day.close_for_good(3);
        } else {
            day.close(3, true, false);
        }
        day.now += SignedDuration::from_secs(1);
        day.open(3);
        day.wait(10 * 60);
        assert_eq!(day.needed(&passport), 3);
        assert_eq!(day.periods.len(), 1, "the period stays");
    }
}

#[test]
fn a_closed_point_gives_rain_stamps_unless_people_shall_stay_away() {
    let mut day = Running::new("2023-04-14T10:00");
    day.close(3, true, false);
    assert_eq!(day.scan(&mut empty(), 3), Some(true));
    day.close(3, true, true);
    assert_eq!(day.scan(&mut empty(), 3), None, "the running closure became one that keeps away");
    day.close(2, false, false);
    assert_eq!(day.scan(&mut empty(), 2), None, "no relief, no rain stamp");
    day.open(3);
    assert_eq!(day.scan(&mut empty(), 3), Some(false));
}

#[test]
fn relief_that_is_called_off_ends() {
    let mut day = Running::new("2023-04-14T10:00");
    let mut passport = empty();
    day.scan(&mut passport, 1);
    day.close(3, true, false);
    day.wait(5);
    day.close(3, false, false);
    day.wait(60);
    assert_eq!(day.needed(&passport), 3);
    day.close(3, true, false);
    day.wait(10);
    assert_eq!(day.needed(&passport), 2, "five minutes and ten");
}

#[test]
fn closing_for_good_lowers_the_route_for_everybody_and_stays_lowered() {
    let mut day = Running::new("2023-04-14T20:00");
    day.close_for_good(3);
    assert_eq!(day.needed(&empty()), 3);
    day.wait(15);
    assert_eq!(day.needed(&empty()), 2);
    day.open(3);
    day.wait(60);
    assert_eq!(day.needed(&empty()), 2);
    // The organiser's own file, in which the point is open, may be published.
    let own = Carnival { relief: day.in_force().relief, ..carnival() };
    assert!(compare(&day.in_force(), &own, &BTreeMap::new(), day.now).blockers.is_empty());
}

#[test]
fn a_publication_that_reopens_a_point_ends_its_period() {
    let mut day = Running::new("2023-04-14T10:00");
    let mut passport = empty();
    day.scan(&mut passport, 1);
    day.close(3, true, false);
    day.wait(1);
    day.publish(carnival(), None);
    day.wait(60);
    assert_eq!(day.needed(&passport), 3);
}

#[test]
fn never_below_half_of_what_was_required() {
    let mut day = Running::new("2023-04-14T10:00");
    let mut passport = empty();
    day.scan(&mut passport, 1);
    day.close(2, true, false);
    day.close(3, true, false);
    day.wait(20);
    assert_eq!(day.needed(&passport), 2, "half of three, rounded up");
    for number in 1..=3 {
        day.close_for_good(number);
    }
    day.wait(20);
    assert_eq!(day.needed(&empty()), 2);
}

#[test]
fn a_day_without_own_hours_has_no_period() {
    let mut day = Running::new("2023-04-14T18:30");
    day.close(3, true, false);
    assert!(day.periods.is_empty(), "its hours are over");
    let mut off = Running::new("2023-04-19T10:00");
    off.close(3, true, false);
    assert!(off.periods.is_empty(), "its route does not run");
    let closure = DayClosure { point: point_number(3), day: date("2023-04-15"), relief: true, keep_away: false };
    let mut early = Running::new("2023-04-14T10:00");
    early.publish(carnival(), Some(&closure));
    assert!(early.periods.is_empty(), "the carnival does not have the closure");
}

/// A step of an organiser, a resident, or time.
#[derive(Clone, Debug)]
enum Step {
    Wait(i64),
    Close { point: u64, relief: bool, keep_away: bool },
    CloseForGood(u64),
    Open(u64),
    Scan(u64),
    Ink { point: u64, days_ago: i8 },
    Publish(Edit),
    PutBack(usize),
}

/// A change of the file's own text.
#[derive(Clone, Debug)]
enum Edit {
    CompleteWith(usize, Option<u16>),
    AddPoint,
    MovePoint(usize, &'static str),
    Needs(usize, GiftRequirement),
    Week(i8),
}

fn needs() -> impl Strategy<Value = GiftRequirement> {
    let route = || select(vec!["play", "live"]);
    prop_oneof![
        route().prop_map(|route| GiftRequirement::CompleteRoute(the(route))),
        (route(), 1u16..=4).prop_map(|(route, stamps)| GiftRequirement::OfRoute { route: the(route), stamps }),
        (1u16..=7).prop_map(GiftRequirement::Total),
        (1u16..=3).prop_map(GiftRequirement::Routes),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    let edit = prop_oneof![
        (0usize..2, prop::option::of(1u16..=4)).prop_map(|(route, stamps)| Edit::CompleteWith(route, stamps)),
        Just(Edit::AddPoint),
        (0usize..5, select(vec!["play", "live"])).prop_map(|(point, route)| Edit::MovePoint(point, route)),
        (0usize..4, needs()).prop_map(|(gift, needs)| Edit::Needs(gift, needs)),
        (13i8..=16).prop_map(Edit::Week),
    ];
    prop_oneof![
        4 => select(vec![1i64, 7, 15, 60, 240, 24 * 60]).prop_map(Step::Wait),
        3 => (1u64..=5, prop::bool::weighted(0.8), any::<bool>())
            .prop_map(|(point, relief, keep_away)| Step::Close { point, relief, keep_away }),
        1 => (1u64..=5).prop_map(Step::CloseForGood),
        2 => (1u64..=5).prop_map(Step::Open),
        4 => (1u64..=5).prop_map(Step::Scan),
        1 => (1u64..=5, 0i8..=1).prop_map(|(point, days_ago)| Step::Ink { point, days_ago }),
        2 => edit.prop_map(Step::Publish),
        1 => (0usize..8).prop_map(Step::PutBack),
    ]
}

/// Both routes run on the same days, so that one passport walks both.
fn two_routes() -> Carnival {
    let mut carnival = carnival();
    carnival.routes[1].days = carnival.routes[0].days;
    carnival
}

fn edited(text: &Carnival, edit: &Edit) -> Carnival {
    let mut new = text.clone();
    match edit {
        Edit::CompleteWith(route, stamps) => new.routes[*route].complete_with = *stamps,
        Edit::AddPoint if new.points.len() == 6 => new.points.push(point(7, "play")),
        Edit::AddPoint => {}
        Edit::MovePoint(at, route) => new.points[*at].route = the(route),
        Edit::Needs(gift, needs) => new.gifts[*gift].needs = needs.clone(),
        Edit::Week(first) => new.routes[0].days.first = jiff::civil::date(2023, 4, *first),
    }
    new
}

fn earned(carnival: &Carnival, passport: &Passport) -> Vec<bool> {
    let progress = PassportProgress::of(carnival, &passport.stamps);
    carnival.gifts.iter().map(|gift: &Gift| progress.for_gift(gift).is_earned()).collect()
}

fn take(running: &mut Running, passports: &mut [Passport; 2], versions: &mut Vec<Carnival>, step: &Step) {
    let publish = |running: &mut Running, text: Carnival| {
        let text = Carnival { relief: running.in_force().relief, ..text };
        if compare(&running.in_force(), &text, &BTreeMap::new(), running.now).blockers.is_empty() {
            running.publish(text, None);
        }
    };
    match step {
        Step::Wait(minutes) => running.wait(*minutes),
        Step::Close { point, relief, keep_away } => running.close(*point, *relief, *keep_away),
        Step::CloseForGood(point) => running.close_for_good(*point),
        Step::Open(point) => running.open(*point),
        Step::Scan(point) => drop(running.scan(&mut passports[0], *point)),
        Step::Ink { point, days_ago } => {
            let point = point_number(*point);
            let day = running.text.local(running.now).date() - jiff::Span::new().days(*days_ago);
            let how = StampSource::Hand { session: the("WANG000000000000"), nonce: the("nonce-001"), day: Some(day) };
            if passports[1].stamp(point).is_none() {
                let nth = u16::try_from(passports[1].stamps.len()).unwrap() + 1;
                passports[1].stamps.push(Stamp { point, at: running.now, nth, how, rain: false });
            }
        }
        Step::Publish(edit) => publish(running, edited(&running.text.clone(), edit)),
        Step::PutBack(nth) => {
            let text = versions[nth % versions.len()].clone();
            if text.points.len() >= running.text.points.len() {
                publish(running, text);
            }
        }
    }
    versions.push(running.text.clone());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..property_config() })]

    #[test]
    fn no_sequence_turns_earned_into_not_earned(
        needs in prop::collection::vec(needs(), 4),
        steps in prop::collection::vec(any_step(), 1..24),
    ) {
        let mut text = two_routes();
        text.gifts = (1..).zip(needs).map(|(number, needs)| gift(number, needs)).collect();
        let mut running = Running { text: text.clone(), periods: ReliefPeriods::new(), now: at("2023-04-13T10:00") };
        let (mut passports, mut versions) = ([empty(), empty()], vec![text]);
        for (nth, step) in steps.iter().enumerate() {
            let before: Vec<_> = passports.iter().map(|passport| earned(&running.in_force(), passport)).collect();
            take(&mut running, &mut passports, &mut versions, step);
            for (before, passport) in before.iter().zip(&passports) {
                let after = earned(&running.in_force(), passport);
                let kept = before.iter().zip(&after).all(|(before, after)| !before || *after);
                prop_assert!(kept, "step {nth}, {step:?}: {before:?} became {after:?}");
            }
        }
    }
}
