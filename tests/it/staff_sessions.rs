//! Guards against a stranger with a staff session, a volunteer who is locked out by a retry or on the next morning, and an
//! ended session that still works.

use carnival::rules::staff::roles::{Role, Station};
use serde_json::{Value, json};

use crate::test_app::{Answer, TestApp, arrival, device_secret};

fn booth() -> Station {
    Station::Booth("market-play".parse().unwrap())
}

fn token(answer: &Answer) -> &str {
    answer.body["token"].as_str().unwrap_or_else(|| panic!("{answer:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_admits_as_many_devices_as_its_uses() {
    let app = TestApp::start().await;
    let link = app.invitation(Role::Volunteer, Some(booth()), 2).await;
    let wang = app.arrive(&link, " 王阿姨 ", 1, "arrival-0001").await;
    let struck_out =
        vec![(r#""token": "[^"]*""#, r#""token": "[token]""#), (r#""session": "[^"]*""#, r#""session": "[session]""#)];
    insta::with_settings!({ filters => struck_out }, { insta::assert_json_snapshot!(wang.status_and_body(), @r#"
    {
      "body": {
        "expires_at": "2023-04-15T02:00:00+08:00",
        "name": "王阿姨",
        "place": {
          "booth": "market-play",
          "name": "时光音乐友邻荟兑换台"
        },
        "role": "volunteer",
        "session": "[session]",
        "state": "on_duty",
        "token": "[token]"
      },
      "status": 201
    }
    "#); });
    let again = app.arrive(&link, "王阿姨", 1, "arrival-0001").await;
    assert_eq!((again.status, &again.body["session"]), (201, &wang.body["session"]), "a repeat");
    assert_eq!(again.body["token"], wang.body["token"]);
    // A bare lower-case code is accepted like the link.
    let bare = link.rsplit('/').next().unwrap().to_lowercase();
    assert_eq!(app.arrive(&bare, "李叔叔", 2, "arrival-0001").await.status, 201, "no use was consumed");
    assert_eq!(app.arrive(&link, "赵姐", 3, "arrival-0001").await.refusal(), (410, "invitation_used_up"));
    assert_eq!(app.arrive(&link, "王阿姨", 1, "arrival-0001").await.status, 201, "also when all uses are taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_says_what_is_wrong_and_whom_to_ask() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    let link = |uses| app.invitation(Role::Volunteer, Some(booth()), uses);
    let mut lines = Vec::new();
    let mut record = |what: &str, answer: Answer| {
        let (status, code) = answer.refusal();
        lines.push(format!("{what}: {status} {code} {}", answer.body["detail"].as_str().unwrap_or_default()));
    };
    let one = link(1).await;
    for (what, name) in [
        ("no name", ""),
        ("spaces", " \n "),
        ("invisible", "\u{200b}\u{200b}"),
        ("reversed", "\u{202e}王阿姨"),
        ("too long", &"长".repeat(41)),
    ] {
        record(what, app.arrive(&one, name, 1, "arrival-0001").await);
    }
    record(
        "no device",
        app.anonymous()
            .post("/v1/sessions/staff", {
                let mut body = arrival(&one, "王阿姨", 1, "arrival-0001");
                body.as_object_mut().unwrap().remove("device");
                body
            })
            .await,
    );
    let wang = app.arrive(&one, "王阿姨", 1, "arrival-0001").await;
    assert_eq!(wang.status, 201, "a refused name takes no use");
    record("other name", app.arrive(&one, "李叔叔", 1, "arrival-0001").await);
    record("used up", app.arrive(&one, "王阿姨", 2, "arrival-0001").await);
    chen.delete(&format!("/v1/organiser/staff/{}", wang.body["session"].as_str().unwrap())).await;
    record("barred", app.arrive(&one, "王阿姨", 1, "arrival-0001").await);
    record("its token", app.with_token(token(&wang)).get("/v1/booth/summary").await);
    let two = link(2).await;
    let li = app.arrive(&two, "李叔叔", 1, "arrival-0001").await;
    assert_eq!(app.with_token(token(&li)).delete("/v1/sessions/staff/own").await.status, 200);
    record("off duty", app.with_token(token(&li)).get("/v1/booth/summary").await);
    record("late repeat", app.arrive(&two, "李叔叔", 1, "arrival-0001").await);
    assert_eq!(app.arrive(&two, "李叔叔", 1, "arrival-0002").await.status, 201, "and on duty again");
    app.at("2023-04-15T10:00:01");
    record("expired", app.arrive(&two, "李叔叔", 1, "arrival-0003").await);
    record("unknown", app.arrive("SABCDEFGHJKMNPQRS", "王阿姨", 1, "arrival-0001").await);
    record("a poster", app.arrive(&app.printed_code("space-1"), "王阿姨", 1, "arrival-0001").await);
    insta::assert_snapshot!(lines.join("\n"), @r"
    no name: 422 name_empty 请写上称呼，比如“王阿姨”。
    spaces: 422 name_empty 请写上称呼，比如“王阿姨”。
    invisible: 422 name_empty 请写上称呼，比如“王阿姨”。
    reversed: 422 name_hidden 称呼里有一个看不见的字符（U+202E），请删掉重新写，不要粘贴。
    too long: 422 name_too_long 称呼写了41个字，最多40个，请短一点。
    no device: 422 device_needed 认不出这台设备。请在同一个浏览器里打开入口码（不要用无痕模式），允许保存网站数据，再到岗。
    other name: 409 nonce_reused 这次操作已经提交过，内容却不一样。请返回，重新填一次。
    used up: 410 invitation_used_up 这个入口码只能用在1台设备上，名额已经用完。到过岗的人请用原来的设备打开；换了设备请找负责人要新的。
    barred: 403 device_barred 负责人结束了这台设备上的在岗，这个入口码在这台设备上不能再用。要继续，请找负责人解除。
    its token: 401 session_ended 负责人已结束您这次在岗。要继续，请找负责人。
    off duty: 401 session_left 您已离岗，或这台设备已换人到岗。要继续，请再打开入口码，重新到岗。
    late repeat: 401 session_left 您已离岗，或这台设备已换人到岗。要继续，请再打开入口码，重新到岗。
    expired: 410 invitation_expired 这个入口码已经过期。要到岗，请找负责人延期，或要新的。
    unknown: 404 invitation_unknown 没有这个入口码，请找负责人要一个新的。
    a poster: 422 code_of_another_kind 这是嘉年华的码，但不是用在这里的。请换一个码再扫。
    ");
    let short = app.arrive(&two, "王阿姨", 1, "short").await;
    assert_eq!(short.refusal(), (400, "bad_request"));
    for weak in ["short", &"a".repeat(40)] {
        let body = json!({ "invitation": two, "name": "王阿姨", "nonce": "arrival-0001", "device": weak });
        assert_eq!(app.anonymous().post("/v1/sessions/staff", body).await.refusal(), (400, "bad_request"));
    }
    let long = app.anonymous().post("/v1/sessions/staff?wait=9", arrival(&two, "王阿姨", 1, "arrival-0001")).await;
    assert_eq!(long.refusal(), (400, "bad_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_tablet_changes_hands() {
    let app = TestApp::start().await;
    let link = app.invitation(Role::Volunteer, Some(booth()), 1).await;
    let wang = app.arrive(&link, "王阿姨", 1, "arrival-0001").await;
    app.at("2023-04-14T12:30");
    let left = app.with_token(token(&wang)).delete("/v1/sessions/staff/own").await;
    insta::assert_json_snapshot!(left.status_and_body(), @r#"
    {
      "body": {
        "from": "2023-04-14T10:00:00+08:00",
        "says": "您已离岗，谢谢您！下次到岗，请在这台设备上再打开一次入口码。",
        "to": "2023-04-14T12:30:00+08:00"
      },
      "status": 200
    }
    "#);
    app.at("2023-04-14T12:35");
    let li = app.arrive(&link, "李叔叔", 1, "arrival-0002").await;
    assert_eq!((li.status, &li.body["name"]), (201, &json!("李叔叔")));
    // The next one comes without waiting for him to leave.
    let zhao = app.arrive(&link, "赵姐", 1, "arrival-0003").await;
    assert_eq!(app.with_token(token(&li)).get("/v1/booth/summary").await.refusal(), (401, "session_left"));
    assert_eq!(app.with_token(token(&zhao)).get("/v1/booth/summary").await.body["name"], json!("赵姐"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_lasts_sixteen_hours_and_never_outlives_its_invitation() {
    let app = TestApp::start().await;
    let link = app.invitation(Role::Volunteer, Some(booth()), 5).await;
    let wang = app.arrive(&link, "王阿姨", 1, "arrival-0001").await;
    assert_eq!(wang.body["expires_at"], json!("2023-04-15T02:00:00+08:00"));
    let wang = app.with_token(token(&wang));
    app.at("2023-04-15T01:59:59");
    assert_eq!(wang.get("/v1/booth/summary").await.status, 200);
    app.at("2023-04-15T02:00:01");
    let over = wang.get("/v1/booth/summary").await;
    assert_eq!((over.refusal(), &over.body["remedy"]), ((401, "token_expired"), &json!("login")));
    let late = app.arrive(&link, "王阿姨", 1, "arrival-0002").await;
    assert_eq!(late.body["expires_at"], json!("2023-04-15T10:00:00+08:00"), "the end of the invitation");
    // An organiser stays for the whole carnival.
    let organiser = app.invitation(Role::Organiser, None, 1).await;
    let organiser = app.arrive(&organiser, "陈社工", 1, "arrival-0001").await;
    assert_eq!(organiser.body["expires_at"], json!("2023-04-16T02:00:01+08:00"), "also the end of the invitation");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_recognised_by_the_cookie_of_the_invitations_page() {
    let app = TestApp::start().await;
    let link = app.invitation(Role::Volunteer, Some(booth()), 1).await;
    let page = link.strip_prefix("https://carnival.example").unwrap();
    let open = |cookie: Option<String>, site: &'static str| {
        let request = app.anonymous().request(reqwest::Method::GET, page).header("sec-fetch-site", site);
        let request = if let Some(cookie) = cookie { request.header("cookie", cookie) } else { request };
        async move { Answer::of(request.send().await.unwrap()).await }
    };
    let first = open(None, "none").await;
    let set = first.header("set-cookie").to_owned();
    assert!(set.starts_with("carnival_device="), "{set}");
    assert!(set.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{set}");
    assert_eq!(first.header("cache-control"), "no-store");
    let cookie = set.split(';').next().unwrap().to_owned();
    assert_ne!(open(None, "none").await.header("set-cookie"), set, "each browser gets its own");
    assert_eq!(open(None, "cross-site").await.header("set-cookie"), "", "the browser may have one and not send it");
    assert_eq!(open(Some(format!("a=b; {cookie}")), "none").await.header("set-cookie"), "");

    let arrive = |cookie: &str, nonce: &str| {
        let mut body = arrival(&link, "王阿姨", 1, nonce);
        body.as_object_mut().unwrap().remove("device");
        let request = app.anonymous().request(reqwest::Method::POST, "/v1/sessions/staff").header("cookie", cookie);
        async move { Answer::of(request.json(&body).send().await.unwrap()).await }
    };
    let wang = arrive(&cookie, "arrival-0001").await;
    assert_eq!(wang.status, 201, "{wang:?}");
    assert_eq!(arrive(&cookie, "arrival-0001").await.body["session"], wang.body["session"], "the answer was lost");
    assert_eq!(arrive(&cookie, "arrival-0002").await.status, 201);
    let other = arrive(&format!("carnival_device={}", device_secret(7)), "arrival-0001").await;
    assert_eq!(other.refusal(), (410, "invitation_used_up"));
    assert_eq!(open(Some(cookie), "none").await.status, 200, "the page welcomes a known device");
    assert_eq!(open(None, "none").await.status, 410, "and tells another one that no use is left");
    let poster = app.printed_code("space-1");
    let poster = app.anonymous().get(poster.strip_prefix("https://carnival.example").unwrap()).await;
    assert_eq!(poster.header("set-cookie"), "", "only an invitation sets it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tablet_shows_the_code_of_its_point_and_its_count_and_nothing_else() {
    let app = TestApp::start().await;
    let point = Some(Station::Point("space-1".parse().unwrap()));
    let tablet = app.staff("平板", Role::Display, point).await;
    let ana = app.resident("ana").await;
    assert_eq!(ana.scan("space-1").await.status, 201);
    let shown = tablet.get("/v1/booth/points/space-1/code").await;
    assert_eq!((shown.status, &shown.body["stamps_today"]), (200, &json!(1)));
    assert_eq!(tablet.get("/v1/booth/points/space-2/code").await.refusal(), (403, "not_your_point"));
    let (viewer, reporter) =
        (app.staff("街道办", Role::Viewer, None).await, app.staff("小赵", Role::Reporter, None).await);
    for client in [&viewer, &reporter, &ana] {
        assert_eq!(client.get("/v1/booth/points/space-1/code").await.refusal(), (403, "not_your_role"));
    }
    app.at("2023-04-15T10:00");
    let wang = app.volunteer("王阿姨", "market-play").await;
    let shown: Value = wang.get("/v1/booth/points/space-1/code").await.body;
    assert_eq!(shown["stamps_today"], json!(0), "another day");
}
