//! What is not taken, and changes nothing.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use carnival::actions::moving::{self, Unmoved};
use carnival::rules::lang::Lang;
use carnival::store::Store;
use carnival::store::archive::Archive;
use carnival::store::archive::file::Unsound;
use carnival::store::embedded::{Embedded, OpenError, Options};
use carnival::store::redis::{OpenError as RedisOpenError, Redis, Settings};
use tempfile::TempDir;

use super::{SHARDS, embedded, exported, import, live_through_a_carnival, sound};
use crate::servers::redis_server::RedisServer;
use crate::store_suite::fixtures::{holder, stamp};

async fn an_export() -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let store = embedded(folder.path());
    live_through_a_carnival(&store).await;
    exported(&store).await
}

fn unsound(bytes: &[u8]) -> Unsound {
    moving::check(bytes, &mut |_| {}).unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_cut_off_anywhere_is_told() {
    let bytes = an_export().await;
    let footer = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in [footer, footer - 1, footer + 10, bytes.len() - 1, bytes.len() / 2, bytes.len() / 3] {
        let told = unsound(&bytes[..cut]);
        assert!(matches!(told, Unsound::CutOff), "{cut}: {told}");
    }
    assert!(matches!(unsound(&bytes[..10]), Unsound::CutOff));
    assert!(matches!(unsound(b""), Unsound::NoExport));
    assert!(matches!(unsound(b"{\"hello\":1}\n"), Unsound::NoExport));
    assert!(matches!(unsound(b"not at all\n"), Unsound::NoExport));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_byte_is_told_wherever_it_is() {
    let bytes = an_export().await;
    let step = bytes.len() / 400;
    for at in (0..bytes.len()).step_by(step.max(1)).chain(bytes.len() - 200..bytes.len()) {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert!(moving::check(&altered[..], &mut |_| {}).is_err(), "byte {at}: {:?}", &altered[at]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_vanish_move_or_come_twice_are_told() {
    let text = String::from_utf8(an_export().await).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let joined = |lines: &[&str]| format!("{}\n", lines.join("\n")).into_bytes();
    let find = |kind: &str| lines.iter().position(|line| line.starts_with(&format!("{{\"{kind}\""))).unwrap();
    let mut without = lines.clone();
    without.remove(find("stamp"));
    assert!(matches!(unsound(&joined(&without)), Unsound::Altered));
    let mut twice = lines.clone();
    twice.insert(find("claim"), lines[find("claim")]);
    assert!(matches!(unsound(&joined(&twice)), Unsound::Line(_, _)));
    let mut moved = lines.clone();
    moved.swap(find("gift"), find("stock_step"));
    assert!(matches!(unsound(&joined(&moved)), Unsound::Line(_, _)));
    let mut more = text.clone().into_bytes();
    more.extend(b"{}\n");
    assert!(matches!(unsound(&more), Unsound::More));
    let other = text.replacen("\"format\":1", "\"format\":2", 1);
    let told = unsound(other.as_bytes()).say(Lang::En);
    assert_eq!(told, "The file has format 2, and this program knows 1 only: use the version that wrote it.");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_empty_store_is_moved_into() {
    let bytes = an_export().await;
    let server = RedisServer::start();
    let settings = Settings { urls: vec![server.url()], shards: SHARDS, ..Settings::default() };
    let in_redis = Redis::open(&settings).await.unwrap().0;
    let folder = TempDir::new().unwrap();
    let in_folder = embedded(folder.path());
    for store in [&in_redis as &dyn Archive, &in_folder] {
        assert!(store.is_empty().await.unwrap());
        store.mark("rehearsal", 1).await.unwrap();
        assert!(matches!(import(store, &bytes).await, Err(Unmoved::NotEmpty)), "a mark alone is something");
    }
    for prefix in ["a", "b", "c"] {
        let store = Redis::open(&Settings { prefix: prefix.to_owned(), ..settings.clone() }).await.unwrap().0;
        match prefix {
            "a" => drop(store.take_serials(1).await.unwrap()),
            "b" => drop(stamp(&store, holder(1), &[1], 0).await),
            _ => {
                import(&store, &bytes).await.unwrap();
                let before = exported(&store).await;
                assert!(matches!(import(&store, &bytes).await, Err(Unmoved::NotEmpty)), "a second import");
                assert!(exported(&store).await == before);
                continue;
            }
        }
        assert!(matches!(import(&store, &bytes).await, Err(Unmoved::NotEmpty)), "{prefix}");
    }
    let other = sound(&bytes).fits(64, None).unwrap_err().say(Lang::En);
    assert!(other.contains("8 shards and the settings say 64") && other.contains("store.shards = 8"), "{other}");
}

/// A file whose disk fails in the middle of the second reading.
struct Failing {
    bytes: Cursor<Vec<u8>>,
    limit: u64,
}

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bytes.position() > self.limit {
            return Err(io::Error::other("the disk failed"));
        }
        self.bytes.read(buffer)
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_whose_import_broke_off_is_opened_by_nobody() {
    let bytes = an_export().await;
    let failing = || Failing { bytes: Cursor::new(bytes.clone()), limit: bytes.len() as u64 / 2 };
    let folder = TempDir::new().unwrap();
    let store = embedded(folder.path());
    assert!(moving::import(&store, failing(), &sound(&bytes), &mut |_| {}).await.is_err());
    drop(store);
    let options = Options { shards: SHARDS, ..Options::default() };
    let told = Embedded::open(folder.path(), options).err().unwrap();
    assert!(matches!(told, OpenError::HalfImported(_)) && told.to_string().contains("and import again"), "{told}");

    let server = RedisServer::start();
    let settings = Settings { urls: vec![server.url()], shards: SHARDS, ..Settings::default() };
    let store = Redis::open(&settings).await.unwrap().0;
    assert!(moving::import(&store, failing(), &sound(&bytes), &mut |_| {}).await.is_err());
    let told = Redis::open(&settings).await.err().unwrap();
    assert!(matches!(told, RedisOpenError::HalfImported { .. }), "{told}");
    assert!(told.to_string().contains("every key that begins with {carnival:"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_changes_while_it_is_read_gives_no_export() {
    let server = RedisServer::start();
    let settings = Settings { urls: vec![server.url()], shards: SHARDS, ..Settings::default() };
    let store = Arc::new(Redis::open(&settings).await.unwrap().0);
    live_through_a_carnival(&*store).await;
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
    let told = moving::export(&*store, Vec::new(), &mut wait).await.unwrap_err();
    assert!(told.say(Lang::En).contains("stop every `carnival serve` first"), "{told}");
    somebody.await.unwrap();
}
