//! The failure guarded against: an embedded store that breaks a promise of the trait, by itself or
//! through its door.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use async_trait::async_trait;
use carnival::store::Store;
use carnival::store::embedded::{Embedded, Options};
use tempfile::TempDir;

use crate::store_suite::House;

/// The store by itself.
struct Alone {
    store: Arc<dyn Store>,
    folder: TempDir,
}

async fn alone() -> Alone {
    let folder = TempDir::new().unwrap();
    Alone { store: Arc::new(Embedded::open(folder.path(), Options::default()).unwrap()), folder }
}

#[async_trait]
impl House for Alone {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    async fn reopen(self) -> Self {
        drop(self.store);
        Alone { store: Arc::new(Embedded::open(self.folder.path(), Options::default()).unwrap()), folder: self.folder }
    }
}

mod promises {
    crate::store_suite::suite!(super::alone);
}
