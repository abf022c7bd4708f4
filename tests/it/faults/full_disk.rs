//! Fills the disk under load: requests must be refused clearly, nothing may be lost, and the program must recover
//! without a restart.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use carnival::actions::store_transfer;

use super::answer_log::AnswerLog;
use super::fault_table::{FaultRow, rounds};
use super::load_generator::LoadGenerator;
use super::power_cuts::{load_target, open_store, serve};
use super::simulated_disk::{SeededRandom, SimulatedDisk};
use super::test_site::TestSite;
use super::verification::{self, Verified};
use crate::cli::harness::{ApiClient, RunningServer, Workspace};

#[tokio::test(flavor = "multi_thread")]
async fn full_disk_of_the_store() {
    let rounds = rounds(2, 5);
    let workspace = Workspace::new();
    let (answer_log, verified, longest, remark) = match SmallDisk::mount(&workspace.path("data")) {
        Some(small) => run_on_small_disk(workspace, &small, rounds).await,
        None => run_on_simulated_disk(rounds).await,
    };
    assert!(answer_log.refused > 0, "nothing was refused");
    let row = FaultRow::new("30-full", "disk full under the store's folder", rounds, &answer_log, &verified);
    FaultRow { longest_recovery: longest, remark: remark.to_owned(), ..row }.save();
}

/// A small tmpfs, where this user may mount one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> Option<SmallDisk> {
        fs::create_dir(at).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=48m,mode=0700", "tmpfs"]).arg(at).output();
        mount.is_ok_and(|mount| mount.status.success()).then(|| SmallDisk(at.to_owned()))
    }

    /// Uses all free space.
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

async fn run_on_small_disk(
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
        wait_until_refused(&load).await;
        small.clear();
        longest = longest.max(wait_until_recovered(&load).await);
    }
    let answer_log = load.stop().await;
    let verified = verification::verify_server(&site, &api, &answer_log).await;
    TestSite::stop(&mut program);
    let err = program.err();
    assert!(!err.contains("panicked"), "{err}");
    verification::verify_export(&site.export(), &answer_log, &verified, true);
    (answer_log, verified, longest, "a tmpfs of 48 MB")
}

async fn run_on_simulated_disk(rounds: u32) -> (AnswerLog, Verified, Duration, &'static str) {
    let disk = SimulatedDisk::new();
    let store = open_store(&disk).unwrap();
    let app = serve(store).await;
    let target = load_target(&app).await;
    let load = LoadGenerator::start(&target, std::slice::from_ref(&app.base), 8, "full");
    let mut longest = Duration::ZERO;
    for _ in 0..rounds {
        load.wait_for_answers(50).await;
        disk.fill(true);
        wait_until_refused(&load).await;
        disk.fill(false);
        longest = longest.max(wait_until_recovered(&load).await);
    }
    let answer_log = load.stop().await;
    let verified = verification::verify_server(&target, &ApiClient::at(app.base.clone()), &answer_log).await;
    drop(app);
    // A copy of the disk: the server may still be stopping, and holds the original until then.
    let store = open_store(&disk.after_power_cut(&mut SeededRandom(0))).unwrap();
    let (_, bytes) = store_transfer::export(store.as_ref(), Vec::new(), &mut |_| {}).await.unwrap();
    verification::verify_export(std::str::from_utf8(&bytes).unwrap(), &answer_log, &verified, true);
    (answer_log, verified, longest, "a simulated disk that returns ENOSPC: this user may not mount a tmpfs")
}

/// Waits until clients are refused, and long enough that the store tried to reopen.
async fn wait_until_refused(load: &LoadGenerator) {
    let (begun, before) = (Instant::now(), load.refused());
    while load.refused() < before + 20 || begun.elapsed() < Duration::from_millis(2500) {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was refused");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn wait_until_recovered(load: &LoadGenerator) -> Duration {
    load.wait_for_answers(1).await
}
