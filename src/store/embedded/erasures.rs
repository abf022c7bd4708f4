//! Erasures: the database has no log of commands, and a deleted row leaves with its page.

use async_trait::async_trait;
use jiff::Timestamp;

use super::EmbeddedStore;
use crate::store::{ErasureStore, Result};

#[async_trait]
impl ErasureStore for EmbeddedStore {
    async fn record_erasure(&self, _at: Timestamp) -> Result<()> {
        Ok(())
    }

    async fn erased_since(&self) -> Result<Option<Timestamp>> {
        Ok(None)
    }

    async fn rewrite_files(&self) -> Result<()> {
        Ok(())
    }
}
