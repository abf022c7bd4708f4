//! An edit changes only its own entry, parses back to the intended value, and is idempotent.

use jiff::civil::{Date, date};

use super::{CarnivalEdit, apply};
use crate::rules::carnival::{Carnival, DateRange};
use crate::rules::carnival_file::parse;
use crate::rules::refusals::CarnivalRefusal;
use crate::rules::samples::the;

const SAMPLE: &str = include_str!("../../../../config/carnival-2023.toml");

fn read(text: &str) -> Carnival {
    parse(text).unwrap()
}

/// Applies the edits twice and asserts that the second time changes nothing.
fn edited(text: &str, edits: &[CarnivalEdit]) -> String {
    let once = apply(text, edits).unwrap();
    assert_eq!(apply(&once, edits).unwrap(), once, "applying the edits again changes nothing");
    once
}

/// The lines that differ.
fn difference(before: &str, after: &str) -> String {
    let gone = before.lines().filter(|line| !after.lines().any(|other| other == *line)).map(|line| format!("-{line}"));
    let new = after.lines().filter(|line| !before.lines().any(|other| other == *line)).map(|line| format!("+{line}"));
    gone.chain(new).collect::<Vec<_>>().join("\n")
}

fn close(point: &str, day: Option<i8>, fewer: bool) -> CarnivalEdit {
    CarnivalEdit::Close {
        point: the(point), day: day.map(|day| date(2023, 4, day)), reason: "因雨".to_owned(), fewer
    }
}

fn move_play(first: i8, extra_days: Vec<Date>) -> CarnivalEdit {
    let days = DateRange { first: date(2023, 4, first), last: date(2023, 4, 18) };
    CarnivalEdit::Move { route: the("play"), days, extra_days }
}

#[test]
fn closing_for_a_day() {
    let closed = edited(SAMPLE, &[close("space-1", Some(15), true), CarnivalEdit::Notice(Some("今天下雨".to_owned()))]);
    insta::assert_snapshot!(difference(SAMPLE, &closed), @r##"
    +notice = "今天下雨"
    +exceptions = [{ day = 2023-04-13, hours = ["14:00-18:00"] }, { day = 2023-04-15, hours = [], reason = "因雨", fewer = true }]
    "##);
    let carnival = read(&closed);
    let play = &carnival.routes[0];
    assert_eq!((carnival.required_stamps(play), carnival.point_count(&play.id)), (6, 7));
    let needed = |text: &str| read(text).required_stamps(&read(text).routes[0]);
    assert_eq!(needed(&edited(&closed, &[close("space-1", Some(15), false)])), 6, "the number never rises again");
    // A second rain day of the same point does not lower the number again; a rain day of another point does, unless
    // `fewer` is false.
    let twice = edited(&closed, &[close("space-1", Some(16), true)]);
    assert_eq!(needed(&twice), 6);
    let another = edited(&twice, &[close("space-2", Some(15), true), close("space-3", Some(15), false)]);
    assert_eq!(needed(&another), 5);
    assert_eq!(needed(&edited(&another, &[close("space-3", Some(15), true)])), 4, "a second edit can lower it");
    let open = edited(&another, &[CarnivalEdit::Open { point: the("space-1"), from: date(2023, 4, 15) }]);
    assert_eq!(read(&open).points[0].hours.exceptions.len(), 1, "the planned exception stays");
    assert_eq!(read(&open).routes[0].complete_with, Some(5), "the required stamps stay lowered");
}

#[test]
fn closing_without_fewer_keeps_the_required_stamps() {
    let closed = edited(SAMPLE, &[close("centre-1", Some(20), false)]);
    insta::assert_snapshot!(difference(SAMPLE, &closed), @r##"+exceptions = [{ day = 2023-04-20, hours = [], reason = "因雨" }]"##);
    assert_eq!(read(&closed).required_stamps(&read(&closed).routes[1]), 6);
}

#[test]
fn closing_until_further_notice_and_reopening() {
    let needs_all = SAMPLE.replace("needs = { stamps = 10 }", "needs = { stamps = 20 }");
    let closed = edited(&needs_all, &[close("centre-2", None, false)]);
    let carnival = read(&closed);
    assert_eq!((carnival.required_stamps(&carnival.routes[1]), carnival.routes[1].complete_with), (5, None));
    let open = edited(&closed, &[CarnivalEdit::Open { point: the("centre-2"), from: date(2023, 4, 20) }]);
    insta::assert_snapshot!(difference(&needs_all, &open), @r##"
    -needs = { stamps = 20 }               # 总共 10 个章，不限路线
    +complete_with = 5
    +needs = { stamps = 19 }               # 总共 10 个章，不限路线
    "##);
}

#[test]
fn a_moved_route_drops_the_exceptions_of_its_old_days() {
    let text = edited(SAMPLE, &[move_play(14, vec![date(2023, 4, 29)])]);
    let carnival = read(&text);
    assert_eq!(carnival.routes[0].extra_days, [date(2023, 4, 29)]);
    assert!(carnival.points[..7].iter().all(|point| point.hours.exceptions.is_empty()));
    assert!(!edited(&text, &[move_play(13, vec![])]).contains("\nextra_days"));
}

#[test]
fn edits_work_in_every_toml_syntax() {
    let inline = r#"points = [{ id = "gate", number = 1, route = "play", name = "Gate", hours = "09:00-18:00" }]
routes = [{ id = "play", name = "Play", first_day = "2023-04-13", last_day = "2023-04-14" }]
carnival = 1
"#;
    let text = inline.replace(
        "carnival = 1",
        "[carnival]\nid = \"x\"\nname = \"X\"\ntime_zone = \"Asia/Shanghai\"\nfirst_day = 2023-04-13\nlast_day = 2023-04-30\nlogin = \"web\"",
    );
    let text = edited(&text, &[close("gate", Some(14), false)]);
    insta::assert_snapshot!(text, @r##"
    points = [{ id = "gate", number = 1, route = "play", name = "Gate", hours = "09:00-18:00" , exceptions = [{ day = 2023-04-14, hours = [], reason = "因雨" }] }]
    routes = [{ id = "play", name = "Play", first_day = "2023-04-13", last_day = "2023-04-14" }]
    [carnival]
    id = "x"
    name = "X"
    time_zone = "Asia/Shanghai"
    first_day = 2023-04-13
    last_day = 2023-04-30
    login = "web"
    "##);
    let open = edited(&text, &[CarnivalEdit::Open { point: the("gate"), from: date(2023, 4, 14) }]);
    assert!(read(&open).points[0].hours.exceptions.is_empty());
    let windows = SAMPLE.replace('\n', "\r\n");
    let changed = edited(&windows, &[close("space-1", None, false)]);
    assert!(
        changed.lines().count() == SAMPLE.lines().count() + 1
            && changed.matches('\n').count() == changed.matches("\r\n").count()
    );
}

#[test]
fn edits_preserve_the_design() {
    let changed = read(&edited(
        SAMPLE,
        &[move_play(14, vec![]), close("centre-1", None, false), close("space-1", Some(15), true)],
    ));
    let (before, design_of) =
        (read(SAMPLE), |carnival: &Carnival| (carnival.routes[0].colour, carnival.day_marks.clone()));
    assert_eq!((design_of(&changed), changed.artwork()), (design_of(&before), before.artwork()));
    assert_eq!(changed.artwork().len(), 23);
}

#[test]
fn unknown_points_and_routes_are_refused() {
    let refused = |edit: CarnivalEdit| apply(SAMPLE, &[edit]).unwrap_err();
    assert_eq!(refused(close("space-99", None, false)), CarnivalRefusal::PointUnknown.into());
    let days = DateRange { first: date(2023, 4, 13), last: date(2023, 4, 14) };
    let elsewhere = CarnivalEdit::Move { route: the("nowhere"), days, extra_days: Vec::new() };
    assert_eq!(refused(elsewhere), CarnivalRefusal::RouteUnknown.into());
}
