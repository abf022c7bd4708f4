//! Changes the machine's clock under load: the program must not panic, lock people out, or corrupt the order of its
//! logs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::time::sleep;

use super::answer_log::ResidentLog;
use super::fault_table::{FaultRow, rounds};
use super::load_generator::LoadGenerator;
use super::test_site::TestSite;
use super::verification;
use crate::cli::harness::{ApiClient, RunningServer, Workspace};

/// Finds the library in the usual places of distributions.
fn libfaketime() -> PathBuf {
    let found = fs::read_dir("/usr/lib").unwrap().filter_map(|entry| {
        let library = entry.ok()?.path().join("faketime/libfaketimeMT.so.1");
        library.exists().then_some(library)
    });
    let elsewhere = [PathBuf::from("/usr/lib/faketime/libfaketimeMT.so.1")].into_iter().filter(|path| path.exists());
    let library = found.chain(elsewhere).next();
    library.unwrap_or_else(|| panic!("this test needs Debian's `faketime`; scripts/test installs it"))
}

/// An adjustable clock of one process.
struct FakeClock(PathBuf);

impl FakeClock {
    fn of(folder: &Path) -> FakeClock {
        let clock = FakeClock(folder.join("offset"));
        clock.set(SignedDuration::ZERO);
        clock
    }

    fn apply_to(&self, command: &mut Command) {
        command.env("LD_PRELOAD", libfaketime()).env("FAKETIME_TIMESTAMP_FILE", &self.0);
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
    }

    /// Sets the offset from the true time.
    fn set(&self, offset: SignedDuration) {
        let draft = self.0.with_extension("new");
        fs::write(&draft, format!("{:+}\n", offset.as_secs())).unwrap();
        fs::rename(draft, &self.0).unwrap();
    }
}

/// Waits until the server's clock has this offset; cached answers may be a second old.
async fn wait_for_clock(api: &ApiClient, offset: SignedDuration) {
    let begun = Instant::now();
    loop {
        let (_, body) = api.get("", "/v1/availability").await;
        let now: Timestamp = body["now"].as_str().unwrap().parse().unwrap();
        let off = now.duration_since(Timestamp::now()) - offset;
        if off.abs() < SignedDuration::from_secs(20) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "the clock is off by {off:?}");
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clock_changed_in_both_directions() {
    let rounds = rounds(1, 5);
    let mut workspace = Workspace::new();
    // The default, because a clock change must not count as many requests.
    workspace.set("CARNIVAL__HTTP__LIMITS__RESIDENT_PER_MINUTE", "120");
    // Long enough that a day forward expires no token; expiry is tested below.
    workspace.set("CARNIVAL__CARNIVAL__RESIDENT_TOKEN_HOURS", "96");
    workspace.set("CARNIVAL__CARNIVAL__STAFF_SESSION_HOURS", "96");
    let clock = FakeClock::of(workspace.folder.path());
    let (mut site, RunningServer { mut program, api }) =
        TestSite::open_by(workspace, |command| clock.apply_to(command)).await;
    site.target.clock_steps = true;
    let load = LoadGenerator::start(&site, std::slice::from_ref(&api.base), 8, "clock");
    let mut longest = Duration::ZERO;
    let hours = SignedDuration::from_hours;
    let minutes = SignedDuration::from_mins;
    for _ in 0..rounds {
        for offset in [minutes(5), minutes(-5), hours(24), minutes(0), hours(-24), minutes(0)] {
            load.wait_for_answers(40).await;
            clock.set(offset);
            longest = longest.max(load.wait_for_answers(20).await);
            wait_for_clock(&api, offset).await;
        }
    }
    let mut answer_log = load.stop().await;
    answer_log.residents.extend(check_days(&site, &api, &clock).await);
    let verified = verification::verify_server(&site, &api, &answer_log).await;
    TestSite::stop(&mut program);
    assert!(!program.err().contains("panicked"), "{}", program.err());
    verification::verify_export(&site.export(), &answer_log, &verified, false);
    let row =
        FaultRow::new("50-clock", "clock changed by 5 minutes and by a day, both ways", rounds, &answer_log, &verified);
    FaultRow { longest_recovery: longest, remark: "libfaketime; six changes per round".to_owned(), ..row }.save();
}

/// Outside the carnival's days check-ins are refused; after the clock is corrected they succeed, also for residents who
/// logged in at the wrong time.
async fn check_days(site: &TestSite, api: &ApiClient, clock: &FakeClock) -> Vec<ResidentLog> {
    let mut stamped = Vec::new();
    let (point, poster) = &site.posters[0];
    for (days, code) in [(-6, "carnival_not_begun"), (7, "carnival_over")] {
        clock.set(SignedDuration::from_hours(24 * days));
        let ana = api.resident(&site.workspace.wechat, &format!("ana{days}")).await;
        let (status, body) = api.post(&ana, "/v1/check-ins", json!({ "code": poster })).await;
        assert_eq!((status / 100, &body["code"]), (4, &json!(code)), "{body}");
        clock.set(SignedDuration::ZERO);
        // The token may have expired under the other clock; a new login must be enough.
        let (status, body) = api.post(&ana, "/v1/check-ins", json!({ "code": poster })).await;
        if status == 401 {
            assert_eq!(body["remedy"], "login", "{body}");
        } else {
            assert_eq!(status, 201, "{body}");
        }
        let again = api.resident(&site.workspace.wechat, &format!("ana{days}")).await;
        let (status, body) = api.post(&again, "/v1/check-ins", json!({ "code": poster })).await;
        assert!(status == 200 || status == 201, "{status} {body}");
        stamped.push(ResidentLog::stamped(&again, point, &body));
    }
    stamped
}
