//! Guards against a write that is dropped in silence because its nonce was used for another one.

use serde_json::{Value, json};

use crate::test_app::{Answer, Client, TestApp};

async fn stock(who: &Client<'_>, change: i64, reason: &str, nonce: &str) -> Answer {
    let body = json!({ "change": change, "reason": reason, "nonce": nonce });
    who.put("/v1/organiser/gifts/postcards/stock", body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_of_stock_belongs_to_its_session_and_its_content() {
    let app = TestApp::start().await;
    let (chen, li) = (app.organiser("陈社工").await, app.organiser("李老师").await);
    assert_eq!(stock(&chen, 50, "delivered", "delivery-1").await.body["stock"], json!(550));
    assert_eq!(stock(&li, 70, "delivered", "delivery-1").await.body["stock"], json!(620), "another person's write");
    assert_eq!(stock(&chen, 50, "delivered", "delivery-1").await.body["stock"], json!(620), "a retry");
    for (change, reason) in [(70, "delivered"), (-5, "damaged"), (50, "correction")] {
        let reused = stock(&chen, change, reason, "delivery-1").await;
        assert_eq!(reused.refusal(), (409, "nonce_reused"), "{change} {reason}");
    }
    assert_eq!(stock(&chen, 1, "correction", "delivery-2").await.body["stock"], json!(621));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_of_ink_stamps_belongs_to_their_points() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let card = &app.paper_passports(1).await[0];
    let ink = async |points: Value, nonce: &str| {
        let body = json!({ "passport": card, "points": points, "nonce": nonce });
        wang.post("/v1/booth/check-ins", body).await
    };
    let first = ink(json!(["space-1", "space-2"]), "ink-00001").await;
    assert_eq!(ink(json!(["space-1", "space-2"]), "ink-00001").await.body, first.body, "a retry");
    assert_eq!(ink(json!(["space-2", "space-3"]), "ink-00001").await.refusal(), (409, "nonce_reused"));
    assert_eq!(ink(json!(["space-3"]), "ink-00002").await.status, 200);
    // A late retry does not stamp again what was undone since.
    let undo = json!({ "passport": card, "point": "space-3", "reason": "看错了", "nonce": "undo-0001" });
    assert_eq!(wang.post("/v1/booth/check-ins/undo", undo).await.status, 200);
    assert_eq!(ink(json!(["space-3"]), "ink-00002").await.refusal(), (409, "nonce_reused"));
    assert_eq!(ink(json!(["space-3"]), "ink-00003").await.body["passport"]["stamps"].as_array().unwrap().len(), 3);
}
