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

use super::super::Result;
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
    reads: Semaphore,
    pub(super) shards: u16,
}

impl Core {
    pub(super) fn new(writer: Writer, shared: Arc<Shared>, shards: u16) -> Core {
        Core { writer, shared, reads: Semaphore::new(READS), shards }
    }

    /// Takes a step, and answers when it is on disk.
    pub(super) async fn write<T, F>(&self, step: F) -> Result<T>
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

    /// Looks at one snapshot.
    pub(super) async fn read<T, F>(&self, look: F) -> Result<T>
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
