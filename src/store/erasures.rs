//! What the files of a store still hold of people who were erased.

use async_trait::async_trait;
use jiff::Timestamp;

use super::Result;

/// What the files of a store still hold of people who were erased: the log of Redis keeps each command until it is
/// rewritten. The embedded store has no such log.
#[async_trait]
pub trait ErasureStore: Send + Sync {
    /// Records that somebody is being erased. Called before and after an erasure, so that a rewrite in between does not
    /// count as done.
    async fn record_erasure(&self, at: Timestamp) -> Result<()>;

    /// The first erasure since the files were last rewritten; `None` if they hold nothing of erased people.
    async fn erased_since(&self) -> Result<Option<Timestamp>>;

    /// Begins to rewrite the files, or checks whether a rewrite that was begun here has ended. Returns at once; to be
    /// called again until [`erased_since`](ErasureStore::erased_since) returns another moment.
    async fn rewrite_files(&self) -> Result<()>;
}
