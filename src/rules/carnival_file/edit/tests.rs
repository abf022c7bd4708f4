//! An edit changes only its own entry, parses back to the intended value, and is idempotent.

use jiff::civil::date;

use super::{CarnivalEdit, NoticeText, apply};
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

fn close(point: &str, day: Option<i8>, notice: Option<&str>) -> CarnivalEdit {
    let (day, notice) = (day.map(|day| date(2023, 4, day)), notice.map(str::to_owned));
    CarnivalEdit::Close { point: the(point), day, reason: "因雨".to_owned(), notice }
}

fn open(point: &str, day: i8) -> CarnivalEdit {
    CarnivalEdit::Open { point: the(point), from: date(2023, 4, day) }
}

fn move_play(first: i8, last: i8, extra_days: Option<&[i8]>) -> CarnivalEdit {
    let extra_days = extra_days.map(|days| days.iter().map(|day| date(2023, 4, *day)).collect());
    let days = DateRange { first: date(2023, 4, first), last: date(2023, 4, last) };
    CarnivalEdit::Move { route: the("play"), days, extra_days, notice: None }
}

#[test]
fn closing_for_a_day_and_reopening() {
    let closed = edited(SAMPLE, &[close("space-1", Some(15), Some("今天第1站不开放。"))]);
    insta::assert_snapshot!(difference(SAMPLE, &closed), @r##"+exceptions = [{ day = 2023-04-13, hours = ["14:00-18:00"] }, { day = 2023-04-15, hours = [], reason = "因雨", notice = "今天第1站不开放。" }]"##);
    let carnival = read(&closed);
    let notice = |on| carnival.notice_on(date(2023, 4, on));
    assert_eq!((notice(14), notice(15)), (Some("今天第1站不开放。".into()), Some("今天第1站不开放。".into())));
    assert_eq!(notice(16), None, "it ends with the day");
    assert_eq!(edited(&closed, &[close("space-1", Some(15), None)]), closed, "the notice stays");
    assert_eq!(edited(&closed, &[open("space-1", 15)]), SAMPLE, "nothing is left");
}

#[test]
fn a_reopened_day_has_its_planned_hours_also_if_it_had_none() {
    let rest =
        SAMPLE.replacen(r#"{ day = 2023-04-13, hours = ["14:00-18:00"] }"#, "{ day = 2023-04-14, hours = [] }", 1);
    for (text, day) in [(SAMPLE, 13), (rest.as_str(), 14)] {
        let closed = edited(text, &[close("space-1", Some(day), None)]);
        assert_ne!(closed, text);
        let reopened = read(&edited(&closed, &[open("space-1", day)]));
        assert_eq!(reopened.points[0].hours, read(text).points[0].hours);
    }
    assert_eq!(edited(&rest, &[open("space-1", 14)]), rest, "a day of rest is not opened");
}

#[test]
fn closing_for_good_and_reopening() {
    let closed = edited(SAMPLE, &[close("centre-2", None, Some("第2站修路。"))]);
    insta::assert_snapshot!(difference(SAMPLE, &closed), @r##"
    +closed = "因雨"
    +notice = "第2站修路。"
    "##);
    assert_eq!(read(&closed).notice_on(date(2023, 4, 20)).as_deref(), Some("第2站修路。"));
    assert_eq!(edited(&closed, &[open("centre-2", 20)]), SAMPLE);
}

#[test]
fn notices_of_several_causes_stand_side_by_side() {
    let own = NoticeText { text: "集市搬到室内。".to_owned(), until: date(2023, 4, 15) };
    let text = edited(
        SAMPLE,
        &[
            CarnivalEdit::Notice(Some(own)),
            close("space-6", Some(15), Some("第6站不开放。")),
            close("space-7", Some(15), Some("第7站不开放。")),
        ],
    );
    let notice = |text: &str, on| read(text).notice_on(date(2023, 4, on));
    assert_eq!(notice(&text, 15).as_deref(), Some("集市搬到室内。\n第6站不开放。\n第7站不开放。"));
    assert_eq!(notice(&text, 16), None);
    let reopened = edited(&text, &[open("space-7", 15)]);
    assert_eq!(notice(&reopened, 15).as_deref(), Some("集市搬到室内。\n第6站不开放。"));
    assert_eq!(notice(&edited(&reopened, &[CarnivalEdit::Notice(None)]), 15).as_deref(), Some("第6站不开放。"));
}

#[test]
fn a_route_that_is_moved_back_is_as_it_was() {
    let extra = edited(SAMPLE, &[move_play(13, 18, Some(&[29]))]);
    let closed = edited(&extra, &[close("space-1", Some(15), None)]);
    let moved = edited(&closed, &[move_play(20, 29, None)]);
    let carnival = read(&moved);
    assert_eq!(carnival.routes[0].extra_days, [date(2023, 4, 29)], "kept, although it is one of the days now");
    assert!(moved.matches("off_route = true").count() == 8, "{moved}");
    insta::assert_snapshot!(difference(&closed, &edited(&moved, &[move_play(13, 18, None)])), @"");
    assert!(read(&edited(&moved, &[move_play(20, 29, Some(&[]))])).routes[0].extra_days.is_empty(), "named: none");
}

#[test]
fn the_notice_of_a_move_goes_with_the_next_move() {
    let moved = |first, last, notice: Option<&str>| CarnivalEdit::Move {
        route: the("play"),
        days: DateRange { first: date(2023, 4, first), last: date(2023, 4, last) },
        extra_days: None,
        notice: notice.map(str::to_owned),
    };
    let text = edited(SAMPLE, &[moved(14, 19, Some("“玩”美社区改了日子。"))]);
    let notice = |text: &str, on| read(text).notice_on(date(2023, 4, on));
    assert_eq!(notice(&text, 19).as_deref(), Some("“玩”美社区改了日子。"));
    assert_eq!(notice(&text, 20), None, "the route is over");
    assert_eq!(edited(&text, &[moved(13, 18, None)]), SAMPLE);
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
    let text = edited(&text, &[close("gate", Some(14), None)]);
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
    let opened = edited(&text, &[open("gate", 14)]);
    assert!(read(&opened).points[0].hours.exceptions.is_empty());
    let windows = SAMPLE.replace('\n', "\r\n");
    let changed = edited(&windows, &[close("space-1", None, None)]);
    assert!(
        changed.lines().count() == SAMPLE.lines().count() + 1
            && changed.matches('\n').count() == changed.matches("\r\n").count()
    );
}

#[test]
fn edits_preserve_the_design() {
    let moved = move_play(14, 18, Some(&[]));
    let changed = read(&edited(SAMPLE, &[moved, close("centre-1", None, None), close("space-1", Some(15), None)]));
    let (before, design_of) =
        (read(SAMPLE), |carnival: &Carnival| (carnival.routes[0].colour, carnival.day_marks.clone()));
    assert_eq!((design_of(&changed), changed.artwork()), (design_of(&before), before.artwork()));
    assert_eq!(changed.artwork().len(), 23);
}

#[test]
fn unknown_points_and_routes_are_refused() {
    let refused = |edit: CarnivalEdit| apply(SAMPLE, &[edit]).unwrap_err();
    assert_eq!(refused(close("space-99", None, None)), CarnivalRefusal::PointUnknown.into());
    let days = DateRange { first: date(2023, 4, 13), last: date(2023, 4, 14) };
    let elsewhere = CarnivalEdit::Move { route: the("nowhere"), days, extra_days: None, notice: None };
    assert_eq!(refused(elsewhere), CarnivalRefusal::RouteUnknown.into());
}
