//! Arguments and results of [`Store`](super::Store) methods.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rules::check_ins::passport::{Passport, StampSource};
use crate::rules::check_ins::suspicion::SuspicionDecision;
use crate::rules::gifts::claim::{Claim, ClaimEvent, StaffActor};
use crate::rules::gifts::stock::StockReason;
use crate::rules::ids::{
    BoothId, ClaimantId, Generation, GiftNumber, Holder, Nonce, PassportNumber, PointNumber, RouteId,
};
use crate::rules::staff::roles::StaffName;
use crate::rules::staff::{Invitation, StaffSession};
use crate::rules::statistics::tally::{LocalMoment, Tally};

/// A published carnival file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedVersion {
    /// 1 for the first, incremented by each publication.
    pub version: u64,
    /// The file as published (TOML).
    pub text: String,
    /// When it was published.
    pub at: Timestamp,
    /// By whom, as free text.
    pub by: String,
}

/// The state that every instance polls each second.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlState {
    /// The current version; 0 in an empty store.
    pub version: u64,
    /// How often each printed code was replaced; points whose code was never replaced are absent.
    pub generations: BTreeMap<PointNumber, Generation>,
    /// Passports that get no gift before the holder has talked with an organiser.
    pub blocked_passports: BTreeSet<PassportNumber>,
}

/// Stamps to record in one passport, in one step.
#[derive(Clone, Debug)]
pub struct NewStamps<'a> {
    /// The passport's holder.
    pub holder: Holder,
    /// The number of the passport if these are its first stamps.
    pub new_number: &'a PassportNumber,
    /// The points, each at most once.
    pub points: &'a [PointNumber],
    /// The routes of these points, needed to count the unique visitors of a route.
    pub routes: &'a Arc<[RoutePoints]>,
    /// How the stamps were earned.
    pub how: &'a StampSource,
    /// When.
    pub moment: LocalMoment,
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

/// A claim as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredClaim {
    /// The claimant, as a keyed hash for this gift only.
    pub claimer: ClaimantId,
    /// The claim.
    pub claim: Claim,
    /// The record as stored; the value for [`ClaimChange::expected`].
    pub record: String,
}

/// An update of a claim, with what is written in the same step.
#[derive(Clone, Debug)]
pub struct ClaimChange<'a> {
    /// The claimant.
    pub claimer: ClaimantId,
    /// The record that the decision was based on; `None` if there was none.
    pub expected: Option<&'a str>,
    /// The claim afterwards; its voucher identifies the gift.
    pub claim: &'a Claim,
    /// Whether the step needs a gift that is in stock and not held.
    pub needs_left: bool,
    /// The event for the log.
    pub event: ClaimEvent,
    /// The staff member who acted; `None` for a resident.
    pub by: Option<&'a StaffActor>,
    /// When.
    pub at: Timestamp,
    /// The counters to increment.
    pub tallies: &'a [Tally],
}

/// The result of updating a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClaimOutcome {
    /// The update was stored.
    Updated,
    /// The claim changed since it was read: decide again with the stored record (`None`: there is none).
    Conflict(Option<StoredClaim>),
    /// No gift is left.
    SoldOut,
    /// Another claim of this gift has this voucher: draw another voucher.
    VoucherTaken,
}

/// The numbers of a gift.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// How many there were in total, with all deliveries and losses.
    pub stock: u32,
    /// How many were handed over and not voided.
    pub redeemed: u32,
    /// How many are held at the requested moment.
    pub held: u32,
}

impl Stock {
    /// How many can still be claimed.
    #[must_use]
    pub fn left(self) -> u32 {
        self.stock.saturating_sub(self.redeemed).saturating_sub(self.held)
    }
}

/// The numbers of a gift and the booths where it is unavailable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiftState {
    /// The numbers.
    pub stock: Stock,
    /// Booths whose volunteers reported it unavailable, ordered by id.
    pub unavailable_booths: Vec<BoothId>,
}

/// A change of a gift's stock.
#[derive(Clone, Debug)]
pub struct StockChange<'a> {
    /// The gift.
    pub gift: GiftNumber,
    /// The reason.
    pub reason: StockReason,
    /// The difference, positive or negative; for a move, how many were carried to the booth.
    pub change: i64,
    /// The booth; `None` is the storeroom.
    pub booth: Option<&'a BoothId>,
    /// A remark as free text.
    pub note: &'a str,
    /// Who changed it, as free text.
    pub by: &'a str,
    /// When.
    pub at: Timestamp,
    /// The client's idempotency key.
    pub nonce: &'a Nonce,
}

/// The result of a change of stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StockOutcome {
    /// The numbers afterwards. A repeat returns the current numbers.
    Updated(Stock),
    /// The stock would fall below held + redeemed, or exceed half of
    /// [`PER_GIFT`](crate::rules::gifts::voucher::Voucher::PER_GIFT): nothing changed.
    OutOfBounds(Stock),
}

/// The result of joining something with limited room: a card joins a phone, a session joins an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JoinOutcome<T> {
    /// Joined now or earlier; a repeat returns the value stored the first time.
    Joined(T),
    /// No room is left.
    Full,
    /// An organiser ended it.
    Ended,
}

/// What an organiser decided about a suspicion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// The decision.
    pub action: SuspicionDecision,
    /// The organiser's name as entered.
    pub by: StaffName,
    /// When.
    pub at: Timestamp,
}

/// A poster was seen in place at its point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PosterCheck {
    /// The generation of the code on the poster.
    pub generation: Generation,
    /// When it was seen.
    pub at: Timestamp,
    /// The staff member's name as entered.
    pub by: StaffName,
}

/// The result of deleting a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DropOutcome {
    /// The claim and its voucher are deleted.
    Dropped,
    /// The claim changed since it was read: decide again with the stored record (`None`: there is none).
    Conflict(Option<StoredClaim>),
}

/// A staff session and when it was ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSession {
    /// The session.
    pub session: StaffSession,
    /// When an organiser ended it.
    pub ended: Option<Timestamp>,
}

/// An invitation, when it was ended, and its sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// When an organiser ended it.
    pub ended: Option<Timestamp>,
    /// The sessions that accepted it.
    pub sessions: Vec<StoredSession>,
}

/// A log: one per shard of passports, two per gift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LogId {
    /// Stamps of the passports of a shard.
    Shard(u16),
    /// Claims, redemptions and voids of a gift.
    Gift(GiftNumber),
    /// Changes of a gift's stock, including the initial one.
    Stock(GiftNumber),
}
