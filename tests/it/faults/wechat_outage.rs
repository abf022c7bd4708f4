//! WeChat's server hangs or returns garbage: only logins may fail, within their timeout and with a helpful message.

use std::time::{Duration, Instant};

use serde_json::json;

use super::answer_log::ResidentLog;
use super::fault_table::{FaultRow, rounds};
use super::load_generator::LoadGenerator;
use super::test_site::TestSite;
use super::verification;
use crate::cli::harness::{RunningServer, Workspace};
use crate::wechat_stub::StubMode;

/// The stub's faults.
const FAULTS: [StubMode; 6] = [
    StubMode::Silent,
    StubMode::Resets,
    StubMode::Breaks,
    StubMode::Text("<html>ok</html>"),
    StubMode::Huge,
    StubMode::BadGateway,
];

#[tokio::test(flavor = "multi_thread")]
async fn wechat_hangs_resets_and_returns_garbage() {
    let rounds = rounds(6, 20);
    let (site, RunningServer { mut program, api }) = TestSite::open(Workspace::new()).await;
    let bases = std::slice::from_ref(&api.base);
    let comers = LoadGenerator::start(&site, bases, 6, "comers");
    let stayers = LoadGenerator::start_lasting(&site, bases, 6, "stayers");
    // Residents who are logged in already, one for each fault.
    let mut reserve = Vec::new();
    for round in 0..rounds {
        reserve.push(api.resident(&site.workspace.wechat, &format!("reserve-{round}")).await);
    }
    stayers.wait_for_answers(50).await;
    let (mut longest, mut fresh) = (Duration::ZERO, Vec::new());
    for (token, fault) in reserve.iter().zip(FAULTS.iter().cycle()) {
        comers.wait_for_answers(20).await;
        site.workspace.wechat.set(*fault);
        let (begun, before) = (Instant::now(), comers.logins_refused());
        while comers.logins_refused() < before + 3 {
            assert!(begun.elapsed() < Duration::from_secs(60), "{fault:?}: no login was refused");
            // Check-ins continue.
            stayers.wait_for_answers(10).await;
        }
        let (point, poster) = &site.posters[fresh.len() % site.posters.len()];
        let (status, body) = api.post(token, "/v1/check-ins", json!({ "code": poster })).await;
        assert_eq!(status, 201, "{fault:?}: {body}");
        fresh.push(ResidentLog::stamped(token, point, &body));
        site.workspace.wechat.set(StubMode::Normal);
        longest = longest.max(comers.wait_for_answers(1).await);
    }
    let mut answer_log = stayers.stop().await;
    assert_eq!(answer_log.refused, 0, "a request other than a login was refused");
    answer_log.add(comers.stop().await);
    // The timeout is 3 s; the rest is for a busy machine.
    assert!(answer_log.longest_login_refusal < Duration::from_secs(10), "{:?}", answer_log.longest_login_refusal);
    TestSite::stop(&mut program);
    assert!(!program.err().contains("panicked"), "{}", program.err());
    let served = site.workspace.serve("again");
    answer_log.residents.extend(fresh);
    let mut program = served.program;
    let verified = verification::verify_all(&site, &served.api, &mut program, &answer_log).await;
    let remark = format!(
        "{} logins refused, the slowest after {} ms; no check-in refused",
        answer_log.logins_refused,
        answer_log.longest_login_refusal.as_millis()
    );
    let row = FaultRow::new("60-wechat", "WeChat hangs, resets, answers garbage", rounds, &answer_log, &verified);
    FaultRow { longest_recovery: longest, remark, ..row }.save();
}
