//! The design keys of routes (postcard) and points (stamp).

use super::design_errors::DesignError;
use super::diagnostics::Parsed;
use super::entry::{SourcePosition, excerpt};
use super::field::{Field, Key};
use super::table::Table;
use crate::rules::carnival::design::{ArtworkPath, CardPattern, CardPosition, Colour};

const ARTWORK: Key = Key { name: "artwork", example: r#"artwork = "artwork/play.svg""# };
const COLOUR: Key = Key { name: "colour", example: r##"colour = "#a63d2f""## };
const PATTERN: Key = Key { name: "pattern", example: r#"pattern = "waves""# };
const STAMP: Key = Key { name: "stamp", example: r#"stamp = "artwork/stamps/space-1.svg""# };
const PLACE: Key = Key { name: "place", example: "place = { x_mm = 25.5, y_mm = 40 }" };
const X_MM: Key = Key { name: "x_mm", example: PLACE.example };
const Y_MM: Key = Key { name: "y_mm", example: PLACE.example };

/// The postcard design of a route.
pub(super) struct Design {
    pub(super) artwork: Parsed<Option<ArtworkPath>>,
    pub(super) colour: Parsed<Option<Colour>>,
    pub(super) pattern: Parsed<Option<CardPattern>>,
}

/// Reads the postcard design of a route.
pub(super) fn design(table: &mut Table<'_>) -> Design {
    Design {
        artwork: table.optional(ARTWORK).map(|field| artwork(&field, field.example())).transpose(),
        colour: table.optional(COLOUR).map(|field| colour(&field)).transpose(),
        pattern: table.optional(PATTERN).map(|field| field.choice(&CardPattern::KEYWORDS)).transpose(),
    }
}

/// Reads the motif of a point's stamp.
pub(super) fn stamp(table: &mut Table<'_>) -> Parsed<Option<ArtworkPath>> {
    table.optional(STAMP).map(|field| artwork(&field, field.example())).transpose()
}

/// Reads an artwork path; `example` is a valid line, shown in the error.
pub(super) fn artwork(field: &Field<'_>, example: &'static str) -> Parsed<ArtworkPath> {
    let text = field.text()?;
    text.parse().map_err(|_| {
        let (path, found) = (field.path(), excerpt(text));
        field.report(DesignError::BadPath { path, found, example })
    })
}

fn colour(field: &Field<'_>) -> Parsed<Colour> {
    let text = field.text()?;
    let colour: Colour = text.parse().map_err(|_| {
        let (path, found, example) = (field.path(), excerpt(text), field.example());
        field.report(DesignError::BadColour { path, found, example })
    })?;
    if colour.contrast(Colour::PAPER) < Colour::MIN_CONTRAST {
        return Err(field.report(DesignError::TooLight { path: field.path(), colour }));
    }
    Ok(colour)
}

/// Reads the position of a point's stamp on the postcard, with the source position of its key.
pub(super) fn card_position(table: &mut Table<'_>) -> Parsed<Option<(CardPosition, SourcePosition)>> {
    let Some(field) = table.optional(PLACE) else {
        return Ok(None);
    };
    let mut inner = Table::of(&field)?;
    let x_mm = inner.required(X_MM).and_then(|field| field.check_range(field.number()?, 11..=137));
    let y_mm = inner.required(Y_MM).and_then(|field| field.check_range(field.number()?, 11..=94));
    inner.finish();
    Ok(Some((CardPosition { x_mm: x_mm?, y_mm: y_mm? }, field.diagnostics_and_position().1)))
}
