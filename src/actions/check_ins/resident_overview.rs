//! A resident's view of their data: passport, claims, companions, own code.

use std::sync::Arc;

use jiff::Timestamp;

use crate::actions::app::{App, Result};
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::rules::check_ins::passport::Passport;
use crate::rules::check_ins::suspicion::Suspicion;
use crate::rules::gifts::claim_lifecycle::Claim;
use crate::rules::ids::{CardSerial, Holder, PassportNumber};
use crate::store::{StoredSuspicion, control_records};
use crate::tokens::Resident;
use crate::tokens::codes::ExpiringCode;

/// Everything that the first page of a phone shows.
#[derive(Clone, Debug)]
pub struct ResidentOverview {
    /// The carnival that was current at the time.
    pub current: Arc<CurrentCarnival>,
    /// When it was read.
    pub now: Timestamp,
    /// The stamps; none before the first.
    pub passport: Option<Passport>,
    /// All claims of the resident.
    pub claims: Vec<Claim>,
    /// The paper passports on this phone, with their stamps.
    pub companions: Vec<(CardSerial, Option<Passport>)>,
}

/// Reads the overview.
///
/// # Errors
/// Only when the store fails.
pub async fn overview(app: &App, resident: &Resident) -> Result<ResidentOverview> {
    let (current, now) = (app.current(), app.now());
    let holder = Holder::Resident(resident.id());
    let store = &app.store;
    let (passport, claims, serials) = futures_util::join!(
        store.passport(holder),
        crate::actions::gifts::claim::list(app, &current, holder),
        store.companions(resident.id())
    );
    let mut companions = Vec::new();
    for serial in serials? {
        companions.push((serial, store.passport(Holder::Paper(serial)).await?));
    }
    Ok(ResidentOverview { passport: passport?, claims: claims?, companions, current, now })
}

/// Suspicions about a passport, and whether its gifts are blocked until a talk.
///
/// # Errors
/// Only when the store fails.
pub async fn suspicions(app: &App, passport: &PassportNumber) -> Result<(Vec<Suspicion>, bool)> {
    let stored = control_records::read_all::<StoredSuspicion>(&*app.store).await?;
    let suspicions = stored.into_values().map(|stored| stored.suspicion);
    let suspicions = suspicions.filter(|suspicion| suspicion.id.passport == *passport).collect();
    Ok((suspicions, app.current().blocked_passports.contains(passport)))
}

/// Reads the passport only.
///
/// # Errors
/// Only when the store fails.
pub async fn passport(app: &App, resident: &Resident) -> Result<(Arc<CurrentCarnival>, Option<Passport>)> {
    let passport = app.store.passport(Holder::Resident(resident.id())).await?;
    Ok((app.current(), passport))
}

/// The resident's own code, valid for five minutes.
#[must_use]
pub fn own_code(app: &App, resident: &Resident) -> ExpiringCode {
    app.codes.own(resident.id(), app.now())
}
