//! Guards against gifts for visits that did not happen, and against residents who are locked out automatically.

use carnival::actions::statistics::hint_recording;
use serde_json::{Value, json};

use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

/// The sample carnival with its first and second points two kilometres apart.
async fn start_with_distant_points() -> TestApp {
    let place = |number: u32, longitude: f64| {
        (
            format!("number = {number}\n"),
            format!("number = {number}\nlocation = {{ latitude = 30.66, longitude = {longitude} }}\n"),
        )
    };
    let mut carnival = include_str!("../../config/carnival-2023.toml").to_owned();
    for (from, to) in [place(1, 104.10), place(2, 104.12)] {
        carnival = carnival.replacen(&from, &to, 1);
    }
    // Resolutions are visible at once, independent of the cache's TTL.
    let settings = Some((|settings| settings.http.summary_cache_ms = 60_000) as fn(&mut carnival::config::Settings));
    TestApp::start_with(TestAppOptions { carnival: Some(carnival), settings, ..TestAppOptions::default() }).await
}

/// A resident with stamps at two distant points within a minute, who has earned the postcards.
async fn resident_in_two_places<'a>(app: &'a TestApp, name: &str) -> Client<'a> {
    let ana = app.resident(name).await;
    ana.scan("space-1").await;
    app.at("2023-04-14T10:01");
    ana.scan("space-2").await;
    ana.scan("space-3").await;
    hint_recording::flush(&app.app).await;
    ana
}

async fn suspicions(organiser: &Client<'_>) -> Value {
    organiser.get("/v1/organiser/summary").await.body["suspicions"].clone()
}

async fn resolve(organiser: &Client<'_>, id: &str, action: &str) -> Answer {
    organiser.put(&format!("/v1/organiser/suspicions/{id}"), json!({ "action": action })).await
}

fn outcome(answer: &Answer) -> (u16, &str, bool) {
    let result = &answer.body["results"][0];
    (answer.status, result["problem"]["code"].as_str().unwrap_or("-"), result["redeemed"] == json!(true))
}

#[tokio::test(flavor = "multi_thread")]
async fn distant_stamps_in_a_short_time_are_listed_with_the_possible_actions() {
    let app = start_with_distant_points().await;
    let chen = app.organiser("陈社工").await;
    resident_in_two_places(&app, "ana").await;
    let listed = suspicions(&chen).await;
    insta::with_settings!({ filters => vec![(r"[0-9A-Z]{13}-2", "[passport]-2")] }, {
        insta::assert_json_snapshot!(listed, @r#"
        {
          "count": 1,
          "newest": [
            {
              "actions": [
                "seen",
                "hold"
              ],
              "done": null,
              "from": {
                "at": "2023-04-14T10:00:00+08:00",
                "name": "社区美空间·第1站",
                "number": 1,
                "point": "space-1"
              },
              "id": "[passport]-2",
              "link": "/v1/organiser/suspicions/[passport]-2",
              "metres": 1913,
              "to": {
                "at": "2023-04-14T10:01:00+08:00",
                "name": "社区美空间·第2站",
                "number": 2,
                "point": "space-2"
              },
              "took_s": 60,
              "waiting": false,
              "walk_minutes": 24
            }
          ],
          "waiting": 0
        }
        "#);
    });
    // Filtered by one of its points, by another route, by another day.
    for (query, count) in
        [("point=space-2", 1), ("point=space-5", 0), ("route=active", 0), ("day=2023-04-14", 1), ("day=2023-04-15", 0)]
    {
        let some = chen.get(&format!("/v1/organiser/summary?{query}")).await;
        assert_eq!(some.body["suspicions"]["count"], json!(count), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_passport_gets_no_gifts_but_still_gets_stamps() {
    let app = start_with_distant_points().await;
    let (chen, wang) = (app.organiser("陈社工").await, app.volunteer("王阿姨", "market-play").await);
    let ana = resident_in_two_places(&app, "ana").await;
    let id = suspicions(&chen).await["newest"][0]["id"].as_str().unwrap().to_owned();
    let held = resolve(&chen, &id, "hold").await;
    assert_eq!((held.status, &held.body["waiting"], &held.body["done"]["what"]), (200, &json!(true), &json!("held")));
    assert_eq!(held.body["actions"], json!(["release"]));
    let listed = suspicions(&chen).await;
    assert_eq!((&listed["waiting"], &listed["newest"][0]), (&json!(1), &held.body));
    assert_eq!(resolve(&chen, &id, "hold").await.body, held.body, "a repeat changes nothing");

    assert_eq!(ana.scan("space-4").await.status, 201, "check-ins still succeed");
    let voucher = ana.claim("postcards").await;
    let lookup = wang.post("/v1/booth/lookups", json!({ "code": voucher })).await;
    assert_eq!(lookup.body["claims"][0]["problem"]["code"], json!("talk_needed"));
    let refused = wang.redeem(&[&voucher], "confirm-1").await;
    assert_answer_snapshot!(&refused.body["results"][0]["problem"], @r#"
    {
      "code": "talk_needed",
      "detail": "这本集章卡要先请负责人看一下，请带居民到服务台。",
      "remedy": "show",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:carnival:problem:talk_needed"
    }
    "#);
    let own = ana.get("/v1/me/code").await.body["code"].as_str().unwrap().to_owned();
    let by_code = json!({ "passport": own, "gift": "postcards", "nonce": "by-code-1" });
    assert_eq!(wang.post("/v1/booth/paper-redemptions", by_code.clone()).await.refusal(), (403, "talk_needed"));

    let released = resolve(&chen, &id, "release").await;
    assert_eq!((&released.body["waiting"], &released.body["actions"]), (&json!(false), &json!(["hold"])));
    assert_eq!(outcome(&wang.redeem(&[&voucher], "confirm-2").await), (200, "-", true));
    // A redeemed gift stays redeemed, also while the passport is held again.
    resolve(&chen, &id, "hold").await;
    assert_eq!(outcome(&wang.redeem(&[&voucher], "confirm-2").await), (200, "-", true), "a repeat of the same write");
    assert_eq!(outcome(&wang.redeem(&[&voucher], "confirm-3").await), (200, "already_redeemed", false));
    let lookup = wang.post("/v1/booth/lookups", json!({ "code": voucher })).await;
    assert_eq!(lookup.body["claims"][0]["problem"]["code"], json!("already_redeemed"));
    assert_eq!(wang.post("/v1/booth/paper-redemptions", by_code).await.refusal(), (409, "already_redeemed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dismissed_suspicion_holds_nothing() {
    let app = start_with_distant_points().await;
    let (chen, wang) = (app.organiser("陈社工").await, app.volunteer("王阿姨", "market-play").await);
    let ana = resident_in_two_places(&app, "ana").await;
    let id = suspicions(&chen).await["newest"][0]["id"].as_str().unwrap().to_owned();
    let seen = resolve(&chen, &id, "seen").await;
    assert_eq!(seen.body["done"], json!({ "what": "seen", "by": "陈社工", "at": "2023-04-14T10:01:00+08:00" }));
    assert_eq!(seen.body["actions"], json!(["hold"]));
    assert_eq!(outcome(&wang.redeem(&[&ana.claim("postcards").await], "confirm-1").await), (200, "-", true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_passport_is_held_too() {
    let app = start_with_distant_points().await;
    let (chen, wang) = (app.organiser("陈社工").await, app.volunteer("王阿姨", "market-play").await);
    let card = app.paper_passports(1).await.remove(0);
    let ana = app.resident("ana").await;
    let serial = ana.post("/v1/me/companions", json!({ "passport": card })).await.body["serial"].clone();
    for point in ["space-1", "space-2", "space-3"] {
        let both = json!({ "code": app.printed_code(point), "for": ["me", serial] });
        assert_eq!(ana.post("/v1/check-ins", both).await.status, 201);
    }
    hint_recording::flush(&app.app).await;
    let listed = suspicions(&chen).await;
    assert_eq!(listed["count"], json!(2), "the resident's and the card's");
    for one in listed["newest"].as_array().unwrap() {
        resolve(&chen, one["id"].as_str().unwrap(), "hold").await;
    }
    assert_eq!(suspicions(&chen).await["waiting"], json!(2));
    let hand = json!({ "passport": card, "gift": "postcards", "nonce": "by-card-1" });
    assert_eq!(wang.post("/v1/booth/paper-redemptions", hand).await.refusal(), (403, "talk_needed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_suspicion_cannot_be_resolved() {
    let app = start_with_distant_points().await;
    let chen = app.organiser("陈社工").await;
    for id in ["7N3ZK0V7T1M5X-2", "nonsense", "7N3ZK0V7T1M5X-0"] {
        assert_eq!(resolve(&chen, id, "hold").await.refusal(), (404, "suspicion_unknown"), "{id}");
    }
    assert_eq!(resolve(&chen, "7N3ZK0V7T1M5X-2", "ban").await.refusal(), (400, "bad_request"));
    let wang = app.volunteer("王阿姨", "market-play").await;
    assert_eq!(resolve(&wang, "7N3ZK0V7T1M5X-2", "hold").await.refusal(), (403, "not_your_role"));
}

#[tokio::test(flavor = "multi_thread")]
async fn plausible_speeds_and_ink_raise_no_suspicion() {
    let app = start_with_distant_points().await;
    let chen = app.organiser("陈社工").await;
    let ana = app.resident("ana").await;
    ana.scan("space-1").await;
    app.at("2023-04-14T10:05");
    ana.scan("space-2").await;
    hint_recording::flush(&app.app).await;
    assert_eq!(suspicions(&chen).await["count"], json!(0), "two kilometres in five minutes");
}

/// Suspicions are stored some seconds later, and would then name the passport of somebody who was erased meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_suspicion_that_is_not_stored_yet_is_discarded_with_the_passport() {
    let app = start_with_distant_points().await;
    let chen = app.organiser("陈社工").await;
    let ana = app.resident("ana").await;
    ana.scan("space-1").await;
    app.at("2023-04-14T10:01");
    ana.scan("space-2").await;
    assert_eq!(ana.delete("/v1/me").await.status, 200);
    hint_recording::flush(&app.app).await;
    assert_eq!(suspicions(&chen).await["count"], 0);
}
