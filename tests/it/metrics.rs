//! Guards against metrics that miss events, and against a metrics page that discloses business figures or persons to
//! strangers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use carnival::store::Store;
use carnival::store::redis::{RedisStore, Settings};
use reqwest::Method;
use serde_json::json;

use crate::servers::redis_server::RedisServer;
use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

/// Each series with its value, as Prometheus parses it.
type Series = BTreeMap<String, f64>;

async fn start_with_metrics() -> TestApp {
    TestApp::start_with(TestAppOptions { metrics: true, ..TestAppOptions::default() }).await
}

async fn ask(app: &TestApp, path: &str) -> reqwest::Response {
    reqwest::get(format!("{}{path}", app.metrics.as_ref().unwrap())).await.unwrap()
}

async fn scrape(app: &TestApp) -> (String, Series) {
    let answer = ask(app, "/metrics").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text().await.unwrap();
    let series = read(&text);
    (text, series)
}

/// Parses the text format; each family must have HELP and TYPE before its series.
fn read(text: &str) -> Series {
    let (mut helped, mut typed, mut series) = (BTreeSet::new(), BTreeSet::new(), Series::new());
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(help) = line.strip_prefix("# HELP ") {
            helped.insert(help.split_once(' ').unwrap().0);
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            typed.insert(kind.split_once(' ').unwrap().0);
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let family = name.split('{').next().unwrap();
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|part| family.strip_suffix(part));
            let family = base.filter(|base| typed.contains(base)).unwrap_or(family);
            assert!(
                helped.contains(family) && typed.contains(family),
                "{line} has no description: src/http/metrics.rs"
            );
            assert!(series.insert(name.to_owned(), value.parse().unwrap()).is_none(), "{name} occurs twice");
        }
    }
    series
}

/// Asserts that a series grew at least by this much. Other tests of this process are counted in the same registry.
fn assert_grew(before: &Series, after: &Series, by: f64, name: &str, labels: &[&str]) {
    let sum = |series: &Series| -> f64 {
        let fits =
            |key: &&String| key.split('{').next() == Some(name) && labels.iter().all(|label| key.contains(label));
        series.keys().filter(fits).map(|key| series[key]).sum()
    };
    let grew = sum(after) - sum(before);
    assert!(grew >= by, "{name} {labels:?} grew by {grew}, not {by}");
}

async fn run_scenario(app: &TestApp) -> Vec<String> {
    let ana = app.resident("ana-the-resident").await;
    ana.scan_first(4).await;
    ana.scan("space-1").await;
    ana.post("/v1/check-ins", json!({ "code": "P000000000000000" })).await;
    let voucher = ana.claim("postcards").await;
    ana.claim("postcards").await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let done = wang.redeem(&[&voucher], "the-confirmation-1").await;
    wang.redeem(&[&voucher], "the-confirmation-2").await;
    let id = done.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap().to_owned();
    let undo = json!({ "reason": "扫错了人", "nonce": "the-confirmation-3" });
    assert_eq!(wang.post(&format!("/v1/booth/redemptions/{id}/void"), undo).await.status, 200);
    vec!["ana-the-resident".to_owned(), voucher, "王阿姨".to_owned(), ana.token.unwrap(), wang.token.unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_are_counted() {
    let app = start_with_metrics().await;
    let before = scrape(&app).await.1;
    let hushed = run_scenario(&app).await;
    let (text, after) = scrape(&app).await;
    for (by, name, labels) in [
        (5.0, "carnival_http_requests_total", ["route=\"/v1/check-ins\"", "status=\"20"]),
        (1.0, "carnival_http_requests_total", ["route=\"/v1/check-ins\"", "status=\"404\""]),
        (6.0, "carnival_http_request_seconds_count", ["route=\"/v1/check-ins\"", ""]),
        (6.0, "carnival_http_request_seconds_bucket", ["route=\"/v1/check-ins\"", "le=\"+Inf\""]),
        (4.0, "carnival_stamps_total", ["kind=\"new\"", ""]),
        (1.0, "carnival_stamps_total", ["kind=\"repeated\"", ""]),
        (1.0, "carnival_refusals_total", ["code=\"code_unknown\"", ""]),
        (1.0, "carnival_refusals_total", ["code=\"already_redeemed\"", ""]),
        (1.0, "carnival_logins_total", ["outcome=\"ok\"", ""]),
        (1.0, "carnival_claims_total", ["event=\"claimed\"", ""]),
        (1.0, "carnival_claims_total", ["event=\"redeemed\"", ""]),
        (1.0, "carnival_claims_total", ["event=\"voided\"", ""]),
        (1.0, "carnival_claims_repeated_total", ["", ""]),
        (8.0, "carnival_store_seconds_count", ["call=\"write\"", ""]),
        (4.0, "carnival_store_seconds_count", ["call=\"read\"", ""]),
        (1.0, "carnival_store_commit_seconds_count", ["", ""]),
        (8.0, "carnival_store_commit_commands_sum", ["", ""]),
    ] {
        assert_grew(&before, &after, by, name, &labels);
    }
    // The gauge belongs to the server that refreshed it last, which may be another test's.
    assert!(after["carnival_version"] >= 1.0 && after["carnival_store_behind"] >= 0.0);
    assert!(after["process_start_time_seconds"] > 1_600_000_000.0);
    assert_grew(&Series::new(), &after, 1.0, "carnival_build_info", &[env!("CARGO_PKG_VERSION")]);
    for one in &hushed {
        assert!(!text.contains(one.as_str()), "the metrics contain {one}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_calls_are_timed_and_their_failures_counted() {
    let mut redis = RedisServer::start();
    let settings = Settings { urls: vec![redis.url()], shards: 4, ..Settings::default() };
    let store: Arc<dyn Store> = Arc::new(RedisStore::open(&settings).await.unwrap().0);
    let app =
        TestApp::start_with(TestAppOptions { store: Some(store), metrics: true, ..TestAppOptions::default() }).await;
    let before = scrape(&app).await.1;
    let ana = app.resident("ana").await;
    ana.scan_first(2).await;
    ana.get("/v1/me/passport").await;
    redis.kill();
    assert_eq!(ana.scan("space-3").await.status, 503);
    let after = scrape(&app).await.1;
    assert_grew(&before, &after, 3.0, "carnival_store_seconds_count", &["call=\"write\""]);
    assert_grew(&before, &after, 1.0, "carnival_store_seconds_count", &["call=\"read\""]);
    let failed = ["call=\"write\"", "kind=\"unavailable\""];
    assert_grew(&before, &after, 1.0, "carnival_store_errors_total", &failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_cannot_create_new_series() {
    let app = start_with_metrics().await;
    let stranger = app.anonymous();
    let before = scrape(&app).await.1;
    for number in 0..9 {
        stranger.get(&format!("/wp-admin/{number}.php")).await;
        stranger.get(&format!("/q/Q{number}00000000000000")).await;
        let method = Method::from_bytes(format!("HACK{number}").as_bytes()).unwrap();
        let answer = Answer::of(stranger.request(method, "/v1/me").send().await.unwrap()).await;
        assert!(answer.status >= 400);
    }
    let (text, after) = scrape(&app).await;
    assert_grew(&before, &after, 9.0, "carnival_http_requests_total", &["route=\"none\"", "status=\"404\""]);
    assert_grew(&before, &after, 9.0, "carnival_http_requests_total", &["route=\"/q/{code}\""]);
    assert_grew(&before, &after, 9.0, "carnival_http_requests_total", &["method=\"other\""]);
    assert!(!text.contains("wp-admin") && !text.contains("HACK") && !text.contains("Q100000"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_served_on_their_own_address_only() {
    let app = start_with_metrics().await;
    let public: Client<'_> = app.anonymous();
    assert_eq!(public.get("/metrics").await.refusal(), (404, "no_such_route"));
    for path in ["/", "/healthz", "/v1/carnival", "/metrics/"] {
        assert_eq!(ask(&app, path).await.status(), 404, "{path}");
    }
}
