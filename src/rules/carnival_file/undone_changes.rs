//! What a publication would undo: changes that were made since the version on which it is based.
//!
//! The texts are compared entry by entry and key by key, without regard to the meaning of a key, so that no kind of
//! change is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Zoned;
use toml::{Table, Value};

/// How much of a value is shown, in characters.
const MAX_SHOWN_CHARS: usize = 60;

/// One part of a carnival file: a key of an entry, or a whole entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartId {
    /// The table, such as `points`.
    pub table: String,
    /// The entry's id, or the day of an entry without one; empty for a table with one entry.
    pub entry: String,
    /// The key, with the day for one of a point's exceptions: `exceptions/2023-04-15`. Empty for the whole entry.
    pub key: String,
}

impl PartId {
    /// Whether it is this part, or the entry that contains it.
    #[must_use]
    pub fn includes(&self, part: &PartId) -> bool {
        self.table == part.table && self.entry == part.entry && (self.key.is_empty() || self.key == part.key)
    }

    fn whole_entry(&self) -> PartId {
        PartId { key: String::new(), ..self.clone() }
    }
}

/// `points/space-3/closed`.
impl fmt::Display for PartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.table, &self.entry, &self.key].map(String::as_str);
        f.write_str(&parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/"))
    }
}

/// A change that a publication would undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoneChange {
    /// What was changed.
    pub part: PartId,
    /// The name of the entry, or its id.
    pub name: String,
    /// What the publication would do.
    pub effect: UndoEffect,
}

/// What becomes of a change. Values are shortened to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndoEffect {
    /// A point that was closed until further notice opens again.
    Reopened {
        /// The reason for which it was closed.
        reason: String,
    },
    /// A point that was closed on a day is open on that day.
    OpenOnDay {
        /// The day, as in the file.
        day: String,
    },
    /// The notice disappears.
    NoticeRemoved {
        /// Its text.
        notice: String,
    },
    /// An entry that was added disappears.
    EntryRemoved,
    /// An entry that was removed returns.
    EntryReturns,
    /// A key gets another value than it was given.
    Replaced {
        /// Its present value, if it has one.
        current: Option<String>,
        /// Its value in the new file, if it has one.
        new: Option<String>,
    },
}

/// Changes that a publication would undo. It was not made.
#[derive(Clone, Debug)]
pub struct UndonePublication {
    /// The published version.
    pub version: u64,
    /// The version from which the file was made.
    pub base: u64,
    /// The changes in between that the file does not contain.
    pub changes: Vec<AttributedChange>,
    /// Publishes the same text all the same, if nothing else changes meanwhile.
    pub confirm: String,
}

/// A change, and who made it.
#[derive(Clone, Debug)]
pub struct AttributedChange {
    /// The change.
    pub change: UndoneChange,
    /// The version that made it.
    pub version: u64,
    /// Who published that version.
    pub by: String,
    /// When.
    pub at: Zoned,
}

/// The changes between `base` and `current` that `new` does not contain. Each text is a parsed carnival file.
#[must_use]
pub fn undone_changes(base: &str, current: &str, new: &str) -> Vec<UndoneChange> {
    let (base, current, new) = (Parts::of(base), Parts::of(current), Parts::of(new));
    let lost = current.different_from(&base).into_iter().filter(|part| current.value(part) != new.value(part));
    let mut parts = BTreeSet::new();
    for part in lost {
        let entry = part.whole_entry();
        // A whole entry is reported once, and not key by key.
        let whole = !part.entry.is_empty() && current.entries.contains_key(&entry) != new.entries.contains_key(&entry);
        parts.insert(if whole { entry } else { part });
    }
    parts.into_iter().map(|part| described(part, &current, &new)).collect()
}

/// The parts that differ between two versions.
#[must_use]
pub fn changed_parts(earlier: &str, later: &str) -> BTreeSet<PartId> {
    Parts::of(later).different_from(&Parts::of(earlier))
}

fn described(part: PartId, current: &Parts, new: &Parts) -> UndoneChange {
    let entry = part.whole_entry();
    let name = current.entries.get(&entry).or_else(|| new.entries.get(&entry)).cloned().flatten();
    let (now, then) = (current.value(&part), new.value(&part));
    let effect = match (part.table.as_str(), part.key.as_str(), now, then) {
        ("points", "closed", Some(reason), None) => UndoEffect::Reopened { reason: shown(reason) },
        ("carnival", "notice", Some(notice), None) => UndoEffect::NoticeRemoved { notice: shown(notice) },
        ("points", key, Some(now), then) if is_closed_day(now) && !then.is_some_and(is_closed_day) => {
            UndoEffect::OpenOnDay { day: key.rsplit('/').next().unwrap_or_default().to_owned() }
        }
        (_, "", _, _) if current.entries.contains_key(&entry) => UndoEffect::EntryRemoved,
        (_, "", _, _) => UndoEffect::EntryReturns,
        (_, _, now, then) => UndoEffect::Replaced { current: now.map(shown), new: then.map(shown) },
    };
    UndoneChange { name: name.unwrap_or_else(|| part.entry.clone()), part, effect }
}

fn is_closed_day(exception: &Value) -> bool {
    let hours = exception.as_table().and_then(|exception| exception.get("hours")).and_then(Value::as_array);
    hours.is_some_and(Vec::is_empty)
}

/// A value in one line, without the quotes of a text.
fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned());
    let mut shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_SHOWN_CHARS).collect();
    if text.chars().count() > MAX_SHOWN_CHARS {
        shown.push('…');
    }
    shown
}

/// A carnival file, taken apart.
#[derive(Default)]
struct Parts {
    values: BTreeMap<PartId, Value>,
    /// The name of each entry, if it has one.
    entries: BTreeMap<PartId, Option<String>>,
}

impl Parts {
    /// A text that is no TOML has no parts; published texts are TOML.
    fn of(text: &str) -> Parts {
        let mut parts = Parts::default();
        for (table, value) in text.trim_start_matches('\u{feff}').parse::<Table>().unwrap_or_default() {
            match value {
                Value::Table(entry) => parts.add_entry(&table, String::new(), entry),
                Value::Array(entries) => {
                    for (index, entry) in entries.into_iter().enumerate() {
                        match entry {
                            Value::Table(entry) => {
                                let name = ["id", "day"].into_iter().find_map(|key| entry.get(key)).map(shown);
                                parts.add_entry(&table, name.unwrap_or_else(|| index.to_string()), entry);
                            }
                            value => parts.add(&table, &index.to_string(), String::new(), value),
                        }
                    }
                }
                value => parts.add(&table, "", String::new(), value),
            }
        }
        parts
    }

    fn add_entry(&mut self, table: &str, entry: String, keys: Table) {
        let name = keys.get("name").map(shown);
        for (key, value) in keys {
            match value {
                Value::Array(exceptions) if key == "exceptions" => {
                    for exception in exceptions {
                        let day = exception.get("day").map(shown).unwrap_or_default();
                        self.add(table, &entry, format!("{key}/{day}"), exception);
                    }
                }
                value => self.add(table, &entry, key, value),
            }
        }
        self.entries.insert(PartId { table: table.to_owned(), entry, key: String::new() }, name);
    }

    fn add(&mut self, table: &str, entry: &str, key: String, value: Value) {
        self.values.insert(PartId { table: table.to_owned(), entry: entry.to_owned(), key }, value);
    }

    fn value(&self, part: &PartId) -> Option<&Value> {
        self.values.get(part)
    }

    fn different_from(&self, other: &Parts) -> BTreeSet<PartId> {
        let parts = self.values.keys().chain(other.values.keys());
        parts.filter(|part| self.value(part) != other.value(part)).cloned().collect()
    }
}

#[cfg(test)]
mod tests;
