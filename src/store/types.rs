//! What the steps of a store take and give back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rules::claim::{Claim, ClaimEvent, StaffActor};
use crate::rules::ids::{
    BoothId, ClaimantId, Generation, GiftNumber, Holder, Nonce, PassportNumber, PointNumber, RouteId,
};
use crate::rules::passport::{Passport, StampSource};
use crate::rules::roles::StaffName;
use crate::rules::staff::{Invitation, StaffSession};
use crate::rules::stock::StockReason;
use crate::rules::suspicion::SuspicionDecision;
use crate::rules::tally::{LocalMoment, Tally};

/// A published carnival file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedVersion {
    /// 1 for the first, one more for each that followed.
    pub version: u64,
    /// The file as it was published (TOML).
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// By whom, in words.
    pub by: String,
}

/// What every instance looks at each second.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlState {
    /// The version that counts; 0 in an empty store.
    pub version: u64,
    /// How often each printed code was replaced; a point that is absent never had its code replaced.
    pub generations: BTreeMap<PointNumber, Generation>,
    /// Passports whose gifts wait for a talk with an organiser.
    pub blocked_passports: BTreeSet<PassportNumber>,
}

/// Stamps to record in one passport, in one step.
#[derive(Clone, Debug)]
pub struct NewStamps<'a> {
    /// Whose passport.
    pub holder: Holder,
    /// Its number if these are its first stamps.
    pub new_number: &'a PassportNumber,
    /// Which points; each at most once.
    pub points: &'a [PointNumber],
    /// The routes of these points, so that whoever is stamped on one for the first time is counted.
    pub routes: &'a Arc<[RoutePoints]>,
    /// How they were earned.
    pub how: &'a StampSource,
    /// When.
    pub moment: LocalMoment,
}

/// The points of a route: who has a stamp of one of them was counted as being on that route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutePoints {
    /// The route.
    pub route: RouteId,
    /// All its points.
    pub points: Vec<PointNumber>,
    /// The points once more, as `,7,8,`: made once, because every check-in says them to Redis.
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

/// What became of new stamps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StampsOutcome {
    /// The passport afterwards, whole.
    pub passport: Passport,
    /// Those that are new; the others stand as they stood.
    pub new: Vec<PointNumber>,
}

/// A claim as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredClaim {
    /// Whose, for this gift alone.
    pub claimer: ClaimantId,
    /// The claim.
    pub claim: Claim,
    /// The record as it is written: what [`ClaimChange::expected`] wants back.
    pub record: String,
}

/// One step in the life of a claim, with what is written beside it.
#[derive(Clone, Debug)]
pub struct ClaimChange<'a> {
    /// Whose claim.
    pub claimer: ClaimantId,
    /// The record on which the step was judged; `None` if there was none.
    pub expected: Option<&'a str>,
    /// What it becomes; its voucher names the gift.
    pub claim: &'a Claim,
    /// Whether the step needs a gift that nobody holds.
    pub needs_left: bool,
    /// What happened, for the log.
    pub event: ClaimEvent,
    /// The staff member who did it; none for a resident.
    pub by: Option<&'a StaffActor>,
    /// When.
    pub at: Timestamp,
    /// What is counted.
    pub tallies: &'a [Tally],
}

/// What became of a step in the life of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClaimOutcome {
    /// It is kept.
    Updated,
    /// Somebody else changed the claim since it was read: judge again, by this record (`None`: there is none).
    Conflict(Option<StoredClaim>),
    /// No gift is left.
    SoldOut,
    /// Another claim of this gift has this voucher: draw another.
    VoucherTaken,
}

/// How many of a gift there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// How many there were, with all deliveries and losses.
    pub stock: u32,
    /// How many were handed over and not voided.
    pub redeemed: u32,
    /// How many are held at the moment that was asked for.
    pub held: u32,
}

impl Stock {
    /// How many can still be claimed.
    #[must_use]
    pub fn left(self) -> u32 {
        self.stock.saturating_sub(self.redeemed).saturating_sub(self.held)
    }
}

/// A gift's numbers, and the booths at which it is gone for now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiftState {
    /// Its numbers.
    pub stock: Stock,
    /// Booths whose volunteers said that none are on their table, by name.
    pub unavailable_booths: Vec<BoothId>,
}

/// A movement of stock.
#[derive(Clone, Debug)]
pub struct StockChange<'a> {
    /// Which gift.
    pub gift: GiftNumber,
    /// Why.
    pub reason: StockReason,
    /// How many more, or fewer; of a move, how many were carried to the booth.
    pub change: i64,
    /// At which booth; none is the storeroom.
    pub booth: Option<&'a BoothId>,
    /// What else there is to say, in words.
    pub note: &'a str,
    /// Who, in words.
    pub by: &'a str,
    /// When.
    pub at: Timestamp,
    /// The client's name for this write.
    pub nonce: &'a Nonce,
}

/// What became of a change of stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StockOutcome {
    /// The numbers afterwards. A repeat is told the numbers of now.
    Updated(Stock),
    /// It would fall below what is held and redeemed, or rise above the vouchers there are
    /// ([`PER_GIFT`](crate::rules::voucher::Voucher::PER_GIFT) halved): nothing changed.
    OutOfBounds(Stock),
}

/// Whether somebody may join, where there is room for so many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JoinOutcome<T> {
    /// In; or was in already, then with what was kept the first time.
    Joined(T),
    /// No room is left.
    Full,
    /// An organiser ended it.
    Ended,
}

/// What an organiser did about a suspicion, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// What.
    pub action: SuspicionDecision,
    /// Who, as typed.
    pub by: StaffName,
    /// When.
    pub at: Timestamp,
}

/// Somebody saw the poster of a point hang.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PosterCheck {
    /// The generation of the code on it.
    pub generation: Generation,
    /// When it was seen.
    pub at: Timestamp,
    /// By whom, as typed.
    pub by: StaffName,
}

/// What became of erasing a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DropOutcome {
    /// It is gone, and its voucher with it.
    Dropped,
    /// Somebody else changed the claim since it was read: judge again, by this record (`None`: there is none).
    Conflict(Option<StoredClaim>),
}

/// A staff session and whether an organiser ended it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSession {
    /// The session.
    pub session: StaffSession,
    /// When it was ended.
    pub ended: Option<Timestamp>,
}

/// An invitation, whether it was ended, and the sessions that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// When it was ended.
    pub ended: Option<Timestamp>,
    /// Who accepted it.
    pub sessions: Vec<StoredSession>,
}

/// Where facts are written: one log per shard of passports, two per gift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LogId {
    /// Stamps of the passports of a shard.
    Shard(u16),
    /// Claims, redemptions and voids of a gift.
    Gift(GiftNumber),
    /// Movements of a gift's stock, the first stock among them.
    Stock(GiftNumber),
}
