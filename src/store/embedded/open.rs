//! Opening the embedded store, or the door of the program that has it open.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use redb::backends::FileBackend;
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, StorageBackend};
use tokio::time::sleep;

use super::super::door::{Door, Visitor};
use super::super::{Store, StoreError};
use super::handle::DatabaseHandle;
use super::tables::{Tables, TxError, TxResult};
use super::writer::{DatabaseSlot, Opener, Writer, in_one_commit};
use super::{EmbeddedStore, IMPORTING};

/// The file in its folder.
const DATABASE_FILE: &str = "carnival.redb";

/// Its draft, while it is written anew.
const COMPACTION_FILE: &str = "carnival.redb.new";

/// The shape of tables and keys that this program writes. One of format 1, which had no journal, becomes
/// one of format 2 when it is opened.
const FORMAT: u64 = 2;

/// After a failure the database is opened anew at most this often.
const REOPEN_INTERVAL: Duration = Duration::from_secs(1);

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
    /// Passports need a shard to be in.
    #[error("the number of shards must be at least 1")]
    NoShards,
    /// Not as many as there are.
    #[error(
        "the database was begun with {stored} shards and cannot be opened with {configured}: set the number of shards to {stored}"
    )]
    ShardMismatch {
        /// How many it has.
        stored: u64,
        /// How many were asked for.
        configured: u16,
    },
    /// It was written by a program that keeps things otherwise.
    #[error("the database has format {stored}, and this program knows format {FORMAT} only")]
    UnknownFormat {
        /// Its format.
        stored: u64,
    },
    /// An import into it broke off.
    #[error("an import into the database in {folder} broke off: remove {folder}/{DATABASE_FILE} and import again", folder = .0.display())]
    IncompleteImport(PathBuf),
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
    /// Something else.
    #[error("the database did not open: {0}")]
    Other(StoreError),
}

/// How often one who finds the store in use tries again, and how long after: a command line that
/// has it is done in a moment, a server that begins or ends opens or closes its door.
const MAX_ATTEMPTS: u32 = 30;
const ATTEMPT_INTERVAL: Duration = Duration::from_millis(100);

/// Opens the store for the program that owns it, with its door.
///
/// # Errors
/// As [`EmbeddedStore::open`], and when the door cannot be opened.
pub async fn open_embedded(folder: &Path, options: Options) -> Result<Arc<dyn Store>, OpenError> {
    for _ in 0..MAX_ATTEMPTS {
        match acquire(folder, options).await {
            Err(OpenError::InUse(_)) => sleep(ATTEMPT_INTERVAL).await,
            opened => return opened,
        }
    }
    acquire(folder, options).await
}

/// Opens the store for a command line: as its owner if nobody has it open, else through the door
/// of the program that has.
///
/// # Errors
/// As [`open_embedded`], and when nobody answers at the door.
pub async fn open_or_connect(folder: &Path, options: Options) -> Result<Arc<dyn Store>, OpenError> {
    let mut attempts_left = MAX_ATTEMPTS;
    loop {
        match acquire(folder, options).await {
            Err(OpenError::InUse(_)) => {}
            opened => return opened,
        }
        match Visitor::knock(folder).await {
            Ok(visitor) if visitor.shards() == options.shards => return Ok(Arc::new(visitor)),
            Ok(visitor) => {
                return Err(OpenError::ShardMismatch { stored: visitor.shards().into(), configured: options.shards });
            }
            Err(error) if attempts_left == 0 => return Err(OpenError::Door(error)),
            Err(_) => sleep(ATTEMPT_INTERVAL).await,
        }
        attempts_left -= 1;
    }
}

async fn acquire(folder: &Path, options: Options) -> Result<Arc<dyn Store>, OpenError> {
    let folder = folder.to_owned();
    let open = move || EmbeddedStore::open(&folder, options)?.with_door(&folder);
    let opened = tokio::task::spawn_blocking(open).await;
    let opened = opened.map_err(|error| OpenError::Other(StoreError::Broken(error.to_string())))?;
    Ok(Arc::new(opened?))
}

impl EmbeddedStore {
    /// Opens the store in a folder, and makes both if there are none. It blocks on the disk.
    ///
    /// # Errors
    /// When the folder cannot be used, another program has the store open, or it has another
    /// number of shards or another format.
    pub fn open(folder: &Path, options: Options) -> Result<EmbeddedStore, OpenError> {
        if options.shards == 0 {
            return Err(OpenError::NoShards);
        }
        let at = |path: &Path| {
            let path = path.to_owned();
            |source| OpenError::File { path, source }
        };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))?;
        let file = folder.join(DATABASE_FILE);
        // Here for the error that names the file; the opener opens it again.
        drop(file_options().open(&file).map_err(at(&file))?);
        let opener: Opener = Box::new(move || open_file(&file, options.cache_bytes));
        EmbeddedStore::start(folder, options.shards, REOPEN_INTERVAL, opener)
    }

    /// Opens the store on something other than a file, such as a disk that fails on purpose. `backend` is
    /// asked for it now, and again after each failure; `folder` names the store in errors. It blocks.
    ///
    /// # Errors
    /// As [`EmbeddedStore::open`].
    pub fn open_with_backend<B: StorageBackend>(
        folder: &Path,
        options: Options,
        backend: impl Fn() -> io::Result<B> + Send + 'static,
    ) -> Result<EmbeddedStore, OpenError> {
        if options.shards == 0 {
            return Err(OpenError::NoShards);
        }
        let opener: Opener = Box::new(move || {
            let backend = backend().map_err(redb::StorageError::Io)?;
            redb::Builder::new().set_cache_size(options.cache_bytes).create_with_backend(backend)
        });
        EmbeddedStore::start(folder, options.shards, REOPEN_INTERVAL, opener)
    }

    /// Whether there is a database in a folder.
    #[must_use]
    pub fn exists_in(folder: &Path) -> bool {
        folder.join(DATABASE_FILE).exists()
    }

    /// Writes the database in a folder, which nobody has open, anew with nothing but what it holds now,
    /// and puts it in the place of the old one: what was deleted is then in neither. Returns how many
    /// bytes it took before and takes now. It blocks on the disk.
    ///
    /// # Errors
    /// As [`EmbeddedStore::open`]; the old one stands then.
    pub fn compact(folder: &Path, options: Options) -> Result<(u64, u64), OpenError> {
        let failed = |source: redb::Error| OpenError::Database { folder: folder.to_owned(), source: Box::new(source) };
        let (file, compacted) = (folder.join(DATABASE_FILE), folder.join(COMPACTION_FILE));
        let at = |source| OpenError::File { path: compacted.clone(), source };
        let old = open_file(&file, options.cache_bytes).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => OpenError::InUse(folder.to_owned()),
            error => failed(error.into()),
        })?;
        match std::fs::remove_file(&compacted) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(error)),
            _ => {}
        }
        let new = open_file(&compacted, options.cache_bytes).map_err(|error| failed(error.into()))?;
        copy(&old, &new).map_err(|tx_error| match tx_error {
            TxError::Database(error) => failed(error),
            TxError::Operation(error) => OpenError::Other(error),
        })?;
        drop(new);
        let size = |path: &Path| std::fs::metadata(path).map(|data| data.len()).map_err(at);
        let sizes = (size(&file)?, size(&compacted)?);
        // While the old one is still locked, so that nobody writes to it in between.
        std::fs::rename(&compacted, &file).map_err(at)?;
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(at)?;
        Ok(sizes)
    }

    pub(super) fn start(
        folder: &Path,
        shards: u16,
        retry: Duration,
        opener: Opener,
    ) -> Result<EmbeddedStore, OpenError> {
        let failed = |source: redb::Error| OpenError::Database { folder: folder.to_owned(), source: Box::new(source) };
        let database = opener().map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => OpenError::InUse(folder.to_owned()),
            error => failed(error.into()),
        })?;
        let StoredMeta { format, shards: stored, importing } =
            init_or_read_meta(&database, shards).map_err(|tx_error| match tx_error {
                TxError::Database(error) => failed(error),
                TxError::Operation(error) => OpenError::Other(error),
            })?;
        if format != FORMAT {
            return Err(OpenError::UnknownFormat { stored: format });
        }
        if stored != u64::from(shards) {
            return Err(OpenError::ShardMismatch { stored, configured: shards });
        }
        if importing {
            return Err(OpenError::IncompleteImport(folder.to_owned()));
        }
        let slot = Arc::new(DatabaseSlot::default());
        let writer = Writer::start(database, opener, retry, Arc::clone(&slot))
            .map_err(|source| OpenError::File { path: folder.to_owned(), source })?;
        Ok(EmbeddedStore { _door: None, handle: Arc::new(DatabaseHandle::new(writer, slot, shards)) })
    }

    /// Opens a door for the command line in the folder of the database.
    ///
    /// # Errors
    /// When the socket cannot be made: the path of the folder may be too long for one.
    pub fn with_door(self, folder: &Path) -> Result<EmbeddedStore, OpenError> {
        let inside = EmbeddedStore { _door: None, handle: Arc::clone(&self.handle) };
        let door = Door::open(folder, Arc::new(inside));
        let door = door.map_err(|source| OpenError::File { path: folder.join("carnival.sock"), source })?;
        Ok(EmbeddedStore { _door: Some(door), handle: self.handle })
    }
}

pub(super) fn file_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

fn open_file(file: &Path, cache_bytes: usize) -> Result<Database, DatabaseError> {
    let file = file_options().open(file).map_err(redb::StorageError::Io)?;
    redb::Builder::new().set_cache_size(cache_bytes).create_with_backend(FileBackend::new(file)?)
}

fn copy(from: &Database, to: &Database) -> TxResult<()> {
    let snapshot = from.begin_read()?;
    in_one_commit(to, |tables| tables.copy_all(&snapshot))
}

/// What an open database says of itself.
struct StoredMeta {
    format: u64,
    shards: u64,
    importing: bool,
}

/// Writes format and shards into an empty database, with all tables; what it has now.
fn init_or_read_meta(database: &Database, shards: u16) -> TxResult<StoredMeta> {
    let mut meta = StoredMeta { format: FORMAT, shards: u64::from(shards), importing: false };
    in_one_commit(database, |tables| {
        let number = |name: &str, tables: &mut Tables<'_>| -> TxResult<Option<u64>> {
            Ok(tables.meta.read()?.get(name)?.map(|number| number.value()))
        };
        if let Some(format) = number("format", tables)? {
            let shards = number("shards", tables)?.unwrap_or_default();
            meta = StoredMeta { format, shards, importing: number(IMPORTING, tables)?.is_some() };
            if !(1..=FORMAT).contains(&format) {
                return Ok(());
            }
            meta.format = FORMAT;
        }
        // Also those that came with a later version of the program.
        tables.create_all()?;
        tables.meta.edit()?.insert("format", FORMAT)?;
        tables.meta.edit()?.insert("shards", meta.shards)?;
        Ok(())
    })?;
    Ok(meta)
}
