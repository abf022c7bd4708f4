//! The embedded store: a redb database in one file, `carnival.redb`.
//!
//! One thread does all writes and commits them in batches (`writer`); a write returns after its commit is on disk.
//! Reads are snapshots on tokio's blocking threads (`handle`). The program that opened the file holds a lock on it; a
//! command line that runs beside a server connects through the [`door`](super::door).

mod administration;
mod export;
mod gifts;
mod handle;
mod hints;
mod journal;
mod open;
mod passports;
mod purge;
mod queries;
mod tables;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use self::handle::DatabaseHandle;
use super::door::Door;
use super::shard::shard_of;
use super::{
    ClaimChange, ClaimOutcome, ControlState, DropOutcome, GiftState, Hints, JoinOutcome, LogId, NewStamps, PosterCheck,
    PublishedVersion, Resolution, Result, StampsOutcome, StockChange, StockOutcome, Store, StoredClaim,
    StoredInvitation, StoredSession,
};
use crate::rules::check_ins::passport::Passport;
use crate::rules::check_ins::suspicion::{Suspicion, SuspicionId};
use crate::rules::gifts::claim::Claim;
use crate::rules::gifts::voucher::Voucher;
use crate::rules::ids::{
    BoothId, CardSerial, ClaimantId, Generation, GiftNumber, Holder, InvitationId, PointNumber, ResidentId, SessionId,
};
use crate::rules::staff::{Invitation, StaffSession};
use crate::rules::statistics::tally::{LocalDay, Tally, TallyPeriod};
use tables::holder_key;

pub use open::{OpenError, Options, open_embedded, open_or_connect};

/// Present in the table `meta` during an import; such a store cannot be opened.
const IMPORTING: &str = "importing";

/// The embedded store. Dropping it closes its door, completes the queued writes, and closes the database.
pub struct EmbeddedStore {
    /// Declared before the handle: fields are dropped in order, and an open door holds the handle too.
    _door: Option<Door>,
    handle: Arc<DatabaseHandle>,
}

#[async_trait]
impl Store for EmbeddedStore {
    async fn ping(&self) -> Result<()> {
        // Through the writer, so that a store that cannot write does not count as available.
        self.handle.write(|_| Ok(())).await
    }

    async fn control(&self) -> Result<ControlState> {
        self.handle.read(queries::control).await
    }

    async fn published_version(&self, version: u64) -> Result<Option<PublishedVersion>> {
        self.handle.read(move |snapshot| queries::published_version(snapshot, version)).await
    }

    async fn publish(&self, after: u64, published: &PublishedVersion, stock: &[(GiftNumber, u32)]) -> Result<u64> {
        let (published, stock) = (published.clone(), stock.to_vec());
        self.handle.write(move |tables| administration::publish(tables, after, published, &stock)).await
    }

    async fn reissue(&self, point: PointNumber, from: Generation) -> Result<Generation> {
        self.handle.write(move |tables| administration::reissue(tables, point, from)).await
    }

    async fn init_marker(&self, name: &str, value: u64) -> Result<u64> {
        let name = format!("mark-{name}");
        self.handle.write(move |tables| administration::init_marker(tables, &name, value)).await
    }

    async fn take_serials(&self, count: u32) -> Result<CardSerial> {
        self.handle.write(move |tables| administration::take_serials(tables, count)).await
    }

    async fn passport(&self, holder: Holder) -> Result<Option<Passport>> {
        let key = holder_key(holder, self.handle.shards);
        self.handle.read(move |snapshot| queries::passport(snapshot, &key)).await
    }

    async fn stamp(&self, new: &NewStamps<'_>) -> Result<StampsOutcome> {
        let write = passports::StampWrite {
            key: holder_key(new.holder, self.handle.shards),
            shard: shard_of(new.holder, self.handle.shards),
            new_number: new.new_number.clone(),
            points: new.points.to_vec(),
            routes: Arc::clone(new.routes),
            how: new.how.clone(),
            moment: new.moment,
        };
        self.handle.write(move |tables| passports::stamp(tables, &write)).await
    }

    async fn erase_passport(&self, holder: Holder) -> Result<()> {
        let key = holder_key(holder, self.handle.shards);
        self.handle.write(move |tables| passports::erase_passport(tables, &key)).await
    }

    async fn add_companion(&self, resident: ResidentId, companion: CardSerial, limit: u16) -> Result<JoinOutcome<()>> {
        self.handle.write(move |tables| passports::add_companion(tables, resident, companion, limit)).await
    }

    async fn remove_companion(&self, resident: ResidentId, companion: CardSerial) -> Result<()> {
        self.handle.write(move |tables| passports::remove_companion(tables, resident, companion)).await
    }

    async fn remove_companions(&self, resident: ResidentId) -> Result<()> {
        self.handle.write(move |tables| passports::remove_companions(tables, resident)).await
    }

    async fn companions(&self, resident: ResidentId) -> Result<Vec<CardSerial>> {
        self.handle.read(move |snapshot| queries::companions(snapshot, resident)).await
    }

    async fn claims(&self, of: &[(GiftNumber, ClaimantId)]) -> Result<Vec<Option<StoredClaim>>> {
        let of = of.to_vec();
        self.handle.read(move |snapshot| queries::claims(snapshot, &of)).await
    }

    async fn claim_by_voucher(&self, voucher: Voucher) -> Result<Option<StoredClaim>> {
        self.handle.read(move |snapshot| queries::claim_by_voucher(snapshot, voucher)).await
    }

    async fn change_claim(&self, change: &ClaimChange<'_>) -> Result<ClaimOutcome> {
        let change = gifts::ClaimWrite::new(change)?;
        self.handle.write(move |tables| gifts::change_claim(tables, &change)).await
    }

    async fn drop_claim(&self, stored: &StoredClaim, at: Timestamp) -> Result<DropOutcome> {
        let stored = stored.clone();
        self.handle.write(move |tables| gifts::drop_claim(tables, &stored, at)).await
    }

    async fn anonymise_claim(&self, stored: &StoredClaim, replacement: &Claim) -> Result<ClaimOutcome> {
        let (stored, replacement) = (stored.clone(), replacement.clone());
        self.handle.write(move |tables| gifts::anonymise_claim(tables, &stored, &replacement)).await
    }

    async fn gift_states(&self, gifts: &[GiftNumber], now: Timestamp) -> Result<Vec<GiftState>> {
        let gifts = gifts.to_vec();
        self.handle.read(move |snapshot| queries::gift_states(snapshot, &gifts, now)).await
    }

    async fn change_stock(&self, change: &StockChange<'_>) -> Result<StockOutcome> {
        let change = gifts::StockWrite::new(change)?;
        self.handle.write(move |tables| gifts::change_stock(tables, &change)).await
    }

    async fn set_gift_available(&self, gift: GiftNumber, booth: &BoothId, available: bool) -> Result<()> {
        let booth = booth.clone();
        self.handle.write(move |tables| gifts::set_gift_available(tables, gift, &booth, available)).await
    }

    async fn invite(&self, invitation: &Invitation) -> Result<()> {
        let invitation = invitation.clone();
        self.handle.write(move |tables| administration::invite(tables, &invitation)).await
    }

    async fn invitation(&self, id: &InvitationId) -> Result<Option<StoredInvitation>> {
        let id = id.clone();
        self.handle.read(move |snapshot| queries::invitation(snapshot, &id)).await
    }

    async fn invitations(&self) -> Result<Vec<StoredInvitation>> {
        self.handle.read(queries::invitations).await
    }

    async fn begin_session(&self, session: &StaffSession, uses: u16) -> Result<JoinOutcome<StoredSession>> {
        let session = session.clone();
        self.handle.write(move |tables| administration::begin_session(tables, session, uses)).await
    }

    async fn session(&self, id: &SessionId) -> Result<Option<StoredSession>> {
        let id = id.clone();
        self.handle.read(move |snapshot| queries::session(snapshot, &id)).await
    }

    async fn end_invitation(&self, id: &InvitationId, at: Timestamp) -> Result<()> {
        let id = id.clone();
        self.handle.write(move |tables| administration::end_invitation(tables, &id, at)).await
    }

    async fn end_session(&self, id: &SessionId, at: Timestamp) -> Result<()> {
        let id = id.clone();
        self.handle.write(move |tables| administration::end_session(tables, &id, at)).await
    }

    async fn tallies(&self, period: TallyPeriod) -> Result<BTreeMap<Tally, u64>> {
        self.handle.read(move |snapshot| queries::tallies(snapshot, period)).await
    }

    async fn tallies_since(&self, day: LocalDay) -> Result<BTreeMap<Tally, u64>> {
        self.handle.read(move |snapshot| queries::tallies_since(snapshot, day)).await
    }

    async fn tallies_of(&self, names: &[Tally]) -> Result<BTreeMap<Tally, u64>> {
        let names = names.to_vec();
        self.handle.read(move |snapshot| queries::tallies_of(snapshot, names)).await
    }

    async fn record_hints(&self, new_hints: &Hints) -> Result<()> {
        let new_hints = new_hints.clone();
        self.handle.write(move |tables| hints::record(tables, &new_hints)).await
    }

    async fn hints(&self) -> Result<Hints> {
        self.handle.read(hints::hints).await
    }

    async fn last_seen(&self) -> Result<BTreeMap<SessionId, Timestamp>> {
        self.handle.read(hints::last_seen).await
    }

    async fn suspicion(&self, id: &SuspicionId) -> Result<Option<Suspicion>> {
        let id = id.clone();
        self.handle.read(move |snapshot| hints::suspicion(snapshot, &id)).await
    }

    async fn resolve_suspicion(&self, id: &SuspicionId, resolution: &Resolution) -> Result<()> {
        let (id, resolution) = (id.clone(), resolution.clone());
        self.handle.write(move |tables| hints::resolve_suspicion(tables, &id, &resolution)).await
    }

    async fn resolutions(&self) -> Result<BTreeMap<SuspicionId, Resolution>> {
        self.handle.read(hints::resolutions).await
    }

    async fn record_poster_check(&self, point: PointNumber, check: &PosterCheck) -> Result<()> {
        let check = check.clone();
        self.handle.write(move |tables| hints::record_poster_check(tables, point, &check)).await
    }

    async fn poster_checks(&self) -> Result<BTreeMap<PointNumber, PosterCheck>> {
        self.handle.read(hints::poster_checks).await
    }

    fn shards(&self) -> u16 {
        self.handle.shards
    }

    async fn log_entries(&self, log: LogId, from: u64, limit: u32) -> Result<Vec<String>> {
        self.handle.read(move |snapshot| journal::log_entries(snapshot, log, from, limit)).await
    }
}
