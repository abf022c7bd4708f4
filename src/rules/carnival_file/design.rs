//! Design values: artwork, colours, places on postcards, and `[[day_marks]]` beside the stamps of a day.

use std::collections::HashMap;

use jiff::civil::Date;

use super::diagnostics::{Parsed, collect_all};
use super::field::Field;
use super::mistake::{EntryKind, MistakeKind, SourcePosition, excerpt};
use super::table::Table;
use crate::rules::carnival::DateRange;
use crate::rules::carnival::design::{ArtworkPath, CardPosition, Colour, DayMark, MarkSymbol};

/// Example of a mark that is an artwork file.
const DRAWN: &str = r#"mark = "artwork/marks/rain.svg""#;

/// The built-in marks.
const READY: [MarkSymbol; 4] = [MarkSymbol::Opening, MarkSymbol::Umbrella, MarkSymbol::Star, MarkSymbol::Flag];

/// Reads an artwork path.
pub(super) fn artwork(field: &Field<'_>) -> Parsed<ArtworkPath> {
    artwork_like(field, field.key.example)
}

/// Reads an artwork path; `example` is a valid line, shown in the error.
fn artwork_like(field: &Field<'_>, example: &'static str) -> Parsed<ArtworkPath> {
    let text = field.text()?;
    text.parse().map_err(|_| field.report(MistakeKind::BadPath { found: excerpt(text), example }))
}

/// Reads a colour that can be read on paper.
pub(super) fn colour(field: &Field<'_>) -> Parsed<Colour> {
    let text = field.text()?;
    let colour: Colour = text.parse().map_err(|_| field.report(MistakeKind::BadColour { found: excerpt(text) }))?;
    if colour.contrast(Colour::PAPER) < Colour::MIN_CONTRAST {
        return Err(field.report(MistakeKind::TooLight { colour }));
    }
    Ok(colour)
}

/// Reads the position of a point's stamp on the postcard, with the source position of its key.
pub(super) fn card_position(field: &Field<'_>) -> Parsed<(CardPosition, SourcePosition)> {
    let mut inner = Table::of(field)?;
    let x_mm = inner.read("x_mm", |field| field.check_range(field.number()?, 11..=137));
    let y_mm = inner.read("y_mm", |field| field.check_range(field.number()?, 11..=94));
    inner.finish();
    Ok((CardPosition { x_mm: x_mm?, y_mm: y_mm? }, field.position.clone()))
}

/// Reads the marks, at most one for a day.
pub(super) fn day_marks(root: &mut Table<'_>, carnival_days: Option<DateRange>) -> Parsed<Vec<DayMark>> {
    let mut lines = HashMap::new();
    let entries = root.entries(EntryKind::DayMark);
    collect_all(entries.tables.into_iter().map(|mut table| {
        let day = table.read("day = 2023-04-13", |field| own_day(field, carnival_days, &mut lines));
        let name = table.read(r#"name = "开幕日""#, Field::name);
        let mark = table.read(r#"mark = "opening""#, mark);
        table.finish();
        Ok(DayMark { day: day?, name: name?, mark: mark? })
    }))
}

fn own_day(field: &Field<'_>, carnival_days: Option<DateRange>, lines: &mut HashMap<Date, usize>) -> Parsed<Date> {
    let day = field.day_within(carnival_days)?;
    if let Some(first) = lines.insert(day, field.position.line) {
        return Err(field.report(MistakeKind::DayMarkDoubled { day, first }));
    }
    Ok(day)
}

/// Reads a keyword or an artwork path. Text that contains `/`, `\` or `.` is read as a path.
fn mark(field: &Field<'_>) -> Parsed<MarkSymbol> {
    let text = field.text()?;
    if text.contains(['/', '\\', '.']) {
        return artwork_like(field, DRAWN).map(MarkSymbol::Custom);
    }
    READY.into_iter().find(|mark| mark.keyword() == text).ok_or_else(|| {
        let suggestion = field.suggest(text, &READY.each_ref().map(MarkSymbol::keyword));
        field.report(MistakeKind::NoSuchMark { found: excerpt(text), suggestion })
    })
}
