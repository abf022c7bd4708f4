//! `files/format-1.txt` is an export of a rehearsal by a program that wrote format 1: cards, claims, a replaced code, two
//! poster checks, and a suspicion with its resolution and the block of its passport.

use std::fs::File;
use std::io::{Seek, Write};

use carnival::actions::store_transfer;
use carnival::rules::check_ins::suspicion::SuspicionDecision;
use carnival::rules::ids::PassportNumber;
use carnival::store::embedded::{EmbeddedStore, Options};
use carnival::store::export::file::InvalidExport;
use carnival::store::export::format_1::in_current_format;
use carnival::store::export::{MaintenanceStore, entry::ExportEntry};
use carnival::store::record_kinds::StoredSuspicion;
use carnival::store::redis::{RedisStore, Settings};
use carnival::store::{PosterCheck, control_records};
use tempfile::TempDir;

use super::exported;
use crate::servers::redis_server::RedisServer;

const FORMAT_1: &[u8] = include_bytes!("files/format-1.txt");

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

fn convert(bytes: &[u8]) -> Result<File, InvalidExport> {
    in_current_format(file(bytes))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_format_1_is_imported() {
    let (folder, server) = (TempDir::new().unwrap(), RedisServer::start());
    let embedded = EmbeddedStore::open(folder.path(), Options::default()).unwrap();
    let redis = RedisStore::open(&Settings { urls: vec![server.url()], ..Settings::default() }).await.unwrap().0;
    for store in [&embedded as &dyn MaintenanceStore, &redis] {
        let mut converted = convert(FORMAT_1).unwrap();
        let checked = store_transfer::check(&mut converted, &mut |_| {}).unwrap();
        store_transfer::import(store, converted, &checked, &mut |_| {}).await.unwrap();

        let passport: PassportNumber = "JR7DMK2PEX7F2".parse().unwrap();
        assert!(store.control().await.unwrap().blocked_passports.contains(&passport));
        let posters = control_records::read_all::<PosterCheck>(store).await.unwrap();
        assert_eq!(posters.values().map(|check| check.by.as_str()).collect::<Vec<_>>(), ["王阿姨", "王阿姨"]);
        let (id, stored) = control_records::read_all::<StoredSuspicion>(store).await.unwrap().pop_first().unwrap();
        assert_eq!((id.passport, id.nth, stored.suspicion.metres), (passport, 2, 3_630));
        let resolution = stored.resolution.unwrap();
        assert_eq!((resolution.action, resolution.by.as_str()), (SuspicionDecision::Hold, "李老师"));
        assert_eq!(store.last_serial().await.unwrap(), 3);
        assert_eq!(store.record_counts().await.unwrap().passports, 5);
    }
    let bytes = exported(&embedded).await;
    assert!(bytes == exported(&redis).await);
    // All lines that need no conversion are as they were.
    let lines =
        |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().lines().map(str::to_owned).collect::<Vec<_>>();
    let new = lines(&bytes);
    let unchanged = lines(FORMAT_1).into_iter().filter(|line| serde_json::from_str::<ExportEntry>(line).is_ok());
    assert_eq!(unchanged.filter(|line| new.contains(line)).count(), 113);
    assert_eq!(new.len(), 2 + 113 + 7);
}

#[test]
fn a_file_of_the_current_format_is_not_converted() {
    let current = b"{\"carnival_export\":{\"format\":2}}\nanything";
    let mut text = String::new();
    std::io::Read::read_to_string(&mut convert(current).unwrap(), &mut text).unwrap();
    assert_eq!(text.as_bytes(), current);
}

#[test]
fn a_damaged_file_of_format_1_is_rejected() {
    let lines: Vec<&[u8]> = FORMAT_1.split_inclusive(|byte| *byte == b'\n').collect();
    for (number, line) in lines.iter().enumerate().skip(1) {
        let without = [&lines[..number].concat()[..], &lines[number + 1..].concat()].concat();
        assert!(convert(&without).is_err(), "without line {}", number + 1);
        let mut altered = FORMAT_1.to_vec();
        let start = lines[..number].concat().len();
        altered[start + line.len() / 2] ^= 1;
        assert!(convert(&altered).is_err(), "with an altered line {}", number + 1);
        assert!(convert(&FORMAT_1[..start + line.len() / 2]).is_err(), "cut off in line {}", number + 1);
    }
    assert!(convert(&[FORMAT_1, b"\n"].concat()).is_err());
}
