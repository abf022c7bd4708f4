//! Access to the database, shared by all readers and writers: writes go to the writer, reads are snapshots.
//!
//! Most reads take microseconds. But a read that misses the cache waits for the disk, and a commit that waits for the
//! disk can hold a lock that a snapshot needs. Neither may block an async thread, so reads run on tokio's blocking
//! threads, at most [`MAX_READS`] at a time.

use std::sync::Arc;
use std::time::Duration;

use redb::{ReadTransaction, ReadableDatabase};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::tables::{Tables, TxError, TxResult};
use super::writer::{DatabaseSlot, Writer, unavailable};
use crate::store::metrics::{CallKind, timed};
use crate::store::{Result, StoreError};

/// Maximum number of concurrent reads; further ones are rejected.
const MAX_READS: usize = 512;

/// Deadline of a call, even if the disk hangs.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Dropping the last reference closes the database.
pub(super) struct DatabaseHandle {
    writer: Writer,
    slot: Arc<DatabaseSlot>,
    read_permits: Arc<Semaphore>,
    pub(super) shards: u16,
}

impl DatabaseHandle {
    pub(super) fn new(writer: Writer, slot: Arc<DatabaseSlot>, shards: u16) -> DatabaseHandle {
        DatabaseHandle { writer, slot, read_permits: Arc::new(Semaphore::new(MAX_READS)), shards }
    }

    /// Runs a command in a transaction and returns its result after the commit is on disk.
    pub(super) async fn write<T, F>(&self, command: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tables<'_>) -> TxResult<T> + Send + 'static,
    {
        timed(CallKind::Write, async {
            let answer = self.writer.submit(command)?;
            match timeout(CALL_TIMEOUT, answer).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) => Err(unavailable("the writer thread has ended")),
                Err(_) => Err(unavailable("the disk is too slow")),
            }
        })
        .await
    }

    /// Runs a query on a snapshot.
    pub(super) async fn read<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&ReadTransaction) -> TxResult<T> + Send + 'static,
    {
        timed(CallKind::Read, self.read_snapshot(query)).await
    }

    async fn read_snapshot<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&ReadTransaction) -> TxResult<T> + Send + 'static,
    {
        let permit = Arc::clone(&self.read_permits)
            .try_acquire_owned()
            .map_err(|_| unavailable("too many reads are in flight"))?;
        let slot = Arc::clone(&self.slot);
        let read = tokio::task::spawn_blocking(move || {
            // Held until the read ends, even if its caller has timed out.
            let _permit = permit;
            let guard = slot.database();
            let database = guard.as_ref().ok_or_else(|| unavailable("the database is closed"))?;
            let answer = database.begin_read().map_err(TxError::from).and_then(|snapshot| query(&snapshot));
            Ok::<_, StoreError>((answer, slot.opened()))
        });
        let (answer, opening) = match timeout(CALL_TIMEOUT, read).await {
            Ok(Ok(answer)) => answer?,
            Ok(Err(_)) => return Err(unavailable("a read was aborted")),
            Err(_) => return Err(unavailable("the disk is too slow")),
        };
        answer.map_err(|tx_error| {
            let error = StoreError::from(tx_error);
            // Damaged data stays damaged after reopening, and reopening would interrupt writes for nothing.
            if matches!(error, StoreError::Unavailable(_)) {
                tracing::error!(%error, "reading the database failed; reopening it");
                self.writer.reopen(&self.slot, opening);
            }
            error
        })
    }
}
