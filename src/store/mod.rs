//! What is kept.
//!
//! One trait of atomic primitives, two implementations: an embedded one (`redb`) and one for
//! Redis and Redis Cluster. The store knows no eligibility, no window and no clock: it counts,
//! compares and keeps. Whatever it answered is kept after any crash of the program; on Redis as
//! far as Redis's settings allow, which it looks at when it opens.

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

use crate::rules::claim::Claim;
use crate::rules::ids::{
    BoothId, CardSerial, ClaimantId, Generation, GiftNumber, Holder, InvitationId, PointNumber, ResidentId, SessionId,
};
use crate::rules::passport::Passport;
use crate::rules::staff::{Invitation, StaffSession};
use crate::rules::suspicion::{Suspicion, SuspicionId};
use crate::rules::tally::{LocalDay, Tally, TallyPeriod};
use crate::rules::voucher::Voucher;

pub use self::hints::Hints;
pub use self::types::{
    ClaimChange, ClaimOutcome, ControlState, DropOutcome, GiftState, JoinOutcome, LogId, NewStamps, PosterCheck,
    PublishedVersion, Resolution, RoutePoints, StampsOutcome, Stock, StockChange, StockOutcome, StoredClaim,
    StoredInvitation, StoredSession,
};

/// Why a store did not answer.
#[derive(Clone, Debug, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum StoreError {
    /// Nothing is known of the outcome; asking again is safe and may help in a moment.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// Something is wrong that asking again does not mend: a record that cannot be read, a store
    /// of another shape.
    #[error("the store is broken: {0}")]
    Broken(String),
}

/// What the store answers.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A store. Every write is one atomic step that can be asked for again: it is then answered as the
/// first time, and done once. Every method answers within a bounded time.
#[async_trait]
pub trait Store: Send + Sync {
    /// Whether the store answers now.
    async fn ping(&self) -> Result<()>;

    /// The version that counts, and the generations of printed codes. Cheap: asked each second.
    async fn control(&self) -> Result<ControlState>;

    /// The carnival of a version, if there is such a version.
    async fn published_version(&self, version: u64) -> Result<Option<PublishedVersion>>;

    /// Publishes a carnival as the next version after `after`, with the first stock of each of its
    /// gifts (a gift that has a stock already keeps it), each with a fact in the log of its stock.
    /// Nothing changes if somebody was quicker.
    /// Returns the version that counts afterwards; whose text it is, [`Store::published_version`] tells.
    /// Stock is written before the version counts, so that no instance serves a gift without one.
    async fn publish(&self, after: u64, published: &PublishedVersion, stock: &[(GiftNumber, u32)]) -> Result<u64>;

    /// Raises the generation of a point's printed code from `from` by one; returns the generation
    /// that counts afterwards, whoever raised it.
    async fn reissue(&self, point: PointNumber, from: Generation) -> Result<Generation>;

    /// Keeps a mark under this name if there is none yet; returns the one that stands. A store is marked
    /// at its first start with what it must be opened with from then on.
    async fn init_marker(&self, name: &str, value: u64) -> Result<u64>;

    /// Takes `count` serials of paper passports that were never given out before; returns the first.
    /// [`StoreError::Broken`] when not as many are left; none is taken then.
    async fn take_serials(&self, count: u32) -> Result<CardSerial>;

    /// A passport, if it has a stamp.
    async fn passport(&self, holder: Holder) -> Result<Option<Passport>>;

    /// Records stamps. First write wins, point by point: a stamp that stands stays as it is.
    /// Passport, log of facts and tallies (`Stamps`, `AllStamps`, `AllPassports` for a first
    /// stamp, `StampsBy` for [a hand](crate::rules::passport::StampSource::Hand), and `PeopleOf…`, `UniqueVisitorsOn`,
    /// `UniqueVisitorsIn` for the first stamp on a route, a day, an hour) change together, only for those that are new.
    async fn stamp(&self, new: &NewStamps<'_>) -> Result<StampsOutcome>;

    /// Deletes a passport with its stamps: facts and tallies stay, and name nobody any more.
    async fn erase_passport(&self, holder: Holder) -> Result<()>;

    /// Puts a paper passport on a resident's phone, at most `limit` of them.
    async fn add_companion(&self, resident: ResidentId, companion: CardSerial, limit: u16) -> Result<JoinOutcome<()>>;

    /// Takes a paper passport off a resident's phone. The card keeps its stamps.
    async fn remove_companion(&self, resident: ResidentId, companion: CardSerial) -> Result<()>;

    /// Takes all paper passports off a resident's phone.
    async fn remove_companions(&self, resident: ResidentId) -> Result<()>;

    /// The paper passports on a resident's phone, by serial.
    async fn companions(&self, resident: ResidentId) -> Result<Vec<CardSerial>>;

    /// The claims of these claimers, each of one gift, in the order asked for.
    async fn claims(&self, of: &[(GiftNumber, ClaimantId)]) -> Result<Vec<Option<StoredClaim>>>;

    /// The claim that has this voucher.
    async fn claim_by_voucher(&self, voucher: Voucher) -> Result<Option<StoredClaim>>;

    /// Keeps a step in the life of a claim, if the record is still the one that was seen. In the
    /// same step: the voucher is the claim's alone within its gift; with `needs_left`, stock −
    /// redeemed − claims of others that are held at `at` (`held_until >= at`, not redeemed) is at
    /// least one; redeemed never exceeds stock; the count of redeemed follows from the claim before
    /// and after; log and tallies.
    async fn change_claim(&self, change: &ClaimChange<'_>) -> Result<ClaimOutcome>;

    /// Deletes a claim that no redemption stands for, if the record is still the one that was seen: its
    /// voucher is free, its hold gone, and a fact says so.
    async fn drop_claim(&self, stored: &StoredClaim, at: Timestamp) -> Result<DropOutcome>;

    /// Puts another record in the place of a claim that was handed over, if that is still the one that was
    /// seen: the claimer keeps it, under another voucher, and the old voucher is known to nobody. Counts
    /// and log stay as they are. [`ClaimOutcome::SoldOut`] is no answer of it.
    async fn anonymise_claim(&self, stored: &StoredClaim, instead: &Claim) -> Result<ClaimOutcome>;

    /// The numbers of these gifts at a moment, in the order asked for.
    async fn gift_states(&self, gifts: &[GiftNumber], now: Timestamp) -> Result<Vec<GiftState>>;

    /// Changes a gift's stock, with a fact in the log of its stock. A move changes nothing but that log.
    async fn change_stock(&self, change: &StockChange<'_>) -> Result<StockOutcome>;

    /// Notes whether a gift is on the table of a booth.
    async fn set_gift_available(&self, gift: GiftNumber, booth: &BoothId, available: bool) -> Result<()>;

    /// Keeps an invitation. The first write of an id wins.
    async fn invite(&self, invitation: &Invitation) -> Result<()>;

    /// An invitation with its sessions.
    async fn invitation(&self, id: &InvitationId) -> Result<Option<StoredInvitation>>;

    /// All invitations with their sessions, newest first.
    async fn invitations(&self) -> Result<Vec<StoredInvitation>>;

    /// Begins a staff session, at most `uses` per invitation; the same nonce again is given the
    /// session that it began, also when the invitation is used up or was ended since.
    async fn begin_session(&self, session: &StaffSession, uses: u16) -> Result<JoinOutcome<StoredSession>>;

    /// A staff session. Read with each request of a staff member, so one round trip.
    async fn session(&self, id: &SessionId) -> Result<Option<StoredSession>>;

    /// Ends an invitation: nobody can accept it any more. The first time counts.
    async fn end_invitation(&self, id: &InvitationId, at: Timestamp) -> Result<()>;

    /// Ends a staff session. The first time counts.
    async fn end_session(&self, id: &SessionId, at: Timestamp) -> Result<()>;

    /// All counters of one kind, each added up over all shards and gifts. Those [`TallyPeriod::AllTime`]
    /// are few and asked for often: stores keep them apart from those by the hour.
    async fn tallies(&self, counted: TallyPeriod) -> Result<BTreeMap<Tally, u64>>;

    /// The counters by the hour of that day and of later ones.
    async fn tallies_since(&self, day: LocalDay) -> Result<BTreeMap<Tally, u64>>;

    /// These counters, all of them [`TallyPeriod::AllTime`]; those that counted nothing yet are left out.
    async fn tallies_of(&self, names: &[Tally]) -> Result<BTreeMap<Tally, u64>>;

    /// Notes what may be lost. Not asked again after a failure, which would count twice. Of suspicions that
    /// nobody did anything about, the newest [`Hints::MAX_SUSPICIONS`] or a few more are kept.
    async fn record_hints(&self, notes: &Hints) -> Result<()>;

    /// All that was noted.
    async fn hints(&self) -> Result<Hints>;

    /// When each staff session was last seen.
    async fn last_seen(&self) -> Result<BTreeMap<SessionId, Timestamp>>;

    /// A suspicion, if it was noted.
    async fn suspicion(&self, id: &SuspicionId) -> Result<Option<Suspicion>>;

    /// Keeps what an organiser did about a suspicion; the last counts. With [`SuspicionDecision::Hold`](crate::rules::suspicion::SuspicionDecision::Hold) the
    /// passport is among those that wait ([`ControlState::blocked_passports`]), with [`SuspicionDecision::Release`](crate::rules::suspicion::SuspicionDecision::Release) it no longer is.
    async fn resolve_suspicion(&self, id: &SuspicionId, settled: &Resolution) -> Result<()>;

    /// What was done about suspicions.
    async fn resolutions(&self) -> Result<BTreeMap<SuspicionId, Resolution>>;

    /// Keeps that the poster of a point was seen; the last counts.
    async fn record_poster_check(&self, point: PointNumber, check: &PosterCheck) -> Result<()>;

    /// When each poster was last seen.
    async fn poster_checks(&self) -> Result<BTreeMap<PointNumber, PosterCheck>>;

    /// How many shards of passports there are.
    fn shards(&self) -> u16;

    /// Facts of a log as they are written, from the `from`-th on (0 is the first), at most `limit`.
    async fn log_entries(&self, log: LogId, from: u64, limit: u32) -> Result<Vec<String>>;
}
