//! Guards against a tablet code that cannot be scanned or stays valid too long, a sold-out gift that is still promised,
//! and a shift summary that counts another volunteer's work.

use carnival::rules::staff::roles::{Role, Station};
use serde_json::{Value, json};

use crate::qr_decoder;
use crate::test_app::{Answer, TestApp};

async fn fetch_display_code(app: &TestApp, point: &str) -> Answer {
    let place = Some(Station::Point(point.parse().unwrap()));
    app.staff("赵姐", Role::Volunteer, place).await.get(&format!("/v1/booth/points/{point}/code")).await
}

async fn unavailable_at(app: &TestApp, gift: usize) -> Value {
    app.anonymous().get("/v1/availability").await.body["gifts"][gift]["gone_at"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tablets_code_changes_every_thirty_seconds() {
    let app = TestApp::start().await;
    let first = fetch_display_code(&app, "space-1").await;
    assert_eq!((first.status, first.header("cache-control")), (200, "no-store"));
    assert_eq!(
        (&first.body["changes_at"], &first.body["changes_in_ms"]),
        (&json!("2023-04-14T10:00:30+08:00"), &json!(30_000))
    );
    app.at("2023-04-14T10:00:29.999");
    let same = fetch_display_code(&app, "space-1").await;
    assert_eq!((&same.body["code"], &same.body["changes_in_ms"]), (&first.body["code"], &json!(1)));
    app.at("2023-04-14T10:00:30");
    assert_ne!(fetch_display_code(&app, "space-1").await.body["code"], first.body["code"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tablets_code_is_accepted_within_its_grace_only() {
    let app = TestApp::start().await;
    let link = fetch_display_code(&app, "space-1").await.body["link"].as_str().unwrap().to_owned();
    for (at, name, told) in [
        ("2023-04-14T10:00:00", "ana", (201, "-")),
        // Its own 30 seconds and a grace of 180.
        ("2023-04-14T10:03:30", "ben", (201, "-")),
        ("2023-04-14T10:03:31", "cem", (410, "display_code_too_old")),
        ("2023-04-14T10:20:00", "ana", (200, "-")),
    ] {
        app.at(at);
        let resident = app.resident(name).await;
        let answer = resident.post("/v1/check-ins", json!({ "code": link })).await;
        assert_eq!(answer.refusal(), told, "{at} {name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tablets_code_is_decoded_from_each_of_its_pictures() {
    let app = TestApp::start().await;
    let shown = fetch_display_code(&app, "space-1").await;
    let link = shown.body["link"].as_str().unwrap();
    assert_eq!(link, format!("https://carnival.example/q/{}", shown.body["code"].as_str().unwrap()));
    assert_eq!(qr_decoder::decode_rows(&shown.body["rows"]), link);
    let path =
        |form: &str| shown.body[form].as_str().unwrap().strip_prefix("https://carnival.example").unwrap().to_owned();
    let png = app.anonymous().request(reqwest::Method::GET, &path("png")).send().await.unwrap();
    assert_eq!(png.headers()["content-type"], "image/png");
    assert_eq!(qr_decoder::decode_png(&png.bytes().await.unwrap()), [link]);
    let svg = app.anonymous().get(&path("svg")).await;
    assert_eq!((svg.status, svg.header("content-type")), (200, "image/svg+xml"));
    assert!(svg.body.as_str().unwrap().starts_with("<svg"), "{:?}", svg.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_staff_of_the_point_or_a_booth_may_display_its_code() {
    let app = TestApp::start().await;
    assert_eq!(
        fetch_display_code(&app, "space-2").await.refusal(),
        (403, "printed_code_needed"),
        "a point without a tablet"
    );
    let zhao = app.staff("赵姐", Role::Volunteer, Some(Station::Point("space-2".parse().unwrap()))).await;
    assert_eq!(zhao.get("/v1/booth/points/space-1/code").await.refusal(), (403, "not_your_point"));
    assert_eq!(zhao.get("/v1/booth/points/nowhere/code").await.refusal(), (404, "point_unknown"));
    let boss = app.organiser("陈主任").await;
    assert_eq!(boss.get("/v1/booth/points/space-1/code").await.status, 200);
    let ana = app.resident("ana").await;
    assert_eq!(ana.get("/v1/booth/points/space-1/code").await.refusal(), (403, "not_your_role"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_is_marked_unavailable_at_a_booth_and_available_again() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let boss = app.organiser("陈主任").await;
    let gone = wang.put("/v1/booth/gifts/postcards/here", json!({ "available": false })).await;
    insta::assert_json_snapshot!(gone.status_and_body(), @r#"
    {
      "body": {
        "available": false,
        "booth": "market-play",
        "gift": "postcards"
      },
      "status": 200
    }
    "#);
    let also = boss.put("/v1/booth/gifts/postcards/here", json!({ "available": false, "booth": "opening" })).await;
    assert_eq!(also.status, 200);
    assert_eq!(unavailable_at(&app, 0).await, json!(["market-play", "opening"]));
    for _ in 0..2 {
        let back =
            wang.put("/v1/booth/gifts/postcards/here", json!({ "available": true, "booth": "market-play" })).await;
        assert_eq!((back.status, unavailable_at(&app, 0).await), (200, json!(["opening"])));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_staff_of_the_booth_change_its_gift_availability() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let boss = app.organiser("陈主任").await;
    let zhao = app.staff("赵姐", Role::Volunteer, Some(Station::Point("space-1".parse().unwrap()))).await;
    let away = |booth: Option<&str>| json!({ "available": false, "booth": booth });
    for (staff, gift, booth, told) in [
        (&wang, "postcards", Some("opening"), (403, "booth_needed")),
        (&wang, "treasures", None, (403, "wrong_booth")),
        (&boss, "treasures", Some("opening"), (403, "wrong_booth")),
        (&boss, "postcards", None, (403, "booth_needed")),
        (&boss, "postcards", Some("no-such"), (403, "booth_needed")),
        (&zhao, "postcards", None, (403, "booth_needed")),
        (&boss, "no-such", Some("opening"), (404, "gift_unknown")),
    ] {
        let answer = staff.put(&format!("/v1/booth/gifts/{gift}/here"), away(booth)).await;
        assert_eq!((answer.body["code"].as_str(), gift, booth), (Some(told.1), gift, booth), "{answer:?}");
    }
    assert_eq!(unavailable_at(&app, 0).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_counts_the_volunteers_own_work() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    let li = app.volunteer("李叔叔", "market-play").await;
    let cards = app.paper_passports(2).await;
    let mut nonce = 0;
    for (staff, card) in [(&wang, &cards[0]), (&li, &cards[1])] {
        nonce += 1;
        let points = json!({ "passport": card, "points": ["space-1", "space-2", "space-3"], "nonce": format!("ink-{nonce:05}") });
        staff.post("/v1/booth/check-ins", points.clone()).await;
        staff.post("/v1/booth/check-ins", points).await;
    }
    let gift = json!({ "passport": cards[0], "gift": "postcards", "nonce": "paper-0001" });
    let given = wang.post("/v1/booth/paper-redemptions", gift.clone()).await;
    wang.post("/v1/booth/paper-redemptions", gift).await;
    let undo = json!({ "reason": "拿错了", "nonce": "undo-0001" });
    let path = format!("/v1/booth/redemptions/{}/void", given.body["redemption"]["id"].as_str().unwrap());
    wang.post(&path, undo.clone()).await;
    wang.post(&path, undo).await;
    app.at("2023-04-14T12:00");
    insta::assert_json_snapshot!(wang.get("/v1/booth/summary").await.status_and_body(), @r#"
    {
      "body": {
        "gifts": [
          {
            "gift": "postcards",
            "name": "路线明信片一套",
            "redeemed": 1,
            "voided": 1
          }
        ],
        "name": "王阿姨",
        "place": {
          "booth": "market-play",
          "name": "时光音乐友邻荟兑换台"
        },
        "since": "2023-04-14T10:00:00+08:00",
        "stamps": 3,
        "until": "2023-04-15T02:00:00+08:00"
      },
      "status": 200
    }
    "#);
    let his = li.get("/v1/booth/summary").await;
    assert_eq!((&his.body["stamps"], &his.body["gifts"]), (&json!(3), &json!([])));
}
