//! Guards against forged pushes that erase a resident, and against a `success` answer to a push that was not processed.

use std::sync::LazyLock;

use carnival::actions::personal_data::replay_cache::PushHandler;
use carnival::rules::carnival::LoginMethod;
use carnival::wechat::SecretString;
use carnival::wechat::incoming_push::PushVerifier;
use reqwest::Method;
use serde_json::Value;

use crate::openapi_checker::assert_documented;
use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

/// Signed and encrypted by OpenSSL and Python, dated to the morning on which test servers start.
static FIXTURES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("fixtures/wechat_pushes.json")).unwrap());

async fn app(with_key: bool) -> TestApp {
    let text = |name: &str| FIXTURES[name].as_str().unwrap().to_owned();
    let key = with_key.then(|| SecretString::new(text("key")));
    let inbox = PushVerifier::new(&text("app_id"), SecretString::new(text("token")), key.as_ref()).unwrap();
    TestApp::start_with(TestAppOptions { pushes: Some(PushHandler::new(inbox)), ..TestAppOptions::default() }).await
}

fn fixture(name: &str) -> (&'static str, &'static str) {
    let push = &FIXTURES["pushes"][name];
    (push["query"].as_str().unwrap(), push["body"].as_str().unwrap())
}

/// The answer to this query and body.
async fn post(app: &TestApp, query: &str, body: &str) -> Answer {
    let path = format!("/v1/wechat/events?{query}");
    let request = app.anonymous().request(Method::POST, &path).header("content-type", "text/xml").body(body.to_owned());
    let answer = Answer::of(request.send().await.unwrap()).await;
    assert_documented("POST", &path, answer.status, answer.media_type(), &answer.body);
    answer
}

async fn push(app: &TestApp, name: &str) -> Answer {
    let (query, body) = fixture(name);
    post(app, query, body).await
}

fn assert_success(answer: &Answer) {
    assert_eq!((answer.status, answer.media_type(), answer.body.as_str()), (200, "text/plain", Some("success")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_verification_of_wechats_console_succeeds() {
    let app = app(true).await;
    let (query, _) = fixture("plain text json");
    let path = |echo: &str, query: &str| format!("/v1/wechat/events?{query}{echo}");
    let answer = app.anonymous().get(&path("&echostr=4375120948345356249", query)).await;
    assert_eq!((answer.status, answer.media_type()), (200, "text/plain"));
    assert_eq!(answer.body, serde_json::json!(4_375_120_948_345_356_249_u64), "echoed unchanged");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");

    let forged = query.replace("nonce=13", "nonce=14");
    assert_eq!(app.anonymous().get(&path("&echostr=1", &forged)).await.refusal(), (403, "push_forged"));
    assert_eq!(app.anonymous().get(&path("", query)).await.refusal(), (400, "bad_request"));
    assert_eq!(app.anonymous().get("/v1/wechat/events?echostr=1").await.refusal(), (400, "bad_request"));
    app.at("2023-04-14T10:05:01");
    assert_eq!(app.anonymous().get(&path("&echostr=1", query)).await.refusal(), (403, "push_stale"));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_events_are_accepted_plain_and_encrypted_as_json_and_as_xml() {
    for (mode, with_key) in [("plain", false), ("sealed", true)] {
        for form in ["json", "xml"] {
            let app = app(with_key).await;
            assert_success(&push(&app, &format!("{mode} text {form}")).await);
        }
    }
}

/// The resident whom the pushes name, with a stamp from a minute before.
async fn named_resident(app: &TestApp) -> Client<'_> {
    let resident = app.app.pseudonyms.resident(LoginMethod::MiniProgram, b"owAqB1nqaOYYWl0Ng484G2z5NIwU");
    let token = app.app.jwt.issue_resident(resident, app.app.now()).unwrap().token;
    let client = app.with_token(&token);
    app.at("2023-04-14T09:59");
    assert_eq!(client.scan("space-1").await.status, 201);
    app.at("2023-04-14T10:00");
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn the_named_resident_is_erased_and_a_replay_erases_nothing_more() {
    for (mode, with_key) in [("plain", false), ("sealed", true)] {
        for name in ["revoke xml", "cancel json"] {
            let app = app(with_key).await;
            let client = named_resident(&app).await;
            assert_success(&push(&app, &format!("{mode} {name}")).await);
            let stamps = async || client.get("/v1/me/passport").await.body["stamps"].as_array().unwrap().len();
            assert_eq!(stamps().await, 0, "{mode} {name}");
            app.at("2023-04-14T10:01");
            assert_eq!(client.scan("space-2").await.status, 201, "a new passport");
            assert_success(&push(&app, &format!("{mode} {name}")).await);
            assert_eq!(stamps().await, 1, "{mode} {name} again");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_pushes_are_refused() {
    let sealed = app(true).await;
    assert_eq!(push(&sealed, "plain revoke xml").await.refusal(), (403, "push_forged"), "a key is configured");
    assert_eq!(push(&sealed, "sealed for another app").await.refusal(), (403, "push_forged"));
    let (query, body) = fixture("sealed revoke xml");
    for forged in [query.replace("msg_signature=", "msg_signature=0"), query.replace("&encrypt_type=aes", "")] {
        assert_eq!(post(&sealed, &forged, body).await.refusal(), (403, "push_forged"), "{forged}");
    }
    let plain = app(false).await;
    let (query, body) = fixture("plain revoke xml");
    let forged = query.replace("signature=b", "signature=c");
    assert_eq!(post(&plain, &forged, body).await.refusal(), (403, "push_forged"));
    insta::assert_json_snapshot!(post(&plain, &forged, body).await.status_and_body(), @r#"
    {
      "body": {
        "code": "push_forged",
        "detail": "这不是微信发来的推送。",
        "remedy": "show",
        "status": 403,
        "title": "Forbidden",
        "type": "urn:carnival:problem:push_forged"
      },
      "status": 403
    }
    "#);
    plain.at("2023-04-14T10:05:01");
    assert_eq!(push(&plain, "plain text xml").await.refusal(), (403, "push_stale"));
    plain.at("2023-04-14T09:54:59");
    assert_eq!(push(&plain, "plain text xml").await.refusal(), (403, "push_stale"), "from the future");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_observed_signature_is_valid_for_one_body_only() {
    let app = app(false).await;
    let (query, text) = fixture("plain text json");
    assert_success(&post(&app, query, text).await);
    app.at("2023-04-14T10:04");
    assert_success(&post(&app, query, text).await);
    // In plain mode the body is not signed: this one gets the first answer, and nothing is done.
    let (_, revoke) = fixture("plain revoke xml");
    assert_success(&post(&app, query, revoke).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_refused_as_a_bad_request() {
    let (plain, sealed) = (app(false).await, app(true).await);
    assert_eq!(push(&sealed, "sealed garbage").await.refusal(), (400, "bad_request"));
    assert_eq!(push(&plain, "sealed text json").await.body["what"], "it is encrypted, and no key is set here");
    let (query, _) = fixture("plain text json");
    for body in ["", "{", "<xml>", "\u{0}", "<!DOCTYPE a [<!ENTITY b \"c\">]><xml>&b;</xml>"] {
        assert_eq!(post(&plain, query, body).await.refusal(), (400, "bad_request"), "{body}");
    }
    assert_eq!(post(&plain, "timestamp=1", "{}").await.refusal(), (400, "bad_request"));
    let large = format!("{{\"Content\":\"{}\"}}", "x".repeat(20_000));
    assert_eq!(post(&plain, query, &large).await.refusal(), (413, "body_too_large"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_route_exists_only_when_pushes_are_configured() {
    let app = TestApp::start().await;
    assert_eq!(push(&app, "plain revoke xml").await.refusal(), (404, "no_such_route"));
    assert_eq!(app.anonymous().get("/v1/wechat/events").await.refusal(), (404, "no_such_route"));
    assert_eq!(app.anonymous().put("/v1/wechat/events", Value::Null).await.refusal(), (405, "method_not_allowed"));
}
