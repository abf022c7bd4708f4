//! A value of the file, with methods that parse it as the expected type.

use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use super::diagnostics::{Diagnostics, Parsed, Reported, collect_all};
use super::mistake::{ExpectedType, FoundValue, Mistake, MistakeKind, SourcePosition, excerpt};
use super::suggestion::suggest;
use crate::rules::carnival::DateRange;
use crate::rules::carnival::hours::TimeRange;

/// Maximum length of a name in characters: what fits on a poster and a phone.
pub(super) const MAX_NAME_CHARS: usize = 60;
/// Maximum length of a story in characters.
const MAX_STORY_CHARS: usize = 500;
/// Maximum length of a notice in characters: what fits at the top of a phone screen.
pub(super) const MAX_NOTICE_CHARS: usize = 200;
/// Maximum length of a privacy notice in characters.
const MAX_LONG_TEXT_CHARS: usize = 5000;

/// Maximum number of items in a list inside an entry: one for each day of more than a year. It bounds the work that a
/// file with one huge list could cause.
const MAX_LIST_ITEMS: usize = 400;

/// A key of the file, with a valid line as an example.
///
/// Mostly it is written as its example, `stock = 500`, which begins with its name. The keys of an inline table can be
/// written as their names, and then have the example of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) example: &'static str,
}

impl From<&'static str> for Key {
    fn from(example: &'static str) -> Key {
        let (name, example) = example.split_once(" = ").map_or((example, ""), |(name, _)| (name, example));
        Key { name, example }
    }
}

/// A value with its source position.
pub(super) struct Field<'a> {
    pub(super) diagnostics: &'a Diagnostics,
    /// The line of its key; for a list item, the line of the item.
    pub(super) position: SourcePosition,
    /// The full key, with its parents: `market.name`.
    pub(super) path: String,
    pub(super) key: Key,
    pub(super) value: &'a DeValue<'a>,
}

impl<'a> Field<'a> {
    /// Reports a mistake in this value.
    pub(super) fn report(&self, kind: MistakeKind) -> Reported {
        let (position, path) = (self.position.clone(), self.path.clone());
        self.diagnostics.report(Mistake { position, path, example: self.key.example, kind })
    }

    /// The candidate most similar to `word`.
    pub(super) fn suggest(&self, word: &str, candidates: &[&str]) -> Option<String> {
        let worth_it = !self.diagnostics.is_full();
        let found = worth_it.then(|| suggest(word, candidates.iter().copied()));
        found.flatten().map(ToOwned::to_owned)
    }

    fn type_error(&self, expected: ExpectedType) -> Reported {
        self.report(MistakeKind::WrongType { found: FoundValue::of(self.value), expected })
    }

    /// Any text, unchanged.
    pub(super) fn text(&self) -> Parsed<&'a str> {
        self.value.as_str().ok_or_else(|| self.type_error(ExpectedType::Text))
    }

    /// A name: one line.
    pub(super) fn name(&self) -> Parsed<String> {
        self.bounded_text(MAX_NAME_CHARS, |c| !is_invisible(c))
    }

    /// A short description, which may have several lines.
    pub(super) fn story(&self) -> Parsed<String> {
        self.bounded_text(MAX_STORY_CHARS, |c| !is_invisible(c) || c == '\n' || c == '\r')
    }

    /// A notice for residents: one line.
    pub(super) fn notice(&self) -> Parsed<String> {
        self.bounded_text(MAX_NOTICE_CHARS, |c| !is_invisible(c))
    }

    /// A long text with several lines.
    pub(super) fn long_text(&self) -> Parsed<String> {
        self.bounded_text(MAX_LONG_TEXT_CHARS, |c| !is_invisible(c) || c == '\n' || c == '\r')
    }

    fn bounded_text(&self, max: usize, fits: impl Fn(char) -> bool) -> Parsed<String> {
        let text = self.text()?.trim();
        let length = text.chars().count();
        if text.is_empty() {
            Err(self.report(MistakeKind::EmptyText))
        } else if length > max {
            Err(self.report(MistakeKind::LongText { length, max }))
        } else if !text.chars().all(fits) {
            Err(self.report(MistakeKind::ControlCharacter))
        } else {
            Ok(text.to_owned())
        }
    }

    /// An id: a slug or another parsed identifier.
    pub(super) fn id<T: FromStr>(&self) -> Parsed<T> {
        let text = self.text()?;
        text.parse().map_err(|_| self.report(MistakeKind::BadId { found: excerpt(text) }))
    }

    /// An integer within a range.
    pub(super) fn integer(&self, range: RangeInclusive<u32>) -> Parsed<u32> {
        let DeValue::Integer(integer) = self.value else {
            return Err(self.type_error(ExpectedType::Integer));
        };
        let number = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
        let fits = number.and_then(|number| u32::try_from(number).ok());
        fits.filter(|number| range.contains(number)).ok_or_else(|| self.out_of_range(&integer.to_string(), range))
    }

    /// An integer from 1 to `max`, converted to `N`.
    pub(super) fn integer_as<N: TryFrom<u64>>(&self, max: u32) -> Parsed<N> {
        let number = self.integer(1..=max)?;
        N::try_from(u64::from(number)).map_err(|_| self.out_of_range(&number.to_string(), 1..=max))
    }

    fn out_of_range(&self, found: &str, range: RangeInclusive<impl Into<i64>>) -> Reported {
        let (min, max) = range.into_inner();
        self.report(MistakeKind::OutOfRange { found: excerpt(found), min: min.into(), max: max.into() })
    }

    /// A finite number, with or without a fraction.
    pub(super) fn number(&self) -> Parsed<f64> {
        let number = match self.value {
            DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
            _ => None,
        };
        number.filter(|number| number.is_finite()).ok_or_else(|| self.type_error(ExpectedType::Number))
    }

    /// Checks that this number lies within a range.
    pub(super) fn check_range(&self, number: f64, range: RangeInclusive<i16>) -> Parsed<f64> {
        if (f64::from(*range.start())..=f64::from(*range.end())).contains(&number) {
            return Ok(number);
        }
        Err(self.out_of_range(&number.to_string(), range))
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Parsed<bool> {
        self.value.as_bool().ok_or_else(|| self.type_error(ExpectedType::Boolean))
    }

    /// One of a few keywords.
    pub(super) fn choice<T: Copy>(&self, choices: &'static [(&'static str, T)]) -> Parsed<T> {
        let text = self.text()?;
        let chosen = choices.iter().find(|(word, _)| *word == text);
        chosen.map(|(_, choice)| *choice).ok_or_else(|| {
            let words = choices.iter().map(|(word, _)| *word);
            self.report(MistakeKind::NoSuchChoice {
                found: excerpt(text),
                suggestion: suggest(text, words.clone()),
                choices: words.collect(),
            })
        })
    }

    /// A day, as a TOML date or as a string.
    pub(super) fn day(&self) -> Parsed<Date> {
        match self.value {
            DeValue::Datetime(when) if when.time.is_none() && when.offset.is_none() => {
                when.date.map(|date| date.to_string())
            }
            DeValue::Datetime(_) => None,
            DeValue::String(text) => Some(text.to_string()),
            _ => return Err(self.type_error(ExpectedType::Day)),
        }
        .and_then(|text| {
            let date: Date = text.parse().ok()?;
            // `Date` accepts other formats too, which would confuse the next reader of the file.
            (date.to_string() == text).then_some(date)
        })
        .ok_or_else(|| self.report(MistakeKind::BadDay { found: FoundValue::of(self.value) }))
    }

    /// A day of the carnival; any day while the carnival's own days are unknown.
    pub(super) fn day_within(&self, carnival_days: Option<DateRange>) -> Parsed<Date> {
        let day = self.day()?;
        match carnival_days {
            Some(days) if !days.contains(day) => Err(self.report(MistakeKind::OutsideCarnival { day, days })),
            _ => Ok(day),
        }
    }

    /// One time range.
    pub(super) fn time_range(&self) -> Parsed<TimeRange> {
        let DeValue::String(text) = self.value else {
            return Err(self.type_error(ExpectedType::Hours));
        };
        text.parse().map_err(|_| self.report(MistakeKind::BadHours { found: excerpt(text) }))
    }

    /// Time ranges of one day in order, without overlaps; a single one needs no list.
    pub(super) fn time_ranges(&self) -> Parsed<Vec<TimeRange>> {
        if self.value.is_str() {
            return self.time_range().map(|span| vec![span]);
        }
        let items = self.items(ExpectedType::Hours)?;
        let spans: Parsed<Vec<TimeRange>> = collect_all(items.iter().map(Field::time_range));
        let spans = spans?;
        let wrong_pair = spans.windows(2).zip(items.iter().skip(1)).find_map(|(pair, second)| match pair {
            [a, b] if a.overlaps(*b) => Some(second.report(MistakeKind::HoursOverlap { a: *a, b: *b })),
            [a, b] if b < a => Some(second.report(MistakeKind::HoursUnordered { a: *a, b: *b })),
            _ => None,
        });
        wrong_pair.map_or(Ok(spans), Err)
    }

    /// Whether it is a table.
    pub(super) fn is_table(&self) -> bool {
        self.value.is_table()
    }

    /// Time ranges, at least one.
    pub(super) fn non_empty_time_ranges(&self) -> Parsed<Vec<TimeRange>> {
        let spans = self.time_ranges()?;
        if spans.is_empty() {
            return Err(self.report(MistakeKind::NoHours));
        }
        Ok(spans)
    }

    /// The items of a list, each with its own line.
    pub(super) fn items(&self, expected: ExpectedType) -> Parsed<Vec<Field<'a>>> {
        let items = self.items_unbounded(expected)?;
        if items.len() > MAX_LIST_ITEMS {
            return Err(self.report(MistakeKind::LongList { count: items.len(), max: MAX_LIST_ITEMS }));
        }
        Ok(items)
    }

    fn items_unbounded(&self, expected: ExpectedType) -> Parsed<Vec<Field<'a>>> {
        let array = self.value.as_array().ok_or_else(|| self.type_error(expected))?;
        let item = |value: &'a toml::Spanned<DeValue<'a>>| {
            let line = self.diagnostics.line(value.span().start);
            let position = SourcePosition { entry: self.position.entry.clone(), line };
            Field { position, path: self.path.clone(), value: value.get_ref(), ..*self }
        };
        Ok(array.iter().map(item).collect())
    }

    /// The entries under a double-bracket header (`[[points]]`), without a limit.
    pub(super) fn tables(&self) -> Parsed<Vec<Field<'a>>> {
        self.items_unbounded(ExpectedType::Entries)
    }

    /// The keys and values of a table.
    pub(super) fn fields(&self, expected: ExpectedType) -> Parsed<&'a DeTable<'a>> {
        self.value.as_table().ok_or_else(|| self.type_error(expected))
    }
}

/// Control characters, line separators, and characters that change the text direction.
fn is_invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
