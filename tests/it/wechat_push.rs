//! The failure it guards: a stranger has somebody erased, or WeChat is told *success* for what was not done.

use std::sync::LazyLock;

use carnival::actions::pushes::Pushes;
use carnival::rules::carnival::LoginMethod;
use carnival::wechat::Secret;
use carnival::wechat::push::Inbox;
use reqwest::Method;
use serde_json::Value;

use crate::openapi_conformance::assert_documented;
use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

/// Signed and encrypted by OpenSSL and Python for the morning on which test servers begin.
static MADE: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("fixtures/wechat_pushes.json")).unwrap());

async fn app(with_key: bool) -> TestApp {
    let text = |name: &str| MADE[name].as_str().unwrap().to_owned();
    let key = with_key.then(|| Secret::new(text("key")));
    let inbox = Inbox::new(&text("app_id"), Secret::new(text("token")), key.as_ref()).unwrap();
    TestApp::start_with(TestAppOptions { pushes: Some(Pushes::new(inbox)), ..TestAppOptions::default() }).await
}

fn made(name: &str) -> (&'static str, &'static str) {
    let push = &MADE["pushes"][name];
    (push["query"].as_str().unwrap(), push["body"].as_str().unwrap())
}

/// What is answered to this query and body.
async fn post(app: &TestApp, query: &str, body: &str) -> Answer {
    let path = format!("/v1/wechat/events?{query}");
    let request = app.anonymous().request(Method::POST, &path).header("content-type", "text/xml").body(body.to_owned());
    let answer = Answer::of(request.send().await.unwrap()).await;
    assert_documented("POST", &path, answer.status, answer.media_type(), &answer.body);
    answer
}

async fn push(app: &TestApp, name: &str) -> Answer {
    let (query, body) = made(name);
    post(app, query, body).await
}

fn assert_success(answer: &Answer) {
    assert_eq!((answer.status, answer.media_type(), answer.body.as_str()), (200, "text/plain", Some("success")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_can_be_entered_in_wechats_console() {
    let app = app(true).await;
    let (query, _) = made("plain text json");
    let path = |echo: &str, query: &str| format!("/v1/wechat/events?{query}{echo}");
    let answer = app.anonymous().get(&path("&echostr=4375120948345356249", query)).await;
    assert_eq!((answer.status, answer.media_type()), (200, "text/plain"));
    assert_eq!(answer.body, serde_json::json!(4_375_120_948_345_356_249_u64), "as it came");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");

    let forged = query.replace("nonce=13", "nonce=14");
    assert_eq!(app.anonymous().get(&path("&echostr=1", &forged)).await.refusal(), (403, "push_forged"));
    assert_eq!(app.anonymous().get(&path("", query)).await.refusal(), (400, "bad_request"));
    assert_eq!(app.anonymous().get("/v1/wechat/events?echostr=1").await.refusal(), (400, "bad_request"));
    app.at("2023-04-14T10:05:01");
    assert_eq!(app.anonymous().get(&path("&echostr=1", query)).await.refusal(), (403, "push_stale"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_nobody_is_taken_plain_and_sealed_as_json_and_as_xml() {
    for (mode, with_key) in [("plain", false), ("sealed", true)] {
        for form in ["json", "xml"] {
            let app = app(with_key).await;
            assert_success(&push(&app, &format!("{mode} text {form}")).await);
        }
    }
}

/// The person of whom the pushes speak, with a stamp of a minute before.
async fn whoever_is_named(app: &TestApp) -> Client<'_> {
    let resident = app.app.identity.resident(LoginMethod::MiniProgram, b"owAqB1nqaOYYWl0Ng484G2z5NIwU");
    let token = app.app.jwt.issue_resident(resident, app.app.now()).unwrap().token;
    let client = app.with_token(&token);
    app.at("2023-04-14T09:59");
    assert_eq!(client.scan("space-1").await.status, 201);
    app.at("2023-04-14T10:00");
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_push_names_is_forgotten_and_a_replay_forgets_nothing_more() {
    for (mode, with_key) in [("plain", false), ("sealed", true)] {
        for name in ["revoke xml", "cancel json"] {
            let app = app(with_key).await;
            let client = whoever_is_named(&app).await;
            assert_success(&push(&app, &format!("{mode} {name}")).await);
            let stamps = async || client.get("/v1/me/passport").await.body["stamps"].as_array().unwrap().len();
            assert_eq!(stamps().await, 0, "{mode} {name}");
            app.at("2023-04-14T10:01");
            assert_eq!(client.scan("space-2").await.status, 201, "she begins anew");
            assert_success(&push(&app, &format!("{mode} {name}")).await);
            assert_eq!(stamps().await, 1, "{mode} {name} again");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_wechats_is_refused() {
    let sealed = app(true).await;
    assert_eq!(push(&sealed, "plain revoke xml").await.refusal(), (403, "push_forged"), "a key is set");
    assert_eq!(push(&sealed, "sealed for another app").await.refusal(), (403, "push_forged"));
    let (query, body) = made("sealed revoke xml");
    for forged in [query.replace("msg_signature=", "msg_signature=0"), query.replace("&encrypt_type=aes", "")] {
        assert_eq!(post(&sealed, &forged, body).await.refusal(), (403, "push_forged"), "{forged}");
    }
    let plain = app(false).await;
    let (query, body) = made("plain revoke xml");
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
async fn a_signature_that_somebody_saw_is_good_for_one_body_alone() {
    let app = app(false).await;
    let (query, text) = made("plain text json");
    assert_success(&post(&app, query, text).await);
    app.at("2023-04-14T10:04");
    assert_success(&post(&app, query, text).await);
    // In plain mode the body is not signed: this one is answered as the first, and nothing is done.
    let (_, revoke) = made("plain revoke xml");
    assert_success(&post(&app, query, revoke).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_told_as_such() {
    let (plain, sealed) = (app(false).await, app(true).await);
    assert_eq!(push(&sealed, "sealed garbage").await.refusal(), (400, "bad_request"));
    assert_eq!(push(&plain, "sealed text json").await.body["what"], "it is encrypted, and no key is set here");
    let (query, _) = made("plain text json");
    for body in ["", "{", "<xml>", "\u{0}", "<!DOCTYPE a [<!ENTITY b \"c\">]><xml>&b;</xml>"] {
        assert_eq!(post(&plain, query, body).await.refusal(), (400, "bad_request"), "{body}");
    }
    assert_eq!(post(&plain, "timestamp=1", "{}").await.refusal(), (400, "bad_request"));
    let large = format!("{{\"Content\":\"{}\"}}", "x".repeat(20_000));
    assert_eq!(post(&plain, query, &large).await.refusal(), (413, "body_too_large"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_push_is_set_up_there_is_no_such_route() {
    let app = TestApp::start().await;
    assert_eq!(push(&app, "plain revoke xml").await.refusal(), (404, "no_such_route"));
    assert_eq!(app.anonymous().get("/v1/wechat/events").await.refusal(), (404, "no_such_route"));
    assert_eq!(app.anonymous().put("/v1/wechat/events", Value::Null).await.refusal(), (405, "method_not_allowed"));
}
