//! Guards against one client that exhausts the server, and against a guesser who locks out the whole venue that shares
//! the address.

use std::num::NonZeroU32;

use carnival::config::Settings;
use carnival::rules::gifts::voucher::Voucher;
use reqwest::Method;
use serde_json::{Value, json};

use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

async fn start_limited(settings: fn(&mut Settings)) -> TestApp {
    TestApp::start_with(TestAppOptions { settings: Some(settings), ..TestAppOptions::default() }).await
}

fn low_limits(settings: &mut Settings) {
    settings.http.limits.resident_per_minute = NonZeroU32::new(3).unwrap();
    settings.http.limits.failures_per_minute = NonZeroU32::new(3).unwrap();
}

fn low_limits_behind_a_proxy(settings: &mut Settings) {
    low_limits(settings);
    settings.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_one_resident_affects_no_other() {
    let app = start_limited(low_limits).await;
    let (ana, bo) = (app.resident("ana").await, app.resident("bo").await);
    for _ in 0..3 {
        assert_eq!(ana.get("/v1/me").await.status, 200);
    }
    let mut too_many = ana.get("/v1/me").await;
    let wait = too_many.body["retry_after_s"].take();
    assert_eq!(too_many.header("retry-after"), wait.to_string());
    assert!((1..=21).contains(&wait.as_u64().unwrap()), "{wait}");
    let detail = too_many.body["detail"].as_str().unwrap().replace(&wait.to_string(), "[s]");
    too_many.body["detail"] = detail.into();
    insta::assert_json_snapshot!(too_many.status_and_body(), @r#"
    {
      "body": {
        "code": "too_many_tries",
        "detail": "操作太快了，请等[s]秒再试。",
        "remedy": "retry",
        "retry_after_s": null,
        "status": 429,
        "title": "Too Many Requests",
        "type": "urn:carnival:problem:too_many_tries"
      },
      "status": 429
    }
    "#);
    let relogged = app.resident("ana").await;
    assert_eq!(relogged.get("/v1/me").await.refusal(), (429, "too_many_tries"), "a new token of the same resident");
    assert_eq!(bo.get("/v1/me").await.status, 200);
    assert_eq!(app.anonymous().get("/v1/carnival").await.status, 200);
}

async fn post_from(who: &Client<'_>, address: &str, path: &str, body: Value) -> Answer {
    let request = who.request(Method::POST, path).header("x-forwarded-for", address).json(&body);
    Answer::of(request.send().await.unwrap()).await
}

async fn attempt(app: &TestApp, name: &str, address: &str) -> Answer {
    post_from(&app.resident(name).await, address, "/v1/check-ins", json!({ "code": "P000000000000000" })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_are_limited_and_valid_ones_still_accepted() {
    let app = start_limited(low_limits).await;
    let ana = app.resident("ana").await;
    for name in ["a", "b", "c"] {
        assert_eq!(attempt(&app, name, "").await.refusal(), (404, "code_unknown"));
    }
    for name in ["d", "e"] {
        assert_eq!(attempt(&app, name, "").await.refusal(), (429, "too_many_tries"), "for everyone at this address");
    }
    assert_eq!(ana.scan("space-1").await.status, 201, "a valid code is accepted from the same address");
    assert_eq!(app.anonymous().post("/v1/sessions/wechat", json!({ "code": "bo" })).await.status, 201);
    let closed = ana.scan("centre-1").await;
    assert_eq!(closed.refusal(), (403, "route_not_this_week"), "a refusal is not a failed attempt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
    let app = start_limited(low_limits).await;
    for (nth, name) in ["a", "b", "c"].iter().enumerate() {
        assert_eq!(attempt(&app, name, &format!("198.51.100.{nth}")).await.status, 404);
    }
    assert_eq!(attempt(&app, "d", "198.51.100.9").await.status, 429, "invented by the client");

    let app = start_limited(low_limits_behind_a_proxy).await;
    for name in ["a", "b", "c"] {
        assert_eq!(attempt(&app, name, "198.51.100.1").await.status, 404);
    }
    assert_eq!(attempt(&app, "d", "198.51.100.1").await.status, 429);
    assert_eq!(attempt(&app, "e", "1.2.3.4, 198.51.100.1").await.status, 429, "an entry before the proxy's own");
    assert_eq!(attempt(&app, "f", "198.51.100.2").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_addresses_of_one_ipv6_network_share_a_limit() {
    let app = start_limited(low_limits_behind_a_proxy).await;
    for (nth, name) in ["a", "b", "c"].iter().enumerate() {
        assert_eq!(attempt(&app, name, &format!("2001:db8:0:7::{nth}")).await.status, 404);
    }
    assert_eq!(attempt(&app, "d", "2001:db8:0:7:1:2:3:4").await.status, 429);
    assert_eq!(attempt(&app, "e", "2001:db8:0:8::1").await.status, 404);
}

fn low_voucher_limit(settings: &mut Settings) {
    settings.http.limits.unknown_vouchers_per_hour = NonZeroU32::new(3).unwrap();
}

/// Vouchers of the first gift with a valid check digit, except the given one.
fn other_vouchers(than: &str) -> impl Iterator<Item = String> + use<> {
    let than = than.to_owned();
    let gift = 1_u64.try_into().unwrap();
    (0..).map(move |random| Voucher::new(gift, random).to_string()).filter(move |voucher| *voucher != than)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volunteer_who_guesses_vouchers_is_blocked_and_others_are_not() {
    let app = start_limited(low_voucher_limit).await;
    let ana = app.resident("ana").await;
    ana.scan_first(3).await;
    let known = ana.claim("postcards").await;
    let (li, wang) = (app.volunteer("李叔叔", "market-play").await, app.volunteer("王阿姨", "market-play").await);
    let mut guesses = other_vouchers(&known);
    let mistyped = format!("{}{}", &known[..8], (known[8..].parse::<u8>().unwrap() + 1) % 10);
    for _ in 0..20 {
        let typed = li.post("/v1/booth/lookups", json!({ "code": mistyped })).await;
        assert_eq!(typed.refusal(), (404, "voucher_unknown"), "a mistyped voucher is not a failed attempt");
    }
    let looked = li.post("/v1/booth/lookups", json!({ "code": guesses.next() })).await;
    assert_eq!(looked.refusal(), (404, "voucher_unknown"));
    let tried: Vec<String> = guesses.by_ref().take(5).collect();
    let tried: Vec<&str> = tried.iter().map(String::as_str).collect();
    let batch = li.redeem(&tried, "nonce-0001").await;
    assert_eq!(batch.body["results"][4]["problem"]["code"], "voucher_unknown");
    // Six failures where three are allowed: from now on a correct voucher is refused too.
    let stopped = li.redeem(&[&known], "nonce-0002").await;
    assert_eq!(stopped.refusal(), (429, "too_many_tries"));
    let wait = stopped.body["retry_after_s"].as_u64().unwrap();
    assert!((3600..=4801).contains(&wait), "{wait}");
    assert_eq!(li.post("/v1/booth/lookups", json!({ "code": known })).await.status, 429);
    let own = ana.get("/v1/me/code").await.body["code"].clone();
    assert_eq!(
        li.post("/v1/booth/lookups", json!({ "code": own })).await.status,
        200,
        "a resident's own code still works"
    );
    assert_eq!(wang.redeem(&[&known], "nonce-0003").await.body["results"][0]["redeemed"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_spelling_of_an_address_shares_a_limit() {
    let app = start_limited(low_limits_behind_a_proxy).await;
    for (name, address) in [("a", "198.51.100.1"), ("b", "::ffff:198.51.100.1"), ("c", " 198.51.100.1:4711 ")] {
        assert_eq!(attempt(&app, name, address).await.status, 404);
    }
    for address in ["198.51.100.1", "9.9.9.9, 198.51.100.1", "[::ffff:198.51.100.1]:99", ",,,198.51.100.1"] {
        assert_eq!(attempt(&app, "d", address).await.status, 429, "{address}");
    }
    let body = json!({ "code": "P000000000000000" });
    let resident = app.resident("e").await;
    let twice = resident.request(Method::POST, "/v1/check-ins").header("x-forwarded-for", "9.9.9.9");
    let twice = twice.header("x-forwarded-for", "198.51.100.1").header("forwarded", "for=9.9.9.9");
    let answer = Answer::of(twice.header("x-real-ip", "9.9.9.9").json(&body).send().await.unwrap()).await;
    assert_eq!(answer.status, 429, "the last header counts, and no other header");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_resident_cannot_raise_the_number_of_visitors_by_erasing() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.resident("ana").await, app.resident("bo").await);
    for _ in 0..3 {
        assert_eq!(ana.scan("space-1").await.status, 201);
        assert_eq!(ana.delete("/v1/me").await.status, 200);
        assert_eq!(ana.delete("/v1/me").await.status, 200, "a repeated request erases nothing and does not count");
    }
    assert_eq!(ana.scan("space-1").await.status, 201);
    let refused = ana.delete("/v1/me").await;
    assert_eq!(refused.refusal(), (429, "erased_too_often"));
    assert_eq!(refused.header("retry-after"), refused.body["retry_after_s"].to_string());
    let wait = refused.body["retry_after_s"].as_u64().unwrap();
    assert!((7 * 3600..=8 * 3600 + 1).contains(&wait), "{wait}");
    assert_eq!(ana.get("/v1/me").await.body["passport"]["stamps"].as_array().unwrap().len(), 1, "nothing changed");
    assert_eq!(bo.scan("space-1").await.status, 201);
    assert_eq!(bo.delete("/v1/me").await.status, 200, "another resident");
}
