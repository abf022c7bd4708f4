//! The ids and numbers that entries declare, and the references to them.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use std::str::FromStr;

use super::diagnostics::{Parsed, Reported};
use super::field::Field;
use super::mistake::{EntryKind, MistakeKind, excerpt};

/// The declared ids of one kind of entry.
pub(super) struct IdRegistry<T> {
    /// Keyed by the text as written, even if it is not a valid id: references to an invalid id are then not reported
    /// again.
    taken: HashMap<String, (Parsed<T>, usize)>,
    /// Set if not all entries of the kind were parsed.
    incomplete: Option<Reported>,
    /// Set if an entry has no id: an unresolved reference may be meant for it.
    unnamed: Option<Reported>,
}

impl<T> Default for IdRegistry<T> {
    fn default() -> Self {
        IdRegistry { taken: HashMap::new(), incomplete: None, unnamed: None }
    }
}

impl<T: FromStr + Clone> IdRegistry<T> {
    /// Reads an entry's id, which must be unique within the kind.
    pub(super) fn declare(&mut self, field: Parsed<Field<'_>>) -> Parsed<T> {
        let written = field.and_then(|field| field.text().map(|text| (field, text)));
        let (field, text) = match written {
            Ok(written) => written,
            Err(reported) => {
                self.unnamed = Some(reported);
                return Err(reported);
            }
        };
        if let Some((_, first)) = self.taken.get(text) {
            let (id, first) = (excerpt(text), *first);
            return Err(field.report(MistakeKind::DoubledId { id, first }));
        }
        let id: Parsed<T> = field.id();
        self.taken.insert(text.to_owned(), (id.clone(), field.position.line));
        id
    }

    /// Records that not all entries of the kind were parsed; unresolved references are then not reported.
    pub(super) fn mark_incomplete(&mut self, incomplete: Option<Reported>) {
        self.incomplete = self.incomplete.or(incomplete);
    }

    /// Whether all entries of the kind were parsed.
    pub(super) fn is_complete(&self) -> bool {
        self.incomplete.is_none()
    }

    /// Whether the file certainly has no entry of the kind.
    pub(super) fn is_certainly_empty(&self) -> bool {
        self.taken.is_empty() && self.incomplete.is_none() && self.unnamed.is_none()
    }

    /// Resolves a reference to an entry of the kind.
    pub(super) fn resolve(&self, field: &Field<'_>, kind: EntryKind) -> Parsed<T> {
        let text = field.text()?;
        if let Some((id, _)) = self.taken.get(text) {
            return id.clone();
        }
        if let Some(reported) = self.incomplete.or(self.unnamed) {
            return Err(reported);
        }
        // An invalid id is no useful suggestion and may contain any characters.
        let sound = self.taken.iter().filter(|(_, (id, _))| id.is_ok());
        let mut names: Vec<&str> = sound.map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let suggestion = field.suggest(text, &names);
        Err(field.report(MistakeKind::LeadsNowhere { found: excerpt(text), kind, suggestion }))
    }
}

/// The declared numbers of one kind of entry, with their lines.
pub(super) struct NumberRegistry<N> {
    taken: HashMap<N, usize>,
}

impl<N: Hash + Eq + Copy + Display + TryFrom<u64>> NumberRegistry<N> {
    pub(super) fn new() -> NumberRegistry<N> {
        NumberRegistry { taken: HashMap::new() }
    }

    /// Reads an entry's number from 1 to `max`, which must be unique within the kind.
    pub(super) fn declare(&mut self, field: &Field<'_>, max: u32, kind: EntryKind) -> Parsed<N> {
        let number: N = field.integer_as(max)?;
        if let Some(first) = self.taken.get(&number) {
            let (number, first) = (number.to_string(), *first);
            return Err(field.report(MistakeKind::DoubledNumber { kind, number, first }));
        }
        self.taken.insert(number, field.position.line);
        Ok(number)
    }
}
