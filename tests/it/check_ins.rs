//! Guards against a resident at the right place and time who gets no stamp, a resident elsewhere who does, and a
//! refusal that gives no reason or a different one on repetition.

use carnival::actions::carnival::carnival_refresh::refresh;
use carnival::actions::prints::printed_codes::{Replaced, reissue};
use carnival::tokens::{Codes, Secret};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::small_carnival;
use crate::test_app::{Answer, Client, TestApp};

const PATH: &str = "/v1/check-ins";

async fn check_in(who: &Client<'_>, code: &str) -> Answer {
    who.post(PATH, json!({ "code": code })).await
}

/// The complete refusal in Chinese, and its English sentence.
async fn refused(who: &Client<'_>, body: Value) -> Value {
    let zh = who.post(PATH, body.clone()).await;
    assert_eq!((zh.header("content-type"), zh.header("content-language")), ("application/problem+json", "zh-CN"));
    assert_eq!(zh.body["status"], json!(zh.status));
    let en = who.post(&format!("{PATH}?lang=en"), body).await;
    assert_eq!((zh.refusal(), en.header("content-language")), (en.refusal(), "en"));
    let mut whole = zh.body;
    whole["en"] = en.body["detail"].clone();
    whole
}

fn display_code(app: &TestApp, point: u64) -> String {
    app.app.codes.display(point.try_into().unwrap(), app.app.now()).text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_in_returns_the_passport() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    ana.scan_first(2).await;
    let third = ana.scan("space-3").await;
    let mut whole = third.status_and_body();
    // The first of six stamps that have the same form.
    whole["body"]["passport"]["gifts"].as_array_mut().unwrap().truncate(1);
    insta::assert_json_snapshot!(whole, @r##"
    {
      "body": {
        "outcome": "stamped",
        "passport": {
          "gifts": [
            {
              "earned": true,
              "gift": "postcards",
              "have": 3,
              "name": "路线明信片一套",
              "need": 3
            }
          ],
          "routes": [
            {
              "complete": false,
              "name": "“玩”美社区",
              "needed": 7,
              "relieved": [],
              "route": "play",
              "stamped": 3
            },
            {
              "complete": false,
              "name": "乐活社区",
              "needed": 6,
              "relieved": [],
              "route": "active",
              "stamped": 0
            },
            {
              "complete": false,
              "name": "烟火社区",
              "needed": 7,
              "relieved": [],
              "route": "street-life",
              "stamped": 0
            }
          ],
          "stamps": [
            {
              "at": "2023-04-14T10:00:00+08:00",
              "how": "printed",
              "name": "社区美空间·第1站",
              "point": "space-1",
              "rain": false,
              "route": "play"
            },
            {
              "at": "2023-04-14T10:00:00+08:00",
              "how": "printed",
              "name": "社区美空间·第2站",
              "point": "space-2",
              "rain": false,
              "route": "play"
            },
            {
              "at": "2023-04-14T10:00:00+08:00",
              "how": "printed",
              "name": "社区美空间·第3站",
              "point": "space-3",
              "rain": false,
              "route": "play"
            }
          ]
        },
        "stamp": {
          "at": "2023-04-14T10:00:00+08:00",
          "how": "printed",
          "name": "社区美空间·第3站",
          "point": "space-3",
          "rain": false,
          "route": "play"
        },
        "unlocked": [
          {
            "gift": "postcards",
            "name": "路线明信片一套"
          }
        ]
      },
      "status": 201
    }
    "##);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_carnival_the_refusal_names_the_first_day() {
    let app = TestApp::start().await;
    app.at("2023-04-12T10:00");
    let ana = app.resident("ana").await;
    insta::assert_json_snapshot!(refused(&ana, json!({ "code": app.printed_code("space-1") })).await, @r#"
    {
      "code": "carnival_not_begun",
      "detail": "嘉年华4月13日开始，到时候欢迎您来！",
      "en": "The carnival begins on 13 April. See you then!",
      "first_day": "2023-04-13",
      "remedy": "show",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:carnival:problem:carnival_not_begun"
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_carnival_the_refusal_names_the_last_day() {
    let app = TestApp::start().await;
    app.at("2023-05-01T10:00");
    let ana = app.resident("ana").await;
    insta::assert_json_snapshot!(refused(&ana, json!({ "code": app.printed_code("space-1") })).await, @r#"
    {
      "code": "carnival_over",
      "detail": "嘉年华已于4月30日结束，谢谢您的参与！",
      "en": "The carnival ended on 30 April. Thank you for taking part!",
      "last_day": "2023-04-30",
      "remedy": "show",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:carnival:problem:carnival_over"
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_the_routes_week_the_refusal_names_its_days() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    insta::assert_json_snapshot!(refused(&ana, json!({ "code": app.printed_code("centre-1") })).await, @r#"
    {
      "code": "route_not_this_week",
      "detail": "“乐活社区”路线的打卡时间是4月19日至24日，今天不能盖章。",
      "en": "The route “乐活社区” runs 19 to 24 April; it gives no stamps today.",
      "extra_days": [],
      "first_day": "2023-04-19",
      "last_day": "2023-04-24",
      "remedy": "show",
      "route": "乐活社区",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:carnival:problem:route_not_this_week"
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_closed_point_the_refusal_names_the_hours_and_the_servers_time() {
    let app = TestApp::start().await;
    let body = json!({ "code": app.printed_code("space-1") });
    app.at("2023-04-14T18:06");
    insta::assert_json_snapshot!(refused(&app.resident("ana").await, body.clone()).await, @r#"
    {
      "code": "point_closed",
      "detail": "“社区美空间·第1站”今天的开放时间是09:30–18:00，现在是18:06，已经结束了。",
      "en": "“社区美空间·第1站” was open 09:30–18:00 today. It is 18:06 now.",
      "hours": [
        "09:30-18:00"
      ],
      "now": "2023-04-14T18:06:00+08:00",
      "opens": null,
      "point": "社区美空间·第1站",
      "reason": null,
      "remedy": "show",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:carnival:problem:point_closed"
    }
    "#);
    app.at("2023-04-13T13:59");
    let early = refused(&app.resident("ana").await, body).await;
    insta::assert_json_snapshot!(json!([early["opens"], early["hours"], early["detail"], early["en"]]), @r#"
    [
      "14:00",
      [
        "14:00-18:00"
      ],
      "“社区美空间·第1站”今天14:00开放，现在是13:59，请稍后再来。",
      "“社区美空间·第1站” opens at 14:00 today. It is 13:59 now."
    ]
    "#);
    app.at("2023-04-20T12:30");
    let noon = refused(&app.resident("ana").await, json!({ "code": app.printed_code("centre-1") })).await;
    insta::assert_json_snapshot!(json!([noon["opens"], noon["hours"], noon["detail"], noon["en"]]), @r#"
    [
      "14:00",
      [
        "09:00-12:00",
        "14:00-18:00"
      ],
      "“社区党群服务中心·第1站”今天14:00开放，现在是12:30，请稍后再来。",
      "“社区党群服务中心·第1站” opens at 14:00 today. It is 12:30 now."
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_ins_are_accepted_until_exactly_five_minutes_after_closing() {
    let app = TestApp::start().await;
    let code = app.printed_code("space-1");
    for (at, status) in [
        ("2023-04-14T09:29:59.999", 403),
        ("2023-04-14T09:30:00", 201),
        ("2023-04-14T18:00:00", 201),
        ("2023-04-14T18:05:59.999", 201),
        ("2023-04-14T18:06:00", 403),
        ("2023-04-13T13:59:59", 403),
        ("2023-04-13T14:00:00", 201),
        ("2023-04-12T23:59:59", 403),
        ("2023-04-18T18:05:59", 201),
        ("2023-04-19T10:00:00", 403),
    ] {
        app.at(at);
        let who = app.resident(at).await;
        assert_eq!(check_in(&who, &code).await.status, status, "{at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_invalid_code_is_reported_as_unknown() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    insta::assert_json_snapshot!(refused(&ana, json!({ "code": "晚饭吃什么" })).await, @r#"
    {
      "code": "code_unknown",
      "detail": "这不是嘉年华的码。请换一个码再扫，或请工作人员帮忙。",
      "en": "This is not a code of the carnival. Please scan another one, or ask for help.",
      "remedy": "show",
      "status": 404,
      "title": "Not Found",
      "type": "urn:carnival:problem:code_unknown"
    }
    "#);

    let point = 1_u64.try_into().unwrap();
    let key = Secret::new("0c1d-codes-9f8e7a6b5c4d3e2f1a0b9c8d7e6f5a4b").unwrap();
    let elsewhere = Codes::new(&key, &"other-2023".parse().unwrap(), 180).printed(point, 0_u64.try_into().unwrap());
    let never_printed = app.app.codes.printed(point, 3_u64.try_into().unwrap());
    let no_such_point = app.app.codes.printed(99_u64.try_into().unwrap(), 0_u64.try_into().unwrap());
    let good = app.printed_code("space-1");
    let (start, last) = good.split_at(good.len() - 1);
    let tampered = format!("{start}{}", if last == "7" { "8" } else { "7" });
    let cut = start.to_owned();
    let long = format!("{good}{}", "0".repeat(2000));
    for code in ["", " ", "P", "000000000", &elsewhere, &never_printed, &no_such_point, &tampered, &cut, &long] {
        assert_eq!(check_in(&ana, code).await.refusal(), (404, "code_unknown"), "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_another_kind_is_named_as_such() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let card = app.paper_passports(1).await.remove(0);
    insta::assert_json_snapshot!(refused(&ana, json!({ "code": card })).await, @r#"
    {
      "code": "code_of_another_kind",
      "detail": "这是嘉年华的码，但不是用在这里的。请换一个码再扫。",
      "en": "This is a code of the carnival, but not for here. Please scan another one.",
      "remedy": "show",
      "status": 422,
      "title": "Unprocessable Entity",
      "type": "urn:carnival:problem:code_of_another_kind"
    }
    "#);

    let own = ana.get("/v1/me/code").await.body["code"].clone();
    ana.scan_first(3).await;
    let voucher = json!(ana.claim("postcards").await);
    let invitation = json!(app.invitation(carnival::rules::staff::roles::Role::Organiser, None, 1).await);
    for code in [own, voucher, invitation] {
        let answer = ana.post(PATH, json!({ "code": code })).await;
        assert_eq!(answer.refusal(), (422, "code_of_another_kind"), "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_a_replaced_poster_is_refused_and_its_stamps_stay() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.resident("ana").await, app.resident("bo").await);
    let old = app.printed_code("space-1");
    assert_eq!(check_in(&ana, &old).await.status, 201);
    let leaked = app.printed_code("space-1");
    reissue(&app.app, &"space-1".parse().unwrap(), Replaced::Leaked(&leaked)).await.unwrap();
    refresh(&app.app).await.unwrap();
    insta::assert_json_snapshot!(refused(&bo, json!({ "code": old })).await, @r#"
    {
      "code": "code_replaced",
      "detail": "“社区美空间·第1站”的海报换过了，这个旧码不能再用。请扫现场新海报上的码。",
      "en": "The poster of “社区美空间·第1站” was replaced, and this is its old code. Please scan the new poster.",
      "point": "社区美空间·第1站",
      "remedy": "show",
      "status": 410,
      "title": "Gone",
      "type": "urn:carnival:problem:code_replaced"
    }
    "#);
    assert_eq!(check_in(&ana, &old).await.status, 200);
    assert_eq!(bo.scan("space-1").await.status, 201, "the new poster");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tablets_code_is_accepted_for_its_time_step_and_the_grace() {
    let app = TestApp::start().await;
    let code = display_code(&app, 1);
    app.at("2023-04-14T10:03:30");
    let ana = app.resident("ana").await;
    assert_eq!(check_in(&ana, &code).await.body["stamp"]["how"], json!("display"));
    app.at("2023-04-14T10:03:31");
    let bo = app.resident("bo").await;
    insta::assert_json_snapshot!(refused(&bo, json!({ "code": code })).await, @r#"
    {
      "code": "display_code_too_old",
      "detail": "这个码已经过期，请再扫一次平板上的新码。",
      "en": "This code is too old. Please scan the one that the tablet shows now.",
      "remedy": "show",
      "status": 410,
      "title": "Gone",
      "type": "urn:carnival:problem:display_code_too_old"
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_accepts_only_its_configured_kinds_of_codes() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    insta::assert_json_snapshot!(refused(&ana, json!({ "code": display_code(&app, 2) })).await, @r#"
    {
      "code": "printed_code_needed",
      "detail": "在“社区美空间·第2站”请扫海报上的码，平板上的码在这里不能盖章。",
      "en": "At “社区美空间·第2站”, please scan the code on the poster; the tablet gives no stamp there.",
      "point": "社区美空间·第2站",
      "remedy": "show",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:carnival:problem:printed_code_needed"
    }
    "#);
    app.at("2023-04-26T11:00");
    let ana = app.resident("ana").await;
    insta::assert_json_snapshot!(refused(&ana, json!({ "code": app.printed_code("shop-7") })).await, @r#"
    {
      "code": "display_code_needed",
      "detail": "在“社区商业好项目·第7站”请扫平板上的码，海报上的码在这里不能盖章。",
      "en": "At “社区商业好项目·第7站”, please scan the code on the tablet; the poster gives no stamp there.",
      "point": "社区商业好项目·第7站",
      "remedy": "show",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:carnival:problem:display_code_needed"
    }
    "#);
    assert_eq!(check_in(&ana, &display_code(&app, 20)).await.status, 201);
}

fn check_in_body(app: &TestApp, point: &str, latitude: f64, accuracy: f64) -> Value {
    let location = json!({ "latitude": latitude, "longitude": 104.12, "accuracy": accuracy });
    json!({ "code": app.printed_code(point), "location": location })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resident_outside_the_geofence_is_refused_with_the_distance() {
    let app = small_carnival::start().await;
    let ana = app.resident("ana").await;
    insta::assert_json_snapshot!(refused(&ana, check_in_body(&app, "gate", 30.68, 30.0)).await, @r#"
    {
      "code": "too_far_away",
      "detail": "您离“大门”大约还有1.1公里，请走到300米以内再打卡。如果您已经到了，请找志愿者帮忙盖章。",
      "en": "You seem to be 1.1 km from “大门”; please come within 300 m. If you are there, ask a volunteer for the stamp.",
      "metres": 1112,
      "point": "大门",
      "radius_m": 300,
      "remedy": "show",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:carnival:problem:too_far_away"
    }
    "#);
    assert_eq!(ana.post(PATH, check_in_body(&app, "hall", 30.68, 30.0)).await.refusal(), (403, "too_far_away"));
    assert_eq!(
        ana.post(PATH, check_in_body(&app, "hall", 30.68, 900.0)).await.status,
        201,
        "an inaccurate location may be inside"
    );
    assert_eq!(ana.post(PATH, check_in_body(&app, "gate", 30.671, 30.0)).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_location_is_required_only_where_the_file_says_so() {
    let app = small_carnival::start().await;
    let ana = app.resident("ana").await;
    insta::assert_json_snapshot!(refused(&ana, json!({ "code": app.printed_code("gate") })).await, @r#"
    {
      "code": "location_needed",
      "detail": "在“大门”打卡要核对位置，请允许使用您的位置信息。位置不会保存。",
      "en": "“大门” needs to know that you are there; please allow the use of your location. It is not stored.",
      "point": "大门",
      "remedy": "show",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:carnival:problem:location_needed"
    }
    "#);
    assert_eq!(ana.scan("hall").await.status, 201);
    assert_eq!(ana.scan("pond").await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_a_phones_location_is_accepted() {
    let app = small_carnival::start().await;
    let ana = app.resident("ana").await;
    // The result of `wx.getLocation`; its further fields differ between phones.
    let location = json!({
        "latitude": 30.67, "longitude": 104.12, "accuracy": 25, "altitude": 500.1, "speed": -1,
        "verticalAccuracy": 0, "horizontalAccuracy": 25, "errMsg": "getLocation:ok",
    });
    let answer = ana.post(PATH, json!({ "code": app.printed_code("gate"), "location": location })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_location_is_a_malformed_request() {
    let app = small_carnival::start().await;
    let ana = app.resident("ana").await;
    for (latitude, longitude, accuracy) in [(91.0, 0.0, 1.0), (0.0, -180.5, 1.0), (0.0, 0.0, -1.0)] {
        let location = json!({ "latitude": latitude, "longitude": longitude, "accuracy": accuracy });
        let answer = ana.post(PATH, json!({ "code": app.printed_code("gate"), "location": location })).await;
        assert_eq!(answer.refusal(), (400, "bad_request"), "{location}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn already_stamped_beats_every_refusal() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let (printed, display) = (app.printed_code("space-1"), display_code(&app, 1));
    let first = check_in(&ana, &printed).await;
    let leaked = app.printed_code("space-1");
    reissue(&app.app, &"space-1".parse().unwrap(), Replaced::Leaked(&leaked)).await.unwrap();
    refresh(&app.app).await.unwrap();
    for at in ["2023-04-14T23:00", "2023-04-20T10:00", "2023-06-01T10:00"] {
        app.at(at);
        let ana = app.resident("ana").await;
        for code in [&printed, &display] {
            let again = check_in(&ana, code).await;
            assert_eq!((again.status, &again.body["outcome"]), (200, &json!("already_stamped")), "{at}");
            for same in ["stamp", "unlocked", "passport"] {
                assert_eq!(again.body[same], first.body[same], "{at}");
            }
        }
    }
    let other = app.resident("bo").await;
    assert_eq!(check_in(&other, &printed).await.refusal(), (410, "code_replaced"));
}

#[tokio::test(flavor = "multi_thread")]
async fn already_stamped_beats_the_distance_and_a_closed_point_too() {
    let app = small_carnival::start().await;
    let ana = app.resident("ana").await;
    assert_eq!(ana.post(PATH, check_in_body(&app, "gate", 30.67, 10.0)).await.status, 201);
    assert_eq!(ana.post(PATH, check_in_body(&app, "gate", 31.0, 10.0)).await.status, 200);
    assert_eq!(ana.scan("gate").await.status, 200);
    let rain = small_carnival::TOML.replace("name = \"大门\"", "name = \"大门\"\nclosed = \"下雨\"");
    small_carnival::publish(&app, &rain).await;
    assert_eq!(ana.scan("gate").await.status, 200);
    let bo = app.resident("bo").await;
    insta::assert_json_snapshot!(refused(&bo, json!({ "code": app.printed_code("gate") })).await, @r#"
    {
      "code": "point_closed",
      "detail": "“大门”现在不开放：下雨。集齐路线不用等这一站，请看看其他点位。",
      "en": "“大门” is closed: 下雨. The route can be completed without it.",
      "hours": [
        "09:00-18:00"
      ],
      "now": "2023-04-14T10:00:00+08:00",
      "opens": null,
      "point": "大门",
      "reason": "下雨",
      "remedy": "show",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:carnival:problem:point_closed"
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_names_what_the_original_stamp_unlocked() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let mut unlocked = Vec::new();
    for point in 1..=7 {
        unlocked.push(ana.scan(&format!("space-{point}")).await.body["unlocked"].clone());
    }
    let names: Vec<&Value> = unlocked.iter().map(|gifts| &gifts[0]["gift"]).collect();
    assert_eq!(json!(names), json!([null, null, "postcards", null, null, null, "play-gift"]));
    for (point, first) in (1..=7).zip(&unlocked) {
        let again = ana.scan(&format!("space-{point}")).await;
        assert_eq!((again.status, &again.body["unlocked"]), (200, first), "space-{point}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_accepted_in_every_common_spelling() {
    let app = TestApp::start().await;
    let link = app.printed_code("space-1");
    let bare = link.rsplit('/').next().unwrap();
    let dashed: Vec<&str> = [&bare[..4], &bare[4..8], &bare[8..12], &bare[12..]].into();
    let alike = format!("P{}", bare[1..].replace('0', "O").replace('1', "l"));
    let fullwidth: String = bare.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
    let forms = [
        link.clone(),
        bare.to_owned(),
        bare.to_lowercase(),
        link.to_lowercase(),
        format!(" {bare}\n"),
        dashed.join("-"),
        dashed.join(" "),
        alike.replace('O', "o").replace('l', "I"),
        alike,
        fullwidth,
        format!("{link}?from=timeline#x"),
        link.replace(':', "%3A").replace('/', "%2F"),
    ];
    for (nth, form) in forms.into_iter().enumerate() {
        let who = app.resident(&format!("resident {nth}")).await;
        assert_eq!(check_in(&who, &form).await.status, 201, "{form}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_concurrent_scans_give_one_stamp() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let answers = join_all((0..50).map(|_| ana.scan("space-1"))).await;
    let new = answers.iter().filter(|answer| answer.status == 201).count();
    let again = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((new, again), (1, 49));
    assert!(answers.iter().all(|answer| answer.body["stamp"] == answers[0].body["stamp"]));
    let now = app.anonymous().get("/v1/availability").await;
    assert_eq!((&now.body["stamps"], &now.body["passports"]), (&json!(1), &json!(1)));
}
