//! Guards against a holder without a smartphone who loses a stamp or a gift, and a retry that is refused because the
//! first answer was lost.

use serde_json::{Value, json};

use crate::test_app::{Answer, Client, TestApp, TestAppOptions};
use carnival::rules::staff::roles::{Role, Station};

async fn ink(staff: &Client<'_>, passport: &str, points: &[&str], nonce: &str) -> Answer {
    staff.post("/v1/booth/check-ins", json!({ "passport": passport, "points": points, "nonce": nonce })).await
}

async fn hand_over(staff: &Client<'_>, passport: &str, gift: &str, nonce: &str) -> Answer {
    staff.post("/v1/booth/paper-redemptions", json!({ "passport": passport, "gift": gift, "nonce": nonce })).await
}

async fn own_code(resident: &Client<'_>) -> String {
    resident.get("/v1/me/code").await.body["code"].as_str().unwrap().to_owned()
}

fn outcomes(answer: &Answer) -> Vec<(&str, &str)> {
    let word = |value: &'_ Value| -> &str { Box::leak(value.as_str().unwrap().to_owned().into_boxed_str()) };
    answer.body["results"].as_array().unwrap().iter().map(|one| (word(&one["point"]), word(&one["outcome"]))).collect()
}

async fn at_point(app: &TestApp, point: &str) -> String {
    let place = Some(Station::Point(point.parse().unwrap()));
    app.staff("赵姐", Role::Volunteer, place).await.token.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn ink_stamps_of_several_points_and_past_weeks_are_recorded() {
    let app = TestApp::start().await;
    app.at("2023-04-20T22:30");
    let wang = app.volunteer("王阿姨", "market-active").await;
    let card = &app.paper_passports(1).await[0];
    let done = ink(&wang, card, &["space-1", "space-2", "space-3", "centre-1"], "ink-00001").await;
    assert_answer_snapshot!(json!([done.status, done.body["results"], done.body["unlocked"]]), @r##"
    [
      200,
      [
        {
          "at": "2023-04-20T22:30:00+08:00",
          "how": "hand",
          "name": "社区美空间·第1站",
          "outcome": "stamped",
          "point": "space-1",
          "rain": false,
          "route": "play"
        },
        {
          "at": "2023-04-20T22:30:00+08:00",
          "how": "hand",
          "name": "社区美空间·第2站",
          "outcome": "stamped",
          "point": "space-2",
          "rain": false,
          "route": "play"
        },
        {
          "at": "2023-04-20T22:30:00+08:00",
          "how": "hand",
          "name": "社区美空间·第3站",
          "outcome": "stamped",
          "point": "space-3",
          "rain": false,
          "route": "play"
        },
        {
          "at": "2023-04-20T22:30:00+08:00",
          "how": "hand",
          "name": "社区党群服务中心·第1站",
          "outcome": "stamped",
          "point": "centre-1",
          "rain": false,
          "route": "active"
        }
      ],
      [
        {
          "gift": "postcards",
          "name": "路线明信片一套"
        }
      ]
    ]
    "##);
    let lost = ink(&wang, card, &["space-1", "space-2", "space-3", "centre-1"], "ink-00001").await;
    assert_eq!(lost.body, done.body, "a retry after a lost answer");

    let more = ink(&wang, card, &["centre-1", "centre-2"], "ink-00002").await;
    assert_eq!(outcomes(&more), [("centre-1", "already_stamped"), ("centre-2", "stamped")]);
    assert_eq!(more.body["passport"]["stamps"].as_array().unwrap().len(), 5);
    assert_eq!(wang.get("/v1/booth/summary").await.body["stamps"], json!(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn ink_of_a_route_that_has_not_begun_refuses_the_whole_request() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let card = &app.paper_passports(1).await[0];
    let reply = ink(&wang, card, &["space-1", "centre-1"], "ink-00001").await;
    assert_answer_snapshot!(reply.status_and_body(), @r#"
    {
      "body": {
        "code": "route_not_begun",
        "detail": "“乐活社区”路线4月19日才开始，现在还不能补录印章。",
        "first_day": "2023-04-19",
        "remedy": "show",
        "route": "乐活社区",
        "status": 403,
        "title": "Forbidden",
        "type": "urn:carnival:problem:route_not_begun"
      },
      "status": 403
    }
    "#);
    let looked = wang.post("/v1/booth/lookups", json!({ "code": card })).await;
    assert_eq!(looked.body["passport"]["stamps"], json!([]), "nothing changed");
    for (points, refusal) in [
        (json!([]), (400, "bad_request")),
        (json!(vec!["space-1"; 101]), (400, "bad_request")),
        (json!(["nowhere"]), (404, "point_unknown")),
        (json!(["no such id!"]), (404, "point_unknown")),
    ] {
        let body = json!({ "passport": card, "points": points, "nonce": "ink-00002" });
        assert_eq!(wang.post("/v1/booth/check-ins", body).await.refusal(), refusal);
    }
    let poster = ink(&wang, &app.printed_code("space-1"), &["space-1"], "ink-00003").await;
    assert_eq!(poster.refusal(), (422, "code_of_another_kind"));
    assert_eq!(ink(&wang, "C000", &["space-1"], "ink-00004").await.refusal(), (404, "code_unknown"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_nonce_of_another_volunteer_is_another_request() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let li = app.volunteer("李叔叔", "opening").await;
    let card = &app.paper_passports(1).await[0];
    assert_eq!(outcomes(&ink(&wang, card, &["space-1"], "tablet-0001").await), [("space-1", "stamped")]);
    assert_eq!(outcomes(&ink(&li, card, &["space-1"], "tablet-0001").await), [("space-1", "already_stamped")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resident_is_stamped_by_hand_within_the_hours() {
    let app = TestApp::start().await;
    let (ana, wang) = (app.resident("ana").await, app.volunteer("王阿姨", "market-play").await);
    let code = own_code(&ana).await;
    let done = ink(&wang, &code, &["space-1"], "hand-0001").await;
    assert_eq!((done.status, outcomes(&done)), (200, vec![("space-1", "stamped")]));
    assert_eq!(done.body["results"][0]["how"], json!("hand"));
    assert_eq!(ink(&wang, &code, &["centre-1"], "hand-0002").await.refusal(), (403, "route_not_this_week"));

    app.at("2023-04-14T18:30");
    let ana = app.resident("ana").await;
    let late = own_code(&ana).await;
    assert_eq!(ink(&wang, &late, &["space-2"], "hand-0003").await.refusal(), (403, "point_closed"));
    let stands = ink(&wang, &late, &["space-1"], "hand-0004").await;
    assert_eq!(outcomes(&stands), [("space-1", "already_stamped")], "already stamped beats every refusal");
}

#[tokio::test(flavor = "multi_thread")]
async fn existing_stamps_do_not_block_the_new_ones() {
    let app = TestApp::start().await;
    let (ana, wang) = (app.resident("ana").await, app.volunteer("王阿姨", "market-active").await);
    ana.scan("space-1").await;
    // A week later the first route has ended; its stamp remains.
    app.at("2023-04-20T10:00");
    let ana = app.resident("ana").await;
    let wang = app.with_token(wang.token.as_deref().unwrap());
    assert_eq!(wang.get("/v1/booth/summary").await.refusal(), (401, "token_expired"));
    let wang = app.volunteer("王阿姨", "market-active").await;
    let both = ink(&wang, &own_code(&ana).await, &["space-1", "centre-1"], "hand-0001").await;
    assert_eq!(both.status, 200, "{both:?}");
    assert_eq!(outcomes(&both), [("space-1", "already_stamped"), ("centre-1", "stamped")]);
    let not = ink(&wang, &own_code(&ana).await, &["space-1", "space-2"], "hand-0002").await;
    assert_eq!(not.refusal(), (403, "route_not_this_week"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_points_volunteer_stamps_at_that_point_only() {
    let app = TestApp::start().await;
    let card = &app.paper_passports(1).await[0];
    let token = at_point(&app, "space-2").await;
    let zhao = app.with_token(&token);
    assert_answer_snapshot!(ink(&zhao, card, &["space-1"], "ink-00001").await.status_and_body(), @r#"
    {
      "body": {
        "code": "not_your_point",
        "detail": "您值守的点位是“社区美空间·第2站”，不是这里。要换点位，请找负责人。",
        "remedy": "show",
        "status": 403,
        "title": "Forbidden",
        "type": "urn:carnival:problem:not_your_point",
        "yours": "社区美空间·第2站"
      },
      "status": 403
    }
    "#);
    assert_eq!(ink(&zhao, card, &["space-2", "space-1"], "ink-00002").await.refusal(), (403, "not_your_point"));
    assert_eq!(outcomes(&ink(&zhao, card, &["space-2"], "ink-00003").await), [("space-2", "stamped")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_holder_gets_a_gift_at_the_booth() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let card = &app.paper_passports(1).await[0];
    assert_eq!(hand_over(&wang, card, "postcards", "paper-0001").await.refusal(), (403, "gift_not_earned"));
    ink(&wang, card, &["space-1", "space-2", "space-3"], "ink-00001").await;
    assert_answer_snapshot!(hand_over(&wang, card, "play-gift", "paper-0002").await.status_and_body(), @r#"
    {
      "body": {
        "code": "gift_not_earned",
        "detail": "再集4枚印章就能领取“‘玩’美社区集章礼”。还没盖章的有“社区美空间·第4站”、“社区美空间·第5站”、“社区美空间·第6站”等4处。",
        "gift": "“玩”美社区集章礼",
        "have": 3,
        "missing": [
          {
            "name": "社区美空间·第4站",
            "point": "space-4"
          },
          {
            "name": "社区美空间·第5站",
            "point": "space-5"
          },
          {
            "name": "社区美空间·第6站",
            "point": "space-6"
          },
          {
            "name": "社区美空间·第7站",
            "point": "space-7"
          }
        ],
        "need": 7,
        "remedy": "show",
        "status": 403,
        "title": "Forbidden",
        "type": "urn:carnival:problem:gift_not_earned",
        "unit": "stamps"
      },
      "status": 403
    }
    "#);
    let done = hand_over(&wang, card, "postcards", "paper-0003").await;
    assert_answer_snapshot!(done.status_and_body(), @r#"
    {
      "body": {
        "claimed_at": "2023-04-14T10:00:00+08:00",
        "gift": "postcards",
        "held_until": "2023-04-14T10:00:00+08:00",
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
      "status": 201
    }
    "#);
    app.at("2023-04-14T10:04");
    let lost = hand_over(&wang, card, "postcards", "paper-0003").await;
    assert_eq!((lost.status, &lost.body), (200, &done.body), "a retry after a lost answer");
    let again = hand_over(&wang, card, "postcards", "paper-0004").await;
    assert_eq!((again.refusal(), &again.body["done"]["by_you"]), ((409, "already_redeemed"), &json!(true)));
    assert_eq!(hand_over(&wang, card, "no-such", "paper-0005").await.refusal(), (404, "gift_unknown"));
    assert_eq!(hand_over(&wang, "nonsense", "postcards", "paper-0006").await.refusal(), (404, "code_unknown"));

    // After the void it is held for the card; the next redemption has another id.
    let id = done.body["redemption"]["id"].as_str().unwrap();
    let undo = json!({ "reason": "卡拿错了", "nonce": "undo-0001" });
    assert_eq!(wang.post(&format!("/v1/booth/redemptions/{id}/void"), undo).await.status, 200);
    assert_eq!(hand_over(&wang, card, "postcards", "paper-0003").await.refusal(), (409, "voided"));
    let next = hand_over(&wang, card, "postcards", "paper-0007").await;
    assert_eq!((next.status, next.body["redemption"]["id"].as_str().unwrap()), (201, id.replace("-1", "-2").as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_limits_apply_to_cards_too() {
    let sample = include_str!("../../config/carnival-2023.toml");
    let text = sample.replacen("stock = 500", "stock = 1", 1);
    let app = TestApp::start_with(TestAppOptions { carnival: Some(text), ..TestAppOptions::default() }).await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let cards = app.paper_passports(2).await;
    for (card, nonce) in cards.iter().zip(["ink-00001", "ink-00002"]) {
        ink(&wang, card, &["space-1", "space-2", "space-3"], nonce).await;
    }
    let (one, two) = tokio::join!(
        hand_over(&wang, &cards[0], "postcards", "paper-0001"),
        hand_over(&wang, &cards[1], "postcards", "paper-0002"),
    );
    let mut reply = [one.refusal(), two.refusal()];
    reply.sort_unstable();
    assert_eq!(reply, [(201, "-"), (409, "gift_gone")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_succeeds_after_the_own_code_expired() {
    let app = TestApp::start().await;
    let (ana, wang) = (app.resident("ana").await, app.volunteer("王阿姨", "market-play").await);
    ana.scan_first(3).await;
    let code = own_code(&ana).await;
    let stamped = ink(&wang, &code, &["space-4"], "hand-0001").await;
    let given = hand_over(&wang, &code, "postcards", "paper-0001").await;
    assert_eq!((stamped.status, given.status), (200, 201));

    app.at("2023-04-14T10:20");
    let again = hand_over(&wang, &code, "postcards", "paper-0001").await;
    assert_eq!((again.status, &again.body), (200, &given.body), "the same nonce gets the same answer");
    let again = ink(&wang, &code, &["space-4"], "hand-0001").await;
    assert_eq!((again.status, &again.body), (200, &stamped.body));

    // An expired code allows nothing new.
    assert_eq!(ink(&wang, &code, &["space-4", "space-5"], "hand-0002").await.refusal(), (410, "own_code_too_old"));
    assert_eq!(hand_over(&wang, &code, "medal", "paper-0002").await.refusal(), (410, "own_code_too_old"));
    let id = given.body["redemption"]["id"].as_str().unwrap();
    let boss = app.organiser("陈主任").await;
    boss.post(&format!("/v1/booth/redemptions/{id}/void"), json!({ "reason": "拿错了", "nonce": "undo-0001" })).await;
    assert_eq!(hand_over(&wang, &code, "postcards", "paper-0001").await.refusal(), (409, "voided"));
    assert_eq!(hand_over(&wang, &code, "postcards", "paper-0003").await.refusal(), (410, "own_code_too_old"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_held_on_the_phone_is_redeemed_by_the_residents_own_code() {
    let app = TestApp::start().await;
    let (ana, wang) = (app.resident("ana").await, app.volunteer("王阿姨", "market-play").await);
    ana.scan_first(3).await;
    let voucher = ana.claim("postcards").await;
    let given = hand_over(&wang, &own_code(&ana).await, "postcards", "paper-0001").await;
    assert_eq!((given.status, given.body["id"].as_str()), (201, Some(voucher.as_str())));
    let twice = wang.redeem(&[&voucher], "confirm-1").await;
    assert_eq!(twice.body["results"][0]["problem"]["code"], json!("already_redeemed"));
}
