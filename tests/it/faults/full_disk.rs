//! The failure it guards: the disk is full, and the program says something vague, loses something, or needs somebody who
//! starts it again.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use carnival::actions::moving;

use super::answer_log::AnswerLog;
use super::fault_table::{FaultRow, rounds};
use super::load_generator::LoadGenerator;
use super::power_cuts::{load_target, open_store, serve};
use super::simulated_disk::SimulatedDisk;
use super::test_site::TestSite;
use super::verification::{self, Verified};
use crate::cli::harness::{ApiClient, RunningServer, Workspace};

#[tokio::test(flavor = "multi_thread")]
async fn full_disk_of_the_store() {
    let rounds = rounds(2, 5);
    let workspace = Workspace::new();
    let (answer_log, verified, longest, remark) = match SmallDisk::mount(&workspace.path("data")) {
        Some(small) => on_a_small_disk(workspace, &small, rounds).await,
        None => on_a_full_backend(rounds).await,
    };
    assert!(answer_log.refused > 0, "it was full");
    let row = FaultRow::new("30-full", "disk full, for the store's folder", rounds, &answer_log, &verified);
    FaultRow { longest_recovery: longest, remark: remark.to_owned(), ..row }.save();
}

/// A file system of a few megabytes, where this user may mount one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> Option<SmallDisk> {
        fs::create_dir(at).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=48m,mode=0700", "tmpfs"]).arg(at).output();
        mount.is_ok_and(|mount| mount.status.success()).then(|| SmallDisk(at.to_owned()))
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

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

async fn on_a_small_disk(
    workspace: Workspace,
    small: &SmallDisk,
    rounds: u32,
) -> (AnswerLog, Verified, Duration, &'static str) {
    let (site, RunningServer { mut program, api }) = TestSite::open(workspace).await;
    let load = LoadGenerator::start(&site, std::slice::from_ref(&api.base), 8, "full");
    let mut longest = Duration::ZERO;
    for _ in 0..rounds {
        load.wait_for_answers(50).await;
        small.fill();
        until_refused(&load).await;
        small.clear();
        longest = longest.max(recovered(&load).await);
    }
    let answer_log = load.stop().await;
    let verified = verification::verify_server(&site, &api, &answer_log).await;
    TestSite::stop(&mut program);
    let err = program.err();
    assert!(!err.contains("panicked"), "{err}");
    verification::verify_export(&site.export(), &answer_log, &verified, true);
    (answer_log, verified, longest, "a tmpfs of 48 MB")
}

async fn on_a_full_backend(rounds: u32) -> (AnswerLog, Verified, Duration, &'static str) {
    let disk = SimulatedDisk::new();
    let store = open_store(&disk).unwrap();
    let app = serve(store).await;
    let target = load_target(&app).await;
    let load = LoadGenerator::start(&target, std::slice::from_ref(&app.base), 8, "full");
    let mut longest = Duration::ZERO;
    for _ in 0..rounds {
        load.wait_for_answers(50).await;
        disk.fill(true);
        until_refused(&load).await;
        disk.fill(false);
        longest = longest.max(recovered(&load).await);
    }
    let answer_log = load.stop().await;
    let verified = verification::verify_server(&target, &ApiClient::at(app.base.clone()), &answer_log).await;
    drop(app);
    let store = open_store(&disk).unwrap();
    let (_, bytes) = moving::export(store.as_ref(), Vec::new(), &mut |_| {}).await.unwrap();
    verification::verify_export(std::str::from_utf8(&bytes).unwrap(), &answer_log, &verified, true);
    (answer_log, verified, longest, "a backend that answers ENOSPC: this user may mount nothing")
}

/// Waits until clients are told that it does not go now, and for so long that the store tried to open again meanwhile.
async fn until_refused(load: &LoadGenerator) {
    let (begun, before) = (Instant::now(), load.refused());
    while load.refused() < before + 20 || begun.elapsed() < Duration::from_millis(2500) {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was refused");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn recovered(load: &LoadGenerator) -> Duration {
    load.wait_for_answers(1).await
}
