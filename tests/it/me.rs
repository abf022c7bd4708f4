//! Guards against a resident who sees another passport, an outdated one, or a wrong number of gifts left.

use serde_json::{Value, json};

use crate::small_carnival;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_is_complete_before_and_after_the_first_stamp() {
    let app = small_carnival::start().await;
    let ana = app.resident("ana").await;
    insta::assert_json_snapshot!(ana.get("/v1/me").await.status_and_body(), @r##"
    {
      "body": {
        "claims": [],
        "companions": [],
        "now": "2023-04-14T10:00:00+08:00",
        "passport": {
          "gifts": [
            {
              "earned": false,
              "gift": "last",
              "have": 0,
              "name": "最后一件",
              "need": 1
            },
            {
              "earned": false,
              "gift": "pin",
              "have": 0,
              "name": "徽章",
              "need": 1
            },
            {
              "earned": false,
              "gift": "shut",
              "have": 0,
              "name": "停发礼",
              "need": 1
            },
            {
              "earned": false,
              "gift": "early",
              "have": 0,
              "name": "早鸟礼",
              "need": 1
            }
          ],
          "routes": [
            {
              "complete": false,
              "name": "散步",
              "needed": 3,
              "relieved": [],
              "route": "walk",
              "stamped": 0
            }
          ],
          "stamps": []
        }
      },
      "status": 200
    }
    "##);
    let card = app.paper_passports(1).await.remove(0);
    let serial = ana.post("/v1/me/companions", json!({ "passport": card })).await.body["serial"].clone();
    ana.post("/v1/check-ins", json!({ "code": app.printed_code("pond"), "for": ["me", serial] })).await;
    let id = ana.claim("pin").await;
    let me = ana.get("/v1/me").await.body;
    assert_eq!(me["passport"], ana.get("/v1/me/passport").await.body);
    assert_eq!((&me["claims"][0]["id"], &me["claims"][0]["state"]), (&json!(id), &json!("held")));
    assert_eq!((&me["companions"][0]["serial"], me["companions"].as_array().unwrap().len()), (&serial, 1));
    assert_eq!(me["companions"][0]["passport"]["stamps"], me["passport"]["stamps"]);

    let bo = app.resident("bo").await.get("/v1/me").await.body;
    assert_eq!((&bo["passport"]["stamps"], &bo["claims"], &bo["companions"]), (&json!([]), &json!([]), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_residents_own_code_is_valid_for_five_minutes() {
    let app = small_carnival::start().await;
    let ana = app.resident("ana").await;
    let own = ana.get("/v1/me/code").await.body;
    assert_eq!(own["expires_at"], json!("2023-04-14T10:05:00+08:00"));
    let wang = app.volunteer("王阿姨", "tent").await;
    let lookup = json!({ "code": own["code"] });
    app.at("2023-04-14T10:04:59.999");
    assert_eq!(wang.post("/v1/booth/lookups", lookup.clone()).await.status, 200);
    app.at("2023-04-14T10:05");
    assert_eq!(wang.post("/v1/booth/lookups", lookup).await.refusal(), (410, "own_code_too_old"));
}

#[tokio::test(flavor = "multi_thread")]
async fn availability_counts_gifts_and_lists_open_points() {
    let app = small_carnival::start().await;
    let bo = app.resident("bo").await;
    bo.scan("pond").await;
    bo.scan("hall").await;
    bo.claim("pin").await;
    insta::assert_json_snapshot!(app.anonymous().get("/v1/availability").await.status_and_body(), @r##"
    {
      "body": {
        "gifts": [
          {
            "gift": "last",
            "gone_at": [],
            "left": 1
          },
          {
            "gift": "pin",
            "gone_at": [],
            "left": 8
          },
          {
            "gift": "shut",
            "gone_at": [],
            "left": 0
          },
          {
            "gift": "early",
            "gone_at": [],
            "left": 9
          }
        ],
        "now": "2023-04-14T10:00:00+08:00",
        "passports": 1,
        "points": [
          {
            "open": true,
            "point": "gate",
            "rain_stamp": false,
            "stamps": 0
          },
          {
            "open": true,
            "point": "hall",
            "rain_stamp": false,
            "stamps": 1
          },
          {
            "open": true,
            "point": "pond",
            "rain_stamp": false,
            "stamps": 1
          }
        ],
        "stamps": 2,
        "version": 1
      },
      "status": 200
    }
    "##);

    let open = async || -> Value {
        let points = app.anonymous().get("/v1/availability").await.body["points"].clone();
        points.as_array().unwrap().iter().map(|point| point["open"].clone()).collect()
    };
    app.at("2023-04-14T18:05:59");
    assert_eq!(open().await, json!([true, true, true]));
    app.at("2023-04-14T18:06");
    assert_eq!(open().await, json!([false, false, false]));
    app.at("2023-04-15T09:00");
    let rain = small_carnival::TOML.replace("name = \"大厅\"", "name = \"大厅\"\nclosed = \"下雨\"");
    small_carnival::publish(&app, &rain).await;
    assert_eq!(open().await, json!([true, false, true]));
    assert_eq!(app.anonymous().get("/v1/availability").await.body["version"], json!(2));
}
