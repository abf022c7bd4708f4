//! Access to a store that another program of this machine has open: a socket beside its database, so that `carnival
//! invite` works while the server runs.
//!
//! One request per connection: a frame of JSON, answered by another. A frame is its length as four big-endian bytes,
//! followed by the JSON, 16 MiB at most. A user who may open the socket may open the database too: only the owner of
//! the folder has access to either.

mod server;
mod visitor;

use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Duration, error::Elapsed};

pub(super) use server::Door;
pub use visitor::Visitor;

use super::record::StockLogEntry;
use super::{Hints, LogId, PublishedVersion, RecordChange, RecordKind, RoutePoints, StoredClaim};
use crate::rules::check_ins::passport::StampSource;
use crate::rules::gifts::claim::{Claim, ClaimEvent, StaffActor};
use crate::rules::gifts::voucher::Voucher;
use crate::rules::ids::{
    BoothId, CardSerial, ClaimantId, Generation, GiftNumber, Holder, InvitationId, PassportNumber, PointNumber,
    ResidentId, SessionId,
};
use crate::rules::staff::{Invitation, StaffSession};
use crate::rules::statistics::tally::{LocalDay, LocalMoment, Tally, TallyPeriod};

/// The socket in the folder of the database.
const SOCKET: &str = "carnival.sock";

/// Maximum length of a frame in bytes.
const MOST: u32 = 16 << 20;

/// How long one side waits for the other.
const PATIENCE: Duration = Duration::from_secs(15);

/// A method of [`Store`](super::Store) with its arguments. The answer is the method's result, including an error.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Request {
    Ping,
    Shards,
    Control,
    Published(u64),
    Publish {
        after: u64,
        published: PublishedVersion,
        stock: Vec<(GiftNumber, u32)>,
    },
    Reissue {
        point: PointNumber,
        from: Generation,
    },
    TakeSerials(u32),
    Passport(Holder),
    Stamp {
        holder: Holder,
        fresh: PassportNumber,
        points: Vec<PointNumber>,
        routes: Vec<RoutePoints>,
        how: StampSource,
        moment: LocalMoment,
    },
    ErasePassport(Holder),
    AddCompanion {
        resident: ResidentId,
        companion: CardSerial,
        limit: u16,
    },
    RemoveCompanions {
        resident: ResidentId,
        companion: Option<CardSerial>,
    },
    Companions(ResidentId),
    Claims(Vec<(GiftNumber, ClaimantId)>),
    ClaimByVoucher(Voucher),
    ChangeClaim {
        claimer: ClaimantId,
        seen: Option<String>,
        claim: Box<Claim>,
        needs_left: bool,
        event: ClaimEvent,
        by: Option<StaffActor>,
        at: Timestamp,
        tallies: Vec<Tally>,
    },
    DropClaim {
        stored: Box<StoredClaim>,
        at: Timestamp,
    },
    ForgetClaim {
        stored: Box<StoredClaim>,
        instead: Box<Claim>,
    },
    Gifts {
        gifts: Vec<GiftNumber>,
        now: Timestamp,
    },
    ChangeStock {
        gift: GiftNumber,
        change: StockLogEntry,
    },
    SetHere {
        gift: GiftNumber,
        booth: BoothId,
        available: bool,
    },
    Invite(Invitation),
    Invitation(InvitationId),
    Invitations,
    BeginSession {
        session: StaffSession,
        uses: u16,
    },
    Session(SessionId),
    EndInvitation {
        id: InvitationId,
        at: Timestamp,
    },
    EndSession {
        id: SessionId,
        at: Timestamp,
    },
    Tallies(TallyPeriod),
    TalliesSince(LocalDay),
    TalliesNamed(Vec<Tally>),
    Note(Hints),
    Hints,
    Seen,
    Record {
        kind: RecordKind,
        key: String,
    },
    Records(RecordKind),
    ChangeRecords(Vec<RecordChange>),
    Facts {
        log: LogId,
        from: u64,
        limit: u32,
    },
}

async fn read_frame(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let length = from.read_u32().await?;
    if length > MOST {
        return Err(io::Error::other(format!("a frame of {length} bytes is too long")));
    }
    // Allocates for the bytes that arrive, not for the announced length.
    let mut frame = Vec::new();
    from.take(u64::from(length)).read_to_end(&mut frame).await?;
    if frame.len() == length as usize { Ok(frame) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

async fn write_frame(to: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> io::Result<()> {
    let length = u32::try_from(frame.len()).ok().filter(|length| *length <= MOST);
    let length = length.ok_or_else(|| io::Error::other("the content is too long for one frame"))?;
    to.write_u32(length).await?;
    to.write_all(frame).await?;
    to.flush().await
}

fn too_slow(_: Elapsed) -> io::Error {
    io::ErrorKind::TimedOut.into()
}
