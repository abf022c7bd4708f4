//! The failure it guards: the log of a carnival, which is sent to strangers for help, lets whoever reads it act as a resident or a volunteer, or tells who somebody is.

use serde_json::{Value, json};

use super::program::{House, told};
use crate::wechat_server::{APP_SECRET, WechatServer};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_no_token_no_code_and_no_openid() {
    for format in ["json", "text"] {
        let mut house = House::new();
        house.set("CARNIVAL__LOG__FORMAT", format);
        house.set("CARNIVAL__LOG__FILTER", "debug");
        house.set("CARNIVAL__CARNIVAL__PUBLIC_URL", "http://carnival.example");
        house.set("CARNIVAL_WECHAT_PUSH_TOKEN", PUSH_TOKEN);
        let mut served = house.serve("serve");
        let hushed = a_day(&house, &served.people).await;
        served.running.signal("TERM");
        assert_eq!(served.running.ended().0, Some(0));
        let log = served.running.err();
        assert!(log.contains("EncodingAESKey"), "pushes that are not encrypted are told: {log}");
        assert!(log.contains("answered") && log.contains("refused") && log.contains("not https"), "{log}");
        for one in &hushed {
            assert!(one.len() >= 8, "{one:?} would be found by chance");
            assert!(!log.contains(one.as_str()), "the {format} log holds {one}");
        }
        assert!(!log.contains("eyJ"), "the {format} log holds a token");
        if format == "json" {
            for line in log.lines() {
                let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
                assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
            }
        }
    }
}

const PUSH_TOKEN: &str = "aTokenThatNobodyPrints";

/// Something of everything, with what must not be told of it.
async fn a_day(house: &House, people: &super::program::People) -> Vec<String> {
    let login = house.wechat.code_of("secretive-ana");
    let (_, session) = people.post("", "/v1/sessions/wechat", json!({ "code": login })).await;
    let ana = session["token"].as_str().unwrap().to_owned();
    people.post("", "/v1/sessions/wechat", json!({ "code": login })).await;
    let poster = house.posters().remove(0);
    let bare = poster.rsplit('/').next().unwrap().to_owned();
    people.post(&ana, "/v1/check-ins", json!({ "code": poster })).await;
    people.get("", &format!("/q/{bare}")).await;
    let (_, claim) = people.post(&ana, "/v1/me/claims", json!({ "gift": "badge" })).await;
    let voucher = claim["id"].as_str().unwrap().to_owned();
    let picture = claim["svg"].as_str().unwrap().strip_prefix("http://carnival.example").unwrap().to_owned();
    assert_eq!(people.get("", &picture).await.0, 200);
    let (_, own) = people.get(&ana, "/v1/me/code").await;
    let own = own["code"].as_str().unwrap().to_owned();
    let link = told(&mut house.command(&["invite", "--role", "volunteer", "--booth", "market"]));
    let link = link.lines().next().unwrap().to_owned();
    let (_, wang) = people.accept(&link, "王阿姨").await;
    let wang = wang["token"].as_str().unwrap().to_owned();
    for code in [&voucher, &own, &poster] {
        people.post(&wang, "/v1/booth/lookups", json!({ "code": code })).await;
    }
    for nonce in ["confirm-0001", "confirm-0002"] {
        people.post(&wang, "/v1/booth/redemptions", json!({ "vouchers": [voucher], "nonce": nonce })).await;
    }
    people.get("forged-token-of-nobody", "/v1/me").await;
    let openid = WechatServer::openid_of("secretive-ana");
    let push = format!("/v1/wechat/events?signature=feedfacefeedface&timestamp=1&nonce=2&openid={openid}");
    let event = json!({ "Event": "user_authorization_revoke", "OpenID": openid, "CreateTime": 1 });
    assert_eq!(people.post("", &push, event).await.0, 403);
    people.get(&ana, &format!("/v1/nothing/{voucher}?token={own}")).await;
    let invitation = link.rsplit('/').next().unwrap().to_owned();
    let signature = picture.rsplit('/').next().unwrap().trim_end_matches(".svg").to_owned();
    let last = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    vec![
        login,
        last(&ana),
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
        "王阿姨".to_owned(),
    ]
}
