//! Printed codes of points, and codes of new paper passports.

use serde::{Deserialize, Serialize};

use crate::actions::app::{App, Result};
use crate::actions::carnival::carnival_refresh::refresh;
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::rules::carnival::Point;
use crate::rules::ids::{CardSerial, Generation, Nonce, PointId, SessionId};
use crate::rules::refusals::{AccessRefusal, CarnivalRefusal, CodeRefusal, PrintRefusal};
use crate::store::control_records::{self, Existing};
use crate::store::{PassportPrint, Reissue};
use crate::tokens::{Code, codes};

/// A point's printed code.
#[derive(Clone, Debug)]
pub struct PrintedCode {
    /// The point.
    pub point: Point,
    /// How often the code was reissued.
    pub generation: Generation,
    /// The code.
    pub code: String,
    /// Link in the poster's QR code.
    pub link: String,
}

/// The printed code of every point, in the order of the carnival file.
#[must_use]
pub fn printed(app: &App, current: &CurrentCarnival) -> Vec<PrintedCode> {
    current.carnival.points.iter().map(|point| point_code(app, point, current.generation(point.number))).collect()
}

fn point_code(app: &App, point: &Point, generation: Generation) -> PrintedCode {
    let code = app.codes.printed(point.number, generation);
    let link = codes::link(&app.settings.public_url, &code);
    PrintedCode { point: point.clone(), generation, code, link }
}

/// Which code is replaced.
#[derive(Clone, Copy, Debug)]
pub enum Replaced<'a> {
    /// The code that leaked.
    Leaked(&'a str),
    /// The current code, once for this session and nonce.
    Current(&'a SessionId, &'a Nonce),
}

/// Reissues a point's printed code. The old poster is refused from then on; stamps remain. A repeated request replaces
/// nothing more.
///
/// # Errors
/// A refusal for an unknown point, for a code that is not a printed code of this point, and for a point whose
/// generation counter is exhausted; a store that fails.
pub async fn reissue(app: &App, point: &PointId, replaced: Replaced<'_>) -> Result<PrintedCode> {
    let current = app.current();
    let point = current.carnival.point_by_id(point).ok_or(CarnivalRefusal::PointUnknown)?;
    if !point.codes.printed {
        return Err(PrintRefusal::NoPoster { point: point.name.clone() }.into());
    }
    // Read from the store, not from this process's copy: a repeated request must not skip a generation.
    let newest = app.store.control().await?.generations.get(&point.number).copied().unwrap_or(Generation::FIRST);
    let from = match replaced {
        Replaced::Leaked(code) => generation_of(app, point, code)?,
        Replaced::Current(session, nonce) => {
            // Recorded before the code is replaced, so that a repeat after a crash replaces the same one.
            let key = format!("{}-{session}-{}", point.number, nonce.as_str());
            let write = Reissue { from: newest, at: app.now() };
            control_records::put(&*app.store, &[(key.clone(), write)].into(), Existing::Kept).await?;
            control_records::read::<Reissue>(&*app.store, &key).await?.map_or(newest, |first| first.from)
        }
    };
    if from > newest {
        return Err(CodeRefusal::CodeUnknown.into());
    }
    if from == newest && newest.next().is_none() {
        return Err(CodeRefusal::CodesUsedUp { point: point.name.clone() }.into());
    }
    let printed = point_code(app, point, app.store.reissue(point.number, from).await?);
    if let Err(cause) = refresh(app).await {
        tracing::warn!(%cause, "the reissued code takes effect with the next refresh");
    }
    Ok(printed)
}

fn generation_of(app: &App, point: &Point, code: &str) -> Result<Generation> {
    match app.codes.read(code, app.now()) {
        Ok(Code::Printed { point: number, generation }) if number == point.number => Ok(generation),
        Ok(code) => Err(code.out_of_place().into()),
        Err(_) => Err(CodeRefusal::CodeUnknown.into()),
    }
}

/// A new paper passport.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaperPassport {
    /// Unique; never issued before.
    pub serial: CardSerial,
    /// The code.
    pub code: String,
    /// Link in the card's QR code.
    pub link: String,
}

/// A write that creates paper passports.
#[derive(Clone, Copy, Debug)]
pub struct PassportWrite<'a> {
    /// The organiser's session.
    pub session: &'a SessionId,
    /// The client's nonce, unique in the session.
    pub nonce: &'a Nonce,
}

/// Creates the codes of `count` new paper passports. A repeated write returns the same ones.
///
/// # Errors
/// A refusal if the write's nonce was used for another number; the store fails or has no serials left.
pub async fn paper_passports(app: &App, count: u32, write: Option<PassportWrite<'_>>) -> Result<Vec<PaperPassport>> {
    let first = match write {
        Some(write) => first_serial(app, count, write).await?,
        None => app.store.take_serials(count).await?,
    };
    let serials = (u64::from(first)..).take(count as usize).filter_map(|serial| CardSerial::try_from(serial).ok());
    let card = |serial| {
        let code = app.codes.paper(serial);
        let link = codes::link(&app.settings.public_url, &code);
        PaperPassport { serial, code, link }
    };
    Ok(serials.map(card).collect())
}

/// The first serial of a write. Two requests at the same moment take serials each, and the record decides which ones count.
async fn first_serial(app: &App, count: u32, write: PassportWrite<'_>) -> Result<CardSerial> {
    let store = &*app.store;
    let key = format!("{}-{}", write.session, write.nonce.as_str());
    let mut print = control_records::read::<PassportPrint>(store, &key).await?;
    if print.is_none() {
        let new = PassportPrint { first: store.take_serials(count).await?, count, at: app.now() };
        control_records::put(store, &[(key.clone(), new)].into(), Existing::Kept).await?;
        print = control_records::read(store, &key).await?.or(Some(new));
    }
    let same = print.filter(|print| print.count == count);
    Ok(same.ok_or(AccessRefusal::NonceReused)?.first)
}
