//! Opens a database file and verifies that it holds what was written to it: redb keeps a checksum of every page.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use redb::{Builder, Database, DatabaseError, StorageBackend, StorageError};

/// How much of a file is verified when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verification {
    /// Every page, which takes as long as reading the file.
    AllPages,
    /// Only what opening reads: the file was verified when the program started, and people are waiting.
    Header,
}

/// An open database.
pub(super) type OpenedDatabase = Result<Database, DatabaseError>;

/// Opens a database, or creates one in an empty file.
pub(super) fn open<B: StorageBackend>(backend: B, cache_bytes: usize, verification: Verification) -> OpenedDatabase {
    if verification == Verification::AllPages {
        prefer_newer_commit(&backend).map_err(StorageError::Io)?;
    }
    let mut builder = Builder::new();
    builder.set_cache_size(cache_bytes).set_check_integrity_on_open(verification == Verification::AllPages);
    // A page that is damaged in a way that redb does not expect must not end the program.
    let opened = catch_unwind(AssertUnwindSafe(|| builder.create_with_backend(backend)));
    opened.unwrap_or_else(|_| Err(StorageError::Corrupted("the database panicked".to_owned()).into()))
}

/// Whether an error of opening means that the file is damaged.
pub(super) fn is_damage(error: &redb::Error) -> bool {
    match error {
        redb::Error::Corrupted(_) | redb::Error::UpgradeRequired(_) => true,
        // The file ends before a page that it should have.
        redb::Error::Io(error) => matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData),
        _ => false,
    }
}

/// The header of a file, as redb documents it: the byte at [`FLAGS`] says which of two commits is current, whether the
/// file was closed, and whether the other commit is ignored when it was not.
const HEADER_SIZE: usize = 320;
const FLAGS: usize = 9;
const SECOND_IS_CURRENT: u8 = 1;
const NOT_CLOSED: u8 = 2;
const ONLY_CURRENT: u8 = 4;
const COMMIT_IDS: [usize; 2] = [168, 296];

/// Lets redb compare both commits if a closed file names the older one as current: no checksum covers the bit that selects
/// it. That is also what a power cut leaves while redb recovers from another one, and then the newer commit may be
/// incomplete. redb takes the newer commit if all its pages are as they were written, and the older one otherwise.
fn prefer_newer_commit(backend: &impl StorageBackend) -> io::Result<()> {
    let mut header = [0; HEADER_SIZE];
    if backend.len()? < HEADER_SIZE as u64 {
        return Ok(());
    }
    backend.read(0, &mut header)?;
    let id = |nth: usize| {
        let mut id = [0; 8];
        id.copy_from_slice(&header[COMMIT_IDS[nth]..COMMIT_IDS[nth] + 8]);
        u64::from_le_bytes(id)
    };
    let flags = header[FLAGS];
    let current = usize::from(flags & SECOND_IS_CURRENT);
    if flags & NOT_CLOSED == 0 && id(1 - current) > id(current) {
        backend.write(FLAGS as u64, &[(flags | NOT_CLOSED) & !ONLY_CURRENT])?;
        backend.sync_data()?;
    }
    Ok(())
}
