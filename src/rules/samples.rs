//! A small carnival, passports and volunteers for the tests of the rules.
//!
//! It runs from 13 to 30 April 2023 in Chengdu. Points 1 to 3 belong to route `play` (13 to 18 April, and the 21st to
//! make up for rain), 4 and 5 to `live` (19 to 24), 6 to `street` (25 to 30).

use std::fmt::Debug;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::ProptestConfig;

use super::carnival::hours::{OpeningHours, TimeRange};
use super::carnival::relief::Relief;
use super::carnival::{
    Booth, Carnival, CodeKinds, DateRange, Geofence, Gift, GiftRequirement, Location, LoginMethod, PickUp, Point, Route,
};
use super::check_ins::passport::{Passport, Stamp, StampSource};
use super::gifts::claim_lifecycle::StaffActor;
use super::ids::{GiftNumber, PassportNumber, PointNumber};
use super::staff::StaffSession;
use super::staff::roles::{Role, Station};

/// The settings of property tests. A failure is printed with its smallest input, which becomes a test of its own; no
/// file of seeds is written into the work tree.
pub(crate) fn property_config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// Parses an id, a date or a time range.
pub(crate) fn the<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// The timestamp of a local time in Chengdu.
pub(crate) fn at(local: &str) -> Timestamp {
    at_in("Asia/Shanghai", local)
}

/// The timestamp of a local time in a zone; the first one if the time is ambiguous.
pub(crate) fn at_in(zone: &str, local: &str) -> Timestamp {
    the::<DateTime>(local).to_zoned(TimeZone::get(zone).unwrap()).unwrap().timestamp()
}

pub(crate) fn days(first: &str, last: &str) -> DateRange {
    DateRange { first: the(first), last: the(last) }
}

pub(crate) fn spans(texts: &[&str]) -> Vec<TimeRange> {
    texts.iter().map(|text| the(text)).collect()
}

pub(crate) fn point_number(number: u64) -> PointNumber {
    number.try_into().unwrap()
}

pub(crate) fn gift_number(number: u64) -> GiftNumber {
    number.try_into().unwrap()
}

/// The sample carnival, with one gift of each kind.
pub(crate) fn carnival() -> Carnival {
    let gifts = [
        GiftRequirement::CompleteRoute(the("play")),
        GiftRequirement::OfRoute { route: the("live"), stamps: 1 },
        GiftRequirement::Total(4),
        GiftRequirement::Routes(2),
    ];
    Carnival {
        id: the("chenghua-2023"),
        name: "社区嘉年华".to_owned(),
        theme: None,
        town: None,
        time_zone: TimeZone::get("Asia/Shanghai").unwrap(),
        days: days("2023-04-13", "2023-04-30"),
        login: LoginMethod::MiniProgram,
        notice: None,
        notice_until: None,
        privacy: None,
        routes: vec![
            Route {
                extra_days: vec![the("2023-04-21")], ..route("play", "“玩”美社区", "2023-04-13", "2023-04-18")
            },
            route("live", "乐活社区", "2023-04-19", "2023-04-24"),
            route("street", "烟火社区", "2023-04-25", "2023-04-30"),
        ],
        points: [(1, "play"), (2, "play"), (3, "play"), (4, "live"), (5, "live"), (6, "street")]
            .map(|(number, route)| point(number, route))
            .into(),
        activities: vec![],
        gifts: (1..).zip(gifts).map(|(number, needs)| gift(number, needs)).collect(),
        booths: vec![booth("east", "友邻荟一号台"), booth("west", "友邻荟二号台")],
        day_marks: vec![],
        relief: Relief::default(),
    }
}

fn route(id: &str, name: &str, first: &str, last: &str) -> Route {
    Route {
        id: the(id),
        name: name.to_owned(),
        days: days(first, last),
        extra_days: vec![],
        complete_with: None,
        notice: None,
        market: None,
        story: None,
        artwork: None,
        colour: None,
        pattern: None,
    }
}

/// Open from 9:00 to 18:00, for the poster's code, without a geofence.
pub(crate) fn point(number: u64, route: &str) -> Point {
    Point {
        id: the(&format!("space-{number}")),
        number: point_number(number),
        route: the(route),
        name: format!("第{number}站"),
        community: None,
        hours: OpeningHours { usual: spans(&["09:00-18:00"]), ..OpeningHours::default() },
        location: None,
        geofence: None,
        codes: CodeKinds { printed: true, display: false },
        closed: None,
        notice: None,
        story: None,
        stamp: None,
        card_position: None,
    }
}

/// Handed out at every booth, every day, at any hour.
pub(crate) fn gift(number: u64, needs: GiftRequirement) -> Gift {
    Gift {
        id: the(&format!("gift-{number}")),
        number: gift_number(number),
        name: format!("礼物{number}"),
        needs,
        stock: 20,
        hold_minutes: None,
        booths: vec![],
        pick_up: None,
        closed: None,
    }
}

fn booth(id: &str, name: &str) -> Booth {
    Booth { id: the(id), name: name.to_owned(), route: None }
}

pub(crate) fn pick_up(first: &str, last: &str, hours: &[&str]) -> PickUp {
    PickUp { days: days(first, last), hours: spans(hours) }
}

/// The sample carnival with one of its points 1 to 6 changed.
pub(crate) fn with_point(number: usize, change: impl FnOnce(&mut Point)) -> Carnival {
    let mut carnival = carnival();
    change(&mut carnival.points[number - 1]);
    carnival
}

/// The sample carnival with one of its gifts 1 to 4 changed.
pub(crate) fn with_gift(number: usize, change: impl FnOnce(&mut Gift)) -> Carnival {
    let mut carnival = carnival();
    change(&mut carnival.gifts[number - 1]);
    carnival
}

/// A passport with stamps of these points, recorded in this order.
pub(crate) fn passport(points: &[u64]) -> Passport {
    let begun = at("2023-04-14T10:00");
    let stamp = |(nth, point): (u16, &u64)| Stamp {
        point: point_number(*point),
        at: begun + i64::from(nth).minutes(),
        nth,
        how: StampSource::Printed,
        rain: false,
    };
    Passport { number: passport_number(), stamps: (1..).zip(points).map(stamp).collect(), undone: Vec::new() }
}

pub(crate) fn passport_number() -> PassportNumber {
    the("0123456789ABC")
}

/// A volunteer at the booth `east`.
pub(crate) fn wang() -> StaffActor {
    StaffActor { session: the("WANG000000000000"), name: the("王阿姨"), place: Some(Station::Booth(the("east"))) }
}

/// A volunteer at the booth `west`.
pub(crate) fn chen() -> StaffActor {
    StaffActor { session: the("CHEN000000000000"), name: the("陈叔"), place: Some(Station::Booth(the("west"))) }
}

/// Wang's session from 8:00 to 20:00.
pub(crate) fn on_duty(role: Role, place: Option<Station>) -> StaffSession {
    StaffSession {
        id: wang().session,
        invitation: the("V1M5TEG2GXXR9VG9"),
        role,
        place,
        name: wang().name,
        nonce: the("the-tablet-1"),
        begun: at("2023-04-14T08:00"),
        until: at("2023-04-14T20:00"),
        device: the("DEV1CE0000000000"),
        end: None,
        corrected: None,
    }
}

/// A location in Chengdu, moved north by a number of degrees.
pub(crate) fn chengdu(north: f64) -> Location {
    Location { latitude: 30.66 + north, longitude: 104.11 }
}

pub(crate) fn fence(radius_m: u32, required: bool) -> Geofence {
    Geofence { radius_m, required }
}

pub(crate) fn date(text: &str) -> Date {
    the(text)
}
