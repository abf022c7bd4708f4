//! Guards against a log that, at any level, discloses tokens, codes, locations or persons to a reader.

use jiff::Timestamp;
use reqwest::Method;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Value, json};

use super::harness::{Workspace, stdout_of};
use crate::wechat_stub::{APP_SECRET, WechatStub};

#[tokio::test(flavor = "multi_thread")]
async fn the_trace_log_contains_no_token_code_location_or_person() {
    for format in ["json", "text"] {
        let mut workspace = Workspace::new();
        workspace.set("CARNIVAL__LOG__FORMAT", format);
        workspace.set("CARNIVAL__LOG__FILTER", "trace");
        workspace.set("CARNIVAL__CARNIVAL__PUBLIC_URL", "http://carnival.example");
        workspace.set("CARNIVAL_WECHAT_PUSH_TOKEN", PUSH_TOKEN);
        let mut served = workspace.serve("serve");
        let private_texts = exercise_all_routes(&workspace, &served.api).await;
        served.program.signal("TERM");
        assert_eq!(served.program.wait_for_exit().0, Some(0));
        let log = served.program.err();
        assert!(log.contains("EncodingAESKey"), "a warning about unencrypted pushes: {log}");
        assert!(log.contains("answered") && log.contains("refused") && log.contains("not https"), "{log}");
        for one in &private_texts {
            assert!(one.len() >= 8, "{one:?} is too short to search for");
            assert!(!log.contains(one.as_str()), "the {format} log contains {one}");
        }
        assert!(!log.contains("eyJ"), "the {format} log contains a token");
        if format == "json" {
            for line in log.lines() {
                let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
                assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
            }
        }
    }
}

const PUSH_TOKEN: &str = "aTokenThatNobodyPrints";

const PHONE: &str = "13812345678";
const LATITUDE: f64 = 30.682_135_79;
const LONGITUDE: f64 = 104.109_475_31;
const REASON: &str = "扫错了住三楼的人";

/// The signed URL of a WeChat push about the user with this openid.
fn signed_push(openid: &str, token: &str) -> String {
    let now = Timestamp::now().as_second().to_string();
    let mut parts = [token, &now, "1320562132"];
    parts.sort_unstable();
    let signature = digest(&SHA1_FOR_LEGACY_USE_ONLY, parts.concat().as_bytes());
    let signature = signature.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    format!("/v1/wechat/events?signature={signature}&timestamp={now}&nonce=1320562132&openid={openid}")
}

/// Further actions of staff; returns the organiser's token.
async fn exercise_organiser_routes(
    workspace: &Workspace,
    api: &super::harness::ApiClient,
    voucher: &str,
    wang: &str,
) -> String {
    let void = json!({ "reason": REASON, "nonce": "confirm-0003" });
    let path = format!("/v1/booth/redemptions/{voucher}-1/void");
    assert_eq!(api.post(wang, &path, void).await.0, 200);
    let link = stdout_of(&mut workspace.command(&["invite", "--role", "organiser"]));
    let (_, chen) = api.accept(link.lines().next().unwrap(), "陈社工甲乙丙").await;
    let chen = chen["token"].as_str().unwrap().to_owned();
    for path in ["check-ins.csv", "redemptions.csv", "stock.csv", "ledger.csv?lang=en", "summary", "staff"] {
        assert_eq!(api.get(&chen, &format!("/v1/organiser/{path}")).await.0, 200, "{path}");
    }
    let invite = json!({ "role": "volunteer", "booth": "market", "nonce": "invite-0001" });
    assert_eq!(api.post(&chen, "/v1/organiser/staff", invite).await.0, 201);
    chen
}

/// Exercises every kind of request, and returns the texts that must not be logged.
async fn exercise_all_routes(workspace: &Workspace, api: &super::harness::ApiClient) -> Vec<String> {
    let login = workspace.wechat.login_code("secretive-ana");
    let (_, session) = api.post("", "/v1/sessions/wechat", json!({ "code": login })).await;
    let ana = session["token"].as_str().unwrap().to_owned();
    api.post("", "/v1/sessions/wechat", json!({ "code": login })).await;
    let poster = workspace.poster_links().remove(0);
    let bare = poster.rsplit('/').next().unwrap().to_owned();
    api.post(&ana, "/v1/check-ins", json!({ "code": poster })).await;
    api.get("", &format!("/q/{bare}")).await;
    let (_, claim) = api.post(&ana, "/v1/me/claims", json!({ "gift": "badge" })).await;
    let voucher = claim["id"].as_str().unwrap().to_owned();
    let picture = claim["svg"].as_str().unwrap().strip_prefix("http://carnival.example").unwrap().to_owned();
    assert_eq!(api.get("", &picture).await.0, 200);
    let (_, own) = api.get(&ana, "/v1/me/code").await;
    let own = own["code"].as_str().unwrap().to_owned();
    let link = stdout_of(&mut workspace.command(&["invite", "--role", "volunteer", "--booth", "market"]));
    let link = link.lines().next().unwrap().to_owned();
    let (_, wang) = api.accept(&link, "王阿姨的手机").await;
    let wang = wang["token"].as_str().unwrap().to_owned();
    for code in [&voucher, &own, &poster] {
        api.post(&wang, "/v1/booth/lookups", json!({ "code": code })).await;
    }
    for nonce in ["confirm-0001", "confirm-0002"] {
        api.post(&wang, "/v1/booth/redemptions", json!({ "vouchers": [voucher], "nonce": nonce })).await;
    }
    api.get("forged-token-of-nobody", "/v1/me").await;
    let openid = WechatStub::openid_of("secretive-ana");
    let push = format!("/v1/wechat/events?signature=feedfacefeedface&timestamp=1&nonce=2&openid={openid}");
    let event = json!({ "Event": "user_authorization_revoke", "OpenID": openid, "CreateTime": 1 });
    assert_eq!(api.post("", &push, event.clone()).await.0, 403);
    api.get(&ana, &format!("/v1/nothing/{voucher}?token={own}")).await;
    api.get(&ana, &format!("/q/{own}%ff?phone={PHONE}")).await;
    api.post(&ana, &format!("/v1/check-ins?phone={PHONE}"), json!({ "code": PHONE, "location": PHONE })).await;
    let here = json!({ "latitude": LATITUDE, "longitude": LONGITUDE, "accuracy": 12.5 });
    let (status, _) = api.post(&ana, "/v1/check-ins", json!({ "code": poster, "location": here })).await;
    assert_eq!(status, 200);
    let push = signed_push(&openid, PUSH_TOKEN);
    let organiser = exercise_organiser_routes(workspace, api, &voucher, &wang).await;
    let (status, _) = api.post("", &push, event).await;
    assert_eq!(status, 200, "a valid push");
    let erased = api.send(Method::DELETE, &ana, "/v1/me").await;
    assert_eq!(erased, 200);
    let invitation = link.rsplit('/').next().unwrap().to_owned();
    let signature = picture.rsplit('/').next().unwrap().trim_end_matches(".svg").to_owned();
    let last = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    vec![
        login,
        last(&ana),
        last(&organiser),
        PHONE.to_owned(),
        LATITUDE.to_string(),
        LONGITUDE.to_string(),
        push.split("signature=").nth(1).unwrap()[..40].to_owned(),
        REASON.to_owned(),
        last(&wang),
        bare,
        voucher,
        signature,
        own,
        invitation,
        openid,
        "feedfacefeedface".to_owned(),
        PUSH_TOKEN.to_owned(),
        APP_SECRET.to_owned(),
        "tiihtNczf5v6AKRyjwEUhQ".to_owned(),
        "forged-token-of-nobody".to_owned(),
        "王阿姨的手机".to_owned(),
        "陈社工甲乙丙".to_owned(),
    ]
}
