//! Tests the WeChat login client: each answer becomes the right openid or error, in bounded time, and the app secret
//! appears nowhere.

use std::error::Error;
use std::fmt::Write;
use std::time::{Duration, Instant};

use carnival::rules::carnival::LoginMethod;
use carnival::wechat::{ClientSettings, Credentials, LoginClient, LoginError, OpenId, SecretString};

use crate::wechat_stub::{APP_ID, APP_SECRET, StubMode, WechatStub};

fn client(base_url: String, app_id: &str, secret: &str, timeout_ms: u32) -> LoginClient {
    let settings = ClientSettings { base_url, timeout_ms: timeout_ms.try_into().unwrap() };
    let credentials = Credentials { app_id: app_id.to_owned(), secret: SecretString::new(secret.to_owned()) };
    LoginClient::new(&settings, credentials).unwrap()
}

fn client_of(server: &WechatStub) -> LoginClient {
    client(server.base_url(), APP_ID, APP_SECRET, 3_000)
}

/// The result of a valid mini-program login in this mode.
async fn login_at(mode: StubMode) -> Result<OpenId, LoginError> {
    let server = WechatStub::start();
    server.set(mode);
    let code = server.login_code("ana");
    client_of(&server).login(LoginMethod::MiniProgram, &code).await
}

fn assert_is_ana(answer: &Result<OpenId, LoginError>) {
    let openid = answer.as_ref().unwrap();
    assert_eq!(openid.as_bytes(), WechatStub::openid_of("ana").as_bytes());
}

#[tokio::test]
async fn a_mini_program_login_calls_code2session() {
    let server = WechatStub::start();
    let code = server.login_code("ana");
    assert_is_ana(&client_of(&server).login(LoginMethod::MiniProgram, &code).await);
    let call = server.calls().remove(0);
    assert_eq!(call.path, "/sns/jscode2session");
    assert_eq!(call.query["js_code"], code);
    assert_eq!(call.query["appid"], APP_ID);
    assert_eq!(call.query["secret"], APP_SECRET);
    assert_eq!(call.query["grant_type"], "authorization_code");
}

#[tokio::test]
async fn a_web_login_calls_the_web_authorization() {
    let server = WechatStub::start();
    let code = server.login_code("ana");
    assert_is_ana(&client_of(&server).login(LoginMethod::Web, &code).await);
    let call = server.calls().remove(0);
    assert_eq!(call.path, "/sns/oauth2/access_token");
    assert_eq!(call.query["code"], code);
}

#[tokio::test]
async fn a_person_has_the_same_openid_with_or_without_a_unionid() {
    let server = WechatStub::start();
    let client = client_of(&server);
    for mode in [StubMode::Normal, StubMode::WithUnionid] {
        server.set(mode);
        let code = server.login_code("ana");
        assert_is_ana(&client.login(LoginMethod::MiniProgram, &code).await);
    }
}

#[tokio::test]
async fn the_content_type_does_not_matter() {
    assert_is_ana(&login_at(StubMode::AsTextPlain).await);
}

#[tokio::test]
async fn a_success_may_say_errcode_0() {
    let text = r#"{"openid":"openid-of-ana","errcode":0,"errmsg":"ok"}"#;
    assert_is_ana(&login_at(StubMode::Text(text)).await);
}

#[tokio::test]
async fn each_errcode_maps_to_its_error() {
    let at = async |errcode| login_at(StubMode::Errcode(errcode)).await.unwrap_err();
    for errcode in [40_029, 41_008, 42_003] {
        assert!(matches!(at(errcode).await, LoginError::InvalidCode));
    }
    assert!(matches!(at(40_163).await, LoginError::CodeUsed));
    assert!(matches!(at(40_226).await, LoginError::HighRisk));
    assert!(matches!(at(45_011).await, LoginError::RateLimited));
    for errcode in [40_001, 40_013, 40_125, 40_164, 41_002, 41_004] {
        assert!(matches!(at(errcode).await, LoginError::Misconfigured(of) if of == errcode));
    }
    assert!(matches!(at(50_002).await, LoginError::Other(50_002)));
}

#[tokio::test]
async fn a_code_works_once() {
    let server = WechatStub::start();
    let (client, code) = (client_of(&server), server.login_code("ana"));
    assert_is_ana(&client.login(LoginMethod::MiniProgram, &code).await);
    let again = client.login(LoginMethod::MiniProgram, &code).await;
    assert!(matches!(again, Err(LoginError::CodeUsed)));
}

#[tokio::test]
async fn a_wrong_app_id_or_secret_is_a_configuration_error() {
    let server = WechatStub::start();
    let code = server.login_code("ana");
    for (id, secret, errcode) in [("wxother", APP_SECRET, 40_013), (APP_ID, "other", 40_125)] {
        let client = client(server.base_url(), id, secret, 3_000);
        let answer = client.login(LoginMethod::MiniProgram, &code).await;
        assert!(matches!(answer, Err(LoginError::Misconfigured(of)) if of == errcode));
    }
}

#[tokio::test]
async fn a_busy_answer_is_retried_once() {
    let server = WechatStub::start();
    let client = client_of(&server);
    server.set(StubMode::Errcode(-1));
    let answer = client.login(LoginMethod::MiniProgram, &server.login_code("ana")).await;
    assert!(matches!(answer, Err(LoginError::Busy)));
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn a_single_busy_answer_is_hidden_by_the_retry() {
    let server = WechatStub::start();
    server.set(StubMode::BusyOnce);
    let code = server.login_code("ana");
    assert_is_ana(&client_of(&server).login(LoginMethod::MiniProgram, &code).await);
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn an_unresponsive_wechat_times_out_as_configured() {
    let server = WechatStub::start();
    server.set(StubMode::Silent);
    let client = client(server.base_url(), APP_ID, APP_SECRET, 200);
    let begun = Instant::now();
    let answer = client.login(LoginMethod::Web, &server.login_code("ana")).await;
    assert!(matches!(answer, Err(LoginError::Timeout)));
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn the_retry_shares_the_timeout() {
    let begun = Instant::now();
    loop {
        let server = WechatStub::start();
        server.set(StubMode::Errcode(-1));
        // Shorter than the delay before the retry.
        let client = client(server.base_url(), APP_ID, APP_SECRET, 60);
        let answer = client.login(LoginMethod::Web, &server.login_code("ana")).await;
        assert!(matches!(answer, Err(LoginError::Timeout)));
        let calls = server.calls().len();
        assert!(calls <= 1, "{calls}");
        // On a busy machine the time can run out before the first call arrives, and proves nothing.
        if calls == 1 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "no call arrives in time");
    }
}

#[tokio::test]
async fn a_broken_connection_and_a_gateways_page_are_unreachable() {
    for mode in [StubMode::Breaks, StubMode::BadGateway] {
        let answer = login_at(mode).await;
        assert!(matches!(answer, Err(LoginError::Unreachable(_))), "{mode:?}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_unreachable() {
    let server = WechatStub::start();
    let gone = server.base_url();
    drop(server);
    let answer = client(gone, APP_ID, APP_SECRET, 3_000).login(LoginMethod::Web, "ana.0").await;
    assert!(matches!(answer, Err(LoginError::Unreachable(Some(_)))));
}

#[tokio::test]
async fn an_unexpected_answer_is_garbage() {
    for mode in [
        StubMode::Text("it works!"),
        StubMode::Text(r#"{"openid":""}"#),
        StubMode::Text(r#"{"session_key":"k"}"#),
        StubMode::Huge,
    ] {
        let answer = login_at(mode).await;
        assert!(matches!(answer, Err(LoginError::InvalidResponse)), "{mode:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = WechatStub::start();
    server.set(StubMode::Redirect);
    let answer = client_of(&server).login(LoginMethod::Web, &server.login_code("ana")).await;
    assert!(matches!(answer, Err(LoginError::InvalidResponse)));
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn an_impossible_code_is_refused_without_a_call() {
    let server = WechatStub::start();
    let client = client_of(&server);
    let long = "x".repeat(129);
    for code in ["", " ", "a b", "a\nb", "码", "\u{7f}", &long] {
        let answer = client.login(LoginMethod::MiniProgram, code).await;
        assert!(matches!(answer, Err(LoginError::InvalidCode)), "{code:?}");
    }
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn a_code_with_special_characters_is_encoded_correctly() {
    let server = WechatStub::start();
    let code = r#"ana.%41+&secret=x#/?"\~"#;
    assert_is_ana(&client_of(&server).login(LoginMethod::MiniProgram, code).await);
    assert_eq!(server.calls()[0].query["js_code"], code);
    assert_eq!(server.calls()[0].query["secret"], APP_SECRET);
}

#[tokio::test]
async fn no_error_prints_the_secret_or_the_code() {
    for mode in [StubMode::Breaks, StubMode::BadGateway, StubMode::Errcode(40_125)] {
        let server = WechatStub::start();
        server.set(mode);
        let client = client(server.base_url(), APP_ID, "hushhush", 3_000);
        let error = client.login(LoginMethod::Web, "ana.0").await.unwrap_err();
        assert_discloses_nothing(&error);
        assert!(!format!("{client:?}").contains("hushhush"));
    }
    let nobody = client("http://127.0.0.1:1".to_owned(), APP_ID, "hushhush", 3_000);
    let error = nobody.login(LoginMethod::Web, "ana.0").await.unwrap_err();
    assert_discloses_nothing(&error);
}

fn assert_discloses_nothing(error: &LoginError) {
    let mut text = format!("{error:?}");
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(error) = cause {
        write!(text, " | {error} | {error:?}").unwrap();
        cause = error.source();
    }
    assert!(!text.contains("hushhush") && !text.contains("ana.0"), "{text}");
}

#[test]
fn a_client_needs_an_id_and_a_secret() {
    for (id, secret) in [("", "s"), (" ", "s"), ("wx1", ""), ("wx1", "\n")] {
        let credentials = Credentials { app_id: id.to_owned(), secret: SecretString::new(secret.to_owned()) };
        assert!(LoginClient::new(&ClientSettings::default(), credentials).is_err());
    }
}
