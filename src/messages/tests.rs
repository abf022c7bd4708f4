//! Every message in both languages. A refusal that a tired volunteer does not understand leads to a quarrel.

mod access;
mod check_in;
mod expected;
mod gifts;
mod mistakes;
mod organisers;
mod pictures;
mod posters;
mod practice;

use std::collections::BTreeSet;

use super::format::quoted;
use super::{en, messages, zh};
use crate::rules::lang::Lang::{self, En, Zh};
use crate::rules::refusals::Refusal;
use crate::rules::samples::days;

fn all() -> Vec<Refusal> {
    [check_in::refusals(), gifts::refusals(), organisers::refusals(), pictures::refusals(), access::refusals()].concat()
}

#[test]
fn every_refusal_is_listed() {
    let all = all();
    let listed: BTreeSet<&str> = all.iter().map(Refusal::code).collect();
    assert_eq!(listed, Refusal::codes().into_iter().collect());
}

#[test]
fn messages_are_short_complete_sentences() {
    for refusal in all() {
        for (lang, most, ends) in [(Zh, 70, ['。', '！']), (En, 150, ['.', '!'])] {
            let message = messages(lang).refusal(&refusal);
            assert!(message.chars().count() <= most, "{} characters: {message}", message.chars().count());
            assert!(message.ends_with(ends), "{message}");
            let sentences = message.chars().filter(|c| ends.contains(c)).count();
            // The dot in `1.1 km` does not end a sentence.
            assert!(sentences <= 2 + usize::from(message.contains(" km")), "{message}");
        }
    }
}

#[test]
fn quotation_marks_within_a_name_become_single_ones() {
    assert_eq!(quoted("“玩”美社区"), "“‘玩’美社区”");
}

#[test]
fn date_ranges_are_abbreviated() {
    let formatted = |first, last, lang: Lang| messages(lang).days(days(first, last));
    assert_eq!(formatted("2023-04-13", "2023-04-18", Zh), "4月13日至18日");
    assert_eq!(formatted("2023-04-13", "2023-04-18", En), "13 to 18 April");
    assert_eq!(formatted("2023-04-28", "2023-05-03", Zh), "4月28日至5月3日");
    assert_eq!(formatted("2023-04-28", "2023-05-03", En), "28 April to 3 May");
    assert_eq!(formatted("2023-04-13", "2023-04-13", Zh), "4月13日");
    assert_eq!(formatted("2023-12-28", "2024-12-30", Zh), "12月28日至12月30日");
}

#[test]
fn distances_above_a_kilometre_are_in_kilometres() {
    let formatted = |metres| (zh::format::distance(metres), en::format::distance(metres));
    assert_eq!(formatted(0), ("0米".to_owned(), "0 m".to_owned()));
    assert_eq!(formatted(1_000), ("1000米".to_owned(), "1000 m".to_owned()));
    assert_eq!(formatted(1_049), ("1.0公里".to_owned(), "1.0 km".to_owned()));
    assert_eq!(formatted(1_050), ("1.1公里".to_owned(), "1.1 km".to_owned()));
    assert_eq!(formatted(20_015_115), ("20015.1公里".to_owned(), "20015.1 km".to_owned()));
}

#[test]
fn waiting_times_are_at_least_a_second_and_never_thousands_of_seconds() {
    let formatted = |seconds| (zh::format::duration(seconds), en::format::duration(seconds));
    assert_eq!(formatted(0), ("1秒".to_owned(), "1 second".to_owned()));
    assert_eq!(formatted(1), ("1秒".to_owned(), "1 second".to_owned()));
    assert_eq!(formatted(120), ("120秒".to_owned(), "120 seconds".to_owned()));
    assert_eq!(formatted(121), ("3分钟".to_owned(), "3 minutes".to_owned()));
}
