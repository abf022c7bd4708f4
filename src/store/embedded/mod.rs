//! The embedded store: a redb database in one file, `carnival.redb`.
//!
//! One thread does all writes and commits them in batches (`writer`); a write returns after its commit is on disk.
//! Reads are snapshots on tokio's blocking threads (`handle`). The program that opened the file holds a lock on it; a
//! command line that runs beside a server calls the server.

mod control;
mod control_records;
mod counters;
mod erasures;
mod export;
mod gifts;
mod handle;
mod hints;
mod journal;
mod open;
mod passports;
mod purge;
mod tables;
#[cfg(test)]
mod tests;
mod verified_file;
mod writer;

use std::sync::Arc;

use self::handle::DatabaseHandle;

pub use open::{OpenError, Options, open_embedded, open_once};

/// Present in the table `meta` during an import; such a store cannot be opened.
const IMPORTING: &str = "importing";

/// The embedded store. Dropping it completes the queued writes, and closes the database.
pub struct EmbeddedStore {
    handle: Arc<DatabaseHandle>,
}
