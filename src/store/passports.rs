//! Passports, and the cards on a resident's phone.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::record::StampUndoEntry;
use super::{JoinOutcome, Result};
use crate::rules::check_ins::passport::{Passport, StampSource};
use crate::rules::ids::{CardSerial, Holder, PassportNumber, PointNumber, ResidentId, RouteId};
use crate::rules::statistics::tally::{LocalMoment, Tally};

/// Passports, and the cards on a phone.
#[async_trait]
pub trait PassportStore: Send + Sync {
    /// A passport, or `None` if it never had a stamp.
    async fn passport(&self, holder: Holder) -> Result<Option<Passport>>;

    /// Records stamps. Per point the first write wins: an existing stamp is not changed. Only for new stamps, and in
    /// the same step, the passport, the stamp log and the counters change: `Stamps` and `AllStamps`, `AllPassports`
    /// for the first stamp of a passport, `StampsBy` for [a stamp by
    /// hand](crate::rules::check_ins::passport::StampSource::Hand), and the unique visitors of a route, a day and an hour.
    async fn stamp(&self, new: &NewStamps) -> Result<StampsOutcome>;

    /// Replaces a passport if it still is the one that was read, writes the entry into the log of its shard and changes
    /// the counters in the same step. No counter falls below 0.
    async fn change_passport(&self, change: &PassportChange) -> Result<PassportOutcome>;

    /// Deletes a passport with its stamps. Log entries and counters stay; they name no person.
    async fn erase_passport(&self, holder: Holder) -> Result<()>;

    /// Adds a paper passport to a resident's phone, which holds at most `limit` of them.
    async fn add_companion(&self, resident: ResidentId, companion: CardSerial, limit: u16) -> Result<JoinOutcome<()>>;

    /// Removes one paper passport from a resident's phone, or all. The cards keep their stamps.
    async fn remove_companions(&self, resident: ResidentId, companion: Option<CardSerial>) -> Result<()>;

    /// The paper passports on a resident's phone, by ascending serial.
    async fn companions(&self, resident: ResidentId) -> Result<Vec<CardSerial>>;
}

/// Stamps to record in one passport, in one step.
#[derive(Clone, Debug)]
pub struct NewStamps {
    /// The passport's holder.
    pub holder: Holder,
    /// The number of the passport if these are its first stamps.
    pub new_number: PassportNumber,
    /// The points, each at most once.
    pub points: Vec<PointNumber>,
    /// The routes of these points, needed to count the unique visitors of a route.
    pub routes: Arc<[RoutePoints]>,
    /// How the stamps were earned.
    pub how: StampSource,
    /// Whether they are rain stamps.
    pub rain: bool,
    /// When.
    pub moment: LocalMoment,
}

/// A passport that becomes another one, with what is written in the same step.
#[derive(Clone, Debug)]
pub struct PassportChange {
    /// The passport's holder.
    pub holder: Holder,
    /// The passport that was read.
    pub before: Passport,
    /// The passport afterwards.
    pub after: Passport,
    /// The log entry.
    pub entry: StampUndoEntry,
    /// By how much the counters change.
    pub tallies: BTreeMap<Tally, i64>,
}

/// The result of replacing a passport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassportOutcome {
    /// The passport was replaced.
    Changed,
    /// It changed since it was read: decide again.
    Conflict,
}

/// The points of a route. A passport with a stamp of any of them was counted as a visitor of the route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutePoints {
    /// The route.
    pub route: RouteId,
    /// All its points.
    pub points: Vec<PointNumber>,
    /// The points as `,7,8,`: formatted once, because every check-in sends them to Redis.
    pub(super) delimited: String,
}

impl RoutePoints {
    /// A route with its points.
    #[must_use]
    pub fn new(route: RouteId, points: Vec<PointNumber>) -> RoutePoints {
        let delimited = points.iter().fold(",".to_owned(), |list, point| format!("{list}{point},"));
        RoutePoints { route, points, delimited }
    }
}

/// The result of recording stamps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StampsOutcome {
    /// The complete passport afterwards.
    pub passport: Passport,
    /// The points stamped by this call; other points had their stamp before.
    pub new: Vec<PointNumber>,
}
