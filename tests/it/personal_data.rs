//! Guards against an erased resident who is still identifiable, or who gets a gift twice by erasing.

use std::sync::Arc;

use carnival::actions::personal_data::erasure::erase_openid;
use carnival::rules::carnival::LoginMethod;
use carnival::rules::ids::Holder;
use carnival::store::LogId;
use carnival::tokens::Code;
use serde_json::json;

use crate::test_app::{Client, TestApp};

/// A resident with three stamps, a redeemed gift, a held claim and a companion card; with a volunteer and the redeemed
/// voucher.
async fn resident_with_records(app: &TestApp) -> (Client<'_>, Client<'_>, String) {
    let ana = app.resident("ana").await;
    for point in ["space-1", "space-2", "space-3"] {
        ana.scan(point).await;
    }
    let cards = app.paper_passports(1).await;
    ana.post("/v1/me/companions", json!({ "passport": cards[0] })).await;
    let claim = ana.post("/v1/me/claims", json!({ "gift": "postcards" })).await;
    let voucher = claim.body["id"].as_str().unwrap().to_owned();
    let wang = app.volunteer("王阿姨", "market-play").await;
    (ana, wang, voucher)
}

async fn left(app: &TestApp) -> serde_json::Value {
    app.anonymous().get("/v1/availability").await.body["gifts"][0]["left"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_export_contains_everything_stored_about_a_resident() {
    let app = TestApp::start().await;
    let (ana, wang, voucher) = resident_with_records(&app).await;
    let redeemed = wang.post("/v1/booth/redemptions", json!({ "vouchers": [voucher], "nonce": "nonce-0001" })).await;
    let id = redeemed.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap();
    let void = json!({ "reason": "扫错了人", "nonce": "nonce-0002" });
    wang.post(&format!("/v1/booth/redemptions/{id}/void"), void).await;
    let export = ana.get("/v1/me/export").await;
    assert_eq!(export.status, 200);
    assert_eq!(export.header("content-disposition"), "attachment; filename=\"chenghua-2023-my-data.json\"");
    assert_eq!(export.body["passport"]["stamps"].as_array().unwrap().len(), 3);
    assert_eq!(export.body["passport"]["stamps"][0]["name"], "社区美空间·第1站");
    assert_eq!(export.body["gifts"][0]["undone"][0]["reason"], "扫错了人");
    assert_eq!(export.body["companions"][0], json!({ "serial": "1", "passport": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_removes_the_passport_and_releases_the_held_gift() {
    let app = TestApp::start().await;
    let (ana, wang, voucher) = resident_with_records(&app).await;
    assert_eq!(left(&app).await, 499);
    let erased = ana.delete("/v1/me").await;
    assert_eq!(erased.status, 200);
    let counts = |answer: &crate::test_app::Answer| {
        ["stamps", "gifts_set_aside", "gifts_handed_over"].map(|name| answer.body[name].as_u64().unwrap())
    };
    assert_eq!(counts(&erased), [3, 1, 0]);
    assert_eq!(counts(&ana.delete("/v1/me").await), [0, 0, 0], "a repeat finds nothing left to erase");
    assert_eq!(left(&app).await, 500);
    let me = ana.get("/v1/me").await.body;
    assert_eq!((&me["passport"]["stamps"], &me["claims"], &me["companions"]), (&json!([]), &json!([]), &json!([])));
    let reply = wang.post("/v1/booth/lookups", json!({ "code": voucher })).await;
    assert_eq!(reply.refusal(), (404, "voucher_unknown"));
    // Counters are kept.
    assert_eq!(app.anonymous().get("/v1/availability").await.body["stamps"], 3);
    // The old token now reads an empty passport.
    assert_eq!(ana.scan("space-4").await.body["passport"]["stamps"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_does_not_allow_a_second_gift() {
    let app = TestApp::start().await;
    let (ana, wang, voucher) = resident_with_records(&app).await;
    wang.post("/v1/booth/redemptions", json!({ "vouchers": [voucher], "nonce": "nonce-0001" })).await;
    assert_eq!(ana.delete("/v1/me").await.body["gifts_handed_over"], 1);
    for point in ["space-1", "space-2", "space-3"] {
        assert_eq!(ana.scan(point).await.status, 201);
    }
    let again = ana.post("/v1/me/claims", json!({ "gift": "postcards" })).await;
    assert_eq!(again.refusal(), (409, "already_redeemed"));
    assert_eq!(left(&app).await, 499);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_entry_identifies_an_erased_resident() {
    let app = TestApp::start().await;
    let (ana, _, _) = resident_with_records(&app).await;
    let number = ana.get("/v1/me/export").await.body["passport"]["number"].as_str().unwrap().to_owned();
    ana.delete("/v1/me").await;
    let mut facts = Vec::new();
    for shard in 0..app.app.store.shards() {
        facts.extend(app.app.store.log_entries(LogId::Shard(shard), 0, 100).await.unwrap());
    }
    assert_eq!(facts.iter().filter(|fact| fact.contains(&number)).count(), 3, "the log entries are kept");
    ana.scan("space-5").await;
    let fresh = ana.get("/v1/me/export").await.body["passport"]["number"].as_str().unwrap().to_owned();
    assert_ne!(fresh, number);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organiser_erases_by_a_residents_own_code() {
    let app = TestApp::start().await;
    let (ana, wang, _) = resident_with_records(&app).await;
    let chen = app.organiser("陈社工").await;
    let code = ana.get("/v1/me/code").await.body["code"].as_str().unwrap().to_owned();
    let path = format!("/v1/organiser/residents/{code}");
    let reply = wang.delete(&path).await;
    assert_eq!(reply.refusal(), (403, "not_your_role"));
    let reply = ana.delete(&path).await;
    assert_eq!(reply.refusal(), (403, "not_your_role"));
    assert_eq!(chen.delete(&path).await.body["stamps"], 3);
    app.at("2023-04-14T10:06");
    let reply = chen.delete(&path).await;
    assert_eq!(reply.refusal(), (410, "own_code_too_old"));
    let reply = chen.delete("/v1/organiser/residents/nonsense").await;
    assert_eq!(reply.refusal(), (404, "code_unknown"));
    let reply = chen
        .delete(&format!("/v1/organiser/residents/{}", app.printed_code("space-1").rsplit('/').next().unwrap()))
        .await;
    assert_eq!(reply.refusal(), (422, "code_of_another_kind"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_passport_is_erased_by_its_code() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let chen = app.organiser("陈社工").await;
    let card = app.paper_passports(1).await.remove(0);
    let ink = json!({ "passport": card, "points": ["space-1"], "nonce": "nonce-0001" });
    wang.post("/v1/booth/check-ins", ink).await;
    let code = card.rsplit('/').next().unwrap();
    assert_eq!(chen.delete(&format!("/v1/organiser/residents/{code}")).await.body["stamps"], 1);
    let seen = wang.post("/v1/booth/lookups", json!({ "code": card })).await;
    assert_eq!(seen.body["passport"]["stamps"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wechat_push_erases_the_named_resident_and_no_newer_passport() {
    let app = TestApp::start().await;
    let (ana, _, _) = resident_with_records(&app).await;
    let pushed_at = app.app.now();
    // In a rehearsal the openid of a login is `rehearsal:NAME`.
    erase_openid(&app.app, b"rehearsal:bob", pushed_at).await.unwrap();
    assert_eq!(ana.get("/v1/me").await.body["passport"]["stamps"].as_array().unwrap().len(), 3);
    app.at("2023-04-14T10:01");
    erase_openid(&app.app, b"rehearsal:ana", pushed_at).await.unwrap();
    assert_eq!(ana.get("/v1/me").await.body["passport"]["stamps"], json!([]));
    ana.scan("space-1").await;
    erase_openid(&app.app, b"rehearsal:ana", pushed_at).await.unwrap();
    assert_eq!(ana.get("/v1/me").await.body["passport"]["stamps"].as_array().unwrap().len(), 1, "an old push");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_erasure_and_redemption_are_serialised() {
    for round in 0..6 {
        let app = Arc::new(TestApp::start().await);
        let (ana, wang, voucher) = resident_with_records(&app).await;
        let body = json!({ "vouchers": [voucher], "nonce": format!("nonce-{round:04}") });
        let (erased, redeemed) = tokio::join!(ana.delete("/v1/me"), wang.post("/v1/booth/redemptions", body));
        let handed_over = redeemed.body["results"][0]["redeemed"] == true;
        assert_eq!(erased.body["gifts_handed_over"], u64::from(handed_over), "{redeemed:?}");
        assert_eq!(left(&app).await, if handed_over { 499 } else { 500 });
    }
}

/// The mark that remains of a redeemed claim must not identify the passport, neither by its number nor by the voucher,
/// which the gift's log names beside it.
#[tokio::test(flavor = "multi_thread")]
async fn the_mark_of_a_redeemed_gift_identifies_nobody() {
    let app = TestApp::start().await;
    let (ana, wang, voucher) = resident_with_records(&app).await;
    let number = ana.get("/v1/me/export").await.body["passport"]["number"].as_str().unwrap().to_owned();
    let done = wang.post("/v1/booth/redemptions", json!({ "vouchers": [voucher], "nonce": "nonce-0001" })).await;
    let redemption = done.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap().to_owned();
    app.at("2023-04-14T10:05");
    for _ in 0..2 {
        assert_eq!(ana.delete("/v1/me").await.body["gifts_handed_over"], 1);
    }
    let resident = app.app.pseudonyms.resident(LoginMethod::MiniProgram, b"rehearsal:ana");
    let gift = app.app.current().carnival.gift_by_id(&"postcards".parse().unwrap()).unwrap().number;
    let claimer = app.app.pseudonyms.claimant(gift, Holder::Resident(resident));
    let stored_claim = app.app.store.claims(&[(gift, claimer)]).await.unwrap().pop().flatten().unwrap().record;
    for link in [&number, &voucher, "nonce-0001", "T02:00:00"] {
        assert!(!stored_claim.contains(link), "{link} in {stored_claim}");
    }
    let reply = wang.post("/v1/booth/lookups", json!({ "code": voucher })).await;
    assert_eq!(reply.refusal(), (404, "voucher_unknown"));
    let void = json!({ "reason": "扫错了人", "nonce": "nonce-0002" });
    let reply = wang.post(&format!("/v1/booth/redemptions/{redemption}/void"), void).await;
    assert_eq!(reply.refusal(), (404, "redemption_unknown"));
    assert_eq!(left(&app).await, 499);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concurrent_claim_does_not_survive_an_erasure() {
    for _ in 0..8 {
        let app = TestApp::start().await;
        let ana = app.resident("ana").await;
        ana.scan_first(3).await;
        let claim = ana.post("/v1/me/claims", json!({ "gift": "postcards" }));
        let (erased, _) = tokio::join!(ana.delete("/v1/me"), claim);
        assert_eq!(erased.status, 200);
        assert_eq!(ana.get("/v1/me/claims").await.body["claims"], json!([]));
        assert_eq!(left(&app).await, 500);
    }
}

/// A redemption by card or own code reads the passport before it writes the claim. An erasure in between must not leave
/// a claim that names the erased passport next to the keyed hash of its holder.
#[tokio::test(flavor = "multi_thread")]
async fn a_concurrent_card_redemption_does_not_survive_an_erasure() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let chen = app.organiser("陈社工").await;
    let gift = app.app.current().carnival.gift_by_id(&"postcards".parse().unwrap()).unwrap().number;
    let mut marks = 0;
    for (round, card) in app.paper_passports(60).await.iter().enumerate() {
        let code = card.rsplit('/').next().unwrap();
        let ink = json!({
            "passport": card, "points": ["space-1", "space-2", "space-3"], "nonce": format!("ink-{round:05}")
        });
        assert_eq!(wang.post("/v1/booth/check-ins", ink).await.status, 200);
        let Ok(Code::Paper(serial)) = app.app.codes.read(card, app.app.now()) else { panic!("{card} is not a card") };
        let holder = Holder::Paper(serial);
        let number = app.app.store.passport(holder).await.unwrap().unwrap().number.to_string();
        let body = json!({ "passport": card, "gift": "postcards", "nonce": format!("hand-{round:04}") });
        let path = format!("/v1/organiser/residents/{code}");
        let (handed_over, erased) = tokio::join!(wang.post("/v1/booth/paper-redemptions", body), chen.delete(&path));
        assert_eq!(erased.status, 200, "{erased:?}");
        let claimer = app.app.pseudonyms.claimant(gift, holder);
        let stored = app.app.store.claims(&[(gift, claimer)]).await.unwrap().pop().flatten();
        assert_eq!(handed_over.status == 201, stored.is_some(), "{handed_over:?}");
        if let Some(stored) = stored {
            assert!(stored.claim.active_redemption().is_some(), "the claim is redeemed");
            assert!(!stored.record.contains(&number), "{number} in {}", stored.record);
            marks += 1;
        }
    }
    assert_eq!(left(&app).await, 500 - marks);
}

/// The first attempt may stop after it has written the hand-over, and the erasure before it has read the claims.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_card_redemption_anonymises_what_an_erasure_left() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let card = app.paper_passports(1).await.remove(0);
    let ink = json!({ "passport": card, "points": ["space-1", "space-2", "space-3"], "nonce": "ink-00001" });
    assert_eq!(wang.post("/v1/booth/check-ins", ink).await.status, 200);
    let body = json!({ "passport": card, "gift": "postcards", "nonce": "hand-0001" });
    assert_eq!(wang.post("/v1/booth/paper-redemptions", body.clone()).await.status, 201);
    let Ok(Code::Paper(serial)) = app.app.codes.read(&card, app.app.now()) else { panic!("{card} is not a card") };
    let holder = Holder::Paper(serial);
    let gift = app.app.current().carnival.gift_by_id(&"postcards".parse().unwrap()).unwrap().number;
    let key = (gift, app.app.pseudonyms.claimant(gift, holder));
    let number = app.app.store.passport(holder).await.unwrap().unwrap().number.to_string();
    app.app.store.erase_passport(holder).await.unwrap();
    let left_behind = app.app.store.claims(&[key]).await.unwrap().pop().flatten().unwrap();
    assert!(left_behind.record.contains(&number), "the claim still names the passport");
    assert_eq!(wang.post("/v1/booth/paper-redemptions", body).await.status, 200);
    let mark = app.app.store.claims(&[key]).await.unwrap().pop().flatten().unwrap();
    assert!(mark.claim.active_redemption().is_some(), "the gift stays handed over");
    assert!(!mark.record.contains(&number), "{number} in {}", mark.record);
}
