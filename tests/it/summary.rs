//! Guards against wrong totals, and against alerts that are missing: a point without stamps for hours, an outdated
//! poster that causes refusals.

use std::time::Instant;

use carnival::actions::carnival::carnival_refresh;
use carnival::actions::prints::printed_codes::{self, Replaced};
use carnival::actions::statistics::hint_recording;
use reqwest::Method;
use serde_json::{Value, json};

use crate::servers::redis_server::RedisServer;
use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

async fn summary(organiser: &Client<'_>, query: &str) -> Value {
    let answer = organiser.get(&format!("/v1/organiser/summary{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

fn row<'a>(rows: &'a Value, key: &str, value: &str) -> &'a Value {
    rows.as_array().unwrap().iter().find(|row| row[key] == json!(value)).unwrap()
}

/// Two days: one resident on both, one on the second, one inked card; gifts at two booths.
async fn two_days(app: &TestApp) {
    app.at("2023-04-13T15:00");
    app.resident("ana").await.scan("space-1").await;
    app.at("2023-04-14T10:00");
    let (ana, bo) = (app.resident("ana").await, app.resident("bo").await);
    ana.scan("space-2").await;
    ana.scan("space-3").await;
    app.at("2023-04-14T11:30");
    bo.scan("space-1").await;
    bo.scan("space-1").await;
    let (wang, chen) = (app.volunteer("王阿姨", "market-play").await, app.organiser("陈社工").await);
    let card = app.paper_passports(1).await.remove(0);
    let ink = json!({ "passport": card, "points": ["space-1", "space-2", "space-3"], "nonce": "ink-00001" });
    wang.post("/v1/booth/check-ins", ink).await;
    let done = wang.redeem(&[&ana.claim("postcards").await], "confirm-1").await;
    assert_eq!(done.body["results"][0]["redeemed"], json!(true));
    let hand = json!({ "passport": card, "gift": "postcards", "nonce": "by-card-1" });
    assert_eq!(chen.post("/v1/booth/paper-redemptions", hand).await.status, 201);
    wang.put("/v1/booth/gifts/postcards/here", json!({ "available": false })).await;
    bo.scan("centre-1").await;
    hint_recording::flush(&app.app).await;
}

/// The parts that must be equal on every store.
async fn assert_totals(app: &TestApp) {
    two_days(app).await;
    let chen = app.organiser("周社工").await;
    let all = summary(&chen, "").await;
    assert_eq!(all["totals"], json!({ "stamps": 7, "people": 3, "claims": 1, "redeemed": 2, "voided": 0 }));
    let routes: Vec<Value> = all["routes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["route"], one["stamps"], one["people"], one["points"].as_array().unwrap().len()]))
        .collect();
    assert_eq!(
        json!(routes),
        json!([["play", 7, 3, 7], ["active", 0, 0, 6], ["street-life", 0, 0, 7]]),
        "entries with zero too"
    );
    let points: Vec<&Value> = all["routes"][0]["points"].as_array().unwrap().iter().map(|one| &one["stamps"]).collect();
    assert_eq!(json!(points), json!([3, 2, 2, 0, 0, 0, 0]));
    let days = all["days"].as_array().unwrap();
    assert_eq!(days.len(), 18);
    assert_eq!(
        days[0],
        json!({ "day": "2023-04-13", "stamps": 1, "people": 1, "claims": 0, "redeemed": 0, "voided": 0 })
    );
    assert_eq!(
        days[1],
        json!({ "day": "2023-04-14", "stamps": 6, "people": 3, "claims": 1, "redeemed": 2, "voided": 0 })
    );
    let hours = json!({ "day": "2023-04-14", "hours": [
        { "hour": "10:00", "stamps": 2, "people": 1 }, { "hour": "11:00", "stamps": 4, "people": 2 },
    ] });
    assert_eq!(all["hours"], hours);
    insta::allow_duplicates! { insta::assert_json_snapshot!(all["gifts"][0], @r#"
    {
      "claims": 1,
      "gift": "postcards",
      "gone_at": [
        {
          "booth": "market-play",
          "name": "时光音乐友邻荟兑换台"
        }
      ],
      "held": 0,
      "left": 498,
      "name": "路线明信片一套",
      "places": [
        {
          "place": {
            "booth": "opening",
            "name": "万科天荟广场兑换台"
          },
          "redeemed": 0,
          "voided": 0
        },
        {
          "place": {
            "booth": "market-play",
            "name": "时光音乐友邻荟兑换台"
          },
          "redeemed": 1,
          "voided": 0
        },
        {
          "place": {
            "booth": "market-active",
            "name": "乐享大运友邻荟兑换台"
          },
          "redeemed": 0,
          "voided": 0
        },
        {
          "place": {
            "booth": "market-street-life",
            "name": "烟火滨江友邻荟兑换台"
          },
          "redeemed": 0,
          "voided": 0
        },
        {
          "place": null,
          "redeemed": 1,
          "voided": 0
        }
      ],
      "redeemed": 2,
      "stock": 500
    }
    "#); }

    assert_filtered_totals(&chen, &all).await;
}

/// The same totals, filtered by day, route and point.
async fn assert_filtered_totals(chen: &Client<'_>, all: &Value) {
    let first = summary(chen, "?day=2023-04-13").await;
    assert_eq!((&first["totals"]["stamps"], &first["totals"]["people"]), (&json!(1), &json!(1)));
    assert_eq!(
        first["hours"],
        json!({ "day": "2023-04-13", "hours": [{ "hour": "15:00", "stamps": 1, "people": 1 }] })
    );
    assert_eq!((first["days"].as_array().unwrap().len(), &first["gifts"][0]["claims"]), (1, &json!(0)));
    let point = summary(chen, "?point=space-1&day=2023-04-14").await;
    assert_eq!((&point["totals"]["stamps"], &point["totals"]["people"]), (&json!(2), &json!(2)));
    assert_eq!(point["routes"].as_array().unwrap().len(), 1);
    let route = summary(chen, "?route=play").await;
    assert_eq!((&route["totals"]["people"], &route["hours"]["hours"][0]["people"]), (&json!(3), &Value::Null));
    let refused = row(&all["refusals"], "code", "route_not_this_week");
    assert_eq!(
        json!([refused["point"]["point"], refused["count"], refused["last_hour"]]),
        json!(["centre-1", 1, "2023-04-14T11:00:00+08:00"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_add_up_on_the_embedded_store() {
    assert_totals(&TestApp::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_add_up_on_redis() {
    let server = RedisServer::start();
    assert_totals(&TestApp::start_on_redis(&server).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_listed_by_point_and_reason_with_an_alert_for_outdated_posters() {
    let app = TestApp::start().await;
    let (chen, ana) = (app.organiser("陈社工").await, app.resident("ana").await);
    let old = app.printed_code("space-2");
    printed_codes::reissue(&app.app, &"space-2".parse().unwrap(), Replaced::Leaked(&app.printed_code("space-2")))
        .await
        .unwrap();
    carnival_refresh::refresh(&app.app).await.unwrap();
    for _ in 0..2 {
        ana.post("/v1/check-ins", json!({ "code": old })).await;
    }
    for _ in 0..3 {
        ana.scan("centre-1").await;
        ana.post("/v1/check-ins", json!({ "code": "nonsense" })).await;
    }
    let card = app.paper_passports(1).await.remove(0);
    let serial = ana.post("/v1/me/companions", json!({ "passport": card })).await.body["serial"].clone();
    ana.post("/v1/check-ins", json!({ "code": old, "for": ["me", serial] })).await;
    ana.post("/v1/me/claims", json!({ "gift": "postcards" })).await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    wang.redeem(&["014738295", "014738296"], "confirm-1").await;
    wang.post("/v1/booth/lookups", json!({ "code": "014738295" })).await;
    let ink = json!({ "passport": card, "points": ["centre-1"], "nonce": "ink-00001" });
    assert_eq!(wang.post("/v1/booth/check-ins", ink).await.refusal(), (403, "route_not_begun"));
    hint_recording::flush(&app.app).await;
    let alerts_of = |body: &Value| -> Vec<String> {
        let line = |row: &Value| {
            format!("{} {} {} {} {}", row["point"]["point"], row["code"], row["count"], row["today"], row["note"])
        };
        body["refusals"].as_array().unwrap().iter().map(line).collect()
    };
    insta::assert_snapshot!(alerts_of(&summary(&chen, "").await).join("\n"), @r#"
    "space-2" "code_replaced" 4 4 "“社区美空间·第2站”的旧海报还挂着，请取下。"
    null "code_unknown" 3 3 null
    null "voucher_unknown" 3 3 null
    "centre-1" "route_not_this_week" 3 3 null
    null "gift_not_earned" 1 1 null
    "centre-1" "route_not_begun" 1 1 null
    "#);
    insta::assert_snapshot!(alerts_of(&summary(&chen, "?route=active&lang=en").await).join("\n"), @r#"
    "centre-1" "route_not_this_week" 3 3 null
    "centre-1" "route_not_begun" 1 1 null
    "#);
    insta::assert_snapshot!(alerts_of(&summary(&chen, "?point=space-2&lang=en").await).join("\n"), @r#"
    "space-2" "code_replaced" 4 4 "The old poster of “社区美空间·第2站” still hangs; take it down."
    "#);
    app.at("2023-04-15T10:00");
    let chen = app.organiser("陈社工").await;
    let next_day = summary(&chen, "?point=space-2").await;
    assert_eq!(
        (&next_day["refusals"][0]["count"], &next_day["refusals"][0]["today"], next_day["refusals"][0].get("note")),
        (&json!(4), &json!(0), None)
    );
    assert_eq!(summary(&chen, "?day=2023-04-15").await["refusals"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_point_without_stamps_raises_an_alert() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    let ana = app.resident("ana").await;
    ana.scan_first(5).await;
    hint_recording::flush(&app.app).await;
    let silent = async |query: &str| {
        let body = summary(&chen, query).await;
        body["silent"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["point"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    app.at("2023-04-14T10:30");
    assert_eq!(silent("").await, none, "one hour since the opening, not more");
    app.at("2023-04-14T10:31");
    assert_eq!(silent("").await, ["space-6", "space-7"]);
    insta::assert_json_snapshot!(summary(&chen, "?point=space-7").await["silent"], @r#"
    [
      {
        "minutes": 61,
        "name": "社区美空间·第7站",
        "never_stamped": true,
        "number": 7,
        "point": "space-7",
        "since": "2023-04-14T09:30:00+08:00"
      }
    ]
    "#);
    app.at("2023-04-14T11:05");
    app.resident("bo").await.scan("space-1").await;
    hint_recording::flush(&app.app).await;
    assert_eq!(silent("").await, ["space-2", "space-3", "space-4", "space-5", "space-6", "space-7"]);
    insta::assert_json_snapshot!(summary(&chen, "?point=space-2").await["silent"][0], @r#"
    {
      "minutes": 65,
      "name": "社区美空间·第2站",
      "never_stamped": false,
      "number": 2,
      "point": "space-2",
      "since": "2023-04-14T10:00:00+08:00"
    }
    "#);
    app.at("2023-04-14T18:30");
    assert_eq!(silent("").await, none, "closed");
    app.at("2023-04-15T09:45");
    let chen = app.organiser("陈社工").await;
    assert_eq!(summary(&chen, "").await["silent"], json!([]), "closed hours do not count");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_filters_are_refused() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    let refused = async |query: &str| {
        let answer = chen.get(&format!("/v1/organiser/summary?{query}")).await;
        (answer.status, answer.body["code"].as_str().unwrap_or("-").to_owned())
    };
    for (query, status, code) in [
        ("day=yesterday", 400, "bad_request"),
        ("day=2023-04-31", 400, "bad_request"),
        ("day=2023-04-14T10:00", 400, "bad_request"),
        ("dya=2023-04-14", 400, "bad_request"),
        ("day=2023-04-14&day=2023-04-15", 400, "bad_request"),
        ("day=2024-04-14", 404, "day_unknown"),
        ("day=2023-05-01", 404, "day_unknown"),
        ("route=north", 404, "route_unknown"),
        ("route=%E5%8C%97", 404, "route_unknown"),
        ("point=space-99", 404, "point_unknown"),
        ("route=active&point=space-1", 404, "point_unknown"),
    ] {
        assert_eq!(refused(query).await, (status, code.to_owned()), "{query}");
    }
    assert_eq!(
        app.volunteer("王阿姨", "market-play").await.get("/v1/organiser/summary").await.refusal(),
        (403, "not_your_role")
    );
    assert_eq!(app.anonymous().get("/v1/organiser/summary").await.refusal(), (401, "token_missing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_with_an_etag_gets_304_until_something_changes() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    let first = chen.get("/v1/organiser/summary").await;
    let (tag, now) = (first.header("etag").to_owned(), first.body["now"].clone());
    assert_eq!((&now, &first.body["version"]), (&json!("2023-04-14T10:00:00+08:00"), &json!(1)));
    let ask = async |tag: &str| {
        let request = chen.request(Method::GET, "/v1/organiser/summary").header("if-none-match", tag);
        Answer::of(request.send().await.unwrap()).await
    };
    app.at("2023-04-14T10:00:05");
    assert_eq!(ask(&tag).await.status, 304, "the time alone does not change the ETag");
    app.resident("ana").await.scan("space-1").await;
    let next = ask(&tag).await;
    assert_eq!((next.status, &next.body["totals"]["stamps"]), (200, &json!(1)));
    assert_ne!(next.header("etag"), tag);
    assert_eq!(next.header("cache-control"), "private, no-cache");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_is_cached_for_a_second() {
    let settings = Some((|settings| settings.http.summary_cache_ms = 60_000) as fn(&mut carnival::config::Settings));
    let app = TestApp::start_with(TestAppOptions { settings, ..TestAppOptions::default() }).await;
    let (chen, zhou) = (app.organiser("陈社工").await, app.organiser("周社工").await);
    assert_eq!(summary(&chen, "").await["totals"]["stamps"], json!(0));
    app.resident("ana").await.scan("space-1").await;
    let begun = Instant::now();
    for query in ["", "?route=play", "?point=space-1", "?day=2023-04-14"] {
        assert_eq!(summary(&zhou, query).await["totals"]["stamps"], json!(0), "{query}, before the cache");
    }
    assert!(begun.elapsed().as_secs() < 60, "within the cache's TTL");
}

#[tokio::test(flavor = "multi_thread")]
async fn buffered_hints_are_written_in_the_background() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    ana.scan("space-1").await;
    let begun = Instant::now();
    while app.app.store.hints().await.unwrap().last_stamped.is_empty() {
        assert!(begun.elapsed().as_secs() < 30, "the hints are not written every three seconds");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}
