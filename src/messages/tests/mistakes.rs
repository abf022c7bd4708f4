//! The sample file parses, every mistake is reported with its line and a remedy, and no input makes the parser panic.

#![expect(clippy::panic, reason = "a test may fail loudly")]

mod consistency;
mod design;
mod format;
mod many_mistakes;

use proptest::prelude::*;

use crate::messages::messages;
use crate::rules::carnival::change::{ChangeBlocker, ChangeWarning};
use crate::rules::carnival::design::MarkSymbol;
use crate::rules::carnival::{Carnival, CodeKinds, GiftRequirement, LoginMethod, Venue};
use crate::rules::carnival_file::{MAX_BYTES, Mistake, parse};
use crate::rules::check_ins::passport::PassportProgress;
use crate::rules::lang::Lang;

const SAMPLE: &str = include_str!("../../../config/carnival-2023.toml");

/// A complete small carnival, which the tests modify.
const SMALL: &str = include_str!("mistakes/small.toml");

fn read(text: &str) -> Carnival {
    parse(text).unwrap_or_else(|mistakes| panic!("{}", messages(Lang::En).mistake_report(&mistakes, "it")))
}

/// The mistakes in the text; empty if it is valid.
fn mistakes(text: &str) -> Vec<Mistake> {
    parse(text).err().unwrap_or_default()
}

/// The small carnival with some text replaced.
fn small_with(changes: &[(&str, &str)]) -> String {
    let mut text = SMALL.to_owned();
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "{from:?} must be there once");
        text = text.replace(from, to);
    }
    text
}

/// The report on a text, without the final count.
fn reported(text: &str, lang: Lang) -> String {
    let reported_text = messages(lang).mistake_report(&mistakes(text), "line ").replace("line :", "");
    let (lines, _) = reported_text.trim_end().rsplit_once('\n').unwrap_or_default();
    lines.to_owned()
}

/// The reports after each change alone.
fn reported_for_each(changes: &[(&str, &str)]) -> String {
    let each = changes.iter().map(|change| reported(&small_with(&[*change]), Lang::En));
    each.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_file_parses() {
    let carnival = read(SAMPLE);
    assert_eq!(carnival.id.as_str(), "chenghua-2023");
    assert_eq!(carnival.time_zone.iana_name(), Some("Asia/Shanghai"));
    assert_eq!(carnival.login, LoginMethod::MiniProgram);
    let points: Vec<_> =
        carnival.routes.iter().map(|route| (route.id.as_str(), carnival.point_count(&route.id))).collect();
    assert_eq!(points, [("play", 7), ("active", 6), ("street-life", 7)]);
    let numbers: Vec<u16> = carnival.points.iter().map(|p| p.number.get()).collect();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    assert!(carnival.points.iter().any(|point| point.codes.display));
    assert_eq!(carnival.booths.len(), 4);
    assert_eq!(carnival.gifts.len(), 6);
    let opening = carnival.day_mark(jiff::civil::date(2023, 4, 13));
    assert_eq!(opening.map(|mark| (mark.name.as_str(), &mark.mark)), Some(("开幕日", &MarkSymbol::Opening)));
}

#[test]
fn every_value_reaches_the_model() {
    let carnival = read(SMALL);
    let [route] = carnival.routes.as_slice() else { panic!("one route") };
    assert_eq!(route.extra_days, [jiff::civil::date(2023, 4, 29)]);
    assert_eq!(route.market.as_ref().map(|m| m.venue.as_str()), Some("Square"));
    let point = &carnival.points[0];
    assert_eq!(point.hours.usual.len(), 2);
    assert_eq!(point.hours.for_day(jiff::civil::date(2023, 4, 15)), []);
    assert_eq!(point.location.map(|l| l.longitude), Some(104.12));
    assert_eq!(point.geofence.map(|g| (g.radius_m, g.required)), Some((300, true)));
    let both = CodeKinds { printed: true, display: true };
    assert_eq!(point.codes, both);
    assert_eq!(carnival.points[1].codes, CodeKinds { display: false, ..both });
    assert_eq!(carnival.points[2].closed.as_deref(), Some("rain"));
    assert_eq!(carnival.activities[0].venue, Venue::Point(point.id.clone()));
    assert_eq!(carnival.activities[1].venue, Venue::Market(route.id.clone()));
    let needs: Vec<_> = carnival.gifts.iter().map(|gift| gift.needs.clone()).collect();
    let of_route = GiftRequirement::OfRoute { route: route.id.clone(), stamps: 2 };
    let all = GiftRequirement::CompleteRoute(route.id.clone());
    assert_eq!(needs, [all, of_route, GiftRequirement::Total(3), GiftRequirement::Routes(1)]);
    assert_eq!(carnival.gifts[0].hold_minutes, Some(120));
    assert_eq!(carnival.gifts[0].booths.len(), 1);
    assert_eq!(carnival.gifts[0].pick_up.as_ref().map(|p| p.hours.len()), Some(1));
}

#[test]
fn a_day_may_be_quoted() {
    read(&small_with(&[("first_day = 2023-04-13\nlogin", "first_day = \"2023-04-13\"\nlogin")]));
}

#[test]
fn an_empty_report_says_that_there_are_no_mistakes() {
    assert_eq!(messages(Lang::En).mistake_report(&[], "it"), "No mistakes.\n");
    assert_eq!(messages(Lang::Zh).mistake_report(&[], "it"), "没有错误。\n");
    assert!(messages(Lang::En).mistake_report(&mistakes("="), "it").ends_with("\n1 mistake.\n"));
}

#[test]
fn every_point_may_be_closed_in_a_downpour() {
    let closed = SMALL.replace("number = 1\nroute", "number = 1\nclosed = \"rain\"\nroute");
    read(&closed.replace("number = 2\nroute", "number = 2\nclosed = \"rain\"\nroute"));
    let every_day = "exceptions = [{ day = 2023-04-14, hours = [], reason = \"rain\" }, { day = 2023-04-15, hours = [], reason = \"rain\" }, { day = 2023-04-16, hours = [], reason = \"rain\" }, { day = 2023-04-29, hours = [], reason = \"rain\" }]";
    read(&small_with(&[("exceptions = [{ day = 2023-04-15, hours = [] }]", every_day)]));
}

#[test]
fn the_file_of_a_carnival_with_closed_points_requires_their_stamps() {
    let carnival = read(&small_with(&[(r#"stamps = 2, of = "play""#, r#"stamps = 3, of = "play""#)]));
    let taken: Vec<u16> = PassportProgress::of(&carnival, &[]).gifts().map(|progress| progress.need).collect();
    assert_eq!(taken, [3, 3, 3, 1], "a relief period lowers them");
}

#[test]
fn an_open_quote_before_a_quoted_line_break_is_reported() {
    let lines: Vec<&str> = SAMPLE.lines().collect();
    let keys: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains(" = ")).collect();
    for pair in keys.windows(2) {
        let mut changed: Vec<String> = lines.iter().map(ToString::to_string).collect();
        for (at, value) in pair.iter().zip(["\"", "\"\n\""]) {
            let key: String = changed[*at].split_inclusive(" = ").take(1).collect();
            changed[*at] = key + value;
        }
        let outcome = assert_parsed_or_reported(&changed.join("\n"));
        assert!(outcome.is_ok(), "{outcome:?}");
    }
}

proptest! {
    #![proptest_config(crate::rules::samples::property_config())]

    #[test]
    fn no_text_panics_the_parser(text in ".{0,200}") {
        assert_parsed_or_reported(&text)?;
    }

    #[test]
    fn no_change_of_the_sample_panics_the_parser(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, piece()), 1..6),
    ) {
        let mut letters: Vec<char> = SAMPLE.chars().collect();
        for (at, removed, added) in changes {
            let at = at.index(letters.len());
            let end = letters.len().min(at + removed);
            letters.splice(at..end, added.chars());
        }
        assert_parsed_or_reported(&letters.into_iter().collect::<String>())?;
    }

    #[test]
    fn no_replaced_value_panics_the_parser(
        swaps in prop::collection::vec((any::<prop::sample::Index>(), value()), 1..8),
    ) {
        let mut lines: Vec<String> = SAMPLE.lines().map(ToOwned::to_owned).collect();
        for (at, value) in swaps {
            let at = at.index(lines.len());
            if let Some((key, _)) = lines[at].clone().split_once(" = ") {
                lines[at] = format!("{key} = {value}");
            }
        }
        assert_parsed_or_reported(&lines.join("\n"))?;
    }
}

fn assert_parsed_or_reported(text: &str) -> Result<(), TestCaseError> {
    if let Err(mistakes) = parse(text) {
        prop_assert!(!mistakes.is_empty());
        let lines = text.split('\n').count();
        for mistake in &mistakes {
            prop_assert!((1..=lines).contains(&mistake.line()));
            for reported_text in [messages(Lang::En).mistake(mistake), messages(Lang::Zh).mistake(mistake)] {
                prop_assert!(!reported_text.contains('\n'), "{reported_text:?}");
            }
        }
    }
    Ok(())
}

/// Fragments that an editing mistake could leave in the text.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,6}",
        Just("\n".to_owned()),
        Just("\n[[points]]\n".to_owned()),
        Just("\n[carnival]\n".to_owned()),
        Just("“".to_owned()),
        Just("\u{0}".to_owned()),
        Just("\\u0007".to_owned()),
    ]
}

/// A TOML value of any kind.
fn value() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "0",
        "-1",
        "99999999999999999999999",
        "0xff",
        "1.5",
        "nan",
        "-inf",
        "true",
        "\"\"",
        "\"space-1\"",
        "\"09:00-18:00\"",
        "\"\\n\"",
        "9999-12-31",
        "0000-01-01",
        "2023-04-13T09:00:00Z",
        "09:00:00",
        "[]",
        "[[]]",
        "[1, \"printed\", {}]",
        "{}",
        "{ day = 2023-04-13, hours = [] }",
        "{ a.b.c = 1 }",
    ])
}

#[test]
fn a_huge_file_is_rejected_by_its_size() {
    let long = format!("{SMALL}#{}", "x".repeat(MAX_BYTES));
    insta::assert_snapshot!(reported(&long, Lang::En), @r##"
    1: the file has 1050093 bytes; at most 1048576 are allowed. Remove what is not needed.
    "##);
}

#[test]
fn a_gift_that_becomes_harder_names_the_remedy_and_a_different_stock_the_effect() {
    let harder = ChangeBlocker::GiftHarder { gift: "礼物1".to_owned(), need: 2, new: 3 };
    for lang in [Lang::Zh, Lang::En] {
        assert!(messages(lang).change_blocker(&harder).contains("complete_with"));
    }
    let unchanged = ChangeWarning::StockUnchanged { gift: "礼物1".to_owned(), file: 70, current: 20 };
    assert_eq!(
        messages(Lang::Zh).change_warning(&unchanged),
        "“礼物1”的库存仍是 20；文件里写的 70 不算数，增减库存另有一步。"
    );
}
