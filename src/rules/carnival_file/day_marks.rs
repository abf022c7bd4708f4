//! `[[day_marks]]`: what is printed beside the stamps of a day.

use std::collections::HashMap;

use jiff::civil::Date;

use super::card::artwork;
use super::entry::{Kind, shown};
use super::field::{Field, Key};
use super::look::Look;
use super::notes::Read;
use super::table::Table;
use crate::rules::carnival::Days;
use crate::rules::look::{DayMark, Mark};

const DAY_MARKS: Key = Key { name: "day_marks", like: "[[day_marks]]" };
const DAY: Key = Key { name: "day", like: "day = 2023-04-13" };
const NAME: Key = Key { name: "name", like: r#"name = "开幕日""# };
const MARK: Key = Key { name: "mark", like: r#"mark = "opening""# };

/// A mark that is a picture.
const DRAWN: &str = r#"mark = "artwork/marks/rain.svg""#;

/// The marks that need no picture.
const READY: [Mark; 4] = [Mark::Opening, Mark::Umbrella, Mark::Star, Mark::Flag];

pub(super) fn read(root: &mut Table<'_>, frame: Option<Days>) -> Vec<Read<DayMark>> {
    let entries = root.entries(DAY_MARKS, Kind::DayMark);
    let mut lines = HashMap::new();
    entries.tables.into_iter().map(|table| read_day_mark(table, frame, &mut lines)).collect()
}

fn read_day_mark(mut table: Table<'_>, frame: Option<Days>, lines: &mut HashMap<Date, usize>) -> Read<DayMark> {
    let day = table.required(DAY).and_then(|field| own_day(&field, frame, lines));
    let name = table.required(NAME).and_then(|field| field.name());
    let mark = table.required(MARK).and_then(|field| mark(&field));
    table.finish();
    Ok(DayMark { day: day?, name: name?, mark: mark? })
}

fn own_day(field: &Field<'_>, frame: Option<Days>, lines: &mut HashMap<Date, usize>) -> Read<Date> {
    let day = field.day_within(frame)?;
    if let Some(first) = lines.insert(day, field.line()) {
        return Err(field.tell(Look::DayMarkDoubled { day, first }));
    }
    Ok(day)
}

/// A word, or else a path: whatever has the marks of one is read as one.
fn mark(field: &Field<'_>) -> Read<Mark> {
    let text = field.text()?;
    if text.contains(['/', '\\', '.']) {
        return artwork(field, DRAWN).map(Mark::Drawn);
    }
    READY.into_iter().find(|mark| mark.word() == text).ok_or_else(|| {
        let nearest = field.nearest(text, &READY.each_ref().map(Mark::word));
        field.tell(Look::NoSuchMark { found: shown(text), nearest })
    })
}
