//! A TOML table that is read key by key and reports unknown keys.

use toml::de::{DeTable, DeValue};

use super::diagnostics::{Diagnostics, Parsed, Reported};
use super::entry::{Entry, EntryKind, SourcePosition, excerpt};
use super::field::{Field, Key};
use super::format_errors::{ExpectedType, FormatError};
use super::mistake::Problem;
use super::reference_errors::ReferenceError;
use super::suggestion::suggest;

/// A table of the file, and the keys that were read so far.
pub(super) struct Table<'a> {
    diagnostics: &'a Diagnostics,
    position: SourcePosition,
    /// The path of keys from the entry to this table, each followed by a dot.
    path: String,
    fields: &'a DeTable<'a>,
    known: Vec<&'static str>,
}

/// The entries of one kind.
pub(super) struct Entries<'a> {
    pub(super) tables: Vec<Table<'a>>,
    /// Set if some entries were not read.
    pub(super) incomplete: Option<Reported>,
}

impl<'a> Table<'a> {
    /// The root table of the file.
    pub(super) fn root(diagnostics: &'a Diagnostics, fields: &'a DeTable<'a>) -> Table<'a> {
        let position = SourcePosition { entry: Entry::File, line: 1 };
        Table::new(diagnostics, position, String::new(), fields)
    }

    /// An inline table.
    pub(super) fn of(field: &Field<'a>) -> Parsed<Table<'a>> {
        Table::nested(field, ExpectedType::Table)
    }

    /// A table with its own header (`[carnival]`).
    pub(super) fn with_header(field: &Field<'a>) -> Parsed<Table<'a>> {
        Table::nested(field, ExpectedType::Header)
    }

    fn nested(field: &Field<'a>, expected: ExpectedType) -> Parsed<Table<'a>> {
        let (diagnostics, position) = field.diagnostics_and_position();
        let path = format!("{}.", field.path());
        Ok(Table::new(diagnostics, position, path, field.fields(expected)?))
    }

    fn new(diagnostics: &'a Diagnostics, position: SourcePosition, path: String, fields: &'a DeTable<'a>) -> Table<'a> {
        Table { diagnostics, position, path, fields, known: Vec::new() }
    }

    /// Its source position and the entry it belongs to.
    pub(super) fn position(&self) -> &SourcePosition {
        &self.position
    }

    /// Reports a mistake in the table as a whole.
    pub(super) fn report(&self, problem: impl Into<Problem>) -> Reported {
        self.diagnostics.report(&self.position, problem)
    }

    /// Reports a mistake at another source position.
    pub(super) fn report_at(&self, position: &SourcePosition, problem: impl Into<Problem>) -> Reported {
        self.diagnostics.report(position, problem)
    }

    /// The value of an optional key.
    pub(super) fn optional(&mut self, key: Key) -> Option<Field<'a>> {
        self.known.push(key.name);
        let (name, value) = self.fields.get_key_value(key.name)?;
        let position =
            SourcePosition { entry: self.position.entry.clone(), line: self.diagnostics.line(name.span().start) };
        let path = format!("{}{}", self.path, key.name);
        Some(Field::new(self.diagnostics, position, path, key, value.get_ref()))
    }

    /// The value of a required key.
    pub(super) fn required(&mut self, key: Key) -> Parsed<Field<'a>> {
        self.optional(key).ok_or_else(|| {
            self.report(FormatError::Missing { path: format!("{}{}", self.path, key.name), example: key.example })
        })
    }

    /// Reports every key that was never read.
    pub(super) fn finish(self) {
        for name in self.fields.keys() {
            let found = name.get_ref().as_ref();
            if self.known.contains(&found) {
                continue;
            }
            if self.diagnostics.is_full() {
                return;
            }
            let position =
                SourcePosition { entry: self.position.entry.clone(), line: self.diagnostics.line(name.span().start) };
            let problem = FormatError::UnknownKey {
                path: format!("{}{}", self.path, excerpt(found)),
                suggestion: suggest(found, self.known.iter().copied()),
                known: self.known.clone(),
            };
            self.diagnostics.report(&position, problem);
        }
    }

    /// The entries of a kind (`[[points]]`) that are tables. Reads at most [`EntryKind::max_count`] entries, so that a
    /// huge file is rejected quickly.
    pub(super) fn entries(&mut self, key: Key, kind: EntryKind) -> Entries<'a> {
        let Some(field) = self.optional(key) else {
            return Entries { tables: Vec::new(), incomplete: None };
        };
        let (items, mut incomplete) = match field.tables() {
            Ok(items) => (items, None),
            Err(reported) => (Vec::new(), Some(reported)),
        };
        if items.len() > kind.max_count() {
            let count = items.len();
            incomplete = Some(field.report(ReferenceError::TooMany { kind, count }));
        }
        let mut tables = Vec::new();
        for (at, item) in items.into_iter().take(kind.max_count()).enumerate() {
            match Table::of(&item) {
                Ok(table) => tables.push(table.labelled(kind, at + 1)),
                Err(reported) => incomplete = Some(reported),
            }
        }
        Entries { tables, incomplete }
    }

    /// Labels the table as an entry: by its id if it has one, or else by its ordinal.
    fn labelled(mut self, kind: EntryKind, nth: usize) -> Table<'a> {
        let id = self.fields.get("id").map(toml::Spanned::get_ref);
        self.position.entry = match id.and_then(DeValue::as_str) {
            Some(id) if !id.trim().is_empty() => Entry::Named(kind, excerpt(id)),
            _ => Entry::Nth(kind, nth),
        };
        self.path.clear();
        self
    }

    /// Labels the table as `[carnival]`.
    pub(super) fn labelled_carnival(mut self) -> Table<'a> {
        self.position.entry = Entry::Carnival;
        self.path.clear();
        self
    }
}
