//! The embedded store: a redb database in one file, `carnival.redb`.
//!
//! One thread owns all writes and shares commits among them (`writer`); an answer is given after
//! its commit is on disk. Reads are snapshots, taken on tokio's blocking threads: most cost
//! microseconds, but one that misses the cache waits for the disk, and a commit can hold the lock
//! that a snapshot needs while it waits for the disk, too; neither may stop an async thread. At
//! most [`READS`] of them are under way.
//!
//! The file is locked by the program that opened it; a command line beside a running server comes
//! in by the [`door`](super::door).

mod gifts;
mod organisers;
mod passports;
mod reads;
mod tables;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeMap;
use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use redb::backends::FileBackend;
use redb::{Database, DatabaseError, ReadTransaction, ReadableDatabase, ReadableTable};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::shard::shard_of;
use super::{
    Changed, ClaimChange, Control, GiftState, Joined, KeptClaim, KeptInvitation, KeptSession, Log, NewStamps,
    Published, Restocked, Result, Stamped, StockChange, Store, StoreError,
};
use crate::rules::ids::{
    BoothId, Claimer, Generation, GiftNumber, Holder, InvitationId, PointNumber, ResidentId, Serial, SessionId,
};
use crate::rules::passport::Passport;
use crate::rules::staff::{Invitation, StaffSession};
use crate::rules::tally::{Counted, Tally};
use crate::rules::voucher::Voucher;
use tables::{Fault, Step, Tables, holder_key};
use writer::{Opener, Shared, Writer, in_one_commit, unavailable};

/// The file in its folder.
const FILE: &str = "carnival.redb";

/// The shape of tables and keys that this program writes.
const FORMAT: u64 = 1;

/// So many reads are under way at most; more are turned away.
const READS: usize = 512;

/// Nobody waits longer for an answer, even if the disk hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// After a failure the database is opened anew at most this often.
const RETRY: Duration = Duration::from_secs(1);

/// How an embedded store is opened.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How much of the database is kept in memory, in bytes.
    pub cache_bytes: usize,
    /// Over how many shards passports are spread. Fixed by the first start.
    pub shards: u16,
}

impl Default for Options {
    fn default() -> Options {
        Options { cache_bytes: 64 << 20, shards: 64 }
    }
}

/// Why an embedded store did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A folder or file cannot be made or used.
    #[error("{path} cannot be used: {source}", path = .path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another program has it open.
    #[error("the database in {} is in use by another program", .0.display())]
    InUse(PathBuf),
    /// No shards, or not as many as there are.
    #[error(
        "the database was begun with {kept} shards and cannot be opened with {wanted}: set the number of shards to {kept}"
    )]
    OtherShards {
        /// How many it has.
        kept: u64,
        /// How many were asked for.
        wanted: u16,
    },
    /// It was written by a program that keeps things otherwise.
    #[error("the database has format {kept}, and this program knows format {FORMAT} only")]
    OtherFormat {
        /// Its format.
        kept: u64,
    },
    /// The database itself does not open.
    #[error("the database in {} does not open: {source}", .folder.display())]
    Database {
        /// Where it lies.
        folder: PathBuf,
        /// Why.
        source: Box<redb::Error>,
    },
    /// The running server did not let the command line in.
    #[error("the server that uses the database did not answer: {0}")]
    Door(StoreError),
}

/// The store.
pub struct Embedded {
    core: Arc<Core>,
}

/// What the store and its door share. When the last of them goes, the database is closed.
struct Core {
    writer: Writer,
    shared: Arc<Shared>,
    reads: Semaphore,
    shards: u16,
}

impl Embedded {
    /// Opens the store in a folder, and makes both if there are none. It blocks on the disk.
    ///
    /// # Errors
    /// When the folder cannot be used, another program has the store open, or it has another
    /// number of shards or another format.
    pub fn open(folder: &Path, options: Options) -> std::result::Result<Embedded, OpenError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            |source| OpenError::File { path, source }
        };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))?;
        let file = folder.join(FILE);
        // Here for the error that names the file; the opener opens it again.
        drop(file_options().open(&file).map_err(at(&file))?);
        let opener: Opener = Box::new(move || open_file(&file, options.cache_bytes));
        Embedded::start(folder, options.shards, RETRY, opener)
    }

    fn start(folder: &Path, shards: u16, retry: Duration, opener: Opener) -> std::result::Result<Embedded, OpenError> {
        let failed = |source: redb::Error| OpenError::Database { folder: folder.to_owned(), source: Box::new(source) };
        let database = opener().map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => OpenError::InUse(folder.to_owned()),
            error => failed(error.into()),
        })?;
        let (format, kept) = first_start(&database, shards).map_err(|fault| match fault {
            Fault::Engine(error) => failed(error),
            Fault::Step(error) => OpenError::Door(error),
        })?;
        if format != FORMAT {
            return Err(OpenError::OtherFormat { kept: format });
        }
        if kept != u64::from(shards) || shards == 0 {
            return Err(OpenError::OtherShards { kept, wanted: shards });
        }
        let shared = Arc::new(Shared::default());
        let writer = Writer::start(database, opener, retry, Arc::clone(&shared))
            .map_err(|source| OpenError::File { path: folder.to_owned(), source })?;
        Ok(Embedded { core: Arc::new(Core { writer, shared, reads: Semaphore::new(READS), shards }) })
    }
}

impl Core {
    async fn write<T, F>(&self, step: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tables<'_>) -> Step<T> + Send + 'static,
    {
        let answer = self.writer.ask(step)?;
        match timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(unavailable("the writer is gone")),
            Err(_) => Err(unavailable("the disk is too slow")),
        }
    }

    async fn read<T, F>(&self, look: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&ReadTransaction) -> Step<T> + Send + 'static,
    {
        let _permit = self.reads.try_acquire().map_err(|_| unavailable("too many reads wait"))?;
        let shared = Arc::clone(&self.shared);
        let read = tokio::task::spawn_blocking(move || {
            let guard = shared.database();
            let database = guard.as_ref().ok_or_else(|| unavailable("the database is closed"))?;
            look(&database.begin_read()?)
        });
        let answer = match timeout(PATIENCE, read).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => return Err(unavailable("a read broke off")),
            Err(_) => return Err(unavailable("the disk is too slow")),
        };
        if let Err(Fault::Engine(error)) = &answer {
            tracing::error!(%error, "the database failed; it will be opened anew");
            self.writer.mend(&self.shared);
        }
        Ok(answer?)
    }
}

fn file_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

fn open_file(file: &Path, cache_bytes: usize) -> std::result::Result<Database, DatabaseError> {
    let file = file_options().open(file).map_err(redb::StorageError::Io)?;
    redb::Builder::new().set_cache_size(cache_bytes).create_with_backend(FileBackend::new(file)?)
}

/// Writes format and shards into an empty database, with all tables; what it has now.
fn first_start(database: &Database, shards: u16) -> Step<(u64, u64)> {
    let mut kept = (FORMAT, u64::from(shards));
    in_one_commit(database, |tables| {
        let number = |name: &str, tables: &mut Tables<'_>| -> Step<Option<u64>> {
            Ok(tables.meta.look()?.get(name)?.map(|number| number.value()))
        };
        match number("format", tables)? {
            Some(format) => kept = (format, number("shards", tables)?.unwrap_or_default()),
            None if shards > 0 => {
                tables.create_all()?;
                tables.meta.edit()?.insert("format", FORMAT)?;
                tables.meta.edit()?.insert("shards", u64::from(shards))?;
            }
            None => {}
        }
        Ok(())
    })?;
    Ok(kept)
}

#[async_trait]
impl Store for Embedded {
    async fn ping(&self) -> Result<()> {
        self.core.read(|snapshot| reads::control(snapshot).map(drop)).await
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

    async fn take_serials(&self, count: u32) -> Result<Serial> {
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
            how: new.how.clone(),
            at: new.at,
            hour: new.hour,
        };
        self.core.write(move |tables| passports::stamp(tables, stamping)).await
    }

    async fn add_companion(&self, resident: ResidentId, companion: Serial, limit: u16) -> Result<Joined<()>> {
        self.core.write(move |tables| passports::add_companion(tables, resident, companion, limit)).await
    }

    async fn remove_companion(&self, resident: ResidentId, companion: Serial) -> Result<()> {
        self.core.write(move |tables| passports::remove_companion(tables, resident, companion)).await
    }

    async fn companions(&self, resident: ResidentId) -> Result<Vec<Serial>> {
        self.core.read(move |snapshot| reads::companions(snapshot, resident)).await
    }

    async fn claims(&self, of: &[(GiftNumber, Claimer)]) -> Result<Vec<Option<KeptClaim>>> {
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

    async fn tallies(&self, counted: Counted) -> Result<BTreeMap<Tally, u64>> {
        self.core.read(move |snapshot| reads::tallies(snapshot, counted)).await
    }

    fn shards(&self) -> u16 {
        self.core.shards
    }

    async fn facts(&self, log: Log, from: u64, limit: u32) -> Result<Vec<String>> {
        self.core.read(move |snapshot| reads::facts(snapshot, log, from, limit)).await
    }
}
