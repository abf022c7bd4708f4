//! A damaged file of the embedded store: single bits flipped, pages zeroed, the file cut. Either nothing of it matters and
//! the export is the same, or the file is refused as damaged; never a panic, never an export of other data.

use std::fs;
use std::path::Path;

use carnival::store::embedded::{EmbeddedStore, OpenError, Options};
use tempfile::TempDir;

use super::fault_table::{FaultRow, rounds};
use super::simulated_disk::SeededRandom;
use crate::export_import::{SHARDS, exported, write_every_kind_of_record};
use crate::store_suite::fixtures::{holder, stamp};

const FILE: &str = "carnival.redb";

/// The unit in which redb writes.
const PAGE: usize = 4096;

/// Where the header says which of two commits is current. After a crash either may be, so a file that was not closed is
/// not checked for it.
const FLAGS: usize = 9;

fn open(folder: &Path) -> Result<EmbeddedStore, OpenError> {
    EmbeddedStore::open(folder, Options { shards: SHARDS, ..Options::default() })
}

/// A file as a program leaves it that was killed, one that was closed, and what an export of either contains.
async fn files() -> ([Vec<u8>; 2], Vec<u8>) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(FILE);
    let store = open(folder.path()).unwrap();
    write_every_kind_of_record(&store).await;
    for who in 100..160 {
        stamp(&store, holder(who), &[1, 2, 3, 4, 5, 6], i64::from(who)).await;
    }
    let contents = exported(&store).await;
    let killed = fs::read(&path).unwrap();
    drop(store);
    ([killed, fs::read(&path).unwrap()], contents)
}

/// Damages a file; says how.
fn damage(bytes: &mut Vec<u8>, closed: bool, random: &mut SeededRandom) -> String {
    let mut below = |n: usize| usize::try_from(random.below(n as u64)).unwrap();
    match below(8) {
        // The header more often than its size suggests.
        0 => {
            let (at, bit) = (below(320), below(8));
            if at == FLAGS && !closed {
                return "nothing".to_owned();
            }
            bytes[at] ^= 1 << bit;
            format!("bit {bit} of byte {at}")
        }
        1..5 => {
            let (at, bit) = (below(bytes.len()), below(8));
            bytes[at] ^= 1 << bit;
            format!("bit {bit} of byte {at}")
        }
        5 | 6 => {
            let page = below(bytes.len() / PAGE);
            bytes[page * PAGE..(page + 1) * PAGE].fill(0);
            format!("page {page} zeroed")
        }
        _ => {
            bytes.truncate(below(bytes.len()));
            format!("cut to {} bytes", bytes.len())
        }
    }
}

/// Opens a file with these bytes; asserts that it is refused as damaged or has the same export.
async fn is_refused(bytes: &[u8], contents: &[u8], how: &str) -> bool {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(FILE), bytes).unwrap();
    match open(folder.path()) {
        Ok(store) => {
            assert!(exported(&store).await == contents, "{how}: the export differs");
            false
        }
        Err(OpenError::Damaged(_)) => true,
        Err(error) => panic!("{how}: {error:?}"),
    }
}

/// No checksum covers these bits; one of them brings back the commit before the last.
#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_flag_of_a_closed_file_brings_back_no_older_commit() {
    let ([_, closed], contents) = files().await;
    for bit in 0..8 {
        let mut bytes = closed.clone();
        bytes[FLAGS] ^= 1 << bit;
        let refused = is_refused(&bytes, &contents, &format!("flag {bit}")).await;
        assert!(bit != 0 || !refused, "the newer commit is complete");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_refused_or_unaltered() {
    let rounds = rounds(60, 5000);
    let seed = std::env::var("CARNIVAL_FAULTS_SEED").map_or(20_230_413, |seed| seed.parse().unwrap());
    let mut random = SeededRandom(seed);
    let (files, contents) = files().await;
    let (mut refused, mut unaltered) = (0, 0);
    for round in 0..rounds {
        let closed = round % 2 == 1;
        let mut bytes = files[usize::from(closed)].clone();
        let how = damage(&mut bytes, closed, &mut random);
        if is_refused(&bytes, &contents, &format!("seed {seed}, round {round}: {how}")).await {
            refused += 1;
        } else {
            unaltered += 1;
        }
    }
    assert!(refused > 0 && unaltered > 0, "{refused} refused, {unaltered} unaltered");
    let fault = "the file damaged: bits flipped, pages zeroed, cut".to_owned();
    let remark = format!("{refused} refused, {unaltered} with the same export; seed {seed}");
    FaultRow { key: "22-damage", fault, rounds, checked: u64::from(rounds), remark, ..FaultRow::default() }.save();
}
