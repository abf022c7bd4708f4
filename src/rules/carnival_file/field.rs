//! One value of the file, read as what it must be.

use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use super::entry::{Place, shown};
use super::form::{Form, Found, Wanted};
use super::mistake::Problem;
use super::nearest::nearest;
use super::notes::{Notes, Read, Told, gather};
use super::plan::Plan;
use crate::rules::carnival::Days;
use crate::rules::hours::Span;

/// The longest name, in characters: what fits on a poster and a phone.
const NAME: usize = 60;
/// The longest story, in characters.
const STORY: usize = 500;
/// The longest notice, in characters: what fits above everything else on a phone.
const NOTICE: usize = 200;
/// The longest privacy notice, in characters.
const LONG_TEXT: usize = 5000;

/// The longest list inside an entry: a day each for more than a year. It bounds the work that a
/// file of a single endless list could cause.
const LIST: usize = 400;

/// A key of the file, and a line that shows how to write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) like: &'static str,
}

/// A value and where it stands.
pub(super) struct Field<'a> {
    notes: &'a Notes,
    place: Place,
    path: String,
    key: Key,
    value: &'a DeValue<'a>,
}

impl<'a> Field<'a> {
    pub(super) fn new(notes: &'a Notes, place: Place, path: String, key: Key, value: &'a DeValue<'a>) -> Field<'a> {
        Field { notes, place, path, key, value }
    }

    /// What a table inside it needs to tell its own mistakes.
    pub(super) fn notes_and_place(&self) -> (&'a Notes, Place) {
        (self.notes, self.place.clone())
    }

    /// The line of its key, or its own inside a list.
    pub(super) fn line(&self) -> usize {
        self.place.line
    }

    /// The key, with those that lead to it: `market.name`.
    pub(super) fn path(&self) -> String {
        self.path.clone()
    }

    /// A line that shows how to write it.
    pub(super) fn like(&self) -> &'static str {
        self.key.like
    }

    /// Tells a mistake of this value.
    pub(super) fn tell(&self, problem: impl Into<Problem>) -> Told {
        self.notes.tell(&self.place, problem)
    }

    /// The candidate that may have been meant.
    pub(super) fn nearest(&self, word: &str, candidates: &[&str]) -> Option<String> {
        let worth_it = !self.notes.full();
        let found = worth_it.then(|| nearest(word, candidates.iter().copied()));
        found.flatten().map(ToOwned::to_owned)
    }

    fn wrong(&self, wanted: Wanted) -> Told {
        self.tell(Form::WrongType { path: self.path(), found: Found::of(self.value), wanted, like: self.like() })
    }

    /// A text, as it is.
    pub(super) fn text(&self) -> Read<&'a str> {
        self.value.as_str().ok_or_else(|| self.wrong(Wanted::Text))
    }

    /// A name of one line.
    pub(super) fn name(&self) -> Read<String> {
        self.prose(NAME, |c| !is_invisible(c))
    }

    /// A few sentences, which may have several lines.
    pub(super) fn story(&self) -> Read<String> {
        self.prose(STORY, |c| !is_invisible(c) || c == '\n' || c == '\r')
    }

    /// What residents should know today, in one line.
    pub(super) fn notice(&self) -> Read<String> {
        self.prose(NOTICE, |c| !is_invisible(c))
    }

    /// A page of text.
    pub(super) fn long_text(&self) -> Read<String> {
        self.prose(LONG_TEXT, |c| !is_invisible(c) || c == '\n' || c == '\r')
    }

    fn prose(&self, most: usize, fits: impl Fn(char) -> bool) -> Read<String> {
        let (path, like) = (self.path(), self.like());
        let text = self.text()?.trim();
        let length = text.chars().count();
        if text.is_empty() {
            Err(self.tell(Form::EmptyText { path, like }))
        } else if length > most {
            Err(self.tell(Form::LongText { path, length, most }))
        } else if !text.chars().all(fits) {
            Err(self.tell(Form::ControlCharacter { path }))
        } else {
            Ok(text.to_owned())
        }
    }

    /// A name by which other entries refer to this one.
    pub(super) fn id<T: FromStr>(&self) -> Read<T> {
        let text = self.text()?;
        text.parse().map_err(|_| self.tell(Form::BadId { path: self.path(), found: shown(text), like: self.like() }))
    }

    /// A whole number in a range.
    pub(super) fn whole(&self, range: RangeInclusive<u32>) -> Read<u32> {
        let DeValue::Integer(integer) = self.value else {
            return Err(self.wrong(Wanted::Whole));
        };
        let number = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
        let fits = number.and_then(|number| u32::try_from(number).ok());
        fits.filter(|number| range.contains(number)).ok_or_else(|| self.out_of_range(&integer.to_string(), &range))
    }

    /// A number from 1 to `most` that becomes a type of its own.
    pub(super) fn numbered<N: TryFrom<u64>>(&self, most: u32) -> Read<N> {
        let number = self.whole(1..=most)?;
        N::try_from(u64::from(number)).map_err(|_| self.out_of_range(&number.to_string(), &(1..=most)))
    }

    fn out_of_range(&self, found: &str, range: &RangeInclusive<u32>) -> Told {
        self.tell(Form::OutOfRange {
            path: self.path(),
            found: shown(found),
            least: i64::from(*range.start()),
            most: i64::from(*range.end()),
            like: self.like(),
        })
    }

    /// A number, with a fraction or without; infinities and not-a-number are none.
    pub(super) fn number(&self) -> Read<f64> {
        let number = match self.value {
            DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
            _ => None,
        };
        number.filter(|number| number.is_finite()).ok_or_else(|| self.wrong(Wanted::Number))
    }

    /// This number, with a fraction or without, in a range.
    pub(super) fn within(&self, number: f64, range: RangeInclusive<i16>) -> Read<f64> {
        if (f64::from(*range.start())..=f64::from(*range.end())).contains(&number) {
            return Ok(number);
        }
        Err(self.tell(Form::OutOfRange {
            path: self.path(),
            found: number.to_string(),
            least: i64::from(*range.start()),
            most: i64::from(*range.end()),
            like: self.like(),
        }))
    }

    /// `true` or `false`.
    pub(super) fn yes_or_no(&self) -> Read<bool> {
        self.value.as_bool().ok_or_else(|| self.wrong(Wanted::YesOrNo))
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&self, choices: &'static [(&'static str, T)]) -> Read<T> {
        let text = self.text()?;
        let chosen = choices.iter().find(|(word, _)| *word == text);
        chosen.map(|(_, choice)| *choice).ok_or_else(|| {
            let words = choices.iter().map(|(word, _)| *word);
            self.tell(Form::NoSuchChoice {
                path: self.path(),
                found: shown(text),
                nearest: nearest(text, words.clone()),
                choices: words.collect(),
            })
        })
    }

    /// A day, as a TOML date or in quotes.
    pub(super) fn day(&self) -> Read<Date> {
        match self.value {
            DeValue::Datetime(when) if when.time.is_none() && when.offset.is_none() => {
                when.date.map(|date| date.to_string())
            }
            DeValue::Datetime(_) => None,
            DeValue::String(text) => Some(text.to_string()),
            _ => return Err(self.wrong(Wanted::Day)),
        }
        .and_then(|text| {
            let date: Date = text.parse().ok()?;
            // The parser takes other ways to write a date, which would puzzle the next reader.
            (date.to_string() == text).then_some(date)
        })
        .ok_or_else(|| self.tell(Form::BadDay { path: self.path(), found: Found::of(self.value) }))
    }

    /// A day of the carnival; any day while the carnival's own are not known.
    pub(super) fn day_within(&self, frame: Option<Days>) -> Read<Date> {
        let day = self.day()?;
        match frame {
            Some(days) if !days.hold(day) => Err(self.tell(Plan::OutsideCarnival { path: self.path(), day, days })),
            _ => Ok(day),
        }
    }

    /// One span of hours.
    pub(super) fn span(&self) -> Read<Span> {
        let DeValue::String(text) = self.value else {
            return Err(self.wrong(Wanted::Hours));
        };
        text.parse().map_err(|_| self.tell(Form::BadHours { path: self.path(), found: shown(text) }))
    }

    /// Spans of one day in order, none overlapping; a single one needs no list.
    pub(super) fn spans(&self) -> Read<Vec<Span>> {
        if self.value.is_str() {
            return self.span().map(|span| vec![span]);
        }
        let items = self.items(Wanted::Hours)?;
        let spans: Read<Vec<Span>> = gather(items.iter().map(Field::span));
        let spans = spans?;
        let wrong_pair = spans.windows(2).zip(items.iter().skip(1)).find_map(|(pair, second)| match pair {
            [a, b] if a.overlaps(*b) => Some(second.tell(Plan::HoursOverlap { a: *a, b: *b })),
            [a, b] if b < a => Some(second.tell(Plan::HoursUnordered { a: *a, b: *b })),
            _ => None,
        });
        wrong_pair.map_or(Ok(spans), Err)
    }

    /// Spans, at least one.
    pub(super) fn open_spans(&self) -> Read<Vec<Span>> {
        let spans = self.spans()?;
        if spans.is_empty() {
            let (path, like) = (self.path(), self.like());
            return Err(self.tell(Plan::NoHours { path, like }));
        }
        Ok(spans)
    }

    /// The values of a list, each with its own line.
    pub(super) fn items(&self, wanted: Wanted) -> Read<Vec<Field<'a>>> {
        let items = self.all_items(wanted)?;
        if items.len() > LIST {
            return Err(self.tell(Form::LongList { path: self.path(), count: items.len(), most: LIST }));
        }
        Ok(items)
    }

    fn all_items(&self, wanted: Wanted) -> Read<Vec<Field<'a>>> {
        let array = self.value.as_array().ok_or_else(|| self.wrong(wanted))?;
        let item = |value: &'a toml::Spanned<DeValue<'a>>| {
            let place = Place { entry: self.place.entry.clone(), line: self.notes.line(value.span().start) };
            Field::new(self.notes, place, self.path(), self.key, value.get_ref())
        };
        Ok(array.iter().map(item).collect())
    }

    /// The entries under a doubled header (`[[points]]`), however many.
    pub(super) fn tables(&self) -> Read<Vec<Field<'a>>> {
        self.all_items(Wanted::Entries)
    }

    /// The keys and values under it.
    pub(super) fn fields(&self, wanted: Wanted) -> Read<&'a DeTable<'a>> {
        self.value.as_table().ok_or_else(|| self.wrong(wanted))
    }
}

/// Control characters, and those that break a line or turn the direction of what follows.
fn is_invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
