//! Guards against holding a gift that is not earned or not left, refusing one that is earned, and a voucher that no
//! camera reads.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::small_carnival;
use crate::test_app::{Answer, Client, TestApp};

const PATH: &str = "/v1/me/claims";

async fn claim(who: &Client<'_>, gift: &str) -> Answer {
    who.post(PATH, json!({ "gift": gift })).await
}

/// The complete refusal in Chinese, and its English sentence.
async fn refused(who: &Client<'_>, gift: &str) -> Value {
    let mut whole = claim(who, gift).await.body;
    let en = who.post(&format!("{PATH}?lang=en"), json!({ "gift": gift })).await;
    assert_eq!(whole["code"], en.body["code"]);
    whole["en"] = en.body["detail"].clone();
    whole
}

async fn left(app: &TestApp, gift: usize) -> Value {
    app.anonymous().get("/v1/availability").await.body["gifts"][gift]["left"].clone()
}

/// A resident with one stamp of the small carnival.
async fn resident_with_stamp<'a>(app: &'a TestApp, name: &str) -> Client<'a> {
    let who = app.resident(name).await;
    assert_eq!(who.scan("pond").await.status, 201);
    who
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unearned_gift_is_refused_with_what_is_missing() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    assert_eq!(claim(&ana, "postcards").await.body["have"], json!(0), "before the first stamp");
    ana.scan_first(5).await;
    insta::assert_json_snapshot!(refused(&ana, "play-gift").await, @r#"
    {
      "code": "gift_not_earned",
      "detail": "再集2枚印章就能领取“‘玩’美社区集章礼”。还没盖章的有“社区美空间·第6站”和“社区美空间·第7站”。",
      "en": "2 more stamps earn “‘玩’美社区集章礼”. Not stamped yet: “社区美空间·第6站” and “社区美空间·第7站”.",
      "gift": "“玩”美社区集章礼",
      "have": 5,
      "missing": [
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
    }
    "#);
    let routes = claim(&ana, "treasures").await;
    assert_eq!((routes.refusal(), &routes.body["unit"]), ((403, "gift_not_earned"), &json!("routes")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earned_gift_is_held_until_the_end_of_the_day_with_a_voucher() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    ana.scan_first(3).await;
    let held = claim(&ana, "postcards").await;
    assert_eq!(held.status, 201);
    let mut shown = held.body.clone();
    let id = shown["id"].as_str().unwrap().to_owned();
    let grouped = format!("{} {} {}", &id[..3], &id[3..6], &id[6..]);
    assert_eq!(shown["voucher"], json!(grouped));
    let fields = shown.as_object_mut().unwrap();
    for random in ["id", "voucher", "rows", "svg", "png"] {
        assert!(fields.remove(random).is_some(), "{random}");
    }
    insta::assert_json_snapshot!(shown, @r#"
    {
      "claimed_at": "2023-04-14T10:00:00+08:00",
      "gift": "postcards",
      "held_until": "2023-04-14T23:59:59+08:00",
      "name": "路线明信片一套",
      "state": "held"
    }
    "#);
    assert_eq!(left(&app, 0).await, json!(499));
    let again = claim(&ana, "postcards").await;
    assert_eq!((again.status, &again.body["id"], &again.body["rows"]), (200, &held.body["id"], &held.body["rows"]));
    let list = ana.get(PATH).await;
    assert_eq!(list.body["claims"][0]["id"], held.body["id"]);
    assert_eq!(list.body["claims"][0]["rows"], held.body["rows"], "the list has the rows too");
    assert_eq!(left(&app, 0).await, json!(499));
}

/// The text that an independent decoder reads from the rows, drawn with a quiet zone as a phone does.
fn decoded(rows: &Value) -> String {
    let rows: Vec<&[u8]> = rows.as_array().unwrap().iter().map(|row| row.as_str().unwrap().as_bytes()).collect();
    let (quiet, scale) = (4, 6);
    let side = (rows.len() + 2 * quiet) * scale;
    let dark = |x: usize, y: usize| {
        let module = |at: usize| (at / scale).checked_sub(quiet);
        let row = module(y).and_then(|y| rows.get(y));
        row.zip(module(x)).is_some_and(|(row, x)| row.get(x) == Some(&b'1'))
    };
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| if dark(x, y) { 0 } else { 255 });
    picture.detect_grids()[0].decode().unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_of_a_voucher_are_its_nine_digits_and_its_links_are_pictures() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    ana.scan_first(3).await;
    let held = claim(&ana, "postcards").await.body;
    assert_eq!(held["rows"].as_array().unwrap().len(), 21, "the smallest QR version");
    assert_eq!(decoded(&held["rows"]), held["id"].as_str().unwrap());
    for (form, kind) in [("svg", "image/svg+xml"), ("png", "image/png")] {
        let path = held[form].as_str().unwrap().strip_prefix("https://carnival.example").unwrap();
        let picture = app.anonymous().request(reqwest::Method::GET, path).send().await.unwrap();
        assert_eq!((picture.status().as_u16(), picture.headers()["content-type"].to_str().unwrap()), (200, kind));
    }
    let own = ana.get("/v1/me/code").await.body;
    assert_eq!(decoded(&own["rows"]), own["code"].as_str().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_lapses_with_the_day_and_can_be_renewed_with_the_same_voucher() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    ana.scan_first(3).await;
    let first = claim(&ana, "postcards").await;
    app.at("2023-04-14T23:59:59.999");
    let ana = app.resident("ana").await;
    assert_eq!(
        (ana.get(PATH).await.body["claims"][0]["state"].clone(), left(&app, 0).await),
        (json!("held"), json!(499))
    );
    app.at("2023-04-15T00:00");
    assert_eq!(
        (ana.get(PATH).await.body["claims"][0]["state"].clone(), left(&app, 0).await),
        (json!("lapsed"), json!(500))
    );
    let renewed = claim(&ana, "postcards").await;
    assert_eq!((renewed.status, &renewed.body["id"], &renewed.body["state"]), (201, &first.body["id"], &json!("held")));
    assert_eq!(renewed.body["claimed_at"], first.body["claimed_at"]);
    assert_eq!(renewed.body["held_until"], json!("2023-04-15T23:59:59+08:00"));
    assert_eq!(left(&app, 0).await, json!(499));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_with_a_hold_time_of_its_own_keeps_to_it() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    ana.scan_first(7).await;
    app.at("2023-04-20T11:00");
    let ana = app.resident("ana").await;
    for point in 1..=3 {
        assert_eq!(ana.scan(&format!("centre-{point}")).await.status, 201);
    }
    assert_eq!(claim(&ana, "medal").await.body["held_until"], json!("2023-04-20T13:00:00+08:00"));
    app.at("2023-04-20T13:00:00.001");
    assert_eq!(ana.get(PATH).await.body["claims"][0]["state"], json!("lapsed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_gift_can_be_claimed_by_another_resident() {
    let app = small_carnival::start().await;
    let (ana, bo) = (resident_with_stamp(&app, "ana").await, resident_with_stamp(&app, "bo").await);
    let id = ana.claim("last").await;
    insta::assert_json_snapshot!(refused(&bo, "last").await, @r#"
    {
      "code": "gift_gone",
      "detail": "很抱歉，“最后一件”已经发完了。",
      "en": "We are sorry: “最后一件” is all gone.",
      "gift": "最后一件",
      "remedy": "show",
      "status": 409,
      "title": "Conflict",
      "type": "urn:carnival:problem:gift_gone"
    }
    "#);
    assert_eq!(claim(&ana, "last").await.status, 200, "an existing claim is returned although none is left");
    let path = format!("{PATH}/{id}");
    assert_eq!(bo.delete(&path).await.refusal(), (404, "claim_unknown"));
    assert_eq!(left(&app, 0).await, json!(0), "only the holder can release it");
    let back = ana.delete(&path).await;
    assert_eq!((back.status, &back.body["state"]), (200, &json!("lapsed")));
    let again = ana.delete(&path).await;
    assert_eq!((again.status, again.body), (200, back.body), "repeated");
    assert_eq!(left(&app, 0).await, json!(1));
    assert_eq!(claim(&bo, "last").await.status, 201);
    assert_eq!(claim(&ana, "last").await.refusal(), (409, "gift_gone"));
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_residents_get_one_last_gift() {
    let app = small_carnival::start().await;
    let everybody =
        join_all((0..20).map(async |nth| resident_with_stamp(&app, &format!("resident {nth}")).await)).await;
    let answers = join_all(everybody.iter().map(|who| claim(who, "last"))).await;
    let got = answers.iter().filter(|answer| answer.status == 201).count();
    let gone = answers.iter().filter(|answer| answer.refusal() == (409, "gift_gone")).count();
    assert_eq!((got, gone), (1, 19));
    assert_eq!(left(&app, 0).await, json!(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_claims_of_one_resident_hold_one() {
    let app = small_carnival::start().await;
    let ana = resident_with_stamp(&app, "ana").await;
    let answers = join_all((0..20).map(|_| claim(&ana, "pin"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().all(|answer| answer.status < 202 && answer.body["id"] == answers[0].body["id"]));
    assert_eq!(left(&app, 1).await, json!(8));
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_and_unavailable_gifts_are_refused() {
    let app = small_carnival::start().await;
    let ana = resident_with_stamp(&app, "ana").await;
    insta::assert_json_snapshot!(refused(&ana, "no-such").await, @r#"
    {
      "code": "gift_unknown",
      "detail": "嘉年华里没有这份礼物，请刷新后再选一次。",
      "en": "There is no such gift in this carnival. Please reload and choose again.",
      "remedy": "show",
      "status": 404,
      "title": "Not Found",
      "type": "urn:carnival:problem:gift_unknown"
    }
    "#);
    insta::assert_json_snapshot!(refused(&ana, "shut").await, @r#"
    {
      "code": "gift_closed",
      "detail": "“停发礼”现在不能领取：已停止发放。",
      "en": "“停发礼” cannot be claimed now: 已停止发放.",
      "gift": "停发礼",
      "reason": "已停止发放",
      "remedy": "show",
      "status": 409,
      "title": "Conflict",
      "type": "urn:carnival:problem:gift_closed"
    }
    "#);
    // The last minute of the last hour counts, as at points.
    app.at("2023-04-14T10:01");
    insta::assert_json_snapshot!(refused(&ana, "early").await, @r#"
    {
      "code": "pick_up_closed",
      "detail": "“早鸟礼”的领取时间是4月13日至14日，每天09:00–10:00。现在是4月14日 10:01。",
      "en": "“早鸟礼” is handed out 13 to 14 April, daily 09:00–10:00. It is 14 April, 10:01 now.",
      "first_day": "2023-04-13",
      "gift": "早鸟礼",
      "hours": [
        "09:00-10:00"
      ],
      "last_day": "2023-04-14",
      "now": "2023-04-14T10:01:00+08:00",
      "remedy": "show",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:carnival:problem:pick_up_closed"
    }
    "#);
    for odd in ["", "LAST", "最后", "../last", " last"] {
        assert_eq!(claim(&ana, odd).await.refusal(), (404, "gift_unknown"), "{odd}");
    }
    for odd in ["012345678", "1", "abc", "%E6%9C%80", "%FF", "0141 38295"] {
        assert_eq!(ana.delete(&format!("{PATH}/{odd}")).await.status, 404, "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_gift_is_held_after_the_carnival() {
    let app = small_carnival::start().await;
    resident_with_stamp(&app, "ana").await;
    app.at("2023-04-21T00:00");
    let ana = app.resident("ana").await;
    assert_eq!(claim(&ana, "pin").await.refusal(), (403, "carnival_over"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_survives_the_closing_of_its_gift() {
    let app = small_carnival::start().await;
    let (ana, bo) = (resident_with_stamp(&app, "ana").await, resident_with_stamp(&app, "bo").await);
    let id = ana.claim("pin").await;
    let closed = small_carnival::TOML.replace("name = \"徽章\"", "name = \"徽章\"\nclosed = \"没有了\"");
    small_carnival::publish(&app, &closed).await;
    assert_eq!(claim(&bo, "pin").await.refusal(), (409, "gift_closed"));
    let still = claim(&ana, "pin").await;
    assert_eq!((still.status, &still.body["id"], &still.body["state"]), (200, &json!(id), &json!("held")));
    let wang = app.volunteer("王阿姨", "tent").await;
    let done = wang.redeem(&[&id], "confirm-1").await;
    assert_eq!(done.body["results"][0]["redeemed"], json!(true), "{done:?}");
    assert_eq!(claim(&ana, "pin").await.refusal(), (409, "already_redeemed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redeemed_claim_names_time_booth_and_volunteer() {
    let app = small_carnival::start().await;
    let ana = resident_with_stamp(&app, "ana").await;
    let id = ana.claim("pin").await;
    app.volunteer("王阿姨", "tent").await.redeem(&[&id], "confirm-1").await;
    let mut whole = refused(&ana, "pin").await;
    whole["done"]["redemption"] = whole["done"]["redemption"].as_str().unwrap().replace(&id, "[voucher]").into();
    insta::assert_json_snapshot!(whole, @r#"
    {
      "code": "already_redeemed",
      "detail": "这份礼物已于4月14日 10:00在“帐篷”由王阿姨确认领取。",
      "done": {
        "at": "2023-04-14T10:00:00+08:00",
        "by": "王阿姨",
        "by_you": false,
        "place": "帐篷",
        "redemption": "[voucher]-1"
      },
      "en": "This gift was already handed over on 14 April, 10:00 at “帐篷” by 王阿姨.",
      "remedy": "show",
      "status": 409,
      "title": "Conflict",
      "type": "urn:carnival:problem:already_redeemed"
    }
    "#);
    let back = ana.delete(&format!("{PATH}/{id}")).await;
    assert_eq!(back.refusal(), (409, "already_redeemed"));
    let mine = ana.get(PATH).await.body["claims"][0].clone();
    assert_eq!((&mine["state"], &mine["rows"]), (&json!("redeemed"), &Value::Null), "a redeemed voucher has no rows");
    assert_eq!(left(&app, 1).await, json!(8));
}
