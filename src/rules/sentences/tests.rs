//! The sentences as people read them. A refusal that a tired volunteer does not understand becomes a quarrel.

mod check_in;
mod expected;
mod gifts;
mod organisers;
mod pictures;
mod staff;

use std::collections::BTreeSet;

use expected::ExpectedMessage;

use super::format::{days as days_said, distance, duration, quoted};
use crate::rules::lang::Lang::{self, En, Zh};
use crate::rules::samples::days;

fn all() -> Vec<ExpectedMessage> {
    [
        check_in::expected_messages(),
        gifts::expected_messages(),
        organisers::expected_messages(),
        pictures::expected_messages(),
        staff::expected_messages(),
    ]
    .concat()
}

#[test]
fn each_refusal_says_this() {
    for (refusal, zh, en) in all() {
        assert_eq!(refusal.message(Zh), zh);
        assert_eq!(refusal.message(En), en);
    }
}

#[test]
fn no_refusal_is_left_out_here() {
    let said: BTreeSet<&str> = all().iter().map(|(refusal, ..)| refusal.code()).collect();
    // The table of codes names each kind of refusal once, and the compiler keeps it complete.
    let kinds = include_str!("../refusal.rs").matches("            Refusal::").count();
    assert_eq!(said.len(), kinds);
}

#[test]
fn sentences_are_short_and_complete() {
    for (refusal, ..) in all() {
        for (lang, most, ends) in [(Zh, 70, ['。', '！']), (En, 150, ['.', '!'])] {
            let said = refusal.message(lang);
            assert!(said.chars().count() <= most, "{} characters: {said}", said.chars().count());
            assert!(said.ends_with(ends), "{said}");
            let sentences = said.chars().filter(|c| ends.contains(c)).count();
            // The dot of 1.1 km is no full stop.
            assert!(sentences <= 2 + usize::from(said.contains(" km")), "{said}");
        }
    }
}

#[test]
fn quotation_marks_within_a_name_become_single_ones() {
    assert_eq!(quoted("“玩”美社区"), "“‘玩’美社区”");
}

#[test]
fn days_are_said_as_briefly_as_they_can_be() {
    let said = |first, last, lang: Lang| days_said(days(first, last), lang);
    assert_eq!(said("2023-04-13", "2023-04-18", Zh), "4月13日至18日");
    assert_eq!(said("2023-04-13", "2023-04-18", En), "13 to 18 April");
    assert_eq!(said("2023-04-28", "2023-05-03", Zh), "4月28日至5月3日");
    assert_eq!(said("2023-04-28", "2023-05-03", En), "28 April to 3 May");
    assert_eq!(said("2023-04-13", "2023-04-13", Zh), "4月13日");
    assert_eq!(said("2023-12-28", "2024-12-30", Zh), "12月28日至12月30日");
}

#[test]
fn distances_above_a_kilometre_are_said_in_kilometres() {
    let said = |metres| (distance(metres, Zh), distance(metres, En));
    assert_eq!(said(0), ("0米".to_owned(), "0 m".to_owned()));
    assert_eq!(said(1_000), ("1000米".to_owned(), "1000 m".to_owned()));
    assert_eq!(said(1_049), ("1.0公里".to_owned(), "1.0 km".to_owned()));
    assert_eq!(said(1_050), ("1.1公里".to_owned(), "1.1 km".to_owned()));
    assert_eq!(said(20_015_115), ("20015.1公里".to_owned(), "20015.1 km".to_owned()));
}

#[test]
fn nobody_is_told_to_wait_for_zero_seconds_or_for_thousands() {
    let said = |seconds| (duration(seconds, Zh), duration(seconds, En));
    assert_eq!(said(0), ("1秒".to_owned(), "1 second".to_owned()));
    assert_eq!(said(1), ("1秒".to_owned(), "1 second".to_owned()));
    assert_eq!(said(120), ("120秒".to_owned(), "120 seconds".to_owned()));
    assert_eq!(said(121), ("3分钟".to_owned(), "3 minutes".to_owned()));
}
