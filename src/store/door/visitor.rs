//! The client side: the command line.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::{PATIENCE, Request, SOCKET, read_frame, too_slow, write_frame};
use crate::rules::check_ins::passport::Passport;
use crate::rules::gifts::claim::Claim;
use crate::rules::gifts::voucher::Voucher;
use crate::rules::ids::{
    BoothId, CardSerial, ClaimantId, Generation, GiftNumber, Holder, InvitationId, PointNumber, ResidentId, SessionId,
};
use crate::rules::staff::{Invitation, StaffSession};
use crate::rules::statistics::tally::{LocalDay, Tally, TallyPeriod};
use crate::store::record::StockLogEntry;
use crate::store::{
    ClaimChange, ClaimOutcome, ControlRecord, ControlState, ControlStore, CounterStore, DropOutcome, GiftState,
    GiftStore, HintStore, Hints, JoinOutcome, LogId, NewStamps, PassportStore, PublishedVersion, RecordChange,
    RecordKind, RecordStore, Result, StaffStore, StampsOutcome, StockOutcome, StoreError, StoredClaim,
    StoredInvitation, StoredSession,
};

/// A store that forwards all calls to the program that has the database open.
#[derive(Debug)]
pub struct Visitor {
    socket: PathBuf,
    shards: u16,
}

impl Visitor {
    /// Connects to the door of the database in this folder.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if there is no answer.
    pub async fn knock(folder: &Path) -> Result<Visitor> {
        let mut visitor = Visitor { socket: folder.join(SOCKET), shards: 0 };
        visitor.shards = visitor.ask(&Request::Shards).await?;
        Ok(visitor)
    }

    async fn ask<T: DeserializeOwned>(&self, request: &Request) -> Result<T> {
        let unavailable = |error: io::Error| StoreError::Unavailable(format!("{}: {error}", self.socket.display()));
        let broken = |error: serde_json::Error| StoreError::Broken(format!("at the door: {error}"));
        let request = serde_json::to_vec(request).map_err(broken)?;
        let exchange = async {
            let mut stream = UnixStream::connect(&self.socket).await?;
            write_frame(&mut stream, &request).await?;
            read_frame(&mut stream).await
        };
        let answer = timeout(PATIENCE, exchange).await.map_err(too_slow).flatten().map_err(unavailable)?;
        serde_json::from_slice::<Result<T>>(&answer).map_err(broken)?
    }
}

#[async_trait]
impl PassportStore for Visitor {
    async fn passport(&self, holder: Holder) -> Result<Option<Passport>> {
        self.ask(&Request::Passport(holder)).await
    }

    async fn stamp(&self, new: &NewStamps) -> Result<StampsOutcome> {
        let request = Request::Stamp {
            holder: new.holder,
            fresh: new.new_number.clone(),
            points: new.points.clone(),
            routes: new.routes.to_vec(),
            how: new.how.clone(),
            moment: new.moment,
        };
        self.ask(&request).await
    }

    async fn erase_passport(&self, holder: Holder) -> Result<()> {
        self.ask(&Request::ErasePassport(holder)).await
    }

    async fn add_companion(&self, resident: ResidentId, companion: CardSerial, limit: u16) -> Result<JoinOutcome<()>> {
        self.ask(&Request::AddCompanion { resident, companion, limit }).await
    }

    async fn remove_companions(&self, resident: ResidentId, companion: Option<CardSerial>) -> Result<()> {
        self.ask(&Request::RemoveCompanions { resident, companion }).await
    }

    async fn companions(&self, resident: ResidentId) -> Result<Vec<CardSerial>> {
        self.ask(&Request::Companions(resident)).await
    }
}

#[async_trait]
impl GiftStore for Visitor {
    async fn claims(&self, of: &[(GiftNumber, ClaimantId)]) -> Result<Vec<Option<StoredClaim>>> {
        self.ask(&Request::Claims(of.to_vec())).await
    }

    async fn claim_by_voucher(&self, voucher: Voucher) -> Result<Option<StoredClaim>> {
        self.ask(&Request::ClaimByVoucher(voucher)).await
    }

    async fn change_claim(&self, change: &ClaimChange<'_>) -> Result<ClaimOutcome> {
        let request = Request::ChangeClaim {
            claimer: change.claimer,
            seen: change.expected.map(str::to_owned),
            claim: Box::new(change.claim.clone()),
            needs_left: change.needs_left,
            event: change.event,
            by: change.by.cloned(),
            at: change.at,
            tallies: change.tallies.to_vec(),
        };
        self.ask(&request).await
    }

    async fn drop_claim(&self, stored: &StoredClaim, at: Timestamp) -> Result<DropOutcome> {
        self.ask(&Request::DropClaim { stored: Box::new(stored.clone()), at }).await
    }

    async fn anonymise_claim(&self, stored: &StoredClaim, instead: &Claim) -> Result<ClaimOutcome> {
        self.ask(&Request::ForgetClaim { stored: Box::new(stored.clone()), instead: Box::new(instead.clone()) }).await
    }

    async fn gift_states(&self, gifts: &[GiftNumber], now: Timestamp) -> Result<Vec<GiftState>> {
        self.ask(&Request::Gifts { gifts: gifts.to_vec(), now }).await
    }

    async fn change_stock(&self, gift: GiftNumber, change: &StockLogEntry) -> Result<StockOutcome> {
        self.ask(&Request::ChangeStock { gift, change: change.clone() }).await
    }

    async fn set_gift_available(&self, gift: GiftNumber, booth: &BoothId, available: bool) -> Result<()> {
        self.ask(&Request::SetHere { gift, booth: booth.clone(), available }).await
    }
}

#[async_trait]
impl StaffStore for Visitor {
    async fn invite(&self, invitation: &Invitation) -> Result<()> {
        self.ask(&Request::Invite(invitation.clone())).await
    }

    async fn invitation(&self, id: &InvitationId) -> Result<Option<StoredInvitation>> {
        self.ask(&Request::Invitation(id.clone())).await
    }

    async fn invitations(&self) -> Result<Vec<StoredInvitation>> {
        self.ask(&Request::Invitations).await
    }

    async fn begin_session(&self, session: &StaffSession, uses: u16) -> Result<JoinOutcome<StoredSession>> {
        self.ask(&Request::BeginSession { session: session.clone(), uses }).await
    }

    async fn session(&self, id: &SessionId) -> Result<Option<StoredSession>> {
        self.ask(&Request::Session(id.clone())).await
    }

    async fn end_invitation(&self, id: &InvitationId, at: Timestamp) -> Result<()> {
        self.ask(&Request::EndInvitation { id: id.clone(), at }).await
    }

    async fn end_session(&self, id: &SessionId, at: Timestamp) -> Result<()> {
        self.ask(&Request::EndSession { id: id.clone(), at }).await
    }
}

#[async_trait]
impl ControlStore for Visitor {
    async fn ping(&self) -> Result<()> {
        self.ask(&Request::Ping).await
    }

    async fn control(&self) -> Result<ControlState> {
        self.ask(&Request::Control).await
    }

    async fn published_version(&self, version: u64) -> Result<Option<PublishedVersion>> {
        self.ask(&Request::Published(version)).await
    }

    async fn publish(&self, after: u64, published: &PublishedVersion, stock: &[(GiftNumber, u32)]) -> Result<u64> {
        self.ask(&Request::Publish { after, published: published.clone(), stock: stock.to_vec() }).await
    }

    async fn reissue(&self, point: PointNumber, from: Generation) -> Result<Generation> {
        self.ask(&Request::Reissue { point, from }).await
    }

    async fn take_serials(&self, count: u32) -> Result<CardSerial> {
        self.ask(&Request::TakeSerials(count)).await
    }
}

#[async_trait]
impl CounterStore for Visitor {
    async fn tallies(&self, counted: TallyPeriod) -> Result<BTreeMap<Tally, u64>> {
        self.ask(&Request::Tallies(counted)).await
    }

    async fn tallies_since(&self, day: LocalDay) -> Result<BTreeMap<Tally, u64>> {
        self.ask(&Request::TalliesSince(day)).await
    }

    async fn tallies_of(&self, names: &[Tally]) -> Result<BTreeMap<Tally, u64>> {
        self.ask(&Request::TalliesNamed(names.to_vec())).await
    }

    fn shards(&self) -> u16 {
        self.shards
    }

    async fn log_entries(&self, log: LogId, from: u64, limit: u32) -> Result<Vec<String>> {
        self.ask(&Request::Facts { log, from, limit }).await
    }
}

#[async_trait]
impl HintStore for Visitor {
    async fn record_hints(&self, notes: &Hints) -> Result<()> {
        self.ask(&Request::Note(notes.clone())).await
    }

    async fn hints(&self) -> Result<Hints> {
        self.ask(&Request::Hints).await
    }

    async fn last_seen(&self) -> Result<BTreeMap<SessionId, Timestamp>> {
        self.ask(&Request::Seen).await
    }
}

#[async_trait]
impl RecordStore for Visitor {
    async fn record(&self, kind: RecordKind, key: &str) -> Result<Option<ControlRecord>> {
        self.ask(&Request::Record { kind, key: key.to_owned() }).await
    }

    async fn records(&self, kind: RecordKind) -> Result<Vec<ControlRecord>> {
        self.ask(&Request::Records(kind)).await
    }

    async fn change_records(&self, changes: &[RecordChange]) -> Result<bool> {
        self.ask(&Request::ChangeRecords(changes.to_vec())).await
    }
}
