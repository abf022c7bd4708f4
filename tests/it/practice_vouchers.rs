//! Guards against practice that is counted or stored, practice that is mistaken for a real gift, and practice that
//! differs from the booth's real answers.

use std::num::NonZeroU32;
use std::sync::Arc;

use carnival::actions::gifts::{code_lookup, redeem};
use carnival::actions::staff::OnDuty;
use carnival::actions::statistics::hint_recording;
use carnival::actions::store_transfer;
use carnival::config::Settings;
use carnival::store::Store;
use carnival::store::embedded::{EmbeddedStore, Options};
use carnival::store::redis::{RedisStore, Settings as RedisSettings};
use carnival::tokens::{Bearer, StaffRole, Volunteer};
use serde_json::json;

use crate::servers::redis_server::RedisServer;
use crate::test_app::{Answer, Client, TestApp, TestAppOptions, arrival};

const YES: &str = "000 000 013";
const ALREADY: &str = "000 000 021";
const WRONG_BOOTH: &str = "000 000 037";
const ALL: [&str; 3] = [YES, ALREADY, WRONG_BOOTH];

async fn lookup(staff: &Client<'_>, code: &str) -> Answer {
    staff.post("/v1/booth/lookups", json!({ "code": code, "practice": true })).await
}

async fn practise(staff: &Client<'_>, vouchers: &[&str], nonce: &str) -> Answer {
    let body = json!({ "vouchers": vouchers, "nonce": nonce, "practice": true });
    staff.post("/v1/booth/redemptions", body).await
}

async fn void(staff: &Client<'_>, id: &str) -> Answer {
    let body = json!({ "reason": "扫错了人", "nonce": "undo-0001", "practice": true });
    staff.post(&format!("/v1/booth/redemptions/{id}/void"), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_practice_voucher_is_looked_up_like_a_real_one() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    insta::assert_json_snapshot!(lookup(&wang, YES).await.status_and_body(), @r#"
    {
      "body": {
        "claims": [
          {
            "can_redeem": true,
            "claimed_at": "2023-04-14T09:00:00+08:00",
            "gift": "postcards",
            "held_until": "2023-04-14T23:59:59+08:00",
            "id": "000000013",
            "name": "路线明信片一套",
            "state": "held",
            "voucher": "000 000 013"
          }
        ],
        "kind": "voucher",
        "practice": true
      },
      "status": 200
    }
    "#);
    insta::assert_json_snapshot!(lookup(&wang, ALREADY).await.status_and_body(), @r#"
    {
      "body": {
        "claims": [
          {
            "can_redeem": false,
            "claimed_at": "2023-04-14T09:00:00+08:00",
            "gift": "postcards",
            "held_until": "2023-04-14T23:59:59+08:00",
            "id": "000000021",
            "name": "路线明信片一套",
            "problem": {
              "code": "already_redeemed",
              "detail": "这份礼物已于4月14日 09:50在“时光音乐友邻荟兑换台”由练习志愿者确认领取。",
              "done": {
                "at": "2023-04-14T09:50:00+08:00",
                "by": "练习志愿者",
                "by_you": false,
                "place": "时光音乐友邻荟兑换台",
                "redemption": "000000021-1"
              },
              "remedy": "show",
              "status": 409,
              "title": "Conflict",
              "type": "urn:carnival:problem:already_redeemed"
            },
            "redemption": {
              "at": "2023-04-14T09:50:00+08:00",
              "by": "练习志愿者",
              "id": "000000021-1",
              "place": "时光音乐友邻荟兑换台"
            },
            "state": "redeemed",
            "voucher": "000 000 021"
          }
        ],
        "kind": "voucher",
        "practice": true
      },
      "status": 200
    }
    "#);
    insta::assert_json_snapshot!(lookup(&wang, WRONG_BOOTH).await.status_and_body(), @r#"
    {
      "body": {
        "claims": [
          {
            "can_redeem": false,
            "claimed_at": "2023-04-14T09:00:00+08:00",
            "gift": "postcards",
            "held_until": "2023-04-14T23:59:59+08:00",
            "id": "000000037",
            "name": "路线明信片一套",
            "problem": {
              "booths": [
                "万科天荟广场兑换台"
              ],
              "code": "wrong_booth",
              "detail": "“路线明信片一套”请到“万科天荟广场兑换台”领取。",
              "gift": "路线明信片一套",
              "remedy": "show",
              "status": 403,
              "title": "Forbidden",
              "type": "urn:carnival:problem:wrong_booth"
            },
            "state": "held",
            "voucher": "000 000 037"
          }
        ],
        "kind": "voucher",
        "practice": true
      },
      "status": 200
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn practice_vouchers_are_typed_like_real_ones_and_no_others_exist() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    for spelling in ["000000013", "000-000-013", "OOO OOO OI3\n"] {
        assert_eq!(lookup(&wang, spelling).await.body, lookup(&wang, YES).await.body, "{spelling:?}");
    }
    for other in ["000 000 000", "000 000 045", "000 000 014"] {
        assert_eq!(lookup(&wang, other).await.refusal(), (404, "voucher_unknown"), "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn practice_vouchers_are_redeemed_in_a_practice_request() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    assert_answer_snapshot!(practise(&wang, &ALL, "confirm-1").await.status_and_body(), @r#"
    {
      "body": {
        "results": [
          {
            "claim": {
              "claimed_at": "2023-04-14T09:00:00+08:00",
              "gift": "postcards",
              "held_until": "2023-04-14T23:59:59+08:00",
              "id": "[voucher]",
              "name": "路线明信片一套",
              "redemption": {
                "at": "2023-04-14T10:00:00+08:00",
                "by": "王阿姨",
                "id": "[voucher]-1",
                "place": "时光音乐友邻荟兑换台"
              },
              "state": "redeemed",
              "voucher": "[v o u]"
            },
            "practice": true,
            "redeemed": true,
            "voucher": "[v o u]"
          },
          {
            "practice": true,
            "problem": {
              "code": "already_redeemed",
              "detail": "这份礼物已于4月14日 09:50在“时光音乐友邻荟兑换台”由练习志愿者确认领取。",
              "done": {
                "at": "2023-04-14T09:50:00+08:00",
                "by": "练习志愿者",
                "by_you": false,
                "place": "时光音乐友邻荟兑换台",
                "redemption": "[voucher]-1"
              },
              "remedy": "show",
              "status": 409,
              "title": "Conflict",
              "type": "urn:carnival:problem:already_redeemed"
            },
            "redeemed": false,
            "voucher": "[v o u]"
          },
          {
            "practice": true,
            "problem": {
              "booths": [
                "万科天荟广场兑换台"
              ],
              "code": "wrong_booth",
              "detail": "“路线明信片一套”请到“万科天荟广场兑换台”领取。",
              "gift": "路线明信片一套",
              "remedy": "show",
              "status": 403,
              "title": "Forbidden",
              "type": "urn:carnival:problem:wrong_booth"
            },
            "redeemed": false,
            "voucher": "[v o u]"
          }
        ]
      },
      "status": 200
    }
    "#);
    let summary = wang.get("/v1/booth/summary").await;
    assert_eq!(summary.body["gifts"], json!([]));
}

/// Who finds the volunteers' card gets no gift, and who practises hands none over.
#[tokio::test(flavor = "multi_thread")]
async fn practice_and_real_requests_refuse_each_others_codes() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    ana.scan_first(3).await;
    let real = ana.claim("postcards").await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let codes = |answer: &Answer| -> Vec<serde_json::Value> {
        answer.body["results"].as_array().unwrap().iter().map(|one| one["problem"]["code"].clone()).collect()
    };
    let practised = practise(&wang, &[YES, &real], "confirm-1").await;
    assert_eq!(codes(&practised), [json!(null), json!("not_practice_code")]);
    let redeemed = wang.redeem(&[YES, &real], "confirm-1").await;
    assert_eq!(codes(&redeemed), [json!("practice_code"), json!(null)]);
    assert_eq!(
        redeemed.body["results"][0]["problem"]["detail"],
        json!("这是志愿者练习用的码，不能领礼物。要练习，请先打开“练习”。")
    );
    let look = |code: &str| wang.post("/v1/booth/lookups", json!({ "code": code }));
    assert_eq!((look(YES).await.refusal(), look(&real).await.status), ((422, "practice_code"), 200));
    assert_eq!(lookup(&wang, &real).await.refusal(), (422, "not_practice_code"));
    let id = redeemed.body["results"][1]["claim"]["redemption"]["id"].as_str().unwrap();
    assert_eq!(void(&wang, id).await.refusal(), (422, "not_practice_code"));
    let body = json!({ "reason": "扫错了人", "nonce": "undo-0001" });
    let practice = wang.post("/v1/booth/redemptions/000000013-1/void", body).await;
    assert_eq!(practice.refusal(), (422, "practice_code"));
}

#[tokio::test(flavor = "multi_thread")]
async fn their_answers_do_not_depend_on_the_nonce() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let first = practise(&wang, &ALL, "confirm-1").await;
    assert_eq!(practise(&wang, &ALL, "confirm-1").await.body, first.body, "a retry after a lost answer");
    assert_eq!(practise(&wang, &ALL, "confirm-2").await.body, first.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn voiding_is_practised_too() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let done = practise(&wang, &[YES], "confirm-1").await;
    let id = done.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap();
    let undone = void(&wang, id).await;
    insta::assert_json_snapshot!(undone.status_and_body(), @r#"
    {
      "body": {
        "claimed_at": "2023-04-14T09:00:00+08:00",
        "gift": "postcards",
        "held_until": "2023-04-14T23:59:59+08:00",
        "id": "000000013",
        "name": "路线明信片一套",
        "practice": true,
        "state": "held",
        "voucher": "000 000 013"
      },
      "status": 200
    }
    "#);
    assert_eq!(void(&wang, id).await.body, undone.body, "any number of times");
    assert_eq!(practise(&wang, &[YES], "confirm-2").await.body, done.body);
    let anothers = lookup(&wang, ALREADY).await.body["claims"][0]["redemption"]["id"].as_str().unwrap().to_owned();
    assert_eq!(void(&wang, &anothers).await.refusal(), (403, "not_your_redemption"));
    assert_eq!(void(&app.organiser("陈主任").await, &anothers).await.status, 200);
    for unknown in ["000000037-1", "000000013-2", "000000013"] {
        assert_eq!(void(&wang, unknown).await.refusal(), (404, "redemption_unknown"), "{unknown}");
    }
    let reason = json!({ "reason": " ", "nonce": "undo-0001" });
    let blank = wang.post(&format!("/v1/booth/redemptions/{id}/void"), reason).await;
    assert_eq!(blank.refusal(), (422, "reason_odd"), "a reason is required as usual");
}

#[tokio::test(flavor = "multi_thread")]
async fn practice_works_at_any_time_and_in_both_languages() {
    let app = TestApp::start().await;
    app.at("2023-04-01T21:30");
    let wang = app.volunteer("王阿姨", "market-play").await;
    assert_eq!(lookup(&wang, YES).await.body["claims"][0]["can_redeem"], json!(true));
    let english = json!({ "vouchers": ALL, "nonce": "confirm-1", "practice": true });
    let english_answer = wang.post("/v1/booth/redemptions?lang=en", english).await;
    let texts = english_answer.body["results"].as_array().unwrap().iter().map(|one| one["problem"]["detail"].clone());
    insta::assert_json_snapshot!(texts.collect::<Vec<_>>(), @r#"
    [
      null,
      "This gift was already handed over on 1 April, 21:20 at “时光音乐友邻荟兑换台” by a practice volunteer.",
      "“路线明信片一套” is handed out at “万科天荟广场兑换台”."
    ]
    "#);
}

/// Everything that organisers and the volunteer can read, and every record of the store.
async fn everything(app: &TestApp, store: &EmbeddedStore, staff: [&Client<'_>; 2]) -> Vec<String> {
    let [boss, wang] = staff;
    // Every request records when its session was last seen: with one request each now, both readings are equal.
    assert_eq!(wang.get("/v1/booth/summary").await.status, 200);
    assert_eq!(boss.get("/v1/booth/summary").await.status, 200);
    hint_recording::flush(&app.app).await;
    let mut texts = Vec::new();
    for path in ["summary", "staff", "ledger.csv", "stock.csv", "redemptions.csv", "check-ins.csv"] {
        texts.push(boss.get(&format!("/v1/organiser/{path}")).await.body.to_string());
    }
    texts.push(wang.get("/v1/booth/summary").await.body.to_string());
    texts.push(app.anonymous().get("/v1/availability").await.body.to_string());
    hint_recording::flush(&app.app).await;
    texts.push(String::from_utf8(store_transfer::export(store, Vec::new(), &mut |_| {}).await.unwrap().1).unwrap());
    texts
}

#[tokio::test(flavor = "multi_thread")]
async fn practice_writes_and_counts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(EmbeddedStore::open(folder.path(), Options { shards: 4, ..Options::default() }).unwrap());
    let dyn_store: Arc<dyn Store> = Arc::clone(&store) as Arc<dyn Store>;
    let few: fn(&mut Settings) =
        |settings| settings.http.limits.unknown_vouchers_per_hour = NonZeroU32::new(2).unwrap();
    let app = TestApp::start_with(TestAppOptions {
        store: Some(dyn_store),
        settings: Some(few),
        ..TestAppOptions::default()
    })
    .await;
    let ana = app.resident("ana").await;
    ana.scan_first(3).await;
    let real = ana.claim("postcards").await;
    let (boss, wang) = (app.organiser("陈主任").await, app.volunteer("王阿姨", "market-play").await);
    let before = everything(&app, &store, [&boss, &wang]).await;

    for round in 0..5 {
        for code in ALL {
            assert_eq!(lookup(&wang, code).await.status, 200);
        }
        let done = practise(&wang, &ALL, &format!("confirm-{round}")).await;
        let id = done.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap();
        assert_eq!(void(&wang, id).await.status, 200);
    }
    let after = everything(&app, &store, [&boss, &wang]).await;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
    }

    let unknown = wang.post("/v1/booth/lookups", json!({ "code": "010000007" })).await;
    assert_eq!(unknown.refusal(), (404, "voucher_unknown"), "practice does not count as a failed attempt");
    assert_eq!(wang.redeem(&[&real], "confirm-9").await.body["results"][0]["redeemed"], json!(true));
    let counted = everything(&app, &store, [&boss, &wang]).await;
    assert_ne!(after[0], counted[0], "a real redemption is counted");
    assert_ne!(after.last(), counted.last());
}

/// A volunteer at a booth whose session was active before the store went away.
async fn on_duty(app: &TestApp) -> OnDuty<Volunteer> {
    let client = app.volunteer("王阿姨", "market-play").await;
    let Bearer::Staff(token) = app.app.jwt.read(&client.token.unwrap(), app.app.now()).unwrap() else {
        panic!("a token of staff")
    };
    OnDuty::check(&app.app, &Volunteer::of(token).unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn practice_works_without_the_store() {
    let mut server = RedisServer::start();
    let settings = RedisSettings { urls: vec![server.url()], shards: 4, timeout_ms: 1_000, ..RedisSettings::default() };
    let store: Arc<dyn Store> = Arc::new(RedisStore::open(&settings).await.unwrap().0);
    let app = TestApp::start_with(TestAppOptions { store: Some(store), ..TestAppOptions::default() }).await;
    let wang = on_duty(&app).await;
    server.kill();
    for code in ALL {
        assert!(code_lookup::look_up(&app.app, code, true).await.is_ok(), "{code}");
    }
    let codes = ALL.map(str::to_owned);
    let results = redeem::redeem(&app.app, &wang, &codes, &"confirm-1".parse().unwrap(), true).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 3, "{results:?}");
    assert!(code_lookup::look_up(&app.app, "010000007", false).await.is_err(), "the store is down");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_routes_refuse_them_by_name() {
    let app = TestApp::start().await;
    let (ana, wang) = (app.resident("ana").await, app.volunteer("王阿姨", "market-play").await);
    let boss = app.organiser("陈主任").await;
    let another = (422, "practice_code");
    assert_eq!(ana.post("/v1/check-ins", json!({ "code": YES })).await.refusal(), another);
    assert_eq!(ana.post("/v1/me/companions", json!({ "passport": YES })).await.refusal(), another);
    assert_eq!(ana.delete("/v1/me/claims/000000013").await.refusal(), (404, "claim_unknown"));
    let body = json!({ "passport": YES, "gift": "postcards", "nonce": "confirm-1" });
    assert_eq!(wang.post("/v1/booth/paper-redemptions", body).await.refusal(), another);
    let body = json!({ "passport": YES, "points": ["space-1"], "nonce": "confirm-1" });
    assert_eq!(wang.post("/v1/booth/check-ins", body).await.refusal(), another);
    assert_eq!(wang.post("/v1/booth/poster-checks", json!({ "code": YES })).await.refusal(), another);
    let body = json!({ "code": YES });
    assert_eq!(boss.post("/v1/organiser/points/space-1/reissue", body).await.refusal(), another);
    let body = arrival(YES, "王阿姨", 1, "arrival-0001");
    assert_eq!(app.anonymous().post("/v1/sessions/staff", body).await.refusal(), another);
    assert_eq!(ana.redeem(&[YES], "confirm-1").await.refusal(), (403, "not_your_role"));
    assert_eq!(app.anonymous().redeem(&[YES], "confirm-1").await.refusal(), (401, "token_missing"));
}
