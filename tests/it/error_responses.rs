//! Guards against an error that a client cannot parse or that discloses internals, and against slow clients that hold
//! up others.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use carnival::store::Store;
use carnival::store::redis::{RedisStore, Settings};
use reqwest::Method;
use serde_json::{Value, json};

use crate::servers::redis_server::RedisServer;
use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

/// Sends this body unchanged, whether or not it is JSON.
async fn raw(who: &Client<'_>, path: &str, body: &str) -> Answer {
    Answer::of(who.request(Method::POST, path).body(body.to_owned()).send().await.unwrap()).await
}

/// The fields that every problem has.
fn assert_uniform(answer: &Answer) {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    assert_eq!((answer.header("content-language"), answer.header("cache-control")), ("zh-CN", "no-store"));
    assert!(!answer.header("x-request-id").is_empty());
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.body["status"], json!(answer.status));
    assert_eq!(answer.body["type"], json!(format!("urn:carnival:problem:{}", answer.body["code"].as_str().unwrap())));
    assert!(["retry", "login", "show"].contains(&answer.body["remedy"].as_str().unwrap()));
    assert!(!answer.body["detail"].as_str().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_body_is_explained_to_the_developer() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let mut report_lines = Vec::new();
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"code":7}"#,
        r#"{"code":"x","kode":"x"}"#,
        r#"{"code":"x","for":"me"}"#,
        r#"{"code":"x","location":{"latitude":"north","longitude":1}}"#,
        r#"{"code":"x","code":"y"}"#,
        r#"{"code":"x"} and more"#,
        "code=x",
    ] {
        let answer = raw(&ana, "/v1/check-ins", body).await;
        assert_uniform(&answer);
        assert_eq!(answer.refusal(), (400, "bad_request"), "{body}");
        report_lines.push(format!("{body} → {}", answer.body["what"].as_str().unwrap()));
    }
    insta::assert_snapshot!(report_lines.join("\n"), @r#"
     → EOF while parsing a value at line 1 column 0
    { → EOF while parsing an object at line 1 column 1
    [] → invalid length 0, expected struct CheckIn with 3 elements at line 1 column 2
    null → invalid type: null, expected struct CheckIn at line 1 column 4
    {} → missing field `code` at line 1 column 2
    {"code":7} → invalid type: integer `7`, expected a string at line 1 column 9
    {"code":"x","kode":"x"} → unknown field `kode`, expected one of `code`, `location`, `for` at line 1 column 18
    {"code":"x","for":"me"} → invalid type: string "me", expected a sequence at line 1 column 22
    {"code":"x","location":{"latitude":"north","longitude":1}} → invalid type: string "north", expected f64 at line 1 column 42
    {"code":"x","code":"y"} → duplicate field `code` at line 1 column 18
    {"code":"x"} and more → trailing characters at line 1 column 14
    code=x → expected value at line 1 column 1
    "#);
    insta::assert_json_snapshot!(raw(&ana, "/v1/check-ins", "").await.status_and_body(), @r#"
    {
      "body": {
        "code": "bad_request",
        "detail": "请求无法识别，请更新小程序后再试。",
        "remedy": "show",
        "status": 400,
        "title": "Bad Request",
        "type": "urn:carnival:problem:bad_request",
        "what": "EOF while parsing a value at line 1 column 0"
      },
      "status": 400
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_parsed_with_any_content_type() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let body = json!({ "code": app.printed_code("space-1") }).to_string();
    for (kind, status) in [("text/plain", 201), ("application/x-www-form-urlencoded", 200), ("", 200)] {
        let request = ana.request(Method::POST, "/v1/check-ins").header("content-type", kind).body(body.clone());
        assert_eq!(request.send().await.unwrap().status().as_u16(), status, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_routes_and_methods_are_problems_too() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    for path in ["/", "/v1", "/v1/check-ins/7", "/v2/carnival", "/v1/me/", "//v1/me", "/v1/%FF", "/v1/me%2Fcode"] {
        let answer = ana.get(path).await;
        assert_uniform(&answer);
        assert_eq!(answer.refusal(), (404, "no_such_route"), "{path}");
    }
    for (method, path, allow) in [
        (Method::GET, "/v1/check-ins", "POST"),
        (Method::PATCH, "/v1/me/claims", "GET, HEAD, POST"),
        (Method::PUT, "/v1/me/claims/014738295", "DELETE"),
        (Method::DELETE, "/v1/carnival", "GET, HEAD"),
        (Method::OPTIONS, "/v1/me", "GET, HEAD, DELETE"),
    ] {
        let answer = ana.send(method.clone(), path, None).await;
        assert_uniform(&answer);
        assert_eq!((answer.refusal(), answer.header("allow")), ((405, "method_not_allowed"), allow), "{method} {path}");
    }
    for path in ["/v1/me/claims/%FF", "/v1/me/claims/a%2Fb", "/v1/me/companions/%FF", "/v1/me/companions/99999999999"] {
        let answer = ana.delete(path).await;
        assert_uniform(&answer);
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_not_read_to_its_end() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let fits = json!({ "code": "x".repeat(16_000) }).to_string();
    assert_eq!(raw(&ana, "/v1/check-ins", &fits).await.refusal(), (404, "code_unknown"));
    let large = json!({ "code": "x".repeat(16 * 1024) }).to_string();
    let answer = raw(&ana, "/v1/check-ins", &large).await;
    assert_uniform(&answer);
    assert_eq!(answer.refusal(), (413, "body_too_large"));
    // The limit also applies without a declared length.
    let head = format!(
        "POST /v1/check-ins HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ntransfer-encoding: chunked\r\n\r\n",
        ana.token.as_deref().unwrap()
    );
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
    let reply = exchange(&app, vec![head, chunk.repeat(5)]).await;
    assert!(reply.starts_with("HTTP/1.1 413 ") && reply.contains("body_too_large"), "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_valid_token_the_body_is_not_read() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let token = ana.token.clone().unwrap();
    let (signed, _) = token.rsplit_once('.').unwrap();
    let volunteer = app.volunteer("王阿姨", "opening").await.token.unwrap();
    let mut report_lines = Vec::new();
    for (what, header, code) in [
        ("none", None, "token_missing"),
        ("empty", Some(String::new()), "token_invalid"),
        ("bare", Some(token.clone()), "token_invalid"),
        ("basic", Some(format!("Basic {token}")), "token_invalid"),
        ("garbage", Some("Bearer garbage".to_owned()), "token_invalid"),
        ("unsigned", Some(format!("Bearer {signed}.")), "token_invalid"),
        ("long", Some(format!("Bearer {}", "x".repeat(5000))), "token_invalid"),
        ("volunteer", Some(format!("Bearer {volunteer}")), "not_your_role"),
    ] {
        let mut request = app.anonymous().request(Method::POST, "/v1/check-ins").body("{ not json");
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_uniform(&answer);
        assert_eq!(answer.body["code"], json!(code), "{what}");
        let bearer = if answer.status == 401 { "Bearer" } else { "" };
        assert_eq!(answer.header("www-authenticate"), bearer, "{what}");
        let line = format!("{code}: {} {} {}", answer.status, answer.body["remedy"], answer.body["detail"]);
        if !report_lines.contains(&line) {
            report_lines.push(line);
        }
    }
    insta::assert_snapshot!(report_lines.join("\n"), @r#"
    token_missing: 401 "login" "请先登录。工作人员请打开负责人发的入口码。"
    token_invalid: 401 "login" "登录已失效，请重新登录。工作人员请再打开一次入口码。"
    not_your_role: 403 "show" "这一步您不能操作，请找志愿者或负责人帮忙。"
    "#);
    let lower = app.anonymous().request(Method::GET, "/v1/me").header("authorization", format!("bearer  {token}"));
    assert_eq!(lower.send().await.unwrap().status().as_u16(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_after_twelve_hours_and_the_next_login_has_the_same_passport() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    ana.scan("space-1").await;
    app.at("2023-04-14T21:59:59");
    assert_eq!(ana.get("/v1/me").await.status, 200);
    app.at("2023-04-14T22:00");
    let over = ana.get("/v1/me").await;
    assert_uniform(&over);
    insta::assert_json_snapshot!(over.status_and_body(), @r#"
    {
      "body": {
        "code": "token_expired",
        "detail": "登录时间已过，请重新登录。工作人员请在这台设备上再打开一次入口码。",
        "remedy": "login",
        "status": 401,
        "title": "Unauthorized",
        "type": "urn:carnival:problem:token_expired"
      },
      "status": 401
    }
    "#);
    assert_eq!(app.resident("ana").await.scan("space-1").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_in_the_requested_language() {
    let app = TestApp::start().await;
    let language = async |path: &str, accept: &str| {
        let request = app.anonymous().request(Method::GET, path).header("accept-language", accept);
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.header("vary"), "Accept-Language");
        answer.header("content-language").to_owned()
    };
    for (accept, tag) in [
        ("", "zh-CN"),
        ("fr", "zh-CN"),
        ("*", "zh-CN"),
        ("en", "en"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh;q=0.1, en;q=0.2", "en"),
        ("zh; q=0.1, en; q=0.2", "en"),
        ("zh ; Q=0.9 , en ; Q=0.8", "zh-CN"),
        ("en;q=0", "zh-CN"),
        ("en;q=nonsense", "zh-CN"),
        ("zh_CN", "zh-CN"),
    ] {
        assert_eq!(language("/v1/me", accept).await, tag, "{accept}");
    }
    assert_eq!(language("/v1/me?lang=en", "zh").await, "en");
    assert_eq!(language("/v1/me?x=1&lang=zh-CN", "en").await, "zh-CN");
    assert_eq!(language("/v1/me?lang=fr", "en").await, "en", "an unsupported language is ignored");
    assert_eq!(language("/nowhere?lang=en", "").await, "en");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_a_request_id() {
    let app = TestApp::start().await;
    let id = async |path: &str, given: Option<&str>| {
        let request = app.anonymous().request(Method::GET, path);
        let request = given.into_iter().fold(request, |request, given| request.header("x-request-id", given));
        Answer::of(request.send().await.unwrap()).await.header("x-request-id").to_owned()
    };
    for path in ["/v1/carnival", "/v1/me", "/nowhere", "/healthz"] {
        assert_eq!(id(path, Some("0123abcd-EF_7")).await, "0123abcd-EF_7", "{path}");
        let (one, two) = (id(path, None).await, id(path, None).await);
        assert!(one.len() == 16 && one != two, "{path}: {one}, {two}");
        for unsound in ["short", "with spaces in it", "semi;colon;semi", &"x".repeat(65), "<script>alert"] {
            assert_ne!(id(path, Some(unsound)).await, unsound);
        }
    }
}

async fn start_on_redis(server: &RedisServer) -> TestApp {
    let settings = Settings { urls: vec![server.url()], shards: 4, timeout_ms: 1_000, ..Settings::default() };
    let store: Arc<dyn Store> = Arc::new(RedisStore::open(&settings).await.unwrap().0);
    TestApp::start_with(TestAppOptions { store: Some(store), ..TestAppOptions::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_fail_fast_while_the_store_is_down_and_recover() {
    let mut server = RedisServer::start();
    let app = start_on_redis(&server).await;
    let ana = app.resident("ana").await;
    ana.scan("space-1").await;
    server.kill();
    let begun = Instant::now();
    let away = ana.scan("space-2").await;
    assert_uniform(&away);
    assert_eq!(away.header("retry-after"), "2");
    insta::assert_json_snapshot!(away.status_and_body(), @r#"
    {
      "body": {
        "code": "store_unavailable",
        "detail": "系统正忙，请稍等几秒再试一次。",
        "remedy": "retry",
        "retry_after_s": 2,
        "status": 503,
        "title": "Service Unavailable",
        "type": "urn:carnival:problem:store_unavailable"
      },
      "status": 503
    }
    "#);
    let reads = ["/v1/me", "/v1/me/passport", "/v1/me/claims", "/v1/availability", "/readyz"];
    let answers = futures_util::future::join_all(reads.iter().cycle().take(100).map(|path| ana.get(path))).await;
    assert!(answers.iter().all(|answer| answer.refusal() == (503, "store_unavailable")));
    let party = json!({ "code": app.printed_code("space-2"), "for": ["me"] });
    assert_eq!(ana.post("/v1/check-ins", party).await.refusal(), (503, "store_unavailable"));
    assert_eq!(ana.post("/v1/me/claims", json!({ "gift": "postcards" })).await.status, 503);
    // Ten times four calls of a second each.
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    for known in ["/v1/carnival", "/healthz"] {
        assert_eq!(app.anonymous().get(known).await.status, 200, "needs no store");
    }
    assert_eq!(app.anonymous().post("/v1/sessions/wechat", json!({ "code": "bo" })).await.status, 201);
    let text = format!("{:?}", answers[0].body).to_lowercase();
    assert!(!["redis", "127.0.0.1", "refused", "connect"].iter().any(|inside| text.contains(inside)), "{text}");

    server.restart();
    let again = Instant::now();
    while ana.scan("space-2").await.status == 503 {
        assert!(again.elapsed() < Duration::from_secs(20), "no recovery");
        // Rare enough to stay below the resident's rate limit.
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!(ana.get("/v1/me/passport").await.body["stamps"].as_array().unwrap().len(), 2);
}

/// Ten times what a client may take to send its head, and less than an idle connection is kept alive.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(50);

/// Sends these parts one after the other, and returns everything received until the connection closes.
async fn exchange(app: &TestApp, parts: Vec<String>) -> String {
    let address = app.base.strip_prefix("http://").unwrap().to_owned();
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(CLOSE_TIMEOUT + Duration::from_secs(10))).unwrap();
        for part in parts {
            // The server may close the connection early.
            if stream.write_all(part.as_bytes()).is_err() {
                break;
            }
        }
        let (mut reply, mut buffer) = (Vec::new(), [0; 4096]);
        // A reset also ends the answer.
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            reply.extend_from_slice(&buffer[..count]);
        }
        String::from_utf8_lossy(&reply).into_owned()
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_arrive_times_out() {
    let settings = Some((|settings| settings.http.request_timeout_ms = 300) as fn(&mut carnival::config::Settings));
    let app = TestApp::start_with(TestAppOptions { settings, ..TestAppOptions::default() }).await;
    let ana = app.resident("ana").await;
    let head = format!(
        "POST /v1/check-ins?lang=en HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nx-request-id: slow-body-1\r\ncontent-length: 99\r\n\r\n{{",
        ana.token.as_deref().unwrap()
    );
    let begun = Instant::now();
    let reply = exchange(&app, vec![head]).await;
    assert!(begun.elapsed() < CLOSE_TIMEOUT, "the connection is closed, not kept alive: {:?}", begun.elapsed());
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    let head = head.to_lowercase();
    assert!(head.starts_with("http/1.1 408 ") && head.contains("x-request-id: slow-body-1"), "{head}");
    assert!(head.contains("content-language: en"), "{head}");
    let mut body: Value = serde_json::from_str(body).unwrap();
    body["head"] = head.lines().find(|line| line.starts_with("content-type")).unwrap().into();
    insta::assert_json_snapshot!(body, @r#"
    {
      "code": "too_slow",
      "detail": "Something went wrong; please try again later.",
      "head": "content-type: application/problem+json",
      "remedy": "retry",
      "status": 408,
      "title": "Request Timeout",
      "type": "urn:carnival:problem:too_slow"
    }
    "#);
    assert_eq!(ana.scan("space-1").await.status, 201, "other requests are served");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_chunked_body_does_not_keep_the_connection_open() {
    let settings = Some((|settings| settings.http.request_timeout_ms = 300) as fn(&mut carnival::config::Settings));
    let app = TestApp::start_with(TestAppOptions { settings, ..TestAppOptions::default() }).await;
    let ana = app.resident("ana").await;
    let authorization = format!("authorization: Bearer {}\r\n", ana.token.as_deref().unwrap());
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
    for (path, token, sent, status) in [
        ("/v1/check-ins", "", "", "401"),
        ("/nowhere", "", "", "404"),
        ("/v1/check-ins", &*authorization, "1\r\n{\r\n", "408"),
        ("/v1/check-ins", &*authorization, &*chunk.repeat(5), "413"),
    ] {
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\n{token}transfer-encoding: chunked\r\n\r\n{sent}");
        let begun = Instant::now();
        let reply = exchange(&app, vec![head]).await;
        assert_eq!(reply.split(' ').nth(1), Some(status), "{reply}");
        assert!(begun.elapsed() < CLOSE_TIMEOUT, "{status}: still open");
    }
    let whole = json!({ "code": app.printed_code("space-1") }).to_string();
    let head = format!(
        "POST /v1/check-ins HTTP/1.1\r\nhost: x\r\n{authorization}transfer-encoding: chunked\r\n\r\n{:x}\r\n{whole}\r\n0\r\n\r\n",
        whole.len()
    );
    let next = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned();
    let reply = exchange(&app, vec![head, next]).await;
    assert!(
        reply.starts_with("HTTP/1.1 201 ") && reply.contains("HTTP/1.1 200 "),
        "after a complete body the connection is kept alive: {reply}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_a_complete_head_is_closed() {
    let app = TestApp::start().await;
    let begun = Instant::now();
    let reply = exchange(&app, vec!["GET /v1/carnival HTTP/1.1\r\nhost: x\r\n".to_owned()]).await;
    assert!(reply.is_empty() || reply.starts_with("HTTP/1.1 408 "), "{reply}");
    assert!(begun.elapsed() < CLOSE_TIMEOUT, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn input_that_is_not_http_gets_a_400_at_most() {
    let app = TestApp::start().await;
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "x".repeat(200_000));
    for odd in ["\x16\x03\x01 hello\r\n\r\n".to_owned(), "GET\r\n\r\n".to_owned(), long] {
        let reply = exchange(&app, vec![odd]).await;
        let status = reply.split(' ').nth(1).unwrap_or_default();
        assert!(["", "400", "413", "431"].contains(&status), "{reply}");
    }
    assert_eq!(app.anonymous().get("/healthz").await.status, 200);
}
