//! Sends random and malformed input to every route: no answer may be a 5xx or differ from the OpenAPI document.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::openapi_checker::{OPENAPI, assert_documented, resolve};
use crate::test_app::{Answer, Client, TestApp};

/// Method, path with placeholder values, and a valid body if the route takes one.
fn routes() -> Vec<(Method, String, Option<Value>)> {
    let mut routes = Vec::new();
    for (path, item) in OPENAPI["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let examples = &operation["requestBody"]["content"]["application/json"]["examples"];
            let body = examples.as_object().map(|all| resolve(all.values().next().unwrap())["value"].clone());
            let parts = path.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
            let path = parts.collect::<Vec<_>>().join("/");
            routes.push((method.to_uppercase().parse().unwrap(), path, body));
        }
    }
    routes
}

/// Any JSON, often derived from a valid body.
fn any_json(sound: &Value) -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "\\PC{0,40}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("2023-02-30")),
        Just(json!("-009999-01-01")),
        Just(json!("9999-12-31T23:59:59.999999999+25:59")),
        Just(json!("P000000000000000")),
        Just(json!("014738296")),
    ];
    let anything = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{0,8}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    });
    let Some(object) = sound.as_object().cloned() else { return anything.boxed() };
    let names: Vec<String> = object.keys().cloned().collect();
    let changed =
        (prop::sample::select(names), anything.clone(), any::<bool>()).prop_map(move |(name, value, away)| {
            let mut object = object.clone();
            if away {
                drop(object.remove(&name));
            } else {
                drop(object.insert(name, value));
            }
            Value::Object(object)
        });
    prop_oneof![3 => changed, 1 => anything].boxed()
}

fn assert_acceptable(method: &Method, path: &str, sent: &dyn std::fmt::Debug, answer: &Answer) {
    let what = || format!("{method} {path} with {sent:?}: {answer:?}");
    assert!(answer.status < 500, "{}", what());
    if answer.status >= 400 && *method != Method::HEAD && !path.starts_with("/q/") {
        assert_eq!(answer.media_type(), "application/problem+json", "{}", what());
        assert!(answer.body["code"].is_string() && answer.body["detail"].is_string(), "{}", what());
    }
    assert!(!answer.header("x-request-id").is_empty(), "{}", what());
}

/// The client whose role may call a route, so that its input is parsed.
async fn clients(app: &TestApp) -> [(&'static str, Client<'_>); 3] {
    let volunteer = app.volunteer("王阿姨", "market-play").await;
    [("/v1/booth", volunteer), ("/v1/organiser", app.organiser("陈社工").await), ("", app.resident("ana").await)]
}

fn client_for<'a, 'b>(clients: &'a [(&'static str, Client<'b>); 3], path: &str) -> &'a Client<'b> {
    &clients.iter().find(|(prefix, _)| path.starts_with(prefix)).unwrap().1
}

fn unlimited(settings: &mut carnival::config::Settings) {
    let many = std::num::NonZeroU32::MAX;
    let limits = &mut settings.http.limits;
    (limits.resident_per_minute, limits.staff_per_minute) = (many, many);
    (limits.failures_per_minute, limits.unknown_vouchers_per_hour) = (many, many);
    // Trust the client as a proxy, so that forwarding headers are parsed.
    settings.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
}

async fn start_unlimited() -> TestApp {
    TestApp::start_with(crate::test_app::TestAppOptions { settings: Some(unlimited), ..Default::default() }).await
}

/// Runs the cases of a strategy through an async check.
fn run_cases<S: Strategy>(cases: u32, strategy: &S, check: impl Fn(S::Value)) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner
        .run(strategy, |value| {
            check(value);
            Ok(())
        })
        .unwrap();
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(future))
}

#[tokio::test(flavor = "multi_thread")]
async fn random_json_gets_documented_answers() {
    let app = start_unlimited().await;
    let clients = clients(&app).await;
    for (method, path, sound) in routes() {
        let Some(sound) = sound else { continue };
        let who = client_for(&clients, &path);
        run_cases(40, &any_json(&sound), |body| {
            // Checks beyond those of `send`.
            let answer = block_on(who.send(method.clone(), &path, Some(body.clone())));
            assert_acceptable(&method, &path, &body, &answer);
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_bodies_are_refused_with_a_reason() {
    let app = start_unlimited().await;
    let clients = clients(&app).await;
    let depth = 100_000;
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![b' '; 8 << 20]).unwrap();
    let bomb = bomb.finish().unwrap();
    for (method, path, sound) in routes() {
        if sound.is_none() {
            continue;
        }
        let who = client_for(&clients, &path);
        let nested = format!("{}1{}", "[".repeat(7_000), "]".repeat(7_000));
        for (body, encoding, expected) in [
            (Vec::new(), "", 400),
            (nested.into_bytes(), "", 400),
            ("{\"a\":".repeat(3_000).into_bytes(), "", 400),
            ("[".repeat(depth).into_bytes(), "", 413),
            (vec![b' '; 17 << 10], "", 413),
            (b"\xff\xfe\x00".to_vec(), "", 400),
            (vec![0; 4_000], "", 400),
            // Compressed bodies are refused unread, so no body can expand.
            (bomb.clone(), "gzip", 400),
        ] {
            let length = body.len();
            let request = who.request(method.clone(), &path).header("content-encoding", encoding).body(body);
            let answer = Answer::of(request.send().await.unwrap()).await;
            assert_documented(method.as_str(), &path, answer.status, answer.media_type(), &answer.body);
            assert_acceptable(&method, &path, &length, &answer);
            // A pasted roster may be longer than other bodies, and is then read.
            let expected = if path.contains("/roster") && length <= 128 << 10 { 400 } else { expected };
            // `…/link` accepts an empty body.
            let may_be_empty = length == 0 && path.ends_with("/link");
            assert!(answer.status == expected || may_be_empty, "{method} {path} {length}: {answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_headers_and_queries_cause_no_failure() {
    const HEADERS: [&str; 11] = [
        "authorization",
        "x-forwarded-for",
        "accept-language",
        "if-none-match",
        "x-request-id",
        "range",
        "cookie",
        "accept",
        "content-type",
        "forwarded",
        "if-modified-since",
    ];
    let app = start_unlimited().await;
    let clients = clients(&app).await;
    let value = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..60),
        "[ -~]{0,60}".prop_map(String::into_bytes),
        "Bearer [A-Za-z0-9_.-]{0,60}".prop_map(String::into_bytes),
        "(en|zh|\\*|q)(;q=[0-9.e+-]{0,6})?(,(en|zh)(;q=[0-9.nNaAiI]{0,5})?){0,3}".prop_map(String::into_bytes),
        "(W/)?\"[ -~]{0,9}\"?(, *(W/)?\"[ -~]{0,9}\")?".prop_map(String::into_bytes),
        "bytes=[0-9,-]{0,20}".prop_map(String::into_bytes),
        "([0-9a-f:.\\[\\]%, ]{0,40},?){0,3}".prop_map(String::into_bytes),
    ];
    let query = prop_oneof![
        "[ -~]{0,40}".prop_map(|text| text.replace('#', "")),
        "(day|point|gift|booth|route|lang|after|signature|timestamp|nonce|echostr)=[0-9a-z%+:-]{0,20}(&(lang|day|gift)=[^#]{0,9})?",
        "(day|point)=(%[0-9a-fA-F]{2}){0,9}",
    ];
    let headers = prop::collection::vec((prop::sample::select(&HEADERS[..]), value), 0..3);
    for (method, path, _) in routes().into_iter().filter(|(method, ..)| *method == Method::GET) {
        let who = client_for(&clients, &path);
        run_cases(25, &(headers.clone(), query.clone()), |(headers, query)| {
            let Ok(url) = reqwest::Url::parse(&format!("{}{path}?{query}", app.base)) else { return };
            let mut request = who.request(method.clone(), &path).build().unwrap();
            *request.url_mut() = url;
            for (name, value) in &headers {
                let Ok(value) = HeaderValue::from_bytes(value) else { continue };
                request.headers_mut().append(HeaderName::from_static(name), value);
            }
            let answer = block_on(async { Answer::of(reqwest::Client::new().execute(request).await.unwrap()).await });
            assert_acceptable(&method, &path, &(headers, query), &answer);
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_paths_cause_no_failure() {
    let app = start_unlimited().await;
    let clients = clients(&app).await;
    let segment = prop_oneof![
        "[A-Za-z0-9._~-]{1,60}",
        "(%[0-9a-fA-F]{2}){1,12}",
        "[0-9]{1,40}",
        Just("%00".to_owned()),
        Just("..%2f..%2fetc%2fpasswd".to_owned()),
        Just("a".repeat(8_000)),
        "[PDRCS][0-9A-HJKMNP-TV-Z]{15,45}",
        "[0-9]{9}-[0-9]{1,25}",
    ];
    for (path, item) in OPENAPI["paths"].as_object().unwrap().iter().filter(|(path, _)| path.contains('{')) {
        let who = client_for(&clients, path);
        for method in item.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            run_cases(25, &segment, |segment| {
                let parts = path.split('/').map(|part| if part.starts_with('{') { segment.as_str() } else { part });
                let path = parts.collect::<Vec<_>>().join("/");
                let request = who.request(method.clone(), &path).json(&json!({}));
                let answer = block_on(async { Answer::of(request.send().await.unwrap()).await });
                assert_acceptable(&method, &path, &"", &answer);
            });
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_equals_get_without_the_body() {
    let app = start_unlimited().await;
    let clients = clients(&app).await;
    let mut paths: Vec<String> =
        routes().into_iter().filter(|route| route.0 == Method::GET).map(|route| route.1).collect();
    paths.extend(["/v1/openapi.json", "/docs/", "/v1/nothing", "/v1/check-ins"].map(str::to_owned));
    for path in paths {
        let who = client_for(&clients, &path);
        let get = who.request(Method::GET, &path).send().await.unwrap();
        let head = who.request(Method::HEAD, &path).send().await.unwrap();
        assert_eq!(head.status(), get.status(), "{path}");
        for name in ["content-type", "etag", "cache-control", "allow", "content-language"] {
            assert_eq!(head.headers().get(name), get.headers().get(name), "{path}: {name}");
        }
        assert!(head.headers().contains_key("x-request-id"));
        assert_eq!(head.text().await.unwrap(), "", "{path}");
    }
    // On one connection, so that an unexpected body would corrupt the next answer.
    let mut line = TcpStream::connect(app.base.trim_start_matches("http://")).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    line.write_all(
        b"HEAD /v1/carnival HTTP/1.1\r\nhost: a\r\n\r\nGET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    )
    .unwrap();
    let mut answers = String::new();
    line.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
    assert!(answers.split_once("\r\n\r\n").unwrap().1.starts_with("HTTP/1.1 200"), "{answers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unsupported_methods_get_405_with_the_allowed_ones() {
    let app = start_unlimited().await;
    for (path, item) in OPENAPI["paths"].as_object().unwrap() {
        let known: Vec<String> = item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
        let path = path.replace(['{', '}'], "1");
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "get"] {
            if known.iter().any(|known| known == method) {
                continue;
            }
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = app.anonymous().request(method.clone(), &path).send().await.unwrap();
            let answer = Answer::of(answer).await;
            assert_eq!(answer.refusal(), (405, "method_not_allowed"), "{method} {path}");
            let allowed: BTreeSet<&str> = answer.header("allow").split(", ").collect();
            let head = known.iter().any(|method| method == "GET").then_some("HEAD");
            assert_eq!(allowed, known.iter().map(String::as_str).chain(head).collect(), "{path}");
        }
    }
}

/// Input that is barely HTTP or none: closing without an answer is fine, a 5xx or a hang is not.
#[tokio::test(flavor = "multi_thread")]
async fn malformed_http_is_rejected_at_once() {
    let app = start_unlimited().await;
    let server = app.base.trim_start_matches("http://");
    let long = |count: usize| "a".repeat(count);
    for bytes in [
        "\0\0\0\0\r\n\r\n".to_owned(),
        "GET /healthz\0 HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(),
        format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", long(200_000)),
        format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", long(200_000)),
        format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(5_000)),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}".to_owned() + &long(600),
        "POST /v1/sessions/wechat HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n".to_owned(),
        "POST /v1/sessions/wechat HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab".to_owned(),
        "POST /v1/sessions/wechat HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
        "POST /v1/sessions/wechat HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_owned(),
        "POST /v1/sessions/wechat HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999\r\n\r\n{".to_owned(),
        "GET http://elsewhere.example/healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".to_owned(),
        "CONNECT elsewhere.example:443 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".to_owned(),
    ] {
        let begun = Instant::now();
        let mut line = TcpStream::connect(server).unwrap();
        line.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // The server may close the connection early.
        let _cut = line.write_all(bytes.as_bytes());
        let mut answer = Vec::new();
        let _reset = line.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        let sent: String = bytes.chars().take(80).collect();
        assert!(!answer.contains("HTTP/1.1 5"), "{sent:?}: {answer}");
        // Ten times what a client may take to send its head, and less than an idle connection is kept alive.
        assert!(begun.elapsed() < Duration::from_secs(50), "no quick answer to {sent:?}: {answer}");
    }
    assert_eq!(app.anonymous().get("/healthz").await.status, 200);
}
