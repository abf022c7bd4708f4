//! No change is undone without being listed, also when two organisers publish against each other.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;

use super::{UndoEffect, UndoneChange, changed_parts, undone_changes};

const BASE: &str = r#"
[carnival]
name = "友邻荟"

[[points]]
id = "space-3"
name = "第3站"
hours = "09:00-18:00"

[[gifts]]
id = "pin"
name = "徽章"
stock = 20
"#;

fn ids(changes: &[UndoneChange]) -> Vec<String> {
    changes.iter().map(|change| change.part.to_string()).collect()
}

fn with(from: &str, to: &str) -> String {
    assert!(BASE.contains(from));
    BASE.replacen(from, to, 1)
}

#[test]
fn a_closure_and_a_notice_of_others_are_listed() {
    let hours = "hours = \"09:00-18:00\"\n";
    let closed = with(hours, &format!("{hours}closed = \"触电危险\"\n")).replacen(
        "name = \"友邻荟\"",
        "name = \"友邻荟\"\nnotice = \"第3站已关闭。\"",
        1,
    );
    let renamed = with("徽章", "纪念章");
    let undone = undone_changes(BASE, &closed, &renamed);
    assert_eq!(ids(&undone), ["carnival/notice", "points/space-3/closed"]);
    assert_eq!(undone[0].effect, UndoEffect::NoticeRemoved { notice: "第3站已关闭。".to_owned() });
    assert_eq!(
        (&*undone[1].name, &undone[1].effect),
        ("第3站", &UndoEffect::Reopened { reason: "触电危险".to_owned() })
    );
    assert_eq!(undone_changes(BASE, BASE, &renamed), []);
    assert_eq!(undone_changes(&closed, &closed, &renamed), [], "the author knew of the closure");
}

#[test]
fn a_day_an_entry_and_a_text_are_listed_once_each() {
    let day = "exceptions = [{ day = 2023-04-15, hours = [], reason = \"因雨\" }]\n";
    let rain = with("hours = \"09:00-18:00\"\n", &format!("hours = \"09:00-18:00\"\n{day}"));
    let undone = undone_changes(BASE, &rain, BASE);
    assert_eq!(ids(&undone), ["points/space-3/exceptions/2023-04-15"]);
    assert_eq!(undone[0].effect, UndoEffect::OpenOnDay { day: "2023-04-15".to_owned() });
    let added = format!("{BASE}[[booths]]\nid = \"east\"\nname = \"东台\"\nroute = \"play\"\n");
    let undone = undone_changes(BASE, &added, BASE);
    assert_eq!((ids(&undone), &undone[0].effect), (vec!["booths/east".to_owned()], &UndoEffect::EntryRemoved));
    let undone = undone_changes(&added, BASE, &added);
    assert_eq!((ids(&undone), &undone[0].effect), (vec!["booths/east".to_owned()], &UndoEffect::EntryReturns));
    let texts = undone_changes(BASE, &with("徽章", "纪念章"), &with("徽章", "小徽章"));
    let (current, new) = (Some("纪念章".to_owned()), Some("小徽章".to_owned()));
    assert_eq!(texts[0].effect, UndoEffect::Replaced { current, new });
}

#[test]
fn the_same_change_by_two_people_is_no_conflict() {
    let renamed = with("徽章", "纪念章");
    assert_eq!(undone_changes(BASE, &renamed, &renamed), []);
    assert_eq!(undone_changes(BASE, &renamed, &renamed.replace("stock = 20", "stock = 30")), []);
}

/// A file of few entries with few values, so that changes meet.
type File = BTreeMap<(&'static str, &'static str), u8>;

fn text(file: &File) -> String {
    let mut lines = Vec::new();
    for entry in ["a", "b", "c"].into_iter().filter(|entry| file.keys().any(|(own, _)| own == entry)) {
        lines.push(format!("[[points]]\nid = \"{entry}\""));
        let keys = file.iter().filter(|((own, _), _)| *own == entry);
        lines.extend(keys.map(|((_, key), value)| format!("{key} = {value}")));
    }
    lines.join("\n")
}

fn part() -> impl Strategy<Value = (&'static str, &'static str)> {
    (select(vec!["a", "b", "c"]), select(vec!["name", "hours", "story"]))
}

fn file() -> impl Strategy<Value = File> {
    prop::collection::btree_map(part(), 0u8..3, 0..9)
}

/// One step of an afternoon.
#[derive(Clone, Debug)]
enum Step {
    /// An organiser takes the file that counts.
    Fetch(usize),
    /// An organiser changes their copy.
    Change(usize, (&'static str, &'static str), Option<u8>),
    /// An organiser publishes their copy.
    Publish(usize),
    /// Somebody changes one entry by phone.
    Edit((&'static str, &'static str), Option<u8>),
}

fn step() -> impl Strategy<Value = Step> {
    let value = || prop::option::of(0u8..3);
    prop_oneof![
        (0usize..2).prop_map(Step::Fetch),
        (0usize..2, part(), value()).prop_map(|(who, part, value)| Step::Change(who, part, value)),
        (0usize..2).prop_map(Step::Publish),
        (part(), value()).prop_map(|(part, value)| Step::Edit(part, value)),
    ]
}

fn set(file: &mut File, part: (&'static str, &'static str), value: Option<u8>) {
    match value {
        Some(value) => drop(file.insert(part, value)),
        None => drop(file.remove(&part)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..crate::rules::samples::property_config() })]
    #[test]
    fn without_a_list_nothing_since_the_base_is_lost(base in file(), current in file(), new in file()) {
        let [base, current, new] = [&base, &current, &new].map(text);
        let undone = undone_changes(&base, &current, &new);
        let lost: Vec<_> = changed_parts(&base, &current)
            .into_iter()
            .filter(|part| changed_parts(&current, &new).contains(part))
            .collect();
        prop_assert!(lost.iter().all(|part| undone.iter().any(|change| change.part.includes(part))));
        prop_assert!(undone.iter().all(|change| lost.iter().any(|part| change.part.includes(part))));
        prop_assert!(undone_changes(&base, &base, &new).is_empty());
        prop_assert!(undone_changes(&base, &current, &current).is_empty());
    }

    /// Two organisers publish against each other, while points are closed by phone. A part that somebody changed gets
    /// another value only by a person who has seen the change, or by a publication that was refused with a list.
    #[test]
    fn two_organisers_never_undo_what_they_have_not_seen(seed in file(), steps in prop::collection::vec(step(), 1..25)) {
        let mut published = vec![seed.clone()];
        let mut copies = [(0, seed.clone()), (0, seed)];
        for step in steps {
            let current = published[published.len() - 1].clone();
            match step {
                Step::Fetch(who) => copies[who] = (published.len() - 1, current),
                Step::Change(who, part, value) => set(&mut copies[who].1, part, value),
                Step::Edit(part, value) => {
                    let mut edited = current;
                    set(&mut edited, part, value);
                    published.push(edited);
                }
                Step::Publish(who) => {
                    let (base, copy) = copies[who].clone();
                    if !undone_changes(&text(&published[base]), &text(&current), &text(&copy)).is_empty() {
                        continue;
                    }
                    let values = |part| (published[base].get(&part), current.get(&part), copy.get(&part));
                    for part in ["a", "b", "c"].into_iter().flat_map(|entry| ["name", "hours", "story"].map(|key| (entry, key))) {
                        let (before, now, after) = values(part);
                        prop_assert!(before == now || now == after, "{part:?}: {before:?} {now:?} {after:?}");
                    }
                    published.push(copy.clone());
                    copies[who] = (published.len() - 1, copy);
                }
            }
        }
    }
}
