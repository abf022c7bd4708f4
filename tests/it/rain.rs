//! Guards against rain that costs people their gifts, or that a slip of the finger costs them.

use std::sync::Arc;

use carnival::actions::carnival::carnival_refresh::refresh;
use carnival::store::Store;
use carnival::store::redis::{RedisStore, Settings};
use serde_json::{Value, json};

use crate::publication::put;
use crate::servers::redis_server::RedisServer;
use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

const CLOSURE: &str = "/v1/organiser/points/space-7/closure";

fn rain() -> Value {
    json!({ "reason": "因雨" })
}

async fn on_redis(server: &RedisServer) -> TestApp {
    let settings = Settings { urls: vec![server.url()], shards: 4, ..Settings::default() };
    let store: Arc<dyn Store> = Arc::new(RedisStore::open(&settings).await.unwrap().0);
    TestApp::start_with(TestAppOptions { store: Some(store), ..TestAppOptions::default() }).await
}

/// Stamps needed for route `play`, points relieved of, and whether its gift is earned.
async fn play(resident: &Client<'_>) -> Value {
    let me = resident.get("/v1/me").await.body;
    let route = &me["passport"]["routes"][0];
    let gift = me["passport"]["gifts"].as_array().unwrap().iter().find(|gift| gift["gift"] == "play-gift").unwrap();
    json!([route["needed"], route["relieved"], gift["earned"]])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_downpour_at_three_on_the_embedded_store() {
    downpour(&TestApp::start().await, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_downpour_at_three_on_redis_with_a_second_server() {
    let redis = RedisServer::start();
    let (app, other) = (on_redis(&redis).await, on_redis(&redis).await);
    downpour(&app, Some(&other)).await;
}

/// A family comes at ten, another one at four. The seventh point closes at three.
async fn downpour(app: &TestApp, other: Option<&TestApp>) {
    let morning = app.resident("morning").await;
    for point in 1..=6 {
        assert_eq!(morning.scan(&format!("space-{point}")).await.status, 201);
    }
    app.at("2023-04-14T15:00");
    let li = app.organiser("李老师").await;
    let closed = li.post(CLOSURE, json!({ "reason": "因雨", "notice": "今天下雨，第7站不开放。" })).await;
    insta::allow_duplicates! {
        insta::assert_json_snapshot!(closed.status_and_body(), @r##"
        {
          "body": {
            "announcement": {
              "en": "“社区美空间·第7站” is closed today: 因雨. With a stamp of the route “‘玩’美社区” today, before or after, you need not visit it. If you are there already, scan its poster for a rain stamp. All stamps count.",
              "zh": "今天“社区美空间·第7站”暂停打卡：因雨。今天在“‘玩’美社区”路线盖过章的，不论先后，都免这一站。已经到门口的，扫海报盖雨天章。已盖的章都算数。"
            },
            "at": "2023-04-14T15:00:00+08:00",
            "by": "李老师",
            "changed": true,
            "dry_run": false,
            "impact": {
              "gifts": [
                {
                  "gift": "postcards",
                  "held": 0,
                  "name": "路线明信片一套",
                  "needed": 3,
                  "needed_before": 3
                },
                {
                  "gift": "play-gift",
                  "held": 0,
                  "name": "“玩”美社区集章礼",
                  "needed": 6,
                  "needed_before": 7
                }
              ],
              "needed": 6,
              "needed_before": 7,
              "relieved_from": "2023-04-14T15:15:00+08:00",
              "stamped": 0,
              "walked": 1
            },
            "notes": [],
            "routes": [
              {
                "asks": 7,
                "name": "“玩”美社区",
                "of": 7,
                "route": "play"
              }
            ],
            "says": "已发布第 2 版。“社区美空间·第7站”今天关闭：因雨。今天在“‘玩’美社区”路线盖过章的人，不论先后（到现在 1 人），从15:15起免这一站：集齐要 6 个章（原来 7 个），免了不再收回。在这以前重新开放，就什么也不变。礼物也跟着变：“‘玩’美社区集章礼”要 6 个章（原来 7 个）。已经到门口的人，扫这一站的码，盖雨天章。",
            "version": 2
          },
          "status": 200
        }
        "##);
    }
    assert_eq!(play(&morning).await, json!([7, [], false]), "not at once");
    let availability = app.anonymous().get("/v1/availability").await.body;
    let point = &availability["points"][6];
    assert_eq!((&point["open"], &point["rain_stamp"]), (&json!(false), &json!(true)));

    app.at("2023-04-14T15:15");
    assert_eq!(play(&morning).await, json!([6, ["space-7"], true]));
    morning.claim("play-gift").await;
    if let Some(other) = other {
        other.at("2023-04-14T15:15");
        refresh(&other.app).await.unwrap();
        assert_eq!(play(&other.resident("morning").await).await, json!([6, ["space-7"], true]));
    }
    app.at("2023-04-14T16:00");
    let afternoon = app.resident("afternoon").await;
    assert_eq!(play(&afternoon).await, json!([7, [], false]), "not on the route today");
    let wet = afternoon.scan("space-7").await;
    assert_eq!((wet.status, &wet.body["stamp"]["rain"]), (201, &json!(true)));
    assert_eq!(play(&afternoon).await, json!([7, [], false]), "its stamp is a rain stamp");
    let third = app.resident("third").await;
    third.scan("space-1").await;
    assert_eq!(play(&third).await, json!([6, ["space-7"], false]), "after the closure");

    // The next morning: nothing is taken back, and nothing is left of the notice.
    app.at("2023-04-15T10:00");
    assert_eq!(app.anonymous().get("/v1/carnival").await.body["notice"], Value::Null);
    let (morning, third) = (app.resident("morning").await, app.resident("third").await);
    assert_eq!(play(&morning).await, json!([6, ["space-7"], true]));
    for point in 2..=6 {
        third.scan(&format!("space-{point}")).await;
    }
    assert_eq!(play(&third).await, json!([6, ["space-7"], true]));
    let newcomer = app.resident("newcomer").await;
    newcomer.scan("space-1").await;
    assert_eq!(play(&newcomer).await, json!([7, [], false]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_closed_by_a_slip_costs_nobody_anything() {
    let app = TestApp::start().await;
    let (ana, li) = (app.resident("ana").await, app.organiser("李老师").await);
    ana.scan("space-1").await;
    for body in [rain(), json!({ "reason": "因雨", "until_further_notice": true })] {
        assert_eq!(li.post(CLOSURE, body).await.status, 200);
        app.at("2023-04-14T10:00:01");
        let open = li.delete(CLOSURE).await;
        let says = open.body["says"].as_str().unwrap();
        assert!(says.ends_with("“社区美空间·第7站”重新开放。没有关满15分钟，谁的要求都没有变。"), "{says}");
        app.at("2023-04-14T10:00");
    }
    // A reopening says which later closures it cancels.
    for day in ["2023-04-15", "2023-04-16"] {
        assert_eq!(li.post(CLOSURE, json!({ "day": day, "reason": "因雨", "relief": true })).await.status, 200);
    }
    let open = li.delete(CLOSURE).await;
    let says = open.body["says"].as_str().unwrap();
    assert!(says.contains("原定4月15日和4月16日的关闭也一起取消了。"), "{says}");
    app.at("2023-04-14T18:00");
    assert_eq!(play(&ana).await, json!([7, [], false]));
    let file = app.organiser("李老师").await.get("/v1/organiser/carnival").await;
    assert!(!file.body.as_str().unwrap().contains("\ncomplete_with"), "nothing of it is in the file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let app = TestApp::start().await;
    let (ana, li) = (app.resident("ana").await, app.organiser("李老师").await);
    ana.scan_first(3).await;
    ana.claim("postcards").await;
    app.at("2023-04-14T15:00");
    let tried = li.post(&format!("{CLOSURE}?dry_run=true"), rain()).await;
    insta::assert_json_snapshot!(tried.status_and_body(), @r##"
    {
      "body": {
        "announcement": {
          "en": "“社区美空间·第7站” is closed today: 因雨. With a stamp of the route “‘玩’美社区” today, before or after, you need not visit it. If you are there already, scan its poster for a rain stamp. All stamps count.",
          "zh": "今天“社区美空间·第7站”暂停打卡：因雨。今天在“‘玩’美社区”路线盖过章的，不论先后，都免这一站。已经到门口的，扫海报盖雨天章。已盖的章都算数。"
        },
        "at": "1970-01-01T08:00:00+08:00",
        "by": "carnival file",
        "changed": true,
        "dry_run": true,
        "impact": {
          "gifts": [
            {
              "gift": "postcards",
              "held": 1,
              "name": "路线明信片一套",
              "needed": 3,
              "needed_before": 3
            },
            {
              "gift": "play-gift",
              "held": 0,
              "name": "“玩”美社区集章礼",
              "needed": 6,
              "needed_before": 7
            }
          ],
          "needed": 6,
          "needed_before": 7,
          "relieved_from": "2023-04-14T15:15:00+08:00",
          "stamped": 0,
          "walked": 1
        },
        "notes": [],
        "routes": [
          {
            "asks": 7,
            "name": "“玩”美社区",
            "of": 7,
            "route": "play"
          }
        ],
        "says": "只是先看看，还没有改。改了以后：“社区美空间·第7站”今天关闭：因雨。今天在“‘玩’美社区”路线盖过章的人，不论先后（到现在 1 人），从15:15起免这一站：集齐要 6 个章（原来 7 个），免了不再收回。在这以前重新开放，就什么也不变。礼物也跟着变：“‘玩’美社区集章礼”要 6 个章（原来 7 个）。已留好的 1 份礼物照样能领。已经到门口的人，扫这一站的码，盖雨天章。",
        "version": 1
      },
      "status": 200
    }
    "##);
    assert_eq!(app.anonymous().get("/v1/carnival").await.body["version"], 1);
    assert!(app.app.current().relief_periods.is_empty());
    // Closing does what it said, and again says so.
    let closed = li.post(CLOSURE, rain()).await;
    assert_eq!(
        (&closed.body["impact"], &closed.body["announcement"]),
        (&tried.body["impact"], &tried.body["announcement"])
    );
    let english = li.post(&format!("{CLOSURE}?lang=en"), rain()).await;
    assert_eq!(english.body["changed"], false);
    insta::assert_snapshot!(english.body["says"].as_str().unwrap(), @"Nothing has changed; version 2 stays published. “社区美空间·第7站” is closed today: 因雨. Everybody with a stamp of the route “‘玩’美社区” today, before or after (1 so far), need not visit it from 15:15 on: the route takes 6 stamps. This is never taken back. If it reopens before, nothing changes. Gifts that are held (1) can still be picked up. People who are there already scan its code and get a rain stamp.");
    let tried = li.delete(&format!("{CLOSURE}?dry_run=true")).await;
    assert_eq!((&tried.body["dry_run"], &tried.body["changed"]), (&json!(true), &json!(true)));
    assert_eq!(app.anonymous().get("/v1/carnival").await.body["version"], 2);
    assert_eq!(li.delete(&format!("{CLOSURE}?dryrun=1")).await.refusal(), (400, "bad_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dangerous_point_gives_no_stamps() {
    let app = TestApp::start().await;
    let (ana, li) = (app.resident("ana").await, app.organiser("李老师").await);
    let danger = json!({ "reason": "线路故障，有触电危险", "keep_away": true });
    let closed = li.post(CLOSURE, danger).await;
    insta::assert_snapshot!(closed.body["announcement"]["zh"].as_str().unwrap(), @"今天“社区美空间·第7站”暂停打卡：线路故障，有触电危险。今天在“‘玩’美社区”路线盖过章的，不论先后，都免这一站。请不要过去，注意安全。已盖的章都算数。");
    assert_eq!(ana.scan("space-7").await.refusal(), (403, "point_closed"));
    let point = &app.anonymous().get("/v1/availability").await.body["points"][6];
    assert_eq!((&point["open"], &point["rain_stamp"]), (&json!(false), &json!(false)));
    // Without relief, a closed point gives no stamps either.
    let other = "/v1/organiser/points/space-6/closure";
    li.post(other, json!({ "reason": "停电", "relief": false })).await;
    assert_eq!(ana.scan("space-6").await.refusal(), (403, "point_closed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ink_of_the_day_may_be_a_rain_stamp() {
    let app = TestApp::start().await;
    let li = app.organiser("李老师").await;
    li.post(CLOSURE, rain()).await;
    app.at("2023-04-16T11:00");
    let wang = app.volunteer("王阿姨", "market-play").await;
    let card = app.paper_passports(1).await.remove(0);
    let ink = async |points: Value, day: &str, rain: bool, nonce: &str| -> Answer {
        let body = json!({ "passport": card, "points": points, "day": day, "rain": rain, "nonce": nonce });
        wang.post("/v1/booth/check-ins", body).await
    };
    let wrong = ink(json!(["space-7"]), "2023-04-15", true, "ink-nonce-1").await;
    assert_eq!(wrong.refusal(), (403, "no_rain_stamp"));
    assert_eq!(ink(json!(["space-1"]), "2023-04-19", false, "ink-nonce-2").await.refusal(), (403, "ink_day_wrong"));
    let dated = ink(json!(["space-1", "space-2"]), "2023-04-14", false, "ink-nonce-3").await;
    assert_eq!((dated.status, &dated.body["results"][0]["day"]), (200, &json!("2023-04-14")));
    let route = &dated.body["passport"]["routes"][0];
    assert_eq!((&route["needed"], &route["relieved"]), (&json!(6), &json!(["space-7"])), "ink carries its day");
    let wet = ink(json!(["space-7"]), "2023-04-14", true, "ink-nonce-4").await;
    let result = &wet.body["results"][0];
    assert_eq!((&result["outcome"], &result["rain"]), (&json!("stamped"), &json!(true)));
    let again = ink(json!(["space-7"]), "2023-04-14", true, "ink-nonce-4").await;
    assert_eq!(again.body["results"][0]["outcome"], "stamped", "a repeat");
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_for_good_lowers_the_route_and_the_organisers_own_file_stays_publishable() {
    let app = TestApp::start().await;
    let (ana, li) = (app.resident("ana").await, app.organiser("李老师").await);
    let own = li.get("/v1/organiser/carnival").await.body;
    let closed =
        li.post(CLOSURE, json!({ "reason": "修路", "until_further_notice": true, "notice": "第7站修路。" })).await;
    insta::assert_snapshot!(closed.body["says"].as_str().unwrap(), @"已发布第 2 版。“社区美空间·第7站”长期关闭：修路。从10:15起，所有人集齐“‘玩’美社区”路线要 6 个章（原来 7 个），以后也不再提高。在这以前重新开放，就什么也不变。礼物也跟着变：“‘玩’美社区集章礼”要 6 个章（原来 7 个）。");
    insta::assert_snapshot!(closed.body["announcement"]["zh"].as_str().unwrap(), @"“社区美空间·第7站”不再开放：修路。集齐“‘玩’美社区”路线改为 6 个章，已盖的章都算数。");
    ana.scan_first(6).await;
    assert_eq!(play(&ana).await, json!([7, [], false]));
    app.at("2023-04-14T10:15");
    assert_eq!(play(&ana).await, json!([6, [], true]));
    assert_eq!(app.anonymous().get("/v1/carnival").await.body["routes"][0]["needed"], 6);
    let open = li.delete(CLOSURE).await;
    insta::assert_snapshot!(open.body["says"].as_str().unwrap(), @"已发布第 3 版。“社区美空间·第7站”重新开放。已经免的照样免：集齐“‘玩’美社区”路线要 6 个章。");
    let published = put(&li, "/v1/organiser/carnival", own.as_str().unwrap().to_owned()).await;
    assert_eq!(published.status, 200, "{published:?}");
    assert_eq!(play(&ana).await, json!([6, [], true]), "for good");
    ana.claim("play-gift").await;
    assert_eq!(
        li.post(CLOSURE, json!({ "reason": "修路", "until_further_notice": true, "relief": false })).await.refusal(),
        (400, "bad_request")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_point_of_a_route_may_close_and_half_of_it_stays() {
    let app = TestApp::start().await;
    let (ana, li) = (app.resident("ana").await, app.organiser("李老师").await);
    ana.scan("space-1").await;
    let mut last = json!(null);
    for point in 1..=7 {
        let closed = li.post(&format!("/v1/organiser/points/space-{point}/closure"), rain()).await;
        assert_eq!(closed.status, 200, "{closed:?}");
        last = closed.body;
    }
    assert_eq!((&last["impact"]["needed"], &last["impact"]["is_at_half"]), (&json!(4), &json!(true)));
    assert!(last["says"].as_str().unwrap().contains("注意：最多免到一半。"), "{last}");
    app.at("2023-04-14T10:20");
    assert_eq!(play(&ana).await[0], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_go_with_their_cause() {
    let app = TestApp::start().await;
    let li = app.organiser("李老师").await;
    let notice = async || app.anonymous().get("/v1/carnival").await.body["notice"].clone();
    let set = li.put("/v1/organiser/notice", json!({ "text": "集市搬到室内。" })).await;
    assert_eq!(set.body["says"], "已发布第 2 版。公告显示到4月14日。");
    assert_eq!(set.body["announcement"]["zh"], "集市搬到室内。");
    for point in [6, 7] {
        let body = json!({ "reason": "因雨", "notice": format!("第{point}站不开放。") });
        li.post(&format!("/v1/organiser/points/space-{point}/closure"), body).await;
    }
    assert_eq!(notice().await, "集市搬到室内。\n第6站不开放。\n第7站不开放。");
    li.delete(CLOSURE).await;
    assert_eq!(notice().await, "集市搬到室内。\n第6站不开放。");
    app.at("2023-04-15T00:00");
    assert_eq!(notice().await, Value::Null);
    app.at("2023-04-14T11:00");
    let removed = li.put("/v1/organiser/notice", json!({ "text": null })).await;
    assert!(removed.body["says"].as_str().unwrap().ends_with("公告已撤下。"), "{removed:?}");
    assert_eq!(notice().await, "第6站不开放。");
    let past = json!({ "text": "昨天下雨。", "until": "2023-04-13" });
    assert_eq!(li.put("/v1/organiser/notice", past).await.refusal(), (422, "day_over"));
    let until = json!({ "text": "明天闭幕。", "until": "2023-04-16" });
    assert_eq!(li.put("/v1/organiser/notice", until).await.status, 200);
    app.at("2023-04-16T23:59");
    assert_eq!(notice().await, "明天闭幕。");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_under_way_is_moved_after_a_confirmation_and_moved_back_as_it_was() {
    let app = TestApp::start().await;
    let (ana, li) = (app.resident("ana").await, app.organiser("李老师").await);
    ana.scan("space-1").await;
    let path = "/v1/organiser/routes/play/days";
    let own = li.get("/v1/organiser/carnival").await.body;
    let extra = json!({ "first_day": "2023-04-13", "last_day": "2023-04-18", "extra_days": ["2023-04-29"] });
    let confirmed = async |mut body: Value| -> Answer {
        let asked = li.put(path, body.clone()).await;
        assert_eq!(asked.refusal(), (409, "route_under_way"), "{asked:?}");
        body["confirm"] = asked.body["confirm"].clone();
        li.put(path, body).await
    };
    let extended = confirmed(extra.clone()).await;
    assert_eq!(extended.status, 200, "{extended:?}");
    assert_eq!(li.put(path, extra).await.body["changed"], false, "a repeat changes nothing and asks nothing");
    let before = li.get("/v1/organiser/carnival").await.body;

    let away = json!({ "first_day": "2023-04-20", "last_day": "2023-04-25", "notice": "“玩”美社区改到下周。" });
    let asked = li.put(path, away.clone()).await;
    insta::assert_json_snapshot!(asked.body, @r##"
    {
      "code": "route_under_way",
      "confirm": "8218bcfa0ccca76b",
      "detail": "“‘玩’美社区”路线正在进行，今天有 1 人盖过章；改了以后，今天马上不能再打卡。确定要改，请再确认一次。",
      "people": 1,
      "remedy": "show",
      "route": "“玩”美社区",
      "status": 409,
      "stops_today": true,
      "title": "Conflict",
      "type": "urn:carnival:problem:route_under_way"
    }
    "##);
    let mut wrong = away.clone();
    wrong["confirm"] = json!("0000000000000000");
    assert_eq!(li.put(path, wrong).await.refusal(), (409, "route_under_way"));
    let tried = li.put(&format!("{path}?dry_run=true"), away.clone()).await;
    assert_eq!((&tried.body["dry_run"], &tried.body["confirm"]), (&json!(true), &asked.body["confirm"]));
    let moved = confirmed(away).await;
    insta::assert_json_snapshot!(moved.status_and_body(), @r##"
    {
      "body": {
        "announcement": {
          "en": "The route “‘玩’美社区” now runs 20 to 25 April and 29 April. All stamps count.",
          "zh": "“‘玩’美社区”路线改到4月20日至25日和4月29日打卡。已盖的章都算数。"
        },
        "at": "2023-04-14T10:00:00+08:00",
        "by": "李老师",
        "changed": true,
        "dry_run": false,
        "impact": {
          "gifts": [],
          "walked": 1
        },
        "notes": [],
        "routes": [
          {
            "asks": 7,
            "name": "“玩”美社区",
            "of": 7,
            "route": "play"
          }
        ],
        "says": "已发布第 3 版。“‘玩’美社区”路线改到4月20日至25日和4月29日。今天马上不能再打卡。1 人已经在这条路线盖过章，章都算数。原来日子里的 7 处特别安排都留着，改回来就恢复。",
        "version": 3
      },
      "status": 200
    }
    "##);
    let carnival = app.anonymous().get("/v1/carnival").await.body;
    assert_eq!(carnival["routes"][0]["extra_days"], json!(["2023-04-29"]), "kept");
    assert_eq!(carnival["notice"], "“玩”美社区改到下周。");
    assert_eq!(ana.scan("space-2").await.refusal(), (403, "route_not_this_week"));

    app.at("2023-04-14T10:05");
    let back = li.put(path, json!({ "first_day": "2023-04-13", "last_day": "2023-04-18" })).await;
    assert_eq!(back.status, 200, "not under way now: {back:?}");
    let after = li.get("/v1/organiser/carnival").await.body;
    // The first line has the version.
    let text = |file: &Value| file.as_str().unwrap().lines().skip(1).collect::<String>().replace(' ', "");
    assert_eq!(text(&after), text(&before));
    assert_ne!(text(&after), text(&own));
    assert_eq!(app.anonymous().get("/v1/carnival").await.body["notice"], Value::Null);
    assert_eq!(ana.scan("space-2").await.status, 201);
}
