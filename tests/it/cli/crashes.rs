//! The failure it guards: somebody was told *stamped*, the program or its Redis died, and the stamp is not there.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use super::program::{House, People, Running, Served, told};
use crate::servers::process::free_port;

/// What was acknowledged: resident, point, and when it was stamped.
type Acknowledged = BTreeSet<(String, String, String)>;

const RESIDENTS: usize = 8;

/// Residents who check in at every point while `then` does something to the server. Returns what
/// was acknowledged.
async fn under_load(house: &House, people: &People, then: impl AsyncFnOnce()) -> Acknowledged {
    let posters = Arc::new(house.posters());
    let acknowledged = Arc::new(Mutex::new(Acknowledged::new()));
    let count = Arc::new(AtomicUsize::new(0));
    let names: Vec<String> = (0..RESIDENTS).map(|number| format!("resident-{number}")).collect();
    let mut residents = Vec::new();
    for name in &names {
        residents.push((name.clone(), people.resident(&house.wechat, name).await));
    }
    let loads = residents.into_iter().map(|(name, token)| {
        let (people, posters) = (people.clone(), Arc::clone(&posters));
        let (acknowledged, count) = (Arc::clone(&acknowledged), Arc::clone(&count));
        tokio::spawn(async move {
            for poster in posters.iter() {
                // No answer is no promise.
                let Ok((status, body)) = people.ask(&token, "/v1/check-ins", Some(json!({ "code": poster }))).await
                else {
                    return;
                };
                if status == 201 {
                    let text = |field: &str| body["stamp"][field].as_str().unwrap().to_owned();
                    acknowledged.lock().unwrap().insert((name.clone(), text("point"), text("at")));
                    count.fetch_add(1, Ordering::SeqCst);
                }
            }
        })
    });
    let loads: Vec<_> = loads.collect();
    while count.load(Ordering::SeqCst) < 60 {
        tokio::task::yield_now().await;
    }
    then().await;
    join_all(loads).await;
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() < RESIDENTS * posters.len(), "it was stopped in the middle");
    acknowledged
}

/// Everything that was acknowledged is there, at the time that was told.
async fn assert_kept(house: &House, people: &People, acknowledged: &Acknowledged) {
    let mut kept = Acknowledged::new();
    for number in 0..RESIDENTS {
        let name = format!("resident-{number}");
        let token = people.resident(&house.wechat, &name).await;
        let (status, passport) = people.get(&token, "/v1/me/passport").await;
        assert_eq!(status, 200, "{passport}");
        for stamp in passport["stamps"].as_array().unwrap() {
            let text = |field: &str| stamp[field].as_str().unwrap().to_owned();
            kept.insert((name.clone(), text("point"), text("at")));
        }
    }
    let lost: Vec<_> = acknowledged.difference(&kept).collect();
    assert!(lost.is_empty(), "of {} acknowledged were lost: {lost:?}", acknowledged.len());
}

/// The Redis that we ship the settings of.
fn redis(port: u16, folder: &Path, name: &str) -> Running {
    let mut command = Command::new("redis-server");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/config/redis.conf"));
    command.args(["--port", &port.to_string(), "--dir"]).arg(folder);
    let mut running = Running::start(command, folder, name);
    running.wait_for(|_, _| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
        stream.write_all(b"PING\r\nQUIT\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.starts_with("+PONG").then_some(())
    });
    running
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_a_hard_kill_on_the_embedded_store() {
    let house = House::new();
    let Served { running, people } = house.serve("first");
    let acknowledged = under_load(&house, &people, async || running.kill_hard()).await;
    let again = house.serve("again");
    assert_kept(&house, &again.people, &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_a_hard_kill_of_the_program_and_of_redis() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let server = redis(port, folder.path(), "redis-1");
    let house = House::on_redis(&format!("redis://127.0.0.1:{port}"));
    let Served { running, people } = house.serve("first");
    let err = running.err();
    assert!(err.contains("Records are kept in Redis, under keys that begin with carnival."), "{err}");
    assert!(!err.contains("lost"), "our own settings keep the promise: {err}");
    let acknowledged = under_load(&house, &people, async || {
        server.kill_hard();
        running.kill_hard();
    })
    .await;
    let _server = redis(port, folder.path(), "redis-2");
    let again = house.serve("again");
    assert_kept(&house, &again.people, &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_under_load_is_orderly_and_no_answer_untrue() {
    let house = House::new();
    let Served { mut running, people } = house.serve("first");
    let acknowledged = under_load(&house, &people, async || running.signal("TERM")).await;
    let (code, took) = running.ended();
    assert_eq!(code, Some(0), "{}", running.err());
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(running.err().contains("Stopped; everything that was answered is kept."), "{}", running.err());
    let again = house.serve("again");
    assert_kept(&house, &again.people, &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booth_write_survives_a_lost_answer_and_a_crash() {
    let house = House::new();
    let Served { running, people } = house.serve("first");
    let ana = people.resident(&house.wechat, "ana").await;
    people.post(&ana, "/v1/check-ins", json!({ "code": house.posters()[0] })).await;
    let (_, claim) = people.post(&ana, "/v1/me/claims", json!({ "gift": "badge" })).await;
    let link = told(&mut house.command(&["invite", "--role", "volunteer", "--booth", "market"]));
    let link = link.lines().next().unwrap();
    let wang = people.accept(link, "王阿姨").await.1["token"].as_str().unwrap().to_owned();
    let confirm = json!({ "vouchers": [claim["id"]], "nonce": "confirm-0001" });
    let (_, done) = people.post(&wang, "/v1/booth/redemptions", confirm.clone()).await;
    assert_eq!(done["results"][0]["redeemed"], json!(true));
    running.kill_hard();
    let again = house.serve("again");
    // The same device, the same session, the same answer.
    let (_, once_more) = again.people.post(&wang, "/v1/booth/redemptions", confirm).await;
    assert_eq!(once_more, done);
    let (_, shift) = again.people.get(&wang, "/v1/booth/summary").await;
    assert_eq!(shift["gifts"][0]["redeemed"], json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_see_a_replaced_poster_within_two_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let _server = redis(port, folder.path(), "redis");
    let house = House::on_redis(&format!("redis://127.0.0.1:{port}"));
    let (one, two) = (house.serve("one"), house.serve("two"));
    let old = house.posters().remove(0);
    let ana = one.people.resident(&house.wechat, "ana").await;
    assert_eq!(two.people.post(&ana, "/v1/check-ins", json!({ "code": old })).await.0, 201, "a token of either");
    let out = house.path("codes");
    told(&mut house.command(&["codes", "--out", out.to_str().unwrap(), "--reissue", "p-1"]));
    let begun = Instant::now();
    let new = crate::qr::of_png(&std::fs::read(out.join("001-p-1-g1.png")).unwrap()).remove(0);
    for (served, name) in [(&one, "ben"), (&two, "dan")] {
        let newcomer = served.people.resident(&house.wechat, name).await;
        served.running_sees(&newcomer, &new, 201).await;
        let cem = served.people.resident(&house.wechat, "cem").await;
        let (_, told) = served.people.post(&cem, "/v1/check-ins", json!({ "code": old })).await;
        assert_eq!(told["code"], json!("code_replaced"));
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

impl Served {
    /// Waits until the server takes a new code.
    pub(crate) async fn running_sees(&self, token: &str, code: &str, status: u16) {
        let begun = Instant::now();
        loop {
            let (now, body) = self.people.post(token, "/v1/check-ins", json!({ "code": code })).await;
            if now == status {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "{body}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
