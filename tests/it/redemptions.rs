//! Guards against a gift that is redeemed twice, or refused because of a lost answer, a mistyped digit or a race of two
//! volunteers.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

const SAMPLE: &str = include_str!("../../config/carnival-2023.toml");

/// The sample with this stock of the first gift, which one stamp earns.
fn with_postcards(stock: u32) -> TestAppOptions {
    let text = SAMPLE.replace("needs = { stamps = 3, of = \"play\" }", "needs = { stamps = 1 }").replacen(
        "stock = 500",
        &format!("stock = {stock}"),
        1,
    );
    TestAppOptions { carnival: Some(text), ..TestAppOptions::default() }
}

/// The sample in which one stamp earns the gift that has its own booth, days and hours.
fn with_treasures() -> TestAppOptions {
    let text = SAMPLE.replace("needs = { routes = 3 }", "needs = { stamps = 1 }");
    TestAppOptions { carnival: Some(text), ..TestAppOptions::default() }
}

/// The voucher of a resident who earned and claimed the postcards.
async fn voucher_of(app: &TestApp, name: &str) -> String {
    let resident = app.resident(name).await;
    if resident.get("/v1/me/passport").await.body["stamps"].as_array().unwrap().is_empty() {
        resident.scan_first(3).await;
    }
    resident.claim("postcards").await
}

fn first(answer: &Answer) -> (bool, &str) {
    let result = &answer.body["results"][0];
    (result["redeemed"].as_bool().unwrap(), result["problem"]["code"].as_str().unwrap_or("-"))
}

async fn look_up(staff: &Client<'_>, code: &str) -> Answer {
    staff.post("/v1/booth/lookups", json!({ "code": code })).await
}

async fn void(staff: &Client<'_>, id: &str, nonce: &str) -> Answer {
    staff.post(&format!("/v1/booth/redemptions/{id}/void"), json!({ "reason": "扫错了人", "nonce": nonce })).await
}

fn id_of(answer: &Answer) -> String {
    answer.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap().to_owned()
}

/// The voucher with its last digit mistyped.
fn mistyped(voucher: &str) -> String {
    let last: u32 = voucher[8..].parse().unwrap();
    format!("{}{}", &voucher[..8], (last + 1) % 10)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_is_found_in_every_spoken_grouping() {
    let app = TestApp::start().await;
    let voucher = voucher_of(&app, "ana").await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let plain = look_up(&wang, &voucher).await;
    assert_answer_snapshot!(plain.status_and_body(), @r#"
    {
      "body": {
        "claims": [
          {
            "can_redeem": true,
            "claimed_at": "2023-04-14T10:00:00+08:00",
            "gift": "postcards",
            "held_until": "2023-04-14T23:59:59+08:00",
            "id": "[voucher]",
            "name": "路线明信片一套",
            "state": "held",
            "voucher": "[v o u]"
          }
        ],
        "kind": "voucher"
      },
      "status": 200
    }
    "#);
    let (a, b, c) = (&voucher[..3], &voucher[3..6], &voucher[6..]);
    for spelling in [format!("{a} {b} {c}"), format!("{a}-{b}-{c}"), format!("  {a} {b}{c}\n")] {
        assert_eq!(look_up(&wang, &spelling).await.body, plain.body, "{spelling:?}");
    }
    assert_eq!(look_up(&wang, &mistyped(&voucher)).await.refusal(), (404, "voucher_unknown"), "one wrong digit");
    assert_eq!(look_up(&wang, &voucher[..8]).await.refusal(), (404, "voucher_unknown"), "one missing digit");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_code_is_identified_at_the_booth() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    ana.scan_first(3).await;
    let voucher = ana.claim("postcards").await;
    let wang = app.volunteer("王阿姨", "market-play").await;

    let own = ana.get("/v1/me/code").await.body["code"].as_str().unwrap().to_owned();
    let mine = look_up(&wang, &own).await;
    assert_eq!((mine.status, &mine.body["kind"]), (200, &json!("resident")));
    assert_eq!(mine.body["passport"]["stamps"].as_array().unwrap().len(), 3);
    assert_eq!((&mine.body["claims"][0]["id"], &mine.body["claims"][0]["can_redeem"]), (&json!(voucher), &json!(true)));
    app.at("2023-04-14T10:04:59");
    assert_eq!(look_up(&wang, &own).await.status, 200, "valid for five minutes");
    app.at("2023-04-14T10:05:01");
    assert_eq!(look_up(&wang, &own).await.refusal(), (410, "own_code_too_old"));

    let card = &app.paper_passports(1).await[0];
    let empty = look_up(&wang, card).await;
    assert_eq!((empty.status, &empty.body["kind"], &empty.body["serial"]), (200, &json!("paper"), &json!("1")));
    assert_eq!(empty.body["passport"]["stamps"], json!([]));

    assert_eq!(look_up(&wang, &app.printed_code("space-1")).await.refusal(), (422, "code_of_another_kind"));
    for unknown in ["", "hello", "https://elsewhere.example/q/P0010AAAA"] {
        assert_eq!(look_up(&wang, unknown).await.refusal(), (404, "code_unknown"), "{unknown:?}");
    }
    // A well-formed voucher that was never issued.
    let reply = wang.redeem(&["010000007", "01 0000 0015"], "confirm-1").await;
    assert_eq!(reply.status, 200);
    assert!(reply.body["results"].as_array().unwrap().iter().all(|one| one["problem"]["code"] == "voucher_unknown"));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_vouchers_each_have_their_own_result() {
    let app = TestApp::start().await;
    let (one, two) = (voucher_of(&app, "ana").await, voucher_of(&app, "ben").await);
    let wang = app.volunteer("王阿姨", "market-play").await;
    let li = app.volunteer("李叔叔", "opening").await;
    assert_eq!(first(&li.redeem(&[&two], "li-00001").await), (true, "-"));
    let point = app.printed_code("space-1");
    let mixed = wang.redeem(&[&one, &two, &mistyped(&one), &point], "wang-0001").await;
    assert_answer_snapshot!(mixed.status_and_body(), @r#"
    {
      "body": {
        "results": [
          {
            "claim": {
              "claimed_at": "2023-04-14T10:00:00+08:00",
              "gift": "postcards",
              "held_until": "2023-04-14T23:59:59+08:00",
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
            "redeemed": true,
            "voucher": "[voucher]"
          },
          {
            "problem": {
              "code": "already_redeemed",
              "detail": "这份礼物已于4月14日 10:00在“万科天荟广场兑换台”由李叔叔确认领取。",
              "done": {
                "at": "2023-04-14T10:00:00+08:00",
                "by": "李叔叔",
                "by_you": false,
                "place": "万科天荟广场兑换台",
                "redemption": "[voucher]-1"
              },
              "remedy": "show",
              "status": 409,
              "title": "Conflict",
              "type": "urn:carnival:problem:already_redeemed"
            },
            "redeemed": false,
            "voucher": "[voucher]"
          },
          {
            "problem": {
              "code": "voucher_unknown",
              "detail": "没有这个兑换码，请核对九位数字后再试。",
              "remedy": "show",
              "status": 404,
              "title": "Not Found",
              "type": "urn:carnival:problem:voucher_unknown"
            },
            "redeemed": false,
            "voucher": "[voucher]"
          },
          {
            "problem": {
              "code": "code_of_another_kind",
              "detail": "这是嘉年华的码，但不是用在这里的。请换一个码再扫。",
              "remedy": "show",
              "status": 422,
              "title": "Unprocessable Entity",
              "type": "urn:carnival:problem:code_of_another_kind"
            },
            "redeemed": false,
            "voucher": "https://carnival.example/q/P02073536B9WHPYZ"
          }
        ]
      },
      "status": 200
    }
    "#);
    let lost = wang.redeem(&[&one, &two, &mistyped(&one), &point], "wang-0001").await;
    assert_eq!(lost.body, mixed.body, "a retry after a lost answer");
    let again = wang.redeem(&[&one], "wang-0002").await;
    assert_eq!(again.body["results"][0]["problem"]["done"]["by_you"], json!(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn nonces_are_separate_per_volunteer() {
    let app = TestApp::start().await;
    let voucher = voucher_of(&app, "ana").await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let li = app.volunteer("李叔叔", "opening").await;
    assert_eq!(first(&wang.redeem(&[&voucher], "tablet-00001").await), (true, "-"));
    // Two tablets that both count their nonces from 1 must not both redeem the voucher.
    let other = li.redeem(&[&voucher], "tablet-00001").await;
    assert_eq!(first(&other), (false, "already_redeemed"));
    assert_eq!(other.body["results"][0]["problem"]["done"]["by_you"], json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_change_nothing() {
    let app = TestApp::start().await;
    let voucher = voucher_of(&app, "ana").await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    assert_eq!(wang.redeem(&[], "confirm-1").await.refusal(), (400, "bad_request"));
    assert_eq!(wang.redeem(&[voucher.as_str(); 21], "confirm-1").await.refusal(), (400, "bad_request"));
    for nonce in ["short", "with space in it", &"n".repeat(65)] {
        assert_eq!(wang.redeem(&[&voucher], nonce).await.refusal(), (400, "bad_request"), "{nonce}");
    }
    assert_eq!(look_up(&wang, &voucher).await.body["claims"][0]["state"], json!("held"));
    let twenty = wang.redeem(&[voucher.as_str(); 20], "confirm-1").await;
    assert_eq!(twenty.body["results"].as_array().unwrap().len(), 20);
    assert_eq!(wang.get("/v1/booth/summary").await.body["gifts"][0]["redeemed"], json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_is_refused_at_another_booth_or_in_another_week() {
    let app = TestApp::start_with(with_treasures()).await;
    let ana = app.resident("ana").await;
    ana.scan("space-1").await;
    let voucher = ana.claim("treasures").await;
    let here = app.volunteer("王阿姨", "market-street-life").await;
    let elsewhere = app.volunteer("李叔叔", "market-play").await;
    let boss = app.organiser("陈主任").await;
    assert_answer_snapshot!(elsewhere.redeem(&[&voucher], "confirm-1").await.status_and_body(), @r#"
    {
      "body": {
        "results": [
          {
            "problem": {
              "booths": [
                "烟火滨江友邻荟兑换台"
              ],
              "code": "wrong_booth",
              "detail": "“成华十宝珍藏册”请到“烟火滨江友邻荟兑换台”领取。",
              "gift": "成华十宝珍藏册",
              "remedy": "show",
              "status": 403,
              "title": "Forbidden",
              "type": "urn:carnival:problem:wrong_booth"
            },
            "redeemed": false,
            "voucher": "[voucher]"
          }
        ]
      },
      "status": 200
    }
    "#);
    assert_answer_snapshot!(here.redeem(&[&voucher], "confirm-2").await.status_and_body(), @r#"
    {
      "body": {
        "results": [
          {
            "problem": {
              "code": "pick_up_closed",
              "detail": "“成华十宝珍藏册”的领取时间是4月25日至30日，每天10:00–20:00。现在是4月14日 10:00。",
              "first_day": "2023-04-25",
              "gift": "成华十宝珍藏册",
              "hours": [
                "10:00-20:00"
              ],
              "last_day": "2023-04-30",
              "now": "2023-04-14T10:00:00+08:00",
              "remedy": "show",
              "status": 403,
              "title": "Forbidden",
              "type": "urn:carnival:problem:pick_up_closed"
            },
            "redeemed": false,
            "voucher": "[voucher]"
          }
        ]
      },
      "status": 200
    }
    "#);
    assert_eq!(first(&boss.redeem(&[&voucher], "confirm-3").await), (false, "pick_up_closed"));
    let seen = look_up(&elsewhere, &voucher).await;
    assert_eq!(
        (&seen.body["claims"][0]["can_redeem"], &seen.body["claims"][0]["problem"]["code"]),
        (&json!(false), &json!("wrong_booth"))
    );

    // Pick-up ends at 20:00; an hour earlier it is redeemed at its booth.
    app.at("2023-04-25T20:01");
    assert_eq!(
        first(&app.volunteer("王阿姨", "market-street-life").await.redeem(&[&voucher], "confirm-4").await),
        (false, "pick_up_closed")
    );
    app.at("2023-04-25T19:00");
    let here = app.volunteer("王阿姨", "market-street-life").await;
    assert_eq!(first(&here.redeem(&[&voucher], "confirm-5").await), (true, "-"));
    // `already_redeemed` takes precedence over hours and booth.
    app.at("2023-04-25T20:30");
    assert_eq!(first(&here.redeem(&[&voucher], "confirm-5").await), (true, "-"));
    let elsewhere = app.volunteer("李叔叔", "market-play").await;
    assert_eq!(first(&elsewhere.redeem(&[&voucher], "confirm-6").await), (false, "already_redeemed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organiser_redeems_at_every_booth() {
    let app = TestApp::start_with(with_treasures()).await;
    let ana = app.resident("ana").await;
    ana.scan("space-1").await;
    let voucher = ana.claim("treasures").await;
    app.at("2023-04-26T12:00");
    let boss = app.organiser("陈主任").await;
    let done = boss.redeem(&[&voucher], "confirm-1").await;
    assert_eq!((first(&done), &done.body["results"][0]["claim"]["redemption"]["place"]), ((true, "-"), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lapsed_voucher_is_redeemed_only_while_stock_remains() {
    let app = TestApp::start_with(with_postcards(2)).await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    for resident in [&ana, &ben] {
        resident.scan("space-1").await;
    }
    let (voucher_of_resident, his) = (ana.claim("postcards").await, ben.claim("postcards").await);
    app.at("2023-04-15T10:00");
    let wang = app.volunteer("王阿姨", "market-play").await;
    let seen = look_up(&wang, &voucher_of_resident).await;
    assert_eq!(
        (&seen.body["claims"][0]["state"], &seen.body["claims"][0]["can_redeem"]),
        (&json!("lapsed"), &json!(true))
    );
    assert_eq!(
        first(&wang.redeem(&[&voucher_of_resident], "confirm-1").await),
        (true, "-"),
        "the hold lapsed in the queue"
    );
    let cem = app.resident("cem").await;
    cem.scan("space-1").await;
    cem.claim("postcards").await;
    let gone = wang.redeem(&[&his], "confirm-2").await;
    assert_answer_snapshot!(gone.status_and_body(), @r#"
    {
      "body": {
        "results": [
          {
            "problem": {
              "code": "gift_gone",
              "detail": "很抱歉，“路线明信片一套”已经发完了。",
              "gift": "路线明信片一套",
              "remedy": "show",
              "status": 409,
              "title": "Conflict",
              "type": "urn:carnival:problem:gift_gone"
            },
            "redeemed": false,
            "voucher": "[voucher]"
          }
        ]
      },
      "status": 200
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_volunteers_race_for_one_voucher() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let li = app.volunteer("李叔叔", "opening").await;
    for round in 0..8 {
        let voucher = voucher_of(&app, &format!("r{round}")).await;
        let nonces: Vec<String> = (0..4).map(|one| format!("race-{round}-{one}")).collect();
        let asks = nonces.iter().enumerate().map(|(at, nonce)| {
            let volunteer = if at % 2 == 0 { &wang } else { &li };
            let voucher = voucher.as_str();
            async move { volunteer.redeem(&[voucher], nonce).await }
        });
        let answers = join_all(asks).await;
        let done = answers.iter().filter(|answer| first(answer) == (true, "-")).count();
        let reply = answers.iter().filter(|answer| first(answer) == (false, "already_redeemed")).count();
        assert_eq!((done, reply), (1, 3), "{answers:?}");
    }
    let count = |shift: &Answer| shift.body["gifts"][0]["redeemed"].as_u64().unwrap_or(0);
    let total = count(&wang.get("/v1/booth/summary").await) + count(&li.get("/v1/booth/summary").await);
    assert_eq!(total, 8, "shifts count each gift once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volunteer_voids_their_own_redemption_within_fifteen_minutes() {
    let app = TestApp::start().await;
    let voucher = voucher_of(&app, "ana").await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let li = app.volunteer("李叔叔", "market-play").await;
    let id = id_of(&wang.redeem(&[&voucher], "confirm-1").await);

    assert_answer_snapshot!(void(&li, &id, "undo-0001").await.status_and_body(), @r#"
    {
      "body": {
        "by": "王阿姨",
        "code": "not_your_redemption",
        "detail": "这份礼物是王阿姨确认的，请由王阿姨本人或负责人撤销。",
        "remedy": "show",
        "status": 403,
        "title": "Forbidden",
        "type": "urn:carnival:problem:not_your_redemption"
      },
      "status": 403
    }
    "#);
    app.at("2023-04-14T10:15:01");
    assert_answer_snapshot!(void(&wang, &id, "undo-0002").await.status_and_body(), @r#"
    {
      "body": {
        "code": "too_late_to_void",
        "detail": "这份礼物是4月14日 10:00确认领取的，已经超过15分钟。请找负责人撤销。",
        "redeemed_at": "2023-04-14T10:00:00+08:00",
        "remedy": "show",
        "status": 403,
        "title": "Forbidden",
        "type": "urn:carnival:problem:too_late_to_void"
      },
      "status": 403
    }
    "#);
    app.at("2023-04-14T10:15:00");
    let undone = void(&wang, &id, "undo-0003").await;
    assert_answer_snapshot!(undone.status_and_body(), @r#"
    {
      "body": {
        "claimed_at": "2023-04-14T10:00:00+08:00",
        "gift": "postcards",
        "held_until": "2023-04-14T23:59:59+08:00",
        "id": "[voucher]",
        "name": "路线明信片一套",
        "state": "held",
        "voucher": "[v o u]"
      },
      "status": 200
    }
    "#);
    app.at("2023-04-14T12:00");
    assert_eq!(void(&wang, &id, "undo-0003").await.body, undone.body, "the same nonce gets the same answer, also late");
    assert_answer_snapshot!(void(&wang, &id, "undo-0004").await.status_and_body(), @r#"
    {
      "body": {
        "code": "voided",
        "detail": "这次领取已于4月14日 10:15在“时光音乐友邻荟兑换台”由您撤销。要发这份礼物，请重新扫码。",
        "done": {
          "at": "2023-04-14T10:15:00+08:00",
          "by": "王阿姨",
          "by_you": true,
          "place": "时光音乐友邻荟兑换台",
          "redemption": "[voucher]-1"
        },
        "remedy": "show",
        "status": 409,
        "title": "Conflict",
        "type": "urn:carnival:problem:voided"
      },
      "status": 409
    }
    "#);

    assert_eq!(
        first(&wang.redeem(&[&voucher], "confirm-1").await),
        (false, "voided"),
        "a retry of a voided redemption"
    );
    let next = wang.redeem(&[&voucher], "confirm-2").await;
    assert_eq!(id_of(&next), format!("{voucher}-2"), "a new id");
    assert_eq!(void(&wang, &id, "undo-0005").await.refusal(), (409, "voided"), "the old id stays voided");
    let shift = wang.get("/v1/booth/summary").await;
    assert_eq!(
        shift.body["gifts"],
        json!([{ "gift": "postcards", "name": "路线明信片一套", "redeemed": 2, "voided": 1 }])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organiser_voids_any_redemption_at_any_time() {
    let app = TestApp::start().await;
    let voucher = voucher_of(&app, "ana").await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let id = id_of(&wang.redeem(&[&voucher], "confirm-1").await);
    app.at("2023-04-20T10:00");
    let boss = app.organiser("陈主任").await;
    let undone = void(&boss, &id, "undo-0001").await;
    assert_eq!((undone.status, &undone.body["state"]), (200, &json!("held")));
    assert_eq!(undone.body["held_until"], json!("2023-04-20T23:59:59+08:00"), "for a full hold time");
    for unknown in ["014738295-1", &format!("{voucher}-2"), &format!("{voucher}-0"), "nonsense", &voucher] {
        assert_eq!(void(&boss, unknown, "undo-0002").await.refusal(), (404, "redemption_unknown"), "{unknown}");
    }
    for reason in ["", "   ", &"长".repeat(201), "a\nb", "\u{202e}"] {
        let body = json!({ "reason": reason, "nonce": "undo-0003" });
        let reply = boss.post(&format!("/v1/booth/redemptions/{id}/void"), body).await;
        assert_eq!(reply.refusal(), (422, "reason_odd"), "{reason:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_concurrent_voids_void_once() {
    let app = TestApp::start().await;
    let voucher = voucher_of(&app, "ana").await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let boss = app.organiser("陈主任").await;
    let id = id_of(&wang.redeem(&[&voucher], "confirm-1").await);
    let (one, two) = tokio::join!(void(&wang, &id, "undo-0001"), void(&boss, &id, "undo-0002"));
    let mut answers = [one.status, two.status];
    answers.sort_unstable();
    assert_eq!(answers, [200, 409], "{one:?} {two:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn residents_cannot_redeem_and_staff_cannot_claim() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    assert_eq!(look_up(&ana, "014738295").await.refusal(), (403, "not_your_role"));
    assert_eq!(ana.redeem(&["014738295"], "confirm-1").await.refusal(), (403, "not_your_role"));
    assert_eq!(ana.get("/v1/booth/summary").await.refusal(), (403, "not_your_role"));
    assert_eq!(wang.get("/v1/me").await.refusal(), (403, "not_your_role"));
    assert_eq!(wang.scan("space-1").await.refusal(), (403, "not_your_role"));
    assert_eq!(app.anonymous().redeem(&["014738295"], "confirm-1").await.refusal(), (401, "token_missing"));
    assert_eq!(app.with_token("nonsense").redeem(&["014738295"], "confirm-1").await.refusal(), (401, "token_invalid"));
}
