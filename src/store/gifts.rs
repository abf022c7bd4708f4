//! Claims, vouchers and stock.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Result;
use crate::rules::gifts::claim_lifecycle::{Claim, ClaimEvent, StaffActor};
use crate::rules::gifts::stock::StockReason;
use crate::rules::gifts::voucher::Voucher;
use crate::rules::ids::{BoothId, ClaimantId, GiftNumber, Nonce, SessionId};
use crate::rules::statistics::tally::Tally;

/// Maximum stock of a gift: half of its vouchers, so that a free voucher is found with few draws.
pub(super) const MAX_STOCK: u32 = Voucher::PER_GIFT / 2;

/// Claims, vouchers and stock.
#[async_trait]
pub trait GiftStore: Send + Sync {
    /// The claims of these claimants, one gift each, in the order of the argument.
    async fn claims(&self, of: &[(GiftNumber, ClaimantId)]) -> Result<Vec<Option<StoredClaim>>>;

    /// The claim with this voucher.
    async fn claim_by_voucher(&self, voucher: Voucher) -> Result<Option<StoredClaim>>;

    /// Updates a claim if the stored record still equals the expected one (compare-and-swap). The same step checks
    /// that no other claim of this gift has or had the voucher, that the redeemed count never exceeds the stock, and, with
    /// `needs_left`, that at least one gift is left: stock − redeemed − other claims held at `at` (`held_until >=
    /// at`, not redeemed) ≥ 1. It also adjusts the redeemed count by the claim before and after, and writes the log
    /// entry and the counters.
    async fn change_claim(&self, change: &ClaimChange<'_>) -> Result<ClaimOutcome>;

    /// Deletes a claim without an active redemption if the stored record still equals the given one. Its hold becomes
    /// free, a log entry records the deletion, and its voucher becomes unknown and is never used again.
    async fn drop_claim(&self, stored: &StoredClaim, at: Timestamp) -> Result<ClaimOutcome>;

    /// Replaces the record of a redeemed claim if the stored record still equals the given one. The claimant keeps
    /// the claim under another voucher; the old voucher becomes unknown and is never used again. Counts and log do not change. Never returns
    /// [`ClaimOutcome::SoldOut`].
    async fn anonymise_claim(&self, stored: &StoredClaim, replacement: &Claim) -> Result<ClaimOutcome>;

    /// Stock and availability of these gifts at a moment, in the order of the argument.
    async fn gift_states(&self, gifts: &[GiftNumber], now: Timestamp) -> Result<Vec<GiftState>>;

    /// Changes a gift's stock and appends the entry, which has a nonce, to its stock log. A move from the storeroom to a
    /// booth changes only the log. An entry whose session and nonce were seen changes nothing; if its content is
    /// another one, the outcome says so.
    async fn change_stock(&self, gift: GiftNumber, change: &StockLogEntry) -> Result<StockOutcome>;

    /// Records whether a gift is available at a booth.
    async fn set_gift_available(&self, gift: GiftNumber, booth: &BoothId, available: bool) -> Result<()>;
}

/// A claim as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredClaim {
    /// The claimant, as a keyed hash for this gift only.
    pub claimer: ClaimantId,
    /// The claim.
    #[serde(flatten)]
    pub claim: Claim,
    /// The record as stored; the value for [`ClaimChange::expected`].
    #[serde(skip)]
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

/// The result of updating or deleting a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClaimOutcome {
    /// The update was stored, or the claim and its voucher are deleted.
    Updated,
    /// The claim changed since it was read: decide again with the stored record (`None`: there is none).
    Conflict(Option<StoredClaim>),
    /// No gift is left.
    SoldOut,
    /// Another claim of this gift has this voucher, or an erased one had it: draw another voucher.
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

/// A change of a gift's stock, as in the log of its stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLogEntry {
    /// When.
    pub at: Timestamp,
    /// The reason.
    pub reason: StockReason,
    /// The difference, positive or negative; for a move, how many were carried to the booth.
    pub change: i64,
    /// The booth; `None` is the storeroom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booth: Option<BoothId>,
    /// A remark as free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Who changed it, as free text.
    pub by: String,
    /// Their staff session, to which the nonce belongs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The client's idempotency key; the initial stock has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Nonce>,
}

/// The result of a change of stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StockOutcome {
    /// The numbers afterwards. A repeat returns the current numbers.
    Updated(Stock),
    /// The stock would fall below held + redeemed, or exceed half of
    /// [`PER_GIFT`](Voucher::PER_GIFT): nothing changed.
    OutOfBounds(Stock),
    /// The session has used the nonce for another change: nothing changed.
    NonceReused,
}
