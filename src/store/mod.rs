//! The store: one trait of atomic primitives ([`Store`]) with two implementations, an embedded one (`redb`) and one
//! for Redis and Redis Cluster.
//!
//! The store knows no eligibility, no opening hours and no clock: it counts, compares and stores. Every write it has
//! acknowledged survives a crash of the program; on Redis, as far as the configuration of Redis allows, which is
//! audited when the store is opened.

pub mod deadline;
pub mod door;
pub mod embedded;
pub mod export;
mod hints;
mod keys;
mod metrics;
pub mod record;
pub mod redis;
pub mod shard;
mod types;

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rules::check_ins::passport::Passport;
use crate::rules::check_ins::suspicion::{Suspicion, SuspicionId};
use crate::rules::gifts::claim::Claim;
use crate::rules::gifts::voucher::Voucher;
use crate::rules::ids::{
    BoothId, CardSerial, ClaimantId, Generation, GiftNumber, Holder, InvitationId, PointNumber, ResidentId, SessionId,
};
use crate::rules::staff::{Invitation, StaffSession};
use crate::rules::statistics::tally::{LocalDay, Tally, TallyPeriod};

pub use self::hints::Hints;
pub use self::types::{
    ClaimChange, ClaimOutcome, ControlState, DropOutcome, GiftState, JoinOutcome, LogId, NewStamps, PosterCheck,
    PublishedVersion, Resolution, RoutePoints, StampsOutcome, Stock, StockChange, StockOutcome, StoredClaim,
    StoredInvitation, StoredSession,
};

/// Why a store call failed.
#[derive(Clone, Debug, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum StoreError {
    /// The outcome is unknown. Retrying is safe and may succeed soon.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// Retrying does not help: a record cannot be read, or the store has another format.
    #[error("the store is broken: {0}")]
    Broken(String),
}

/// The result of a store call.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A store. Every write is one atomic step and idempotent: a repeat returns the same result and changes nothing.
/// Every method returns within a bounded time.
#[async_trait]
pub trait Store: Send + Sync {
    /// Checks that the store accepts writes now.
    async fn ping(&self) -> Result<()>;

    /// The current version and the generations of the printed codes. Cheap, because every instance polls it each
    /// second.
    async fn control(&self) -> Result<ControlState>;

    /// The carnival of a version, or `None` if there is no such version.
    async fn published_version(&self, version: u64) -> Result<Option<PublishedVersion>>;

    /// Publishes a carnival as the version after `after`, with the initial stock of its gifts and one entry per gift
    /// in the stock log. A gift that already has a stock keeps it. Nothing changes if another publication was faster.
    /// Returns the version that is current afterwards; [`Store::published_version`] tells whose text it is. The stock
    /// is written before the version becomes current, so that no instance serves a gift without a stock.
    async fn publish(&self, after: u64, published: &PublishedVersion, stock: &[(GiftNumber, u32)]) -> Result<u64>;

    /// Raises the generation of a point's printed code from `from` by one. Returns the generation that is valid
    /// afterwards, even if another caller raised it.
    async fn reissue(&self, point: PointNumber, from: Generation) -> Result<Generation>;

    /// Stores a marker under this name unless there is one, and returns the stored one. Markers are written at the
    /// first start and hold what the store must be opened with from then on.
    async fn init_marker(&self, name: &str, value: u64) -> Result<u64>;

    /// Reserves `count` serials of paper passports that were never issued, and returns the first. Returns
    /// [`StoreError::Broken`], and reserves none, if fewer are left.
    async fn take_serials(&self, count: u32) -> Result<CardSerial>;

    /// A passport, or `None` if it has no stamp.
    async fn passport(&self, holder: Holder) -> Result<Option<Passport>>;

    /// Records stamps. Per point the first write wins: an existing stamp is not changed. Only for new stamps, and in
    /// the same step, the passport, the stamp log and the counters change: `Stamps` and `AllStamps`, `AllPassports`
    /// for the first stamp of a passport, `StampsBy` for [a stamp by
    /// hand](crate::rules::check_ins::passport::StampSource::Hand), and the unique visitors of a route, a day and an hour.
    async fn stamp(&self, new: &NewStamps<'_>) -> Result<StampsOutcome>;

    /// Deletes a passport with its stamps. Log entries and counters stay; they name no person.
    async fn erase_passport(&self, holder: Holder) -> Result<()>;

    /// Adds a paper passport to a resident's phone, which holds at most `limit` of them.
    async fn add_companion(&self, resident: ResidentId, companion: CardSerial, limit: u16) -> Result<JoinOutcome<()>>;

    /// Removes a paper passport from a resident's phone. The card keeps its stamps.
    async fn remove_companion(&self, resident: ResidentId, companion: CardSerial) -> Result<()>;

    /// Removes all paper passports from a resident's phone.
    async fn remove_companions(&self, resident: ResidentId) -> Result<()>;

    /// The paper passports on a resident's phone, by ascending serial.
    async fn companions(&self, resident: ResidentId) -> Result<Vec<CardSerial>>;

    /// The claims of these claimants, one gift each, in the order of the argument.
    async fn claims(&self, of: &[(GiftNumber, ClaimantId)]) -> Result<Vec<Option<StoredClaim>>>;

    /// The claim with this voucher.
    async fn claim_by_voucher(&self, voucher: Voucher) -> Result<Option<StoredClaim>>;

    /// Updates a claim if the stored record still equals the expected one (compare-and-swap). The same step checks
    /// that no other claim of this gift has the voucher, that the redeemed count never exceeds the stock, and, with
    /// `needs_left`, that at least one gift is left: stock − redeemed − other claims held at `at` (`held_until >=
    /// at`, not redeemed) ≥ 1. It also adjusts the redeemed count by the claim before and after, and writes the log
    /// entry and the counters.
    async fn change_claim(&self, change: &ClaimChange<'_>) -> Result<ClaimOutcome>;

    /// Deletes a claim without an active redemption if the stored record still equals the given one. Its voucher and
    /// its hold become free, and a log entry records the deletion.
    async fn drop_claim(&self, stored: &StoredClaim, at: Timestamp) -> Result<DropOutcome>;

    /// Replaces the record of a redeemed claim if the stored record still equals the given one. The claimant keeps
    /// the claim under another voucher; the old voucher becomes unknown. Counts and log do not change. Never returns
    /// [`ClaimOutcome::SoldOut`].
    async fn anonymise_claim(&self, stored: &StoredClaim, replacement: &Claim) -> Result<ClaimOutcome>;

    /// Stock and availability of these gifts at a moment, in the order of the argument.
    async fn gift_states(&self, gifts: &[GiftNumber], now: Timestamp) -> Result<Vec<GiftState>>;

    /// Changes a gift's stock and appends an entry to its stock log. A move from the storeroom to a booth changes only the log.
    async fn change_stock(&self, change: &StockChange<'_>) -> Result<StockOutcome>;

    /// Records whether a gift is available at a booth.
    async fn set_gift_available(&self, gift: GiftNumber, booth: &BoothId, available: bool) -> Result<()>;

    /// Stores an invitation. The first write of an id wins.
    async fn invite(&self, invitation: &Invitation) -> Result<()>;

    /// An invitation with its sessions.
    async fn invitation(&self, id: &InvitationId) -> Result<Option<StoredInvitation>>;

    /// All invitations with their sessions, newest first.
    async fn invitations(&self) -> Result<Vec<StoredInvitation>>;

    /// Begins a staff session, at most `uses` per invitation. The same nonce returns the session that it began, even
    /// if the invitation was used up or ended since then.
    async fn begin_session(&self, session: &StaffSession, uses: u16) -> Result<JoinOutcome<StoredSession>>;

    /// A staff session. Every request of a staff member reads it, so it takes one round trip.
    async fn session(&self, id: &SessionId) -> Result<Option<StoredSession>>;

    /// Ends an invitation: it cannot be accepted afterwards. The first call sets the time.
    async fn end_invitation(&self, id: &InvitationId, at: Timestamp) -> Result<()>;

    /// Ends a staff session. The first call sets the time.
    async fn end_session(&self, id: &SessionId, at: Timestamp) -> Result<()>;

    /// All counters of one kind, summed over all shards and gifts. Those of [`TallyPeriod::AllTime`] are few and read
    /// often, so stores keep them apart from the hourly ones.
    async fn tallies(&self, period: TallyPeriod) -> Result<BTreeMap<Tally, u64>>;

    /// The hourly counters of this day and of later ones.
    async fn tallies_since(&self, day: LocalDay) -> Result<BTreeMap<Tally, u64>>;

    /// The given counters, all of [`TallyPeriod::AllTime`]; a counter that was never incremented is absent.
    async fn tallies_of(&self, names: &[Tally]) -> Result<BTreeMap<Tally, u64>>;

    /// Records hints, which may be lost in a crash. Not retried after a failure, because a retry could count twice.
    /// Of unresolved suspicions, the newest [`Hints::MAX_SUSPICIONS`] or a few more are kept.
    async fn record_hints(&self, hints: &Hints) -> Result<()>;

    /// All recorded hints.
    async fn hints(&self) -> Result<Hints>;

    /// When each staff session was last seen.
    async fn last_seen(&self) -> Result<BTreeMap<SessionId, Timestamp>>;

    /// A suspicion, or `None` if it was not recorded.
    async fn suspicion(&self, id: &SuspicionId) -> Result<Option<Suspicion>>;

    /// Stores an organiser's resolution of a suspicion; the last one counts.
    /// [`SuspicionDecision::Hold`](crate::rules::check_ins::suspicion::SuspicionDecision::Hold) adds the passport to
    /// [`ControlState::blocked_passports`],
    /// [`SuspicionDecision::Release`](crate::rules::check_ins::suspicion::SuspicionDecision::Release) removes it.
    async fn resolve_suspicion(&self, id: &SuspicionId, resolution: &Resolution) -> Result<()>;

    /// The resolutions of suspicions.
    async fn resolutions(&self) -> Result<BTreeMap<SuspicionId, Resolution>>;

    /// Records that the poster of a point was seen in place; the last check counts.
    async fn record_poster_check(&self, point: PointNumber, check: &PosterCheck) -> Result<()>;

    /// The last check of each poster.
    async fn poster_checks(&self) -> Result<BTreeMap<PointNumber, PosterCheck>>;

    /// The number of passport shards.
    fn shards(&self) -> u16;

    /// Entries of a log as stored, starting at index `from` (0 is the first), at most `limit`.
    async fn log_entries(&self, log: LogId, from: u64, limit: u32) -> Result<Vec<String>>;
}
