//! The failure it guards: WeChat's server hangs or answers nonsense, and more than the logins suffer; or a login hangs
//! with it, or is refused in words that help nobody.

use std::time::{Duration, Instant};

use serde_json::json;

use super::check;
use super::ledger::Person;
use super::load::Load;
use super::report::{Row, rounds};
use super::site::Site;
use crate::cli::program::{House, Served};
use crate::wechat_server::Mode;

/// What it does in the place of a good answer.
const FAULTS: [Mode; 6] =
    [Mode::Silent, Mode::Resets, Mode::Breaks, Mode::Text("<html>ok</html>"), Mode::Huge, Mode::BadGateway];

#[tokio::test(flavor = "multi_thread")]
async fn wechat_hangs_resets_and_talks_nonsense() {
    let rounds = rounds(6, 20);
    let (site, Served { mut running, people }) = Site::open(House::new()).await;
    let bases = std::slice::from_ref(&people.base);
    let comers = Load::start(&site, bases, 6, "comers");
    let stayers = Load::start_lasting(&site, bases, 6, "stayers");
    // Logged in before, each for one fault.
    let mut reserve = Vec::new();
    for round in 0..rounds {
        reserve.push(people.resident(&site.house.wechat, &format!("reserve-{round}")).await);
    }
    stayers.until_more(50).await;
    let (mut longest, mut fresh) = (Duration::ZERO, Vec::new());
    for (token, fault) in reserve.iter().zip(FAULTS.iter().cycle()) {
        comers.until_more(20).await;
        site.house.wechat.set(*fault);
        let (begun, before) = (Instant::now(), comers.logins_refused());
        while comers.logins_refused() < before + 3 {
            assert!(begun.elapsed() < Duration::from_secs(60), "{fault:?}: no login was refused");
            // Stamps go on meanwhile.
            stayers.until_more(10).await;
        }
        let (point, poster) = &site.posters[fresh.len() % site.posters.len()];
        let (status, body) = people.post(token, "/v1/check-ins", json!({ "code": poster })).await;
        assert_eq!(status, 201, "{fault:?}: {body}");
        fresh.push(Person::stamped(token, point, &body));
        site.house.wechat.set(Mode::Well);
        longest = longest.max(comers.until_more(1).await);
    }
    let mut ledger = stayers.stop().await;
    assert_eq!(ledger.refused, 0, "only logins suffer");
    ledger.add(comers.stop().await);
    // 3 s are the setting; the rest is for a busy machine.
    assert!(ledger.longest_login_refusal < Duration::from_secs(10), "{:?}", ledger.longest_login_refusal);
    Site::stop(&mut running);
    assert!(!running.err().contains("panicked"), "{}", running.err());
    let served = site.house.serve("again");
    ledger.people.extend(fresh);
    let mut running = served.running;
    let checked = check::whole(&site, &served.people, &mut running, &ledger).await;
    let remark = format!(
        "{} logins refused, the longest in {} ms; check-ins never",
        ledger.logins_refused,
        ledger.longest_login_refusal.as_millis()
    );
    let row = Row::of("60-wechat", "WeChat hangs, resets, answers garbage", rounds, &ledger, &checked);
    Row { longest_recovery: longest, remark, ..row }.keep();
}
