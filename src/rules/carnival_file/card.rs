//! How a route's postcard and its stamps look.

use super::entry::{Place, shown};
use super::field::{Field, Key};
use super::look::Look;
use super::notes::Read;
use super::table::Table;
use crate::rules::look::{ArtworkPath, CardPlace, Colour, Pattern};

const ARTWORK: Key = Key { name: "artwork", like: r#"artwork = "artwork/play.svg""# };
const COLOUR: Key = Key { name: "colour", like: r##"colour = "#a63d2f""## };
const PATTERN: Key = Key { name: "pattern", like: r#"pattern = "waves""# };
const STAMP: Key = Key { name: "stamp", like: r#"stamp = "artwork/stamps/space-1.svg""# };
const PLACE: Key = Key { name: "place", like: "place = { x_mm = 25.5, y_mm = 40 }" };
const X_MM: Key = Key { name: "x_mm", like: PLACE.like };
const Y_MM: Key = Key { name: "y_mm", like: PLACE.like };

/// What a route says of its postcard.
pub(super) struct Design {
    pub(super) artwork: Read<Option<ArtworkPath>>,
    pub(super) colour: Read<Option<Colour>>,
    pub(super) pattern: Read<Option<Pattern>>,
}

/// Reads what a route says of its postcard.
pub(super) fn design(table: &mut Table<'_>) -> Design {
    Design {
        artwork: table.optional(ARTWORK).map(|field| artwork(&field, field.like())).transpose(),
        colour: table.optional(COLOUR).map(|field| colour(&field)).transpose(),
        pattern: table.optional(PATTERN).map(|field| field.choice(&Pattern::WORDS)).transpose(),
    }
}

/// Reads the motif of a point's stamp.
pub(super) fn stamp(table: &mut Table<'_>) -> Read<Option<ArtworkPath>> {
    table.optional(STAMP).map(|field| artwork(&field, field.like())).transpose()
}

/// Reads the path of a picture; `like` shows how to write it.
pub(super) fn artwork(field: &Field<'_>, like: &'static str) -> Read<ArtworkPath> {
    let text = field.text()?;
    text.parse().map_err(|_| {
        let (path, found) = (field.path(), shown(text));
        field.tell(Look::BadPath { path, found, like })
    })
}

fn colour(field: &Field<'_>) -> Read<Colour> {
    let text = field.text()?;
    let colour: Colour = text.parse().map_err(|_| {
        let (path, found, like) = (field.path(), shown(text), field.like());
        field.tell(Look::BadColour { path, found, like })
    })?;
    if colour.contrast(Colour::PAPER) < Colour::LEAST_CONTRAST {
        return Err(field.tell(Look::TooLight { path: field.path(), colour }));
    }
    Ok(colour)
}

/// Reads where a point's stamp lies, with the line that says so.
pub(super) fn place(table: &mut Table<'_>) -> Read<Option<(CardPlace, Place)>> {
    let Some(field) = table.optional(PLACE) else {
        return Ok(None);
    };
    let mut inner = Table::of(&field)?;
    let x_mm = inner.required(X_MM).and_then(|field| field.within(field.number()?, 11..=137));
    let y_mm = inner.required(Y_MM).and_then(|field| field.within(field.number()?, 11..=94));
    inner.finish();
    Ok(Some((CardPlace { x_mm: x_mm?, y_mm: y_mm? }, field.notes_and_place().1)))
}
