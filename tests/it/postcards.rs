//! Guards against a postcard that shows unearned stamps or hides earned ones, a guessable link, and rendering that
//! delays check-ins.

use std::sync::Arc;
use std::sync::mpsc::channel;

use carnival::config::Settings;
use carnival::rules::staff::roles::{Role, Station};
use image::GenericImageView;
use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;
use serde_json::{Value, json};

use crate::test_app::{Answer, Client, TestApp, TestAppOptions};

/// The path of a link.
fn path(link: &Value) -> &str {
    link.as_str().unwrap().strip_prefix("https://carnival.example").unwrap()
}

/// A picture with its media type, `ETag` and file name.
struct Picture {
    media: String,
    tag: String,
    name: String,
    bytes: Vec<u8>,
}

/// Fetches a picture as a phone does, without a token.
async fn fetch(app: &TestApp, link: &Value) -> Picture {
    let answer = app.anonymous().request(Method::GET, path(link)).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{link}");
    let header = |name: &str| String::from_utf8(answer.headers()[name].as_bytes().to_vec()).unwrap();
    assert_eq!(header("cache-control"), "private, no-cache");
    let (media, tag, name) = (header("content-type"), header("etag"), header("content-disposition"));
    Picture { media, tag, name, bytes: answer.bytes().await.unwrap().into() }
}

fn size(picture: &Picture) -> (u32, u32) {
    image::load_from_memory(&picture.bytes).unwrap().dimensions()
}

async fn postcard(who: &Client<'_>, query: &str) -> Answer {
    who.get(&format!("/v1/me/postcards/play{query}")).await
}

/// The answer with the random part of its links masked.
fn masked(answer: &Answer) -> Value {
    let mut whole = answer.status_and_body();
    for form in ["phone", "phone_png", "print"] {
        if let Some(link) = whole["body"][form].as_str() {
            let parts: Vec<&str> = link.split('/').collect();
            whole["body"][form] = format!("{}/…/…/{}", parts[..5].join("/"), parts[7]).into();
        }
    }
    whole
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postcard_lists_links_to_its_pictures() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    ana.scan_first(2).await;
    let card = postcard(&ana, "?greeting=%E5%A6%88%E5%A6%88%EF%BC%8C%E4%BD%A0%E5%A5%BD").await;
    assert_answer_snapshot!(masked(&card), @r#"
    {
      "body": {
        "expires_at": "2023-04-14T10:10:00+08:00",
        "file_name": "“玩”美社区-明信片",
        "name": "“玩”美社区",
        "needed": 7,
        "phone": "https://carnival.example/v1/postcards/…/…/play-phone.jpg?greeting=%E5%A6%88%E5%A6%88%EF%BC%8C%E4%BD%A0%E5%A5%BD",
        "phone_png": "https://carnival.example/v1/postcards/…/…/play-phone.png?greeting=%E5%A6%88%E5%A6%88%EF%BC%8C%E4%BD%A0%E5%A5%BD",
        "print": "https://carnival.example/v1/postcards/…/…/play-print.png?greeting=%E5%A6%88%E5%A6%88%EF%BC%8C%E4%BD%A0%E5%A5%BD",
        "route": "play",
        "stamped": 2
      },
      "status": 200
    }
    "#);
    for (form, media, dimensions) in [
        ("phone", "image/jpeg", (1080, 766)),
        ("phone_png", "image/png", (1080, 766)),
        ("print", "image/png", (1748, 1240)),
    ] {
        let picture = fetch(&app, &card.body[form]).await;
        assert_eq!((picture.media.as_str(), size(&picture)), (media, dimensions), "{form}");
    }
    let name = fetch(&app, &card.body["phone"]).await.name;
    assert_eq!(
        name,
        "inline; filename=\"postcard-play.jpg\"; filename*=UTF-8''%E2%80%9C%E7%8E%A9%E2%80%9D%E7%BE%8E%E7%A4%BE%E5%8C%BA%2D%E6%98%8E%E4%BF%A1%E7%89%87.jpg"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_stamp_changes_the_picture_at_the_same_link_at_once() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let card = postcard(&ana, "").await.body;
    let empty = fetch(&app, &card["phone"]).await;
    assert_eq!(fetch(&app, &card["phone"]).await.bytes, empty.bytes);
    let again = async |tag: &str| {
        let request = app.anonymous().request(Method::GET, path(&card["phone"])).header(IF_NONE_MATCH, tag).send();
        request.await.unwrap().status().as_u16()
    };
    assert_eq!(again(&empty.tag).await, 304);
    ana.scan_first(1).await;
    assert_eq!(again(&empty.tag).await, 200);
    let stamped = fetch(&app, &card["phone"]).await;
    assert!(stamped.tag != empty.tag && stamped.bytes != empty.bytes);
    // Above y = 580 only the first point's slot changed; the count of stamps is below.
    let pixels = |picture: &Picture| image::load_from_memory(&picture.bytes).unwrap().to_luma8();
    let (before, after) = (pixels(&empty), pixels(&stamped));
    let differs = |x: u32, y: u32| before.get_pixel(x, y).0[0].abs_diff(after.get_pixel(x, y).0[0]) > 40;
    let (left, top, right, bottom) = (24, 280, 200, 460);
    let all = (0..1080).flat_map(|x| (0..580).map(move |y| (x, y)));
    let (inside, outside): (Vec<_>, Vec<_>) =
        all.filter(|(x, y)| differs(*x, *y)).partition(|(x, y)| (left..right).contains(x) && (top..bottom).contains(y));
    assert!(inside.len() > 1_000, "{}", inside.len());
    assert_eq!(outside, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complete_card_has_its_completion_time() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    ana.scan_first(6).await;
    assert_eq!(postcard(&ana, "").await.body["complete_on"], Value::Null);
    app.at("2023-04-15T11:00");
    // A day later the token has expired, so log in again.
    let ana = app.resident("ana").await;
    assert_eq!(ana.scan("space-7").await.status, 201);
    assert_eq!(postcard(&ana, "").await.body["complete_on"], "2023-04-15");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greeting_that_does_not_fit_or_cannot_be_printed_is_refused() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    let refused = async |greeting: &str| {
        let request = ana.request(Method::GET, "/v1/me/postcards/play").query(&[("greeting", greeting)]);
        let answer = Answer::of(request.send().await.unwrap()).await;
        json!([answer.status, answer.body["code"], answer.body["detail"]])
    };
    assert_answer_snapshot!(refused(&"好".repeat(61)).await, @r#"
    [
      422,
      "greeting_too_long",
      "寄语写了61个字，最多60个，请短一点。"
    ]
    "#);
    assert_answer_snapshot!(refused("妈妈😀好").await, @r#"
    [
      422,
      "greeting_emoji",
      "表情符号“😀”印不到明信片上，请换成文字。"
    ]
    "#);
    // A character without a glyph in any font: Unicode added it in 2024.
    assert_answer_snapshot!(refused("好\u{1c8a}\u{10d6f}呀").await, @r#"
    [
      422,
      "cannot_be_printed",
      "没有字体能印“ᲊ（U+1C8A）”这个字，请换一个字。"
    ]
    "#);
    assert_eq!(postcard(&ana, "?greeting=").await.status, 200);
    assert_eq!(ana.get("/v1/me/postcards/nowhere").await.refusal(), (404, "route_unknown"));
    assert_eq!(postcard(&ana, "?greting=x").await.refusal(), (400, "bad_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_only_its_own_card_for_ten_minutes() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let mine = postcard(&ana, "?greeting=hello").await.body;
    let others = postcard(&ben, "?greeting=hello").await.body;
    let mine = path(&mine["phone"]);
    let parts: Vec<&str> = mine.split('/').collect();
    let other_holder = path(&others["phone"]).split('/').nth(3).unwrap();
    let stranger = app.anonymous();
    let status = async |path: String| stranger.request(Method::GET, &path).send().await.unwrap().status().as_u16();
    assert_eq!(status(mine.to_owned()).await, 200);
    for forged in [
        mine.replace(parts[3], other_holder),
        mine.replace("play-phone", "active-phone"),
        mine.replace("hello", "hallo"),
        mine.replace("?greeting=hello", ""),
        mine.replace(parts[4], "0"),
        mine.replace(parts[3], "c1"),
    ] {
        assert_eq!(status(forged.clone()).await, 404, "{forged}");
    }
    assert_eq!(status(mine.replace(".jpg", ".gif")).await, 404);
    // Size and format are not signed: a link's holder may also fetch the larger picture.
    assert_eq!(status(mine.replace("-phone.jpg", "-print.jpg")).await, 200);
    app.at("2023-04-14T10:10");
    assert_eq!(status(mine.to_owned()).await, 410);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_cards_postcard_is_printed_at_the_booth_and_shown_on_a_companions_phone() {
    let app = TestApp::start().await;
    let (ana, wang) = (app.resident("ana").await, app.volunteer("王阿姨", "market-play").await);
    let card = &app.paper_passports(1).await[0];
    let points = json!({ "passport": card, "points": ["space-1", "space-2"], "nonce": "ink-00001" });
    assert_eq!(wang.post("/v1/booth/check-ins", points).await.status, 200);
    let request = json!({ "passport": card, "route": "play", "greeting": "儿子，妈妈走了两站！" });
    let printed = wang.post("/v1/booth/postcards", request).await;
    assert_eq!((printed.status, &printed.body["stamped"]), (200, &json!(2)));
    assert_eq!(size(&fetch(&app, &printed.body["print"]).await), (1748, 1240));
    // The resident has no access until the card is a companion on that phone.
    assert_eq!(postcard(&ana, "?for=1").await.refusal(), (404, "companion_unknown"));
    ana.post("/v1/me/companions", json!({ "passport": card })).await;
    assert_eq!(postcard(&ana, "?for=1").await.body["stamped"], 2);
    assert_eq!(postcard(&ana, "").await.body["stamped"], 0);
    for (passport, code) in [("P000000000000000", "code_unknown"), ("473829106", "code_of_another_kind")] {
        let refused = wang.post("/v1/booth/postcards", json!({ "passport": passport, "route": "play" })).await;
        assert_eq!(refused.body["code"], code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volunteer_prints_the_postcard_of_a_residents_own_code() {
    let app = TestApp::start().await;
    let ana = app.resident("ana").await;
    ana.scan_first(1).await;
    let own = ana.get("/v1/me/code").await.body["code"].take();
    let place = Station::Point("space-1".parse().unwrap());
    let li = app.staff("李叔叔", Role::Volunteer, Some(place)).await;
    let request = json!({ "passport": own, "route": "play" });
    assert_eq!(li.post("/v1/booth/postcards", request.clone()).await.body["stamped"], 1);
    app.at("2023-04-14T10:06");
    assert_eq!(li.post("/v1/booth/postcards", request).await.refusal(), (410, "own_code_too_old"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_render_pool_refuses_pictures_and_delays_no_check_in() {
    let one_render_slot =
        |settings: &mut Settings| (settings.pictures.concurrency, settings.pictures.queue_length) = (1, 0);
    let app =
        TestApp::start_with(TestAppOptions { settings: Some(one_render_slot), ..TestAppOptions::default() }).await;
    let ana = app.resident("ana").await;
    let card = postcard(&ana, "").await.body;
    let (begun, is_begun) = channel();
    let (end, ended) = channel::<()>();
    let inside = Arc::clone(&app.app);
    let long = tokio::spawn(async move {
        inside
            .render_pool
            .run(move |_| {
                begun.send(()).unwrap();
                ended.recv().unwrap();
            })
            .await
    });
    tokio::task::spawn_blocking(move || is_begun.recv().unwrap()).await.unwrap();
    let refused = app.anonymous().get(path(&card["phone"])).await;
    assert_eq!((refused.refusal(), refused.header("retry-after")), ((503, "pictures_busy"), "2"));
    assert_eq!(ana.scan("space-1").await.status, 201);
    end.send(()).unwrap();
    long.await.unwrap().unwrap();
    let picture = fetch(&app, &card["phone"]).await;
    assert_eq!(size(&picture), (1080, 766));
    // A cached picture needs no slot in the render pool.
    let _all = app.app.render_pool.run(|_| ()).await;
    assert_eq!(fetch(&app, &card["phone"]).await.bytes, picture.bytes);
}
