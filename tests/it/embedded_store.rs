//! Runs the store suite on the embedded store, and tests exclusive opening.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use carnival::store::Store;
use carnival::store::embedded::{EmbeddedStore, OpenError, Options, open_embedded, open_once};
use tempfile::TempDir;

use crate::store_suite::StoreFixture;
use crate::store_suite::fixtures::{holder, stamp};

/// The store opened in this process.
struct DirectStore {
    store: Arc<dyn Store>,
    folder: TempDir,
}

async fn open_direct() -> DirectStore {
    let folder = TempDir::new().unwrap();
    DirectStore { store: Arc::new(EmbeddedStore::open(folder.path(), Options::default()).unwrap()), folder }
}

#[async_trait]
impl StoreFixture for DirectStore {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    async fn reopen(self) -> Self {
        drop(self.store);
        DirectStore {
            store: Arc::new(EmbeddedStore::open(self.folder.path(), Options::default()).unwrap()),
            folder: self.folder,
        }
    }
}

mod promises {
    crate::store_suite::suite!(super::open_direct);
}

fn few_shards() -> Options {
    Options { shards: 3, ..Options::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_cannot_open_it_and_a_third_can_afterwards() {
    let folder = TempDir::new().unwrap();
    let store = open_once(folder.path(), Options::default()).await.unwrap();
    stamp(&*store, holder(1), &[1], 0).await;
    let refused = open_once(folder.path(), Options::default()).await.err().unwrap();
    assert!(matches!(refused, OpenError::InUse(_)), "{refused}");
    drop(store);
    let store = open_once(folder.path(), Options::default()).await.unwrap();
    assert_eq!(store.passport(holder(1)).await.unwrap().unwrap().stamps.len(), 1);
}

#[tokio::test]
async fn another_number_of_shards_is_refused_with_a_plain_message() {
    let folder = TempDir::new().unwrap();
    drop(EmbeddedStore::open(folder.path(), Options::default()).unwrap());
    let refused = EmbeddedStore::open(folder.path(), few_shards()).err().unwrap().to_string();
    let expected =
        "the database was created with 64 shards and cannot be opened with 3: set the number of shards to 64";
    assert_eq!(refused, expected);
    drop(EmbeddedStore::open(folder.path(), Options::default()).unwrap());
    let none = Options { shards: 0, ..Options::default() };
    assert!(matches!(EmbeddedStore::open(TempDir::new().unwrap().path(), none).err(), Some(OpenError::NoShards)));
}

#[tokio::test(flavor = "multi_thread")]
async fn folder_and_database_are_accessible_to_the_owner_only() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("data/carnival");
    let store = open_embedded(&folder, Options::default()).await.unwrap();
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.clone()), 0o700);
    assert_eq!(mode(folder.join("carnival.redb")), 0o600);
    drop(store);
}
