//! Guards against a write that is dropped in silence because its nonce was used for another one.

use serde_json::{Value, json};

use crate::servers::redis_cluster::RedisCluster;
use crate::servers::redis_server::RedisServer;
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
async fn a_nonce_of_ink_stamps_belongs_to_their_content_on_the_embedded_store() {
    a_nonce_of_ink_stamps_belongs_to_their_content(&TestApp::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_of_ink_stamps_belongs_to_their_content_on_redis() {
    let server = RedisServer::start();
    a_nonce_of_ink_stamps_belongs_to_their_content(&TestApp::start_on_redis(&server).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_of_ink_stamps_belongs_to_their_content_on_a_redis_cluster() {
    let cluster = RedisCluster::start();
    a_nonce_of_ink_stamps_belongs_to_their_content(&TestApp::start_on_nodes(cluster.urls(), true).await).await;
}

async fn a_nonce_of_ink_stamps_belongs_to_their_content(app: &TestApp) {
    let li = app.organiser("李老师").await;
    li.post("/v1/organiser/points/space-7/closure", json!({ "reason": "因雨" })).await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let card = &app.paper_passports(1).await[0];
    let record = async |mut body: Value| {
        body["passport"] = json!(card);
        wang.post("/v1/booth/check-ins", body).await
    };
    let ink = async |points: Value, nonce: &str| record(json!({ "points": points, "nonce": nonce })).await;
    let first = ink(json!(["space-1", "space-2"]), "ink-00001").await;
    assert_eq!(ink(json!(["space-1", "space-2"]), "ink-00001").await.body, first.body, "a retry");
    for points in [json!(["space-2", "space-3"]), json!(["space-1"]), json!(["space-1", "space-2", "space-3"])] {
        assert_eq!(ink(points.clone(), "ink-00001").await.refusal(), (409, "nonce_reused"), "{points}");
    }
    for (name, value) in [("day", json!("2023-04-14")), ("rain", json!(true))] {
        let mut other = json!({ "points": ["space-1", "space-2"], "nonce": "ink-00001" });
        other[name] = value;
        assert_eq!(record(other).await.refusal(), (409, "nonce_reused"), "{name}");
    }
    let wet = json!({ "points": ["space-7"], "day": "2023-04-14", "rain": true, "nonce": "ink-rain1" });
    let first = record(wet.clone()).await;
    assert_eq!((first.status, &first.body["results"][0]["rain"]), (200, &json!(true)), "{first:?}");
    assert_eq!(record(wet.clone()).await.body, first.body, "a retry");
    for (name, value) in [("day", Value::Null), ("day", json!("2023-04-13")), ("rain", json!(false))] {
        let mut other = wet.clone();
        other[name] = value;
        assert_eq!(record(other).await.refusal(), (409, "nonce_reused"), "{name}");
    }
    assert_eq!(ink(json!(["space-3"]), "ink-00002").await.status, 200);
    // A late retry does not stamp again what was undone since.
    let undo = json!({ "passport": card, "point": "space-3", "reason": "看错了", "nonce": "undo-0001" });
    assert_eq!(wang.post("/v1/booth/check-ins/undo", undo).await.status, 200);
    assert_eq!(ink(json!(["space-3"]), "ink-00002").await.refusal(), (409, "nonce_reused"));
    assert_eq!(ink(json!(["space-3"]), "ink-00003").await.body["passport"]["stamps"].as_array().unwrap().len(), 4);
}
