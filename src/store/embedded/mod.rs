//! The embedded store: a redb database in one file, `carnival.redb`.
//!
//! One thread owns all writes and shares commits among them (`writer`); an answer is given after
//! its commit is on disk. Reads are snapshots, taken on tokio's blocking threads (`core`). The file
//! is locked by the program that opened it; a command line beside a running server comes in by the
//! [`door`](super::door).

mod archive;
mod core;
mod gifts;
mod journal;
mod notes;
mod open;
mod organisers;
mod passports;
mod purge;
mod reads;
mod tables;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use self::core::Core;
use super::door::Door;
use super::shard::shard_of;
use super::{
    Changed, ClaimChange, Control, Dropped, GiftState, Joined, KeptClaim, KeptInvitation, KeptSession, Log, NewStamps,
    Notes, PosterCheck, Published, Restocked, Result, Settled, Stamped, StockChange, Store,
};
use crate::rules::claim::Claim;
use crate::rules::ids::{
    BoothId, CardSerial, ClaimantId, Generation, GiftNumber, Holder, InvitationId, PointNumber, ResidentId, SessionId,
};
use crate::rules::passport::Passport;
use crate::rules::staff::{Invitation, StaffSession};
use crate::rules::suspicion::{Suspicion, SuspicionId};
use crate::rules::tally::{LocalDay, Tally, TallyPeriod};
use crate::rules::voucher::Voucher;
use tables::holder_key;

pub use open::{OpenError, Options, open_embedded, open_or_knock};

/// In the table `meta` while the store is moved into: nobody else opens it.
const IMPORTING: &str = "importing";

/// The store. Dropping it ends its door, then its writer after the steps that wait, and closes the
/// database.
pub struct Embedded {
    /// Before the core: fields are dropped in order, and an open door holds the core too.
    _door: Option<Door>,
    core: Arc<Core>,
}

#[async_trait]
impl Store for Embedded {
    async fn ping(&self) -> Result<()> {
        // By way of the writer: a store that cannot write does not answer.
        self.core.write(|_| Ok(())).await
    }

    async fn control(&self) -> Result<Control> {
        self.core.read(reads::control).await
    }

    async fn published(&self, version: u64) -> Result<Option<Published>> {
        self.core.read(move |snapshot| reads::published(snapshot, version)).await
    }

    async fn publish(&self, after: u64, published: &Published, stock: &[(GiftNumber, u32)]) -> Result<u64> {
        let (published, stock) = (published.clone(), stock.to_vec());
        self.core.write(move |tables| organisers::publish(tables, after, published, &stock)).await
    }

    async fn reissue(&self, point: PointNumber, from: Generation) -> Result<Generation> {
        self.core.write(move |tables| organisers::reissue(tables, point, from)).await
    }

    async fn mark(&self, name: &str, value: u64) -> Result<u64> {
        let name = format!("mark-{name}");
        self.core.write(move |tables| organisers::mark(tables, &name, value)).await
    }

    async fn take_serials(&self, count: u32) -> Result<CardSerial> {
        self.core.write(move |tables| organisers::take_serials(tables, count)).await
    }

    async fn passport(&self, holder: Holder) -> Result<Option<Passport>> {
        let key = holder_key(holder, self.core.shards);
        self.core.read(move |snapshot| reads::passport(snapshot, &key)).await
    }

    async fn stamp(&self, new: &NewStamps<'_>) -> Result<Stamped> {
        let stamping = passports::Stamping {
            key: holder_key(new.holder, self.core.shards),
            shard: shard_of(new.holder, self.core.shards),
            fresh: new.fresh.clone(),
            points: new.points.to_vec(),
            routes: Arc::clone(new.routes),
            how: new.how.clone(),
            moment: new.moment,
        };
        self.core.write(move |tables| passports::stamp(tables, &stamping)).await
    }

    async fn erase_passport(&self, holder: Holder) -> Result<()> {
        let key = holder_key(holder, self.core.shards);
        self.core.write(move |tables| passports::erase_passport(tables, &key)).await
    }

    async fn add_companion(&self, resident: ResidentId, companion: CardSerial, limit: u16) -> Result<Joined<()>> {
        self.core.write(move |tables| passports::add_companion(tables, resident, companion, limit)).await
    }

    async fn remove_companion(&self, resident: ResidentId, companion: CardSerial) -> Result<()> {
        self.core.write(move |tables| passports::remove_companion(tables, resident, companion)).await
    }

    async fn remove_companions(&self, resident: ResidentId) -> Result<()> {
        self.core.write(move |tables| passports::remove_companions(tables, resident)).await
    }

    async fn companions(&self, resident: ResidentId) -> Result<Vec<CardSerial>> {
        self.core.read(move |snapshot| reads::companions(snapshot, resident)).await
    }

    async fn claims(&self, of: &[(GiftNumber, ClaimantId)]) -> Result<Vec<Option<KeptClaim>>> {
        let of = of.to_vec();
        self.core.read(move |snapshot| reads::claims(snapshot, &of)).await
    }

    async fn claim_by_voucher(&self, voucher: Voucher) -> Result<Option<KeptClaim>> {
        self.core.read(move |snapshot| reads::claim_by_voucher(snapshot, voucher)).await
    }

    async fn change_claim(&self, change: &ClaimChange<'_>) -> Result<Changed> {
        let change = gifts::Change::new(change)?;
        self.core.write(move |tables| gifts::change_claim(tables, &change)).await
    }

    async fn drop_claim(&self, kept: &KeptClaim, at: Timestamp) -> Result<Dropped> {
        let kept = kept.clone();
        self.core.write(move |tables| gifts::drop_claim(tables, &kept, at)).await
    }

    async fn forget_claim(&self, kept: &KeptClaim, instead: &Claim) -> Result<Changed> {
        let (kept, instead) = (kept.clone(), instead.clone());
        self.core.write(move |tables| gifts::forget_claim(tables, &kept, &instead)).await
    }

    async fn gifts(&self, gifts: &[GiftNumber], now: Timestamp) -> Result<Vec<GiftState>> {
        let gifts = gifts.to_vec();
        self.core.read(move |snapshot| reads::gifts(snapshot, &gifts, now)).await
    }

    async fn change_stock(&self, change: &StockChange<'_>) -> Result<Restocked> {
        let change = gifts::Restock::new(change)?;
        self.core.write(move |tables| gifts::change_stock(tables, &change)).await
    }

    async fn set_here(&self, gift: GiftNumber, booth: &BoothId, available: bool) -> Result<()> {
        let booth = booth.clone();
        self.core.write(move |tables| gifts::set_here(tables, gift, &booth, available)).await
    }

    async fn invite(&self, invitation: &Invitation) -> Result<()> {
        let invitation = invitation.clone();
        self.core.write(move |tables| organisers::invite(tables, &invitation)).await
    }

    async fn invitation(&self, id: &InvitationId) -> Result<Option<KeptInvitation>> {
        let id = id.clone();
        self.core.read(move |snapshot| reads::invitation(snapshot, &id)).await
    }

    async fn invitations(&self) -> Result<Vec<KeptInvitation>> {
        self.core.read(reads::invitations).await
    }

    async fn begin_session(&self, session: &StaffSession, uses: u16) -> Result<Joined<KeptSession>> {
        let session = session.clone();
        self.core.write(move |tables| organisers::begin_session(tables, session, uses)).await
    }

    async fn session(&self, id: &SessionId) -> Result<Option<KeptSession>> {
        let id = id.clone();
        self.core.read(move |snapshot| reads::session(snapshot, &id)).await
    }

    async fn end_invitation(&self, id: &InvitationId, at: Timestamp) -> Result<()> {
        let id = id.clone();
        self.core.write(move |tables| organisers::end_invitation(tables, &id, at)).await
    }

    async fn end_session(&self, id: &SessionId, at: Timestamp) -> Result<()> {
        let id = id.clone();
        self.core.write(move |tables| organisers::end_session(tables, &id, at)).await
    }

    async fn tallies(&self, counted: TallyPeriod) -> Result<BTreeMap<Tally, u64>> {
        self.core.read(move |snapshot| reads::tallies(snapshot, counted)).await
    }

    async fn tallies_since(&self, day: LocalDay) -> Result<BTreeMap<Tally, u64>> {
        self.core.read(move |snapshot| reads::tallies_since(snapshot, day)).await
    }

    async fn tallies_named(&self, names: &[Tally]) -> Result<BTreeMap<Tally, u64>> {
        let names = names.to_vec();
        self.core.read(move |snapshot| reads::tallies_named(snapshot, names)).await
    }

    async fn note(&self, noted: &Notes) -> Result<()> {
        let noted = noted.clone();
        self.core.write(move |tables| notes::note(tables, &noted)).await
    }

    async fn notes(&self) -> Result<Notes> {
        self.core.read(notes::notes).await
    }

    async fn seen(&self) -> Result<BTreeMap<SessionId, Timestamp>> {
        self.core.read(notes::seen).await
    }

    async fn suspicion(&self, id: &SuspicionId) -> Result<Option<Suspicion>> {
        let id = id.clone();
        self.core.read(move |snapshot| notes::suspicion(snapshot, &id)).await
    }

    async fn settle(&self, id: &SuspicionId, settled: &Settled) -> Result<()> {
        let (id, settled) = (id.clone(), settled.clone());
        self.core.write(move |tables| notes::settle(tables, &id, &settled)).await
    }

    async fn settled(&self) -> Result<BTreeMap<SuspicionId, Settled>> {
        self.core.read(notes::settled).await
    }

    async fn see_poster(&self, point: PointNumber, check: &PosterCheck) -> Result<()> {
        let check = check.clone();
        self.core.write(move |tables| notes::see_poster(tables, point, &check)).await
    }

    async fn posters(&self) -> Result<BTreeMap<PointNumber, PosterCheck>> {
        self.core.read(notes::posters).await
    }

    fn shards(&self) -> u16 {
        self.core.shards
    }

    async fn facts(&self, log: Log, from: u64, limit: u32) -> Result<Vec<String>> {
        self.core.read(move |snapshot| journal::facts(snapshot, log, from, limit)).await
    }
}
