//! Printed codes of points, and new paper passports.

use super::app::{App, Result};
use super::carnival_refresh::refresh;
use super::current_carnival::CurrentCarnival;
use crate::rules::carnival::Point;
use crate::rules::ids::{CardSerial, Generation, PointId};
use crate::rules::refusal::Refusal;
use crate::tokens::{Code, codes};

/// A point's printed code.
#[derive(Clone, Debug)]
pub struct PrintedCode {
    /// The point.
    pub point: Point,
    /// How often its code was replaced.
    pub generation: Generation,
    /// The code.
    pub code: String,
    /// What the poster shows.
    pub link: String,
}

/// The printed code of every point, in the order of the file.
#[must_use]
pub fn printed(app: &App, current: &CurrentCarnival) -> Vec<PrintedCode> {
    current.carnival.points.iter().map(|point| point_code(app, point, current.generation(point.number))).collect()
}

fn point_code(app: &App, point: &Point, generation: Generation) -> PrintedCode {
    let code = app.codes.printed(point.number, generation);
    let link = codes::link(&app.settings.public_url, &code);
    PrintedCode { point: point.clone(), generation, code, link }
}

/// Replaces a point's printed code: the old poster is refused from then on, stamps stay. With the code
/// that leaked, that one alone is replaced, so asking again replaces nothing more; without it, the one
/// that counts now.
///
/// # Errors
/// A refusal for an unknown point, for a code that is not a printed one of this point, and for a point whose
/// code was replaced as often as a code can count; a store that fails.
pub async fn reissue(app: &App, point: &PointId, leaked: Option<&str>) -> Result<PrintedCode> {
    let current = app.current();
    let point = current.carnival.point_by_id(point).ok_or(Refusal::PointUnknown)?;
    // Read from the store, not from what this process saw last: a repeat must not skip one.
    let newest = app.store.control().await?.generations.get(&point.number).copied().unwrap_or(Generation::FIRST);
    let from = leaked.map_or(Ok(newest), |code| generation_of(app, point, code))?;
    if from > newest {
        return Err(Refusal::CodeUnknown.into());
    }
    if from == newest && newest.next().is_none() {
        return Err(Refusal::CodesUsedUp { point: point.name.clone() }.into());
    }
    let printed = point_code(app, point, app.store.reissue(point.number, from).await?);
    if let Err(cause) = refresh(app).await {
        tracing::warn!(%cause, "the replaced code is refused in a moment");
    }
    Ok(printed)
}

fn generation_of(app: &App, point: &Point, code: &str) -> Result<Generation> {
    match app.codes.read(code, app.now()) {
        Ok(Code::Printed { point: number, generation }) if number == point.number => Ok(generation),
        Ok(_) => Err(Refusal::CodeOfAnotherKind.into()),
        Err(_) => Err(Refusal::CodeUnknown.into()),
    }
}

/// A new paper passport.
#[derive(Clone, Debug)]
pub struct PaperPassport {
    /// Never given out before.
    pub serial: CardSerial,
    /// The code.
    pub code: String,
    /// What the card shows.
    pub link: String,
}

/// The codes of so many new paper passports.
///
/// # Errors
/// Only when the store fails, or has no serials left.
pub async fn paper_passports(app: &App, count: u32) -> Result<Vec<PaperPassport>> {
    let first = app.store.take_serials(count).await?;
    let serials = (u64::from(first)..).take(count as usize).filter_map(|serial| CardSerial::try_from(serial).ok());
    let card = |serial| {
        let code = app.codes.paper(serial);
        let link = codes::link(&app.settings.public_url, &code);
        PaperPassport { serial, code, link }
    };
    Ok(serials.map(card).collect())
}
