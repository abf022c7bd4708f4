//! The failure it guards: one who asks too often takes the carnival from the others, or one who
//! guesses codes locks out the whole venue that shares his address.

use std::num::NonZeroU32;

use carnival::config::Settings;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Client, Stage, TestApp};

async fn limited(settings: fn(&mut Settings)) -> TestApp {
    TestApp::staged(Stage { settings: Some(settings), ..Stage::default() }).await
}

fn few(settings: &mut Settings) {
    settings.http.limits.resident_per_minute = NonZeroU32::new(3).unwrap();
    settings.http.limits.failures_per_minute = NonZeroU32::new(3).unwrap();
}

fn few_behind_a_proxy(settings: &mut Settings) {
    few(settings);
    settings.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resident_who_asks_too_often_waits_alone() {
    let app = limited(few).await;
    let (ana, bo) = (app.resident("ana").await, app.resident("bo").await);
    for _ in 0..3 {
        assert_eq!(ana.get("/v1/me").await.status, 200);
    }
    let mut too_many = ana.get("/v1/me").await;
    let wait = too_many.body["retry_after_s"].take();
    assert_eq!(too_many.header("retry-after"), wait.to_string());
    assert!((1..=21).contains(&wait.as_u64().unwrap()), "{wait}");
    let said = too_many.body["detail"].as_str().unwrap().replace(&wait.to_string(), "[s]");
    too_many.body["detail"] = said.into();
    insta::assert_json_snapshot!(too_many.whole(), @r#"
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
    assert_eq!(relogged.get("/v1/me").await.refusal(), (429, "too_many_tries"), "a new token is the same resident");
    assert_eq!(bo.get("/v1/me").await.status, 200);
    assert_eq!(app.stranger().get("/v1/carnival").await.status, 200);
}

async fn from(who: &Client<'_>, address: &str, path: &str, body: Value) -> Answer {
    let request = who.request(Method::POST, path).header("x-forwarded-for", address).json(&body);
    Answer::of(request.send().await.unwrap()).await
}

async fn guess(app: &TestApp, name: &str, address: &str) -> Answer {
    from(&app.resident(name).await, address, "/v1/check-ins", json!({ "code": "P000000000000000" })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_is_told_nothing_more_and_who_knows_is_let_in() {
    let app = limited(few).await;
    let ana = app.resident("ana").await;
    for name in ["a", "b", "c"] {
        assert_eq!(guess(&app, name, "").await.refusal(), (404, "code_unknown"));
    }
    for name in ["d", "e"] {
        assert_eq!(guess(&app, name, "").await.refusal(), (429, "too_many_tries"), "whoever is at this address");
    }
    assert_eq!(ana.scan("space-1").await.status, 201, "a right code is taken from the same address");
    assert_eq!(app.stranger().post("/v1/sessions/wechat", json!({ "code": "bo" })).await.status, 201);
    let closed = ana.scan("centre-1").await;
    assert_eq!(closed.refusal(), (403, "route_not_this_week"), "a refusal is no guess");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
    let app = limited(few).await;
    for (nth, name) in ["a", "b", "c"].iter().enumerate() {
        assert_eq!(guess(&app, name, &format!("198.51.100.{nth}")).await.status, 404);
    }
    assert_eq!(guess(&app, "d", "198.51.100.9").await.status, 429, "a stranger's invention");

    let app = limited(few_behind_a_proxy).await;
    for name in ["a", "b", "c"] {
        assert_eq!(guess(&app, name, "198.51.100.1").await.status, 404);
    }
    assert_eq!(guess(&app, "d", "198.51.100.1").await.status, 429);
    assert_eq!(guess(&app, "e", "1.2.3.4, 198.51.100.1").await.status, 429, "what was written before the proxy's own");
    assert_eq!(guess(&app, "f", "198.51.100.2").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_with_many_addresses_of_its_own_is_one_guesser() {
    let app = limited(few_behind_a_proxy).await;
    for (nth, name) in ["a", "b", "c"].iter().enumerate() {
        assert_eq!(guess(&app, name, &format!("2001:db8:0:7::{nth}")).await.status, 404);
    }
    assert_eq!(guess(&app, "d", "2001:db8:0:7:1:2:3:4").await.status, 429);
    assert_eq!(guess(&app, "e", "2001:db8:0:8::1").await.status, 404);
}
