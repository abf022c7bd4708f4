//! The failure it guards: the disk is full, and the program says something vague, loses something, or needs somebody who
//! starts it again.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use carnival::actions::moving;

use super::check::{self, Checked};
use super::disk::Disk;
use super::ledger::Ledger;
use super::load::Load;
use super::power::{open, place, serve};
use super::report::{Row, rounds};
use super::site::Site;
use crate::cli::program::{House, People, Served};

#[tokio::test(flavor = "multi_thread")]
async fn full_disk_of_the_store() {
    let rounds = rounds(2, 5);
    let house = House::new();
    let (ledger, checked, longest, remark) = match Small::mount(&house.path("data")) {
        Some(small) => on_a_small_disk(house, &small, rounds).await,
        None => on_a_full_backend(rounds).await,
    };
    assert!(ledger.refused > 0, "it was full");
    let row = Row::of("30-full", "disk full, for the store's folder", rounds, &ledger, &checked);
    Row { longest_recovery: longest, remark: remark.to_owned(), ..row }.keep();
}

/// A file system of a few megabytes, where this user may mount one.
struct Small(PathBuf);

impl Small {
    fn mount(at: &Path) -> Option<Small> {
        fs::create_dir(at).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=48m,mode=0700", "tmpfs"]).arg(at).output();
        mount.is_ok_and(|mount| mount.status.success()).then(|| Small(at.to_owned()))
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let mut ballast = fs::File::options().create(true).append(true).open(self.0.join("ballast")).unwrap();
        while ballast.write_all(&[1; 4096]).is_ok() {}
    }

    fn clear(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

async fn on_a_small_disk(house: House, small: &Small, rounds: u32) -> (Ledger, Checked, Duration, &'static str) {
    let (site, Served { mut running, people }) = Site::open(house).await;
    let load = Load::start(&site, std::slice::from_ref(&people.base), 8, "full");
    let mut longest = Duration::ZERO;
    for _ in 0..rounds {
        load.until_more(50).await;
        small.fill();
        until_refused(&load).await;
        small.clear();
        longest = longest.max(recovered(&load).await);
    }
    let ledger = load.stop().await;
    let checked = check::against_server(&site, &people, &ledger).await;
    Site::stop(&mut running);
    let err = running.err();
    assert!(!err.contains("panicked"), "{err}");
    check::against_export(&site.export(), &ledger, &checked, true);
    (ledger, checked, longest, "a tmpfs of 48 MB")
}

async fn on_a_full_backend(rounds: u32) -> (Ledger, Checked, Duration, &'static str) {
    let disk = Disk::new();
    let store = open(&disk).unwrap();
    let app = serve(store).await;
    let place = place(&app).await;
    let load = Load::start(&place, std::slice::from_ref(&app.base), 8, "full");
    let mut longest = Duration::ZERO;
    for _ in 0..rounds {
        load.until_more(50).await;
        disk.fill(true);
        until_refused(&load).await;
        disk.fill(false);
        longest = longest.max(recovered(&load).await);
    }
    let ledger = load.stop().await;
    let checked = check::against_server(&place, &People::at(app.base.clone()), &ledger).await;
    drop(app);
    let store = open(&disk).unwrap();
    let (_, bytes) = moving::export(store.as_ref(), Vec::new(), &mut |_| {}).await.unwrap();
    check::against_export(std::str::from_utf8(&bytes).unwrap(), &ledger, &checked, true);
    (ledger, checked, longest, "a backend that answers ENOSPC: this user may mount nothing")
}

/// Waits until clients are told that it does not go now, and for so long that the store tried to open again meanwhile.
async fn until_refused(load: &Load) {
    let (begun, before) = (Instant::now(), load.refused());
    while load.refused() < before + 20 || begun.elapsed() < Duration::from_millis(2500) {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was refused");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn recovered(load: &Load) -> Duration {
    load.until_more(1).await
}
