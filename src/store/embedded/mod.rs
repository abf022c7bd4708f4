//! The embedded store: a redb database in one file, `carnival.redb`.
//!
//! One thread does all writes and commits them in batches (`writer`); a write returns after its commit is on disk.
//! Reads are snapshots on tokio's blocking threads (`handle`). The program that opened the file holds a lock on it; a
//! command line that runs beside a server connects through the [`door`](super::door).

mod control;
mod control_records;
mod counters;
mod export;
mod gifts;
mod handle;
mod hints;
mod journal;
mod open;
mod passports;
mod purge;
mod staff;
mod tables;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::Arc;

use self::handle::DatabaseHandle;
use super::door::Door;

pub use open::{OpenError, Options, open_embedded, open_or_connect};

/// Present in the table `meta` during an import; such a store cannot be opened.
const IMPORTING: &str = "importing";

/// The embedded store. Dropping it closes its door, completes the queued writes, and closes the database.
pub struct EmbeddedStore {
    /// Declared before the handle: fields are dropped in order, and an open door holds the handle too.
    _door: Option<Door>,
    handle: Arc<DatabaseHandle>,
}
