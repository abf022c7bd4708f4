//! Guards against a second login with an empty passport, WeChat failures that reach residents who are logged in, and
//! personal data in the log.

use std::io::Write;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use carnival::actions::LoginProvider;
use carnival::wechat::{ClientSettings, Credentials, LoginClient, SecretString};
use futures_util::future::{Either, select};
use serde_json::{Value, json};

use crate::test_app::{Answer, TestApp, TestAppOptions};
use crate::wechat_stub::{APP_ID, APP_SECRET, StubMode, WechatStub};

/// The sample carnival with logins at this WeChat stub.
async fn app_with_wechat(wechat: &WechatStub, timeout_ms: u32) -> TestApp {
    let settings = ClientSettings { base_url: wechat.base_url(), timeout_ms: timeout_ms.try_into().unwrap() };
    let credentials = Credentials { app_id: APP_ID.to_owned(), secret: SecretString::new(APP_SECRET.to_owned()) };
    let client = LoginClient::new(&settings, credentials).unwrap();
    TestApp::start_with(TestAppOptions {
        log_in: Some(LoginProvider::WeChat(Box::new(client))),
        ..TestAppOptions::default()
    })
    .await
}

async fn log_in(app: &TestApp, code: &str) -> Answer {
    app.anonymous().post("/v1/sessions/wechat", json!({ "code": code })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_returns_a_token_and_its_expiry() {
    let wechat = WechatStub::start();
    let app = app_with_wechat(&wechat, 3_000).await;
    let mut answer = log_in(&app, &wechat.login_code("ana")).await;
    assert_eq!((answer.status, answer.header("cache-control")), (201, "no-store"));
    let token = answer.body["token"].take();
    insta::assert_json_snapshot!(answer.body, @r#"
    {
      "expires_at": "2023-04-14T22:00:00+08:00",
      "token": null
    }
    "#);
    assert_eq!(app.with_token(token.as_str().unwrap()).scan("space-1").await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_person_has_the_same_passport_with_or_without_a_unionid() {
    let wechat = WechatStub::start();
    let app = app_with_wechat(&wechat, 3_000).await;
    for (mode, status) in
        [(StubMode::Normal, 201), (StubMode::Normal, 200), (StubMode::WithUnionid, 200), (StubMode::AsTextPlain, 200)]
    {
        wechat.set(mode);
        let token = log_in(&app, &wechat.login_code("ana")).await.body["token"].clone();
        let ana = app.with_token(token.as_str().unwrap());
        assert_eq!(ana.scan("space-1").await.status, status, "{mode:?}");
    }
    let bo = log_in(&app, &wechat.login_code("bo")).await.body["token"].clone();
    assert_eq!(app.with_token(bo.as_str().unwrap()).scan("space-1").await.status, 201, "another person");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_of_wechats_names_a_remedy() {
    let wechat = WechatStub::start();
    let app = app_with_wechat(&wechat, 3_000).await;
    let mut report_lines = Vec::new();
    for mode in [
        StubMode::Errcode(40_029),
        StubMode::Errcode(40_163),
        StubMode::Errcode(40_226),
        StubMode::Errcode(45_011),
        StubMode::Errcode(-1),
        StubMode::Errcode(40_013),
        StubMode::Errcode(40_125),
        StubMode::Errcode(50_002),
        StubMode::BadGateway,
        StubMode::Breaks,
        StubMode::Text("{}"),
    ] {
        wechat.set(mode);
        let answer = log_in(&app, &wechat.login_code("ana")).await;
        let fields = ["code", "remedy", "detail"].map(|name| answer.body[name].as_str().unwrap().to_owned());
        let wait = answer.header("retry-after");
        report_lines.push(format!("{mode:?}: {} {} {wait}", answer.status, fields.join(" ")).trim_end().to_owned());
    }
    insta::assert_snapshot!(report_lines.join("\n"), @r#"
    Errcode(40029): 400 login_code_invalid login 登录已失效，请重新打开小程序再试。
    Errcode(40163): 400 login_code_used login 登录已失效，请重新打开小程序再试。
    Errcode(40226): 403 login_refused show 微信没有让您登录，请到服务台找工作人员。
    Errcode(45011): 429 login_too_often retry 微信说登录太频繁，请过一分钟再试。 60
    Errcode(-1): 503 login_unavailable retry 微信登录正忙，请稍等几秒再试。 2
    Errcode(40013): 502 login_failed show 微信没有让您登录，请到服务台找工作人员。
    Errcode(40125): 502 login_failed show 微信没有让您登录，请到服务台找工作人员。
    Errcode(50002): 502 login_failed show 微信没有让您登录，请到服务台找工作人员。
    BadGateway: 503 login_unavailable retry 微信登录正忙，请稍等几秒再试。 2
    Breaks: 503 login_unavailable retry 微信登录正忙，请稍等几秒再试。 2
    Text("{}"): 502 login_failed show 微信没有让您登录，请到服务台找工作人员。
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_code_is_refused_without_a_call_to_wechat() {
    let wechat = WechatStub::start();
    let app = app_with_wechat(&wechat, 3_000).await;
    for code in ["", " ", "晚饭", &"x".repeat(129), "a b"] {
        assert_eq!(log_in(&app, code).await.refusal(), (400, "login_code_invalid"), "{code}");
    }
    assert_eq!(wechat.calls().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_wechat_hangs_only_logins_fail() {
    const TIMEOUT_MS: u32 = 5_000;
    let wechat = WechatStub::start();
    let app = app_with_wechat(&wechat, TIMEOUT_MS).await;
    let token = log_in(&app, &wechat.login_code("ana")).await.body["token"].clone();
    wechat.set(StubMode::Silent);
    let begun = Instant::now();
    let codes: Vec<String> = (0..20).map(|_| wechat.login_code("bo")).collect();
    let hanging = futures_util::future::join_all(codes.iter().map(|code| log_in(&app, code)));
    let checking_in = async {
        while wechat.calls().len() < 1 + codes.len() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        app.with_token(token.as_str().unwrap()).scan("space-1").await.status
    };
    // All logins hang when the check-in is sent, and still hang when it is answered.
    let (hanging, checking_in) = (pin!(hanging), pin!(checking_in));
    let Either::Right((status, hanging)) = select(hanging, checking_in).await else {
        panic!("the check-in waited for the logins");
    };
    assert_eq!(status, 201);
    let logins = hanging.await;
    assert!(logins.iter().all(|login| login.refusal() == (503, "login_unavailable")));
    assert!(begun.elapsed() < Duration::from_millis(10 * u64::from(TIMEOUT_MS)), "{:?}", begun.elapsed());
    wechat.set(StubMode::Normal);
    assert_eq!(log_in(&app, &wechat.login_code("bo")).await.status, 201, "without a restart");
}

/// Captures everything that this process logs from now on.
#[derive(Clone, Default)]
struct LogCapture(Arc<Mutex<Vec<u8>>>);

impl Write for LogCapture {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_contain_the_request_id_and_no_secrets() {
    let logged = LogCapture::default();
    let writer = logged.clone();
    let everything = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    everything.with_writer(move || writer.clone()).init();

    let wechat = WechatStub::start();
    let app = app_with_wechat(&wechat, 3_000).await;
    let login = wechat.login_code("ana");
    let token = log_in(&app, &login).await.body["token"].as_str().unwrap().to_owned();
    let ana = app.with_token(&token);
    ana.scan_first(3).await;
    let poster = app.printed_code("space-1");
    let location = json!({ "latitude": 30.123_456, "longitude": 104.654_321 });
    let request = ana.request(reqwest::Method::POST, "/v1/check-ins").header("x-request-id", "look-for-me-1");
    let sent = request.json(&json!({ "code": poster, "location": location })).send().await.unwrap();
    assert_eq!(sent.status().as_u16(), 200);
    let voucher = ana.claim("postcards").await;
    ana.delete(&format!("/v1/me/claims/{voucher}")).await;
    let own = ana.get("/v1/me/code").await.body["code"].as_str().unwrap().to_owned();
    app.anonymous().get(&format!("/q/{own}")).await;
    app.anonymous().get(&format!("/nowhere/{own}?token={token}")).await;
    app.anonymous().post("/v1/sessions/wechat", json!({ "cod": login })).await;
    wechat.set(StubMode::Breaks);
    log_in(&app, &wechat.login_code("bo")).await;
    wechat.set(StubMode::Silent);
    log_in(&app, &wechat.login_code("bo")).await;

    let text = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<&str> = text.lines().filter(|line| line.contains("carnival::")).collect();
    assert!(ours.iter().any(|line| line.contains("look-for-me-1") && line.contains("/v1/check-ins")), "{ours:?}");
    let code = poster.rsplit('/').next().unwrap();
    let (openid, answers) = (WechatStub::openid_of("ana"), "tiihtNczf5v6AKRyjwEUhQ");
    for secret in [&login, &token, &openid, code, &voucher, &own, answers, APP_SECRET, "30.123456", "104.654321"] {
        let report_lines: Vec<&&str> = ours.iter().filter(|line| line.contains(secret)).collect();
        assert!(report_lines.is_empty(), "{secret}: {report_lines:?}");
    }
    // At the default log level the libraries do not print them either.
    let loud = ["ERROR", "WARN", "INFO"];
    let report_lines = text.lines().filter(|line| loud.iter().any(|level| line.contains(level)));
    let report_lines: Vec<&str> =
        report_lines.filter(|line| [&login, &token, &openid, &own].iter().any(|s| line.contains(*s))).collect();
    assert!(report_lines.is_empty(), "{report_lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_identifies_itself() {
    let app = TestApp::start().await;
    let rehearsal_note = async |path: &str| -> Value {
        app.anonymous().post(path, json!({ "code": "ana" })).await.body["rehearsal"].clone()
    };
    insta::assert_json_snapshot!(json!([rehearsal_note("/v1/sessions/wechat").await, rehearsal_note("/v1/sessions/wechat?lang=en").await]), @r#"
    [
      "这是演练：没有联系微信，登录码就是演练者的名字。",
      "A rehearsal: WeChat was not contacted; the login code is the name of the person who plays a resident."
    ]
    "#);
}
