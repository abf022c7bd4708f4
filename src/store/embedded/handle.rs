//! What the store and its door share: the way to the writer, and reading.
//!
//! Most reads cost microseconds, but one that misses the cache waits for the disk, and a commit can
//! hold a lock that a snapshot needs while it waits for the disk too; neither may stop an async
//! thread, so reads are taken on tokio's blocking threads, and at most [`MAX_READS`] at a time.

use std::sync::Arc;
use std::time::Duration;

use redb::{ReadTransaction, ReadableDatabase};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::super::metrics::{CallKind, timed};
use super::super::{Result, StoreError};
use super::tables::{Tables, TxError, TxResult};
use super::writer::{DatabaseSlot, Writer, unavailable};

/// So many reads are under way at most; more are turned away.
const MAX_READS: usize = 512;

/// Nobody waits longer for an answer, even if the disk hangs.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// When the last who has it goes, the database is closed.
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

    /// Takes a step, and answers when it is on disk.
    pub(super) async fn write<T, F>(&self, command: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tables<'_>) -> TxResult<T> + Send + 'static,
    {
        timed(CallKind::Write, async {
            let answer = self.writer.submit(command)?;
            match timeout(CALL_TIMEOUT, answer).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) => Err(unavailable("the writer is gone")),
                Err(_) => Err(unavailable("the disk is too slow")),
            }
        })
        .await
    }

    /// Looks at one snapshot.
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
        let permit =
            Arc::clone(&self.read_permits).try_acquire_owned().map_err(|_| unavailable("too many reads wait"))?;
        let slot = Arc::clone(&self.slot);
        let read = tokio::task::spawn_blocking(move || {
            // Until the read is over, though nobody may wait for it any more.
            let _permit = permit;
            let guard = slot.database();
            let database = guard.as_ref().ok_or_else(|| unavailable("the database is closed"))?;
            let answer = database.begin_read().map_err(TxError::from).and_then(|snapshot| query(&snapshot));
            Ok::<_, StoreError>((answer, slot.opened()))
        });
        let (answer, opening) = match timeout(CALL_TIMEOUT, read).await {
            Ok(Ok(answer)) => answer?,
            Ok(Err(_)) => return Err(unavailable("a read broke off")),
            Err(_) => return Err(unavailable("the disk is too slow")),
        };
        answer.map_err(|tx_error| {
            let error = StoreError::from(tx_error);
            // What is broken on the disk stays broken, and must not keep writers from their work.
            if matches!(error, StoreError::Unavailable(_)) {
                tracing::error!(%error, "reading the database failed; it will be opened anew");
                self.writer.reopen(&self.slot, opening);
            }
            error
        })
    }
}
