//! A TOML table that is taken apart key by key and complains of what nobody took.

use toml::de::{DeTable, DeValue};

use super::entry::{Entry, Kind, Place, shown};
use super::field::{Field, Key};
use super::form::{Form, Wanted};
use super::link::Link;
use super::mistake::Problem;
use super::nearest::nearest;
use super::notes::{Notes, Read, Told};

/// A table of the file and the keys that were asked of it so far.
pub(super) struct Table<'a> {
    notes: &'a Notes,
    place: Place,
    /// The keys that lead here from the entry, each followed by a dot.
    path: String,
    fields: &'a DeTable<'a>,
    known: Vec<&'static str>,
}

/// The entries of one kind.
pub(super) struct Entries<'a> {
    pub(super) tables: Vec<Table<'a>>,
    /// Set if these are not all of them.
    pub(super) cut: Option<Told>,
}

impl<'a> Table<'a> {
    /// The file itself.
    pub(super) fn root(notes: &'a Notes, fields: &'a DeTable<'a>) -> Table<'a> {
        let place = Place { entry: Entry::File, line: 1 };
        Table::new(notes, place, String::new(), fields)
    }

    /// The named values in curly brackets.
    pub(super) fn of(field: &Field<'a>) -> Read<Table<'a>> {
        Table::inside(field, Wanted::Table)
    }

    /// What is under a header of its own (`[carnival]`).
    pub(super) fn headed(field: &Field<'a>) -> Read<Table<'a>> {
        Table::inside(field, Wanted::Header)
    }

    fn inside(field: &Field<'a>, wanted: Wanted) -> Read<Table<'a>> {
        let (notes, place) = field.notes_and_place();
        let path = format!("{}.", field.path());
        Ok(Table::new(notes, place, path, field.fields(wanted)?))
    }

    fn new(notes: &'a Notes, place: Place, path: String, fields: &'a DeTable<'a>) -> Table<'a> {
        Table { notes, place, path, fields, known: Vec::new() }
    }

    /// Where it begins, and whose it is.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Tells a mistake of the table as a whole.
    pub(super) fn tell(&self, problem: impl Into<Problem>) -> Told {
        self.notes.tell(&self.place, problem)
    }

    /// Tells a mistake of an entry that was read earlier.
    pub(super) fn tell_at(&self, place: &Place, problem: impl Into<Problem>) -> Told {
        self.notes.tell(place, problem)
    }

    /// The value of a key that may be left out.
    pub(super) fn optional(&mut self, key: Key) -> Option<Field<'a>> {
        self.known.push(key.name);
        let (name, value) = self.fields.get_key_value(key.name)?;
        let place = Place { entry: self.place.entry.clone(), line: self.notes.line(name.span().start) };
        let path = format!("{}{}", self.path, key.name);
        Some(Field::new(self.notes, place, path, key, value.get_ref()))
    }

    /// The value of a key that must be there.
    pub(super) fn required(&mut self, key: Key) -> Read<Field<'a>> {
        self.optional(key)
            .ok_or_else(|| self.tell(Form::Missing { path: format!("{}{}", self.path, key.name), like: key.like }))
    }

    /// Complains of every key that nobody asked for.
    pub(super) fn finish(self) {
        for name in self.fields.keys() {
            let found = name.get_ref().as_ref();
            if self.known.contains(&found) {
                continue;
            }
            if self.notes.full() {
                return;
            }
            let place = Place { entry: self.place.entry.clone(), line: self.notes.line(name.span().start) };
            let problem = Form::UnknownKey {
                path: format!("{}{}", self.path, shown(found)),
                nearest: nearest(found, self.known.iter().copied()),
                known: self.known.clone(),
            };
            self.notes.tell(&place, problem);
        }
    }

    /// The entries of a kind (`[[points]]`), as far as they are tables. No more are read than a
    /// carnival may have, so that a huge file is refused quickly.
    pub(super) fn entries(&mut self, key: Key, kind: Kind) -> Entries<'a> {
        let Some(field) = self.optional(key) else {
            return Entries { tables: Vec::new(), cut: None };
        };
        let (items, mut cut) = match field.tables() {
            Ok(items) => (items, None),
            Err(told) => (Vec::new(), Some(told)),
        };
        if items.len() > kind.most() {
            let count = items.len();
            cut = Some(field.tell(Link::TooMany { kind, count }));
        }
        let mut tables = Vec::new();
        for (at, item) in items.into_iter().take(kind.most()).enumerate() {
            match Table::of(&item) {
                Ok(table) => tables.push(table.called(kind, at + 1)),
                Err(told) => cut = Some(told),
            }
        }
        Entries { tables, cut }
    }

    /// The table as an entry of its own, called by its id if it says one.
    fn called(mut self, kind: Kind, nth: usize) -> Table<'a> {
        let id = self.fields.get("id").map(toml::Spanned::get_ref);
        self.place.entry = match id.and_then(DeValue::as_str) {
            Some(id) if !id.trim().is_empty() => Entry::Named(kind, shown(id)),
            _ => Entry::Nth(kind, nth),
        };
        self.path.clear();
        self
    }

    /// The table as `[carnival]`.
    pub(super) fn called_carnival(mut self) -> Table<'a> {
        self.place.entry = Entry::Carnival;
        self.path.clear();
        self
    }
}
