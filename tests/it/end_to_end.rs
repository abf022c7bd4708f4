//! The complete path from login to a redeemed gift, on each kind of store.

use serde_json::{Value, json};

use crate::servers::redis_cluster::RedisCluster;
use crate::servers::redis_server::RedisServer;
use crate::test_app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn login_to_redemption_on_the_embedded_store() {
    run_scenario(&TestApp::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_to_redemption_on_redis() {
    let server = RedisServer::start();
    run_scenario(&TestApp::start_on_redis(&server).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_to_redemption_on_a_redis_cluster() {
    let cluster = RedisCluster::start();
    run_scenario(&TestApp::start_on_nodes(cluster.urls(), true).await).await;
}

/// Login, check-ins, claim, redemption and void; the same on every store.
async fn run_scenario(app: &TestApp) {
    let ana = app.resident("ana").await;
    let empty = ana.get("/v1/me/passport").await;
    assert_eq!((empty.status, &empty.body["stamps"]), (200, &json!([])));

    let first = ana.scan("space-1").await;
    assert_eq!((first.status, &first.body["outcome"]), (201, &json!("stamped")));
    app.at("2023-04-14T11:00");
    let again = ana.scan("space-1").await;
    assert_eq!((again.status, &again.body["outcome"]), (200, &json!("already_stamped")));
    assert_eq!(again.body["stamp"]["at"], json!("2023-04-14T10:00:00+08:00"), "the first time counts");

    assert_eq!(
        gift_not_earned(&ana.post("/v1/me/claims", json!({ "gift": "postcards" })).await.body),
        json!(["gift_not_earned", 1, 3])
    );
    ana.scan("space-2").await;
    let third = ana.scan("space-3").await;
    assert_eq!(third.body["unlocked"][0]["gift"], json!("postcards"));

    let claim = ana.post("/v1/me/claims", json!({ "gift": "postcards" })).await;
    assert_eq!((claim.status, &claim.body["state"]), (201, &json!("held")));
    let voucher = claim.body["id"].as_str().unwrap();
    let same = ana.post("/v1/me/claims", json!({ "gift": "postcards" })).await;
    assert_eq!((same.status, same.body["id"].as_str()), (200, Some(voucher)));

    let wang = app.volunteer("王阿姨", "market-play").await;
    let lookup = wang.post("/v1/booth/lookups", json!({ "code": claim.body["voucher"] })).await;
    assert_eq!((lookup.status, &lookup.body["claims"][0]["can_redeem"]), (200, &json!(true)));
    let done = wang.redeem(&[voucher], "confirm-1").await;
    assert_eq!(done.body["results"][0]["redeemed"], json!(true));
    let lost = wang.redeem(&[voucher], "confirm-1").await;
    assert_eq!(lost.body, done.body, "the same nonce gets the same answer");

    app.at("2023-04-14T11:20");
    let li = app.volunteer("李叔叔", "opening").await;
    let twice = li.redeem(&[voucher], "confirm-2").await;
    let problem = &twice.body["results"][0]["problem"];
    assert_eq!(problem["code"], json!("already_redeemed"));
    assert_eq!(problem["done"]["at"], json!("2023-04-14T11:00:00+08:00"));
    assert_eq!(problem["done"]["by"], json!("王阿姨"));
    assert_eq!(problem["done"]["by_you"], json!(false));

    let id = done.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap();
    let void = json!({ "reason": "拿错了", "nonce": "undo-0001" });
    let other = li.post(&format!("/v1/booth/redemptions/{id}/void"), void.clone()).await;
    assert_eq!(other.refusal(), (403, "not_your_redemption"));
    app.at("2023-04-14T11:15");
    let undone = wang.post(&format!("/v1/booth/redemptions/{id}/void"), void).await;
    assert_eq!((undone.status, &undone.body["state"]), (200, &json!("held")));
    assert_eq!(wang.redeem(&[voucher], "confirm-1").await.body["results"][0]["problem"]["code"], json!("voided"));
    let next = li.redeem(&[voucher], "confirm-3").await;
    assert_ne!(next.body["results"][0]["claim"]["redemption"]["id"].as_str(), Some(id));

    let mine = ana.get("/v1/me").await;
    assert_eq!(mine.body["claims"][0]["state"], json!("redeemed"));
    let shift = wang.get("/v1/booth/summary").await;
    assert_eq!((&shift.body["gifts"][0]["redeemed"], &shift.body["gifts"][0]["voided"]), (&json!(1), &json!(1)));
    let now = app.anonymous().get("/v1/availability").await;
    assert_eq!((&now.body["stamps"], &now.body["passports"]), (&json!(3), &json!(1)));
}

fn gift_not_earned(problem: &Value) -> Value {
    json!([problem["code"], problem["have"], problem["need"]])
}
