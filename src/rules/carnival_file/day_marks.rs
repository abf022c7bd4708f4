//! `[[day_marks]]`: marks printed beside the stamps of a day.

use std::collections::HashMap;

use jiff::civil::Date;

use super::design::artwork;
use super::design_errors::DesignError;
use super::diagnostics::Parsed;
use super::entry::{EntryKind, excerpt};
use super::field::{Field, Key};
use super::table::Table;
use crate::rules::carnival::DateRange;
use crate::rules::carnival::design::{DayMark, MarkSymbol};

const DAY_MARKS: Key = Key { name: "day_marks", example: "[[day_marks]]" };
const DAY: Key = Key { name: "day", example: "day = 2023-04-13" };
const NAME: Key = Key { name: "name", example: r#"name = "开幕日""# };
const MARK: Key = Key { name: "mark", example: r#"mark = "opening""# };

/// Example of a mark that is an artwork file.
const DRAWN: &str = r#"mark = "artwork/marks/rain.svg""#;

/// The built-in marks.
const READY: [MarkSymbol; 4] = [MarkSymbol::Opening, MarkSymbol::Umbrella, MarkSymbol::Star, MarkSymbol::Flag];

pub(super) fn read(root: &mut Table<'_>, carnival_days: Option<DateRange>) -> Vec<Parsed<DayMark>> {
    let entries = root.entries(DAY_MARKS, EntryKind::DayMark);
    let mut lines = HashMap::new();
    entries.tables.into_iter().map(|table| read_day_mark(table, carnival_days, &mut lines)).collect()
}

fn read_day_mark(
    mut table: Table<'_>,
    carnival_days: Option<DateRange>,
    lines: &mut HashMap<Date, usize>,
) -> Parsed<DayMark> {
    let day = table.required(DAY).and_then(|field| own_day(&field, carnival_days, lines));
    let name = table.required(NAME).and_then(|field| field.name());
    let mark = table.required(MARK).and_then(|field| mark(&field));
    table.finish();
    Ok(DayMark { day: day?, name: name?, mark: mark? })
}

fn own_day(field: &Field<'_>, carnival_days: Option<DateRange>, lines: &mut HashMap<Date, usize>) -> Parsed<Date> {
    let day = field.day_within(carnival_days)?;
    if let Some(first) = lines.insert(day, field.line()) {
        return Err(field.report(DesignError::DayMarkDoubled { day, first }));
    }
    Ok(day)
}

/// Reads a keyword or an artwork path. Text that contains `/`, `\` or `.` is read as a path.
fn mark(field: &Field<'_>) -> Parsed<MarkSymbol> {
    let text = field.text()?;
    if text.contains(['/', '\\', '.']) {
        return artwork(field, DRAWN).map(MarkSymbol::Custom);
    }
    READY.into_iter().find(|mark| mark.keyword() == text).ok_or_else(|| {
        let suggestion = field.suggest(text, &READY.each_ref().map(MarkSymbol::keyword));
        field.report(DesignError::NoSuchMark { found: excerpt(text), suggestion })
    })
}
