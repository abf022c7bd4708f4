//! A TOML table that is read key by key and reports unknown keys.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostics::{Diagnostics, Parsed, Reported};
use super::field::{Field, Key};
use super::mistake::{Entry, EntryKind, ExpectedType, Mistake, MistakeKind, SourcePosition, excerpt};
use super::suggestion::suggest;

/// A table of the file, and the keys that were read so far.
pub(super) struct Table<'a> {
    diagnostics: &'a Diagnostics,
    /// Its source position and the entry it belongs to.
    pub(super) position: SourcePosition,
    /// The path of keys from the entry to this table, each followed by a dot.
    path: String,
    /// A valid line with this table, if it is an inline table.
    example: &'static str,
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
        Table { diagnostics, position, path: String::new(), example: "", fields, known: Vec::new() }
    }

    /// An inline table.
    pub(super) fn of(field: &Field<'a>) -> Parsed<Table<'a>> {
        Table::nested(field, ExpectedType::Table)
    }

    fn nested(field: &Field<'a>, expected: ExpectedType) -> Parsed<Table<'a>> {
        let Field { diagnostics, position, path, key, .. } = field;
        let (position, path, fields) = (position.clone(), format!("{path}."), field.fields(expected)?);
        Ok(Table { diagnostics, position, path, example: key.example, fields, known: Vec::new() })
    }

    /// Reports a mistake in the table as a whole.
    pub(super) fn report(&self, kind: MistakeKind) -> Reported {
        self.report_at(&self.position, kind)
    }

    /// Reports a mistake in the entry at another source position.
    pub(super) fn report_at(&self, position: &SourcePosition, kind: MistakeKind) -> Reported {
        self.diagnostics.report(Mistake::of_entry(position.clone(), kind))
    }

    /// A key, with the example of this table unless it has its own.
    fn key(&self, key: impl Into<Key>) -> Key {
        let key: Key = key.into();
        if key.example.is_empty() { Key { example: self.example, ..key } } else { key }
    }

    /// The value of an optional key.
    pub(super) fn optional(&mut self, key: impl Into<Key>) -> Option<Field<'a>> {
        let key = self.key(key);
        self.known.push(key.name);
        let (name, value) = self.fields.get_key_value(key.name)?;
        let (position, path) = self.locate(name, key.name);
        Some(Field { diagnostics: self.diagnostics, position, path, key, value: value.get_ref() })
    }

    /// The value of a required key.
    pub(super) fn required(&mut self, key: impl Into<Key>) -> Parsed<Field<'a>> {
        let key = self.key(key);
        self.optional(key).ok_or_else(|| {
            let (position, path) = (self.position.clone(), format!("{}{}", self.path, key.name));
            self.diagnostics.report(Mistake { position, path, example: key.example, kind: MistakeKind::Missing })
        })
    }

    /// Reads a required key.
    pub(super) fn read<T>(&mut self, key: impl Into<Key>, read: impl FnOnce(&Field<'a>) -> Parsed<T>) -> Parsed<T> {
        self.required(key).and_then(|field| read(&field))
    }

    /// Reads an optional key.
    pub(super) fn read_optional<T>(
        &mut self,
        key: impl Into<Key>,
        read: impl FnOnce(&Field<'a>) -> Parsed<T>,
    ) -> Parsed<Option<T>> {
        self.optional(key).map(|field| read(&field)).transpose()
    }

    /// Reads a key that may be left out, and then means `false` or nothing.
    pub(super) fn read_or_default<T: Default>(
        &mut self,
        key: impl Into<Key>,
        read: impl FnOnce(&Field<'a>) -> Parsed<T>,
    ) -> Parsed<T> {
        self.read_optional(key, read).map(Option::unwrap_or_default)
    }

    /// Reads an optional story.
    pub(super) fn story(&mut self) -> Parsed<Option<String>> {
        self.read_optional(r#"story = "用两三句话介绍。""#, Field::story)
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
            let (position, path) = self.locate(name, &excerpt(found));
            let suggestion = suggest(found, self.known.iter().copied());
            let kind = MistakeKind::UnknownKey { suggestion, known: self.known.clone() };
            self.diagnostics.report(Mistake { position, path, example: "", kind });
        }
    }

    /// The source position and the full key of one of its keys.
    fn locate(&self, name: &Spanned<Cow<'_, str>>, key: &str) -> (SourcePosition, String) {
        let line = self.diagnostics.line(name.span().start);
        (SourcePosition { entry: self.position.entry.clone(), line }, format!("{}{key}", self.path))
    }

    /// The entries of a kind (`[[points]]`) that are tables. Reads at most [`EntryKind::max_count`] entries, so that a
    /// huge file is rejected quickly.
    pub(super) fn entries(&mut self, kind: EntryKind) -> Entries<'a> {
        let Some(field) = self.optional(Key { name: kind.key(), example: kind.header() }) else {
            return Entries { tables: Vec::new(), incomplete: None };
        };
        let (items, mut incomplete) = match field.tables() {
            Ok(items) => (items, None),
            Err(reported) => (Vec::new(), Some(reported)),
        };
        if items.len() > kind.max_count() {
            let count = items.len();
            incomplete = Some(field.report(MistakeKind::TooMany { kind, count }));
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

    /// The entries of a kind of which there must be at least one.
    pub(super) fn required_entries(&mut self, kind: EntryKind) -> Entries<'a> {
        let mut entries = self.entries(kind);
        if entries.tables.is_empty() && entries.incomplete.is_none() {
            entries.incomplete = Some(self.report(MistakeKind::NoneAtAll { kind }));
        }
        entries
    }

    /// The table under the header `[carnival]`.
    pub(super) fn carnival(&mut self) -> Parsed<Table<'a>> {
        let key = Key { name: "carnival", example: "[carnival]" };
        let table = self.read(key, |field| Table::nested(field, ExpectedType::Header))?;
        let position = SourcePosition { entry: Entry::Carnival, ..table.position };
        Ok(Table { position, path: String::new(), example: "", ..table })
    }

    /// Labels the table as an entry: by its id if it has one, or else by its ordinal.
    fn labelled(mut self, kind: EntryKind, nth: usize) -> Table<'a> {
        let id = self.fields.get("id").map(Spanned::get_ref);
        self.position.entry = match id.and_then(DeValue::as_str) {
            Some(id) if !id.trim().is_empty() => Entry::Named(kind, excerpt(id)),
            _ => Entry::Nth(kind, nth),
        };
        self.path.clear();
        self.example = "";
        self
    }
}
