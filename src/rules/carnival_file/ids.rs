//! The names and numbers that entries have taken, and who refers to them.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use std::str::FromStr;

use super::entry::{Kind, shown};
use super::field::Field;
use super::link::Link;
use super::notes::{Read, Told};

/// The ids of one kind of entry.
pub(super) struct Ids<T> {
    /// By what is written, even if that is no id: references to it are then not told as well.
    taken: HashMap<String, (Read<T>, usize)>,
    /// Set if not all entries of the kind could be read.
    cut: Option<Told>,
    /// Set if an entry has no id: whatever leads nowhere may be meant for it.
    unnamed: Option<Told>,
}

impl<T> Default for Ids<T> {
    fn default() -> Self {
        Ids { taken: HashMap::new(), cut: None, unnamed: None }
    }
}

impl<T: FromStr + Clone> Ids<T> {
    /// Reads an entry's own id, which no other entry of the kind may have.
    pub(super) fn declare(&mut self, field: Read<Field<'_>>) -> Read<T> {
        let written = field.and_then(|field| field.text().map(|text| (field, text)));
        let (field, text) = match written {
            Ok(written) => written,
            Err(told) => {
                self.unnamed = Some(told);
                return Err(told);
            }
        };
        if let Some((_, first)) = self.taken.get(text) {
            let (id, first) = (shown(text), *first);
            return Err(field.tell(Link::DoubledId { id, first }));
        }
        let id: Read<T> = field.id();
        self.taken.insert(text.to_owned(), (id.clone(), field.line()));
        id
    }

    /// Notes, if there is something to note, that not all entries of the kind could be read:
    /// references that lead nowhere are then no mistake of their own.
    pub(super) fn cut(&mut self, cut: Option<Told>) {
        self.cut = self.cut.or(cut);
    }

    /// Whether all entries of the kind could be read.
    pub(super) fn complete(&self) -> bool {
        self.cut.is_none()
    }

    /// Whether there certainly is none.
    pub(super) fn none(&self) -> bool {
        self.taken.is_empty() && self.cut.is_none() && self.unnamed.is_none()
    }

    /// Reads a reference to an entry of the kind.
    pub(super) fn refer(&self, field: &Field<'_>, kind: Kind) -> Read<T> {
        let text = field.text()?;
        if let Some((id, _)) = self.taken.get(text) {
            return id.clone();
        }
        if let Some(told) = self.cut.or(self.unnamed) {
            return Err(told);
        }
        // A name that is itself a mistake is no advice, and may hold anything.
        let sound = self.taken.iter().filter(|(_, (id, _))| id.is_ok());
        let mut names: Vec<&str> = sound.map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let nearest = field.nearest(text, &names);
        Err(field.tell(Link::LeadsNowhere { path: field.path(), found: shown(text), kind, nearest }))
    }
}

/// The numbers that entries of one kind have taken, with their lines.
pub(super) struct Numbers<N> {
    taken: HashMap<N, usize>,
}

impl<N: Hash + Eq + Copy + Display + TryFrom<u64>> Numbers<N> {
    pub(super) fn new() -> Numbers<N> {
        Numbers { taken: HashMap::new() }
    }

    /// Reads an entry's number up to `most`, which no other entry of the kind may have.
    pub(super) fn declare(&mut self, field: &Field<'_>, most: u32, kind: Kind) -> Read<N> {
        let number: N = field.numbered(most)?;
        if let Some(first) = self.taken.get(&number) {
            let (number, first) = (number.to_string(), *first);
            return Err(field.tell(Link::DoubledNumber { kind, number, first }));
        }
        self.taken.insert(number, field.line());
        Ok(number)
    }
}
