//! What the store and its door share: the way to the writer, and reading.
//!
//! Most reads cost microseconds, but one that misses the cache waits for the disk, and a commit can
//! hold a lock that a snapshot needs while it waits for the disk too; neither may stop an async
//! thread, so reads are taken on tokio's blocking threads, and at most [`READS`] at a time.

use std::sync::Arc;
use std::time::Duration;

use redb::{ReadTransaction, ReadableDatabase};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::super::measured::{Call, measured};
use super::super::{Result, StoreError};
use super::tables::{Fault, Step, Tables};
use super::writer::{Shared, Writer, unavailable};

/// So many reads are under way at most; more are turned away.
const READS: usize = 512;

/// Nobody waits longer for an answer, even if the disk hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// When the last who has it goes, the database is closed.
pub(super) struct Core {
    writer: Writer,
    shared: Arc<Shared>,
    reads: Arc<Semaphore>,
    pub(super) shards: u16,
}

impl Core {
    pub(super) fn new(writer: Writer, shared: Arc<Shared>, shards: u16) -> Core {
        Core { writer, shared, reads: Arc::new(Semaphore::new(READS)), shards }
    }

    /// Takes a step, and answers when it is on disk.
    pub(super) async fn write<T, F>(&self, step: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tables<'_>) -> Step<T> + Send + 'static,
    {
        measured(Call::Write, async {
            let answer = self.writer.ask(step)?;
            match timeout(PATIENCE, answer).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) => Err(unavailable("the writer is gone")),
                Err(_) => Err(unavailable("the disk is too slow")),
            }
        })
        .await
    }

    /// Looks at one snapshot.
    pub(super) async fn read<T, F>(&self, look: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&ReadTransaction) -> Step<T> + Send + 'static,
    {
        measured(Call::Read, self.read_snapshot(look)).await
    }

    async fn read_snapshot<T, F>(&self, look: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&ReadTransaction) -> Step<T> + Send + 'static,
    {
        let permit = Arc::clone(&self.reads).try_acquire_owned().map_err(|_| unavailable("too many reads wait"))?;
        let shared = Arc::clone(&self.shared);
        let read = tokio::task::spawn_blocking(move || {
            // Until the read is over, though nobody may wait for it any more.
            let _permit = permit;
            let guard = shared.database();
            let database = guard.as_ref().ok_or_else(|| unavailable("the database is closed"))?;
            let answer = database.begin_read().map_err(Fault::from).and_then(|snapshot| look(&snapshot));
            Ok::<_, StoreError>((answer, shared.opened()))
        });
        let (answer, opening) = match timeout(PATIENCE, read).await {
            Ok(Ok(answer)) => answer?,
            Ok(Err(_)) => return Err(unavailable("a read broke off")),
            Err(_) => return Err(unavailable("the disk is too slow")),
        };
        answer.map_err(|fault| {
            let error = StoreError::from(fault);
            // What is broken on the disk stays broken, and must not keep writers from their work.
            if matches!(error, StoreError::Unavailable(_)) {
                tracing::error!(%error, "reading the database failed; it will be opened anew");
                self.writer.mend(&self.shared, opening);
            }
            error
        })
    }
}
