//! Companions: paper passports carried on a resident's phone, for children or a grandmother.

use crate::actions::app::{App, Result};
use crate::rules::ids::{CardSerial, Holder};
use crate::rules::refusals::{CheckInRefusal, CodeRefusal};
use crate::store::JoinOutcome;
use crate::tokens::{Code, Resident};

/// Maximum number of paper passports on one phone.
pub const MAX_COMPANIONS: u16 = 5;

/// Adds the paper passport with this code to the phone.
///
/// # Errors
/// A refusal for any other code, or when the phone is full.
pub async fn add(app: &App, resident: &Resident, code: &str) -> Result<CardSerial> {
    let serial = match app.codes.read(code, app.now()) {
        Ok(Code::Paper(serial)) => serial,
        Ok(code) => return Err(code.out_of_place().into()),
        Err(_) => return Err(CodeRefusal::CodeUnknown.into()),
    };
    match app.store.add_companion(resident.id(), serial, MAX_COMPANIONS).await? {
        JoinOutcome::Joined(()) => Ok(serial),
        JoinOutcome::Full => Err(CheckInRefusal::CompanionsFull { limit: MAX_COMPANIONS }.into()),
    }
}

/// The holder of this paper passport, if it is on the phone.
///
/// # Errors
/// A refusal if it is not.
pub async fn holder_of(app: &App, resident: &Resident, serial: CardSerial) -> Result<Holder> {
    if app.store.companions(resident.id()).await?.contains(&serial) {
        return Ok(Holder::Paper(serial));
    }
    Err(CheckInRefusal::CompanionUnknown.into())
}

/// Removes a paper passport from the phone; the card keeps its stamps.
///
/// # Errors
/// Only when the store fails.
pub async fn remove(app: &App, resident: &Resident, serial: CardSerial) -> Result<()> {
    Ok(app.store.remove_companions(resident.id(), Some(serial)).await?)
}
