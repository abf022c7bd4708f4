//! Runs the store suite on the embedded store, opened directly and through the door, and tests exclusive opening.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use carnival::store::door::Visitor;
use carnival::store::embedded::{EmbeddedStore, OpenError, Options, open_embedded, open_or_connect};
use carnival::store::{PassportStore, Store, StoreError};
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

/// The store as a command sees it when a server has it open.
struct StoreThroughDoor {
    visitor: Arc<dyn Store>,
    owner: Arc<dyn Store>,
    folder: TempDir,
}

async fn open_through_door() -> StoreThroughDoor {
    connect(TempDir::new().unwrap()).await
}

async fn connect(folder: TempDir) -> StoreThroughDoor {
    let owner = open_embedded(folder.path(), Options::default()).await.unwrap();
    let visitor = Arc::new(Visitor::knock(folder.path()).await.unwrap());
    StoreThroughDoor { visitor, owner, folder }
}

#[async_trait]
impl StoreFixture for StoreThroughDoor {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.visitor)
    }

    async fn reopen(self) -> Self {
        drop(self.owner);
        assert!(matches!(self.visitor.ping().await, Err(StoreError::Unavailable(_))), "the socket is closed");
        connect(self.folder).await
    }
}

mod promises {
    crate::store_suite::suite!(super::open_direct);
}

mod promises_through_door {
    crate::store_suite::suite!(super::open_through_door);
}

fn few_shards() -> Options {
    Options { shards: 3, ..Options::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_can_open_it_only_through_the_door() {
    let fixture = open_through_door().await;
    let folder = fixture.folder.path();
    let refused = EmbeddedStore::open(folder, Options::default()).err().unwrap();
    assert!(matches!(refused, OpenError::InUse(_)), "{refused}");
    let second = open_or_connect(folder, Options::default()).await.unwrap();
    stamp(&*second, holder(1), &[1], 0).await;
    assert_eq!(second.passport(holder(1)).await.unwrap(), fixture.owner.passport(holder(1)).await.unwrap());
    let other = open_or_connect(folder, few_shards()).await.err().unwrap();
    assert!(matches!(other, OpenError::ShardMismatch { stored: 64, configured: 3 }), "{other}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_opens_an_unused_store_directly() {
    let folder = TempDir::new().unwrap();
    let store = open_or_connect(folder.path(), Options::default()).await.unwrap();
    stamp(&*store, holder(1), &[1], 0).await;
    drop(store);
    let store = EmbeddedStore::open(folder.path(), Options::default()).unwrap();
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
async fn a_stale_socket_is_replaced_and_removed_at_the_end() {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("carnival.sock");
    drop(UnixListener::bind(&socket).unwrap());
    assert!(socket.exists(), "a killed process leaves its socket behind");
    let fixture = connect(folder).await;
    fixture.visitor.ping().await.unwrap();
    drop(fixture.owner);
    assert!(!socket.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn folder_database_and_socket_are_accessible_to_the_owner_only() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("data/carnival");
    let store = open_embedded(&folder, Options::default()).await.unwrap();
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.clone()), 0o700);
    assert_eq!(mode(folder.join("carnival.redb")), 0o600);
    assert_eq!(mode(folder.join("carnival.sock")), 0o600);
    drop(store);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_to_the_door_are_rejected() {
    let fixture = open_through_door().await;
    let socket = fixture.folder.path().join("carnival.sock");
    for rubbish in [&b"\xff\xff\xff\xff"[..], b"\0\0\0\x05hello", b"\0\0\0\x09{\"a\":", b""] {
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.write_all(rubbish).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        // A reset is acceptable too.
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.is_empty() || answer.contains("broken"), "{answer}");
    }
    fixture.visitor.ping().await.unwrap();
}
