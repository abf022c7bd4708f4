//! Opens the embedded store. The first opening verifies every page of the file.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend};
use tokio::time::sleep;

use super::handle::DatabaseHandle;
use super::tables::{Tables, TxError, TxResult};
use super::verified_file::{self, OpenedDatabase, Verification};
use super::writer::{DatabaseSlot, Opener, Writer, in_one_commit};
use super::{EmbeddedStore, IMPORTING};
use crate::store::{Store, StoreError};

/// The database file in its folder.
const DATABASE_FILE: &str = "carnival.redb";

/// The new file while the database is being compacted.
const COMPACTION_FILE: &str = "carnival.redb.new";

/// The format of tables and keys that this program writes and reads.
const FORMAT: u64 = 3;

/// Minimum interval between two attempts to reopen a failed database.
const REOPEN_INTERVAL: Duration = Duration::from_secs(1);

/// Options of an embedded store.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Size of the page cache in bytes.
    pub cache_bytes: usize,
    /// The number of passport shards. Fixed at the first start.
    pub shards: u16,
}

impl Default for Options {
    fn default() -> Options {
        Options { cache_bytes: 64 << 20, shards: 64 }
    }
}

/// Why an embedded store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A folder or file cannot be created or used.
    #[error("{path} cannot be used: {source}", path = .path.display())]
    File {
        /// The folder or file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Another program has it open.
    #[error("the database in {} is in use by another program", .0.display())]
    InUse(PathBuf),
    /// Passports need at least one shard.
    #[error("the number of shards must be at least 1")]
    NoShards,
    /// The database has another number of shards.
    #[error(
        "the database was created with {stored} shards and cannot be opened with {configured}: set the number of shards to {stored}"
    )]
    ShardMismatch {
        /// The number in the database.
        stored: u64,
        /// The number in the options.
        configured: u16,
    },
    /// The database was written by an incompatible version of the program.
    #[error("the database has format {stored}, but this program reads only format {FORMAT}")]
    UnknownFormat {
        /// The format of the database.
        stored: u64,
    },
    /// An import was interrupted.
    #[error("an import into the database in {folder} was interrupted: remove {folder}/{DATABASE_FILE} and import again", folder = .0.display())]
    IncompleteImport(PathBuf),
    /// The file holds something else than was written to it.
    #[error("the data in {} is damaged: restore a backup", .0.display())]
    Damaged(PathBuf),
    /// Opening the database itself failed.
    #[error("the database in {} cannot be opened: {source}", .folder.display())]
    Database {
        /// Its folder.
        folder: PathBuf,
        /// The cause.
        source: Box<redb::Error>,
    },
    /// Any other failure.
    #[error("the database cannot be opened: {0}")]
    Other(StoreError),
}

impl OpenError {
    /// A failure of the database in this folder.
    fn of(folder: &Path, error: impl Into<TxError>) -> OpenError {
        match error.into() {
            TxError::Database(redb::Error::DatabaseAlreadyOpen) => OpenError::InUse(folder.to_owned()),
            TxError::Database(error) if verified_file::is_damage(&error) => {
                OpenError::Damaged(folder.join(DATABASE_FILE))
            }
            TxError::Database(source) => OpenError::Database { folder: folder.to_owned(), source: Box::new(source) },
            TxError::Operation(error) => OpenError::Other(error),
        }
    }
}

/// How often, and at which interval, opening is retried while the store is in use. A command line that holds it
/// finishes soon.
const MAX_ATTEMPTS: u32 = 30;
const ATTEMPT_INTERVAL: Duration = Duration::from_millis(100);

/// Opens the store for a server, and waits a moment for a program that has it open.
///
/// # Errors
/// As [`EmbeddedStore::open`].
pub async fn open_embedded(folder: &Path, options: Options) -> Result<Arc<dyn Store>, OpenError> {
    for _ in 0..MAX_ATTEMPTS {
        match open_once(folder, options).await {
            Err(OpenError::InUse(_)) => sleep(ATTEMPT_INTERVAL).await,
            opened => return opened,
        }
    }
    open_once(folder, options).await
}

/// Opens the store without waiting for a program that has it open.
///
/// # Errors
/// As [`EmbeddedStore::open`].
pub async fn open_once(folder: &Path, options: Options) -> Result<Arc<dyn Store>, OpenError> {
    let folder = folder.to_owned();
    let opened = tokio::task::spawn_blocking(move || EmbeddedStore::open(&folder, options)).await;
    let opened = opened.map_err(|error| OpenError::Other(StoreError::Broken(error.to_string())))?;
    Ok(Arc::new(opened?))
}

impl EmbeddedStore {
    /// Opens the store in a folder; creates folder and database if they do not exist. Reads the whole file to verify its
    /// checksums. Blocks on the disk.
    ///
    /// # Errors
    /// The folder cannot be used, another program has the store open, the file is damaged, or it has another number of
    /// shards or another format.
    pub fn open(folder: &Path, options: Options) -> Result<EmbeddedStore, OpenError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            |source| OpenError::File { path, source }
        };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))?;
        let file = folder.join(DATABASE_FILE);
        if std::fs::metadata(&file).is_ok_and(|metadata| metadata.len() == 0) {
            // redb would begin a new database in it, and a new carnival would take the place of the lost one.
            return Err(OpenError::Damaged(file));
        }
        // Only for an error that names the file; the opener opens it again.
        drop(file_options().open(&file).map_err(at(&file))?);
        let opener: Opener = Box::new(move |verification| open_file(&file, options.cache_bytes, verification));
        EmbeddedStore::start(folder, options.shards, REOPEN_INTERVAL, opener)
    }

    /// Opens the store on another backend than a file, such as a disk that fails on purpose. `backend` is called now
    /// and again after each failure; `folder` names the store in errors. Blocks.
    ///
    /// # Errors
    /// As [`EmbeddedStore::open`].
    pub fn open_with_backend<B: StorageBackend>(
        folder: &Path,
        options: Options,
        backend: impl Fn() -> io::Result<B> + Send + 'static,
    ) -> Result<EmbeddedStore, OpenError> {
        let opener: Opener = Box::new(move |verification| {
            let backend = backend().map_err(redb::StorageError::Io)?;
            verified_file::open(backend, options.cache_bytes, verification)
        });
        EmbeddedStore::start(folder, options.shards, REOPEN_INTERVAL, opener)
    }

    /// Whether a folder contains a database.
    #[must_use]
    pub fn exists_in(folder: &Path) -> bool {
        folder.join(DATABASE_FILE).exists()
    }

    /// Rewrites a database that no program has open: copies its current contents to a new file, which replaces the
    /// old one, so that deleted records are in neither. Returns the size in bytes before and after. Blocks on the
    /// disk.
    ///
    /// # Errors
    /// As [`EmbeddedStore::open`]; the old file is unchanged then.
    pub fn compact(folder: &Path, options: Options) -> Result<(u64, u64), OpenError> {
        let (file, compacted) = (folder.join(DATABASE_FILE), folder.join(COMPACTION_FILE));
        let at = |source| OpenError::File { path: compacted.clone(), source };
        let old = open_file(&file, options.cache_bytes, Verification::AllPages)
            .map_err(|error| OpenError::of(folder, error))?;
        match std::fs::remove_file(&compacted) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(error)),
            _ => {}
        }
        let new = open_file(&compacted, options.cache_bytes, Verification::AllPages)
            .map_err(|error| OpenError::of(folder, error))?;
        copy(&old, &new).map_err(|error| OpenError::of(folder, error))?;
        drop(new);
        let size = |path: &Path| std::fs::metadata(path).map(|data| data.len()).map_err(at);
        let sizes = (size(&file)?, size(&compacted)?);
        // While the old file is still locked, so that no program writes to it in between.
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
        if shards == 0 {
            return Err(OpenError::NoShards);
        }
        let database = opener(Verification::AllPages).map_err(|error| OpenError::of(folder, error))?;
        let StoredMeta { format, shards: stored, importing } =
            init_or_read_meta(&database, shards).map_err(|error| OpenError::of(folder, error))?;
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
        Ok(EmbeddedStore { handle: Arc::new(DatabaseHandle::new(writer, slot, shards)) })
    }
}

pub(super) fn file_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

fn open_file(file: &Path, cache_bytes: usize, verification: Verification) -> OpenedDatabase {
    let file = file_options().open(file).map_err(redb::StorageError::Io)?;
    verified_file::open(FileBackend::new(file)?, cache_bytes, verification)
}

fn copy(from: &Database, to: &Database) -> TxResult<()> {
    let snapshot = from.begin_read()?;
    in_one_commit(to, |tables| tables.copy_all(&snapshot))
}

/// Format, shards and import state of a database.
struct StoredMeta {
    format: u64,
    shards: u64,
    importing: bool,
}

/// Initialises an empty database with format, shards and all tables; returns what the database contains then.
fn init_or_read_meta(database: &Database, shards: u16) -> TxResult<StoredMeta> {
    let mut meta = StoredMeta { format: FORMAT, shards: u64::from(shards), importing: false };
    in_one_commit(database, |tables| {
        let number = |name: &str, tables: &mut Tables<'_>| -> TxResult<Option<u64>> {
            Ok(tables.meta.read()?.get(name)?.map(|number| number.value()))
        };
        if let Some(format) = number("format", tables)? {
            let shards = number("shards", tables)?.unwrap_or_default();
            meta = StoredMeta { format, shards, importing: number(IMPORTING, tables)?.is_some() };
            if format != FORMAT {
                return Ok(());
            }
        }
        // An existing database may lack tables that later versions of the program added.
        tables.create_all()?;
        tables.meta.edit()?.insert("format", FORMAT)?;
        tables.meta.edit()?.insert("shards", meta.shards)?;
        Ok(())
    })?;
    Ok(meta)
}
