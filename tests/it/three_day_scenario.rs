//! A scenario of three days that combines all organiser features: a rainy Saturday, a leaked poster, a wrong
//! redemption, an erasure, a move to another store, and reports that must add up on the closing day.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use carnival::actions::carnival::carnival_refresh;
use carnival::actions::prints::printed_codes::{self, Replaced};
use carnival::actions::statistics::hint_recording;
use carnival::actions::store_transfer;
use carnival::store::embedded::{EmbeddedStore, Options};
use carnival::store::redis::{RedisStore, Settings};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::servers::redis_server::RedisServer;
use crate::test_app::{Client, STORE_TIMEOUT_MS, TestApp, TestAppOptions};

const SHARDS: u16 = 8;

/// Two hundred residents; the first three quarters come on the first day.
const RESIDENTS: usize = 200;

/// The staff, each with a session that lasts a day.
struct Staff<'a> {
    wang: Client<'a>,
    chen: Client<'a>,
}

#[tokio::test(flavor = "multi_thread")]
async fn three_days_with_a_move_into_redis_in_the_middle() {
    let folder = tempfile::tempdir().unwrap();
    let embedded =
        Arc::new(EmbeddedStore::open(folder.path(), Options { shards: SHARDS, ..Options::default() }).unwrap());
    let app = TestApp::start_with(TestAppOptions { store: Some(embedded.clone()), ..TestAppOptions::default() }).await;
    app.at("2023-04-14T10:00");
    friday(&app, &open_sessions(&app).await).await;
    app.at("2023-04-15T09:40");
    let staff = open_sessions(&app).await;
    rainy_saturday_morning(&app, &staff).await;

    // The service pauses and continues on another store. Buffered hints are flushed first, because an export refuses a
    // store that changes while it is read.
    read_everything(&app, &staff).await;
    hint_recording::flush(&app.app).await;
    let before = read_everything(&app, &staff).await;
    hint_recording::flush(&app.app).await;
    let (seal, bytes) = store_transfer::export(&*embedded, Vec::new(), &mut |_| {}).await.unwrap();
    let server = RedisServer::start();
    let settings =
        Settings { urls: vec![server.url()], shards: SHARDS, timeout_ms: STORE_TIMEOUT_MS, ..Settings::default() };
    let redis = RedisStore::open(&settings).await.unwrap().0;
    let sound = store_transfer::check(&bytes[..], &mut |_| {}).unwrap();
    store_transfer::import(&redis, Cursor::new(&bytes), &sound, &mut |_| {}).await.unwrap();
    assert!(seal.entries() > 1_000, "{}", seal.entries());
    let moved = TestApp::start_with(TestAppOptions { store: Some(Arc::new(redis)), ..TestAppOptions::default() }).await;
    moved.at("2023-04-15T12:00");
    let token = |client: &Client<'_>| client.token.clone().unwrap();
    let staff = Staff { wang: moved.with_token(&token(&staff.wang)), chen: moved.with_token(&token(&staff.chen)) };
    let after = read_everything(&moved, &staff).await;
    for (path, readings) in &before {
        assert_eq!(after[path], *readings, "{path} differs after the move");
    }

    rainy_saturday_afternoon(&moved, &staff).await;
    moved.at("2023-04-16T10:30");
    closing_sunday(&moved, &open_sessions(&moved).await).await;
}

async fn open_sessions(app: &TestApp) -> Staff<'_> {
    Staff { wang: app.volunteer("王阿姨", "market-play").await, chen: app.organiser("陈社工").await }
}

async fn log_in_concurrently(app: &TestApp, names: std::ops::Range<usize>) -> Vec<Client<'_>> {
    join_all(names.map(async |n| app.resident(&format!("resident-{n}")).await)).await
}

async fn check_in(crowd: &[Client<'_>], points: std::ops::RangeInclusive<u8>) {
    for point in points {
        let answers = join_all(crowd.iter().map(async |one| one.scan(&format!("space-{point}")).await)).await;
        assert!(answers.iter().all(|answer| answer.status == 201), "{point}: {:?}", answers.first());
    }
}

async fn claim_and_fetch(staff: &Staff<'_>, crowd: &[Client<'_>], gift: &str, day: &str) {
    let vouchers = join_all(crowd.iter().map(async |one| one.claim(gift).await)).await;
    for (n, voucher) in vouchers.iter().enumerate() {
        let done = staff.wang.redeem(&[voucher], &format!("nonce-{day}-{n:04}")).await;
        assert_eq!(done.body["results"][0]["redeemed"], json!(true), "{done:?}");
    }
}

async fn stock(staff: &Staff<'_>, change: i64, reason: &str, booth: Option<&str>, nonce: &str) {
    let body = json!({ "change": change, "reason": reason, "booth": booth, "nonce": nonce });
    // A retry after a lost answer.
    for _ in 0..2 {
        assert_eq!(staff.chen.put("/v1/organiser/gifts/postcards/stock", body.clone()).await.status, 200);
    }
}

async fn friday(app: &TestApp, staff: &Staff<'_>) {
    let crowd = log_in_concurrently(app, 0..150).await;
    stock(staff, 100, "moved", Some("market-play"), "nonce-moved-1").await;
    check_in(&crowd, 1..=3).await;
    claim_and_fetch(staff, &crowd[..60], "postcards", "friday").await;

    // A photo of a poster leaks: its code is replaced, and the old code is refused with a reason.
    let leaked = app.printed_code("space-4");
    printed_codes::reissue(&app.app, &"space-4".parse().unwrap(), Replaced::Leaked(&app.printed_code("space-4")))
        .await
        .unwrap();
    carnival_refresh::refresh(&app.app).await.unwrap();
    for one in &crowd[..5] {
        let readings = one.post("/v1/check-ins", json!({ "code": leaked })).await;
        assert_eq!(readings.refusal(), (410, "code_replaced"));
    }
    check_in(&crowd[..100], 4..=4).await;
    hint_recording::flush(&app.app).await;
    let summary = staff.chen.get("/v1/organiser/summary?day=2023-04-14").await.body;
    let refusals = summary["refusals"].to_string();
    assert!(refusals.contains("code_replaced") && refusals.contains("space-4"), "{refusals}");
    assert_eq!((&summary["totals"]["stamps"], &summary["totals"]["people"]), (&json!(550), &json!(150)));
}

async fn rainy_saturday_morning(app: &TestApp, staff: &Staff<'_>) {
    let rain = json!({ "reason": "因雨", "relief": true, "keep_away": true, "notice": "今天下雨，第6、7站不开放。" });
    for point in ["space-6", "space-7"] {
        let closed = staff.chen.post(&format!("/v1/organiser/points/{point}/closure"), rain.clone()).await;
        assert_eq!(closed.status, 200, "{closed:?}");
    }
    let carnival = app.anonymous().get("/v1/carnival").await.body;
    assert_eq!(carnival["notice"], "今天下雨，第6、7站不开放。", "both closures have the same");
    assert_eq!((&carnival["routes"][0]["needed"], &carnival["routes"][0]["of"]), (&json!(7), &json!(7)));
    stock(staff, 50, "delivered", None, "nonce-delivery").await;
    stock(staff, -4, "damaged", Some("market-play"), "nonce-damage").await;
    app.at("2023-04-15T12:00");
    let newcomers = log_in_concurrently(app, 150..RESIDENTS).await;
    check_in(&newcomers, 1..=5).await;
    let old = log_in_concurrently(app, 0..100).await;
    check_in(&old, 5..=5).await;
    let readings = old[0].scan("space-6").await;
    assert_eq!(readings.refusal(), (403, "point_closed"));
    hint_recording::flush(&app.app).await;
}

/// The answers that must be equal before and after the move.
async fn read_everything(app: &TestApp, staff: &Staff<'_>) -> BTreeMap<String, Value> {
    let mut readings = BTreeMap::new();
    for path in ["/v1/carnival", "/v1/availability"] {
        readings.insert(path.to_owned(), app.anonymous().get(path).await.body);
    }
    let sheets = ["check-ins.csv", "redemptions.csv", "stock.csv", "ledger.csv"];
    for path in sheets.iter().chain(&["summary", "staff", "carnival/versions"]) {
        let path = format!("/v1/organiser/{path}");
        readings.insert(path.clone(), staff.chen.get(&path).await.body);
    }
    for n in [0, 70, 120, 199] {
        let one = app.resident(&format!("resident-{n}")).await;
        readings.insert(format!("resident-{n}"), one.get("/v1/me/export").await.body);
    }
    readings.insert("shift".to_owned(), staff.wang.get("/v1/booth/summary").await.body);
    readings
}

async fn rainy_saturday_afternoon(app: &TestApp, staff: &Staff<'_>) {
    // Five stamps are enough for who came on Saturday; a gift earned on one store is claimed on the other.
    app.at("2023-04-15T15:00");
    let old = log_in_concurrently(app, 0..30).await;
    claim_and_fetch(staff, &old, "play-gift", "saturday").await;
    let again = old[0].post("/v1/me/claims", json!({ "gift": "play-gift" })).await;
    assert_eq!(again.refusal(), (409, "already_redeemed"));

    // A gift went to the wrong person; an organiser voids the redemption hours later.
    let bob = &log_in_concurrently(app, 160..161).await[0];
    let voucher = bob.claim("postcards").await;
    let done = staff.wang.redeem(&[&voucher], "nonce-wrong-one").await;
    let id = done.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap().to_owned();
    app.at("2023-04-15T20:00");
    let void = json!({ "reason": "发错了人", "nonce": "nonce-void-1" });
    for _ in 0..2 {
        let undone = staff.chen.post(&format!("/v1/booth/redemptions/{id}/void"), void.clone()).await;
        assert_eq!(undone.status, 200, "{undone:?}");
    }
}

async fn closing_sunday(app: &TestApp, staff: &Staff<'_>) {
    // A resident with a redeemed gift is erased, returns, and cannot get another.
    let eve = &log_in_concurrently(app, 5..6).await[0];
    let forgotten = eve.delete("/v1/me").await.body;
    assert_eq!((&forgotten["gifts_handed_over"], &forgotten["stamps"]), (&json!(2), &json!(5)));
    check_in(std::slice::from_ref(eve), 1..=3).await;
    let again = eve.post("/v1/me/claims", json!({ "gift": "postcards" })).await;
    assert_eq!(again.refusal(), (409, "already_redeemed"));
    let rest = log_in_concurrently(app, 60..80).await;
    claim_and_fetch(staff, &rest, "postcards", "sunday").await;
    stock(staff, -1, "correction", None, "nonce-counted-again").await;

    app.at("2023-04-16T18:00");
    let ledger = staff.chen.get("/v1/organiser/ledger.csv?lang=en&gift=postcards").await.body;
    let ledger = ledger.as_str().unwrap().trim_start_matches('\u{feff}');
    let mut sheet = csv::Reader::from_reader(ledger.as_bytes());
    let titles = sheet.headers().unwrap().clone();
    let column = |name: &str| titles.iter().position(|title| title.eq_ignore_ascii_case(name)).unwrap();
    let [day, opening, in_, redeemed, voided, damaged, closing] =
        ["day", "opening", "in", "redeemed", "voided", "damaged", "closing"].map(column);
    let mut closings: BTreeMap<String, i64> = BTreeMap::new();
    for row in sheet.records() {
        let row = row.unwrap();
        let number = |at: usize| row[at].parse::<i64>().unwrap();
        let sum = number(opening) + number(in_) - number(redeemed) + number(voided) - number(damaged);
        assert_eq!(sum, number(closing), "{row:?}");
        *closings.entry(row[day].to_owned()).or_default() += number(closing);
    }
    // 500 at first, 50 delivered, 4 broken, 1 missing; 60 and 20 redeemed, one more and voided.
    let expected = [("2023-04-14", 440), ("2023-04-15", 486), ("2023-04-16", 465)];
    for (day, left) in expected {
        assert_eq!(closings[day], left, "{day}");
    }
    let left = app.anonymous().get("/v1/availability").await.body["gifts"][0]["left"].clone();
    assert_eq!(left, 465, "Saturday's holds lapsed with the day");
    let summary = staff.chen.get("/v1/organiser/summary").await.body;
    // The counts of the erased resident's stamps remain.
    assert_eq!(summary["totals"]["stamps"], json!(550 + 250 + 100 + 3));
    assert_eq!(summary["totals"]["people"], json!(RESIDENTS + 1));
}
