//! Exports and imports that fail without changing anything.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use carnival::actions::store_identity;
use carnival::actions::store_problems;
use carnival::actions::store_transfer::{self, TransferError};
use carnival::rules::lang::Lang;
use carnival::store::embedded::{EmbeddedStore, OpenError, Options};
use carnival::store::export::MaintenanceStore;
use carnival::store::export::file::InvalidExport;
use carnival::store::redis::{OpenError as RedisOpenError, RedisStore, Settings};
use carnival::store::{ControlStore, Store};
use tempfile::TempDir;

use super::{SHARDS, embedded, exported, import, verified, write_every_kind_of_record};
use crate::servers::redis_server::RedisServer;
use crate::store_suite::fixtures::{holder, stamp};

async fn sample_export() -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let store = embedded(folder.path());
    write_every_kind_of_record(&store).await;
    exported(&store).await
}

fn rejection(bytes: &[u8]) -> InvalidExport {
    store_transfer::check(bytes, &mut |_| {}).unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_truncated_anywhere_is_rejected() {
    let bytes = sample_export().await;
    let footer = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in [footer, footer - 1, footer + 10, bytes.len() - 1, bytes.len() / 2, bytes.len() / 3] {
        let error = rejection(&bytes[..cut]);
        assert!(matches!(error, InvalidExport::Truncated), "{cut}: {error}");
    }
    assert!(matches!(rejection(&bytes[..10]), InvalidExport::Truncated));
    assert!(matches!(rejection(b""), InvalidExport::NotAnExport));
    assert!(matches!(rejection(b"{\"hello\":1}\n"), InvalidExport::NotAnExport));
    assert!(matches!(rejection(b"not at all\n"), InvalidExport::NotAnExport));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_byte_anywhere_is_rejected() {
    let bytes = sample_export().await;
    let step = bytes.len() / 400;
    for at in (0..bytes.len()).step_by(step.max(1)).chain(bytes.len() - 200..bytes.len()) {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert!(store_transfer::check(&altered[..], &mut |_| {}).is_err(), "byte {at}: {:?}", &altered[at]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_moved_and_duplicate_lines_are_rejected() {
    let text = String::from_utf8(sample_export().await).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let joined = |lines: &[&str]| format!("{}\n", lines.join("\n")).into_bytes();
    let find = |kind: &str| lines.iter().position(|line| line.starts_with(&format!("{{\"{kind}\""))).unwrap();
    let mut without = lines.clone();
    without.remove(find("stamp"));
    assert!(matches!(rejection(&joined(&without)), InvalidExport::Mismatch));
    let mut twice = lines.clone();
    twice.insert(find("claim"), lines[find("claim")]);
    assert!(matches!(rejection(&joined(&twice)), InvalidExport::InvalidLine(_, _)));
    let mut moved = lines.clone();
    moved.swap(find("gift"), find("stock_step"));
    assert!(matches!(rejection(&joined(&moved)), InvalidExport::InvalidLine(_, _)));
    let mut more = text.clone().into_bytes();
    more.extend(b"{}\n");
    assert!(matches!(rejection(&more), InvalidExport::TrailingData));
    let other = text.replacen("\"format\":2", "\"format\":3", 1);
    let error = store_problems::invalid_export(&rejection(other.as_bytes()), Lang::En);
    assert_eq!(
        error,
        "The file has format 3, but this program reads only 2 and the one before: import it with the version that wrote it."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_needs_an_empty_store() {
    let bytes = sample_export().await;
    let server = RedisServer::start();
    let settings = Settings { urls: vec![server.url()], shards: SHARDS, ..Settings::default() };
    let in_redis = RedisStore::open(&settings).await.unwrap().0;
    let folder = TempDir::new().unwrap();
    let in_folder = embedded(folder.path());
    for store in [&in_redis as &dyn MaintenanceStore, &in_folder] {
        assert!(store.is_empty().await.unwrap());
        store_identity::init_marker(store, "rehearsal", 1).await.unwrap();
        assert!(
            matches!(import(store, &bytes).await, Err(TransferError::NotEmpty)),
            "a marker alone makes it non-empty"
        );
    }
    for prefix in ["a", "b", "c"] {
        let store = RedisStore::open(&Settings { prefix: prefix.to_owned(), ..settings.clone() }).await.unwrap().0;
        match prefix {
            "a" => drop(store.take_serials(1).await.unwrap()),
            "b" => drop(stamp(&store, holder(1), &[1], 0).await),
            _ => {
                import(&store, &bytes).await.unwrap();
                let before = exported(&store).await;
                assert!(matches!(import(&store, &bytes).await, Err(TransferError::NotEmpty)), "a second import");
                assert!(exported(&store).await == before);
                continue;
            }
        }
        assert!(matches!(import(&store, &bytes).await, Err(TransferError::NotEmpty)), "{prefix}");
    }
    let other = verified(&bytes).check_target(64, None).unwrap_err();
    let other = store_problems::transfer_error(&other, Lang::En);
    assert!(other.contains("8 shards but the settings say 64") && other.contains("store.shards = 8"), "{other}");
}

/// A file whose disk fails in the middle of the second pass.
struct FailingDisk {
    bytes: Cursor<Vec<u8>>,
    limit: u64,
}

impl Read for FailingDisk {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bytes.position() > self.limit {
            return Err(io::Error::other("the disk failed"));
        }
        self.bytes.read(buffer)
    }
}

impl Seek for FailingDisk {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_with_an_interrupted_import_cannot_be_opened() {
    let bytes = sample_export().await;
    let failing = || FailingDisk { bytes: Cursor::new(bytes.clone()), limit: bytes.len() as u64 / 2 };
    let folder = TempDir::new().unwrap();
    let store = embedded(folder.path());
    assert!(store_transfer::import(&store, failing(), &verified(&bytes), &mut |_| {}).await.is_err());
    drop(store);
    let options = Options { shards: SHARDS, ..Options::default() };
    let error = EmbeddedStore::open(folder.path(), options).err().unwrap();
    assert!(
        matches!(error, OpenError::IncompleteImport(_)) && error.to_string().contains("and import again"),
        "{error}"
    );

    let server = RedisServer::start();
    let settings = Settings { urls: vec![server.url()], shards: SHARDS, ..Settings::default() };
    let store = RedisStore::open(&settings).await.unwrap().0;
    assert!(store_transfer::import(&store, failing(), &verified(&bytes), &mut |_| {}).await.is_err());
    let error = RedisStore::open(&settings).await.err().unwrap();
    assert!(matches!(error, RedisOpenError::IncompleteImport { .. }), "{error}");
    let sentence = store_problems::redis_open_error(&error, Lang::En);
    assert!(sentence.contains("every key that begins with {carnival:"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_fails_when_the_store_changes_while_it_is_read() {
    let server = RedisServer::start();
    let settings = Settings { urls: vec![server.url()], shards: SHARDS, ..Settings::default() };
    let store = Arc::new(RedisStore::open(&settings).await.unwrap().0);
    write_every_kind_of_record(&*store).await;
    let (reading, stamped) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let somebody = {
        let (store, reading, stamped) = (Arc::clone(&store), Arc::clone(&reading), Arc::clone(&stamped));
        tokio::spawn(async move {
            while !reading.load(Ordering::SeqCst) {
                tokio::task::yield_now().await;
            }
            stamp(&*store as &dyn Store, holder(77), &[1], 77).await;
            stamped.store(true, Ordering::SeqCst);
        })
    };
    let mut wait = |_| {
        reading.store(true, Ordering::SeqCst);
        while !stamped.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
    };
    let error = store_transfer::export(&*store, Vec::new(), &mut wait).await.unwrap_err();
    assert!(store_problems::transfer_error(&error, Lang::En).contains("stop every `carnival serve` first"), "{error}");
    somebody.await.unwrap();
}
