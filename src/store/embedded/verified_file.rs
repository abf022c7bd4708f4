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
    if verification == Verification::AllPages && is_rolled_back(&backend).map_err(StorageError::Io)? {
        return Err(damaged("an older commit is current"));
    }
    let mut builder = Builder::new();
    builder.set_cache_size(cache_bytes).set_check_integrity_on_open(verification == Verification::AllPages);
    // A page that is damaged in a way that redb does not expect must not end the program.
    let opened = catch_unwind(AssertUnwindSafe(|| builder.create_with_backend(backend)));
    opened.unwrap_or_else(|_| Err(damaged("the database panicked")))
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

fn damaged(why: &str) -> DatabaseError {
    StorageError::Corrupted(why.to_owned()).into()
}

/// The header of a file, as redb documents it: the byte at [`FLAGS`] says which of two commits is current, and whether the
/// file was closed.
const HEADER_SIZE: usize = 320;
const FLAGS: usize = 9;
const SECOND_IS_CURRENT: u8 = 1;
const NOT_CLOSED: u8 = 2;
const COMMIT_IDS: [usize; 2] = [168, 296];

/// Whether a file that was closed names the older of its two commits as the current one. No checksum covers the bit that
/// selects it. After a crash the newer commit may be incomplete, so only a closed file is checked.
fn is_rolled_back(backend: &impl StorageBackend) -> io::Result<bool> {
    let mut header = [0; HEADER_SIZE];
    if backend.len()? < HEADER_SIZE as u64 {
        return Ok(false);
    }
    backend.read(0, &mut header)?;
    let id = |nth: usize| {
        let mut id = [0; 8];
        id.copy_from_slice(&header[COMMIT_IDS[nth]..COMMIT_IDS[nth] + 8]);
        u64::from_le_bytes(id)
    };
    let current = usize::from(header[FLAGS] & SECOND_IS_CURRENT);
    Ok(header[FLAGS] & NOT_CLOSED == 0 && id(1 - current) > id(current))
}
