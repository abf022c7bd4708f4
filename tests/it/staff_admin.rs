//! Guards against an organiser who cannot see or end staff sessions, and against duplicate invitations after a retry.

use carnival::actions::statistics::hint_recording;
use carnival::rules::staff::roles::{Role, Station};
use serde_json::{Value, json};

use crate::test_app::{Answer, Client, TestApp};

async fn accept(app: &TestApp, link: &Value, name: &str, device: u32) -> Answer {
    app.arrive(link.as_str().unwrap(), name, device, "arrival-0001").await
}

async fn list(organiser: &Client<'_>) -> Vec<Value> {
    organiser.get("/v1/organiser/staff").await.body["invitations"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "a whole answer is compared")]
async fn an_organiser_invites_staff_and_sees_their_sessions_and_work() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    app.at("2023-04-14T10:05");
    let invite = json!({ "role": "volunteer", "booth": "market-play", "uses": 2, "until": "2023-04-14" });
    let invited = chen.post("/v1/organiser/staff", invite).await;
    let struck_out = || {
        vec![
            (r#""id": "[0-9A-Z]{16}""#, r#""id": "[id]""#),
            (r#""device": "[0-9A-Z]{16}""#, r#""device": "[id]""#),
            (r"/q/S[0-9A-Z]{16}", "/q/[secret]"),
        ]
    };
    insta::with_settings!({ filters => struck_out() }, { insta::assert_json_snapshot!(invited.status_and_body(), @r#"
    {
      "body": {
        "approval": false,
        "id": "[id]",
        "link": "https://carnival.example/q/[secret]",
        "place": {
          "booth": "market-play",
          "name": "时光音乐友邻荟兑换台"
        },
        "role": "volunteer",
        "roster": null,
        "until": "2023-04-14T23:59:59+08:00",
        "uses": 2,
        "uses_left": 2
      },
      "status": 201
    }
    "#); });
    assert_eq!(invited.header("cache-control"), "no-store");
    let wang = accept(&app, &invited.body["link"], "王阿姨", 1).await;
    let wang = app.with_token(wang.body["token"].as_str().unwrap());

    let ana = app.resident("ana").await;
    ana.scan_first(3).await;
    let card = app.paper_passports(1).await.remove(0);
    app.at("2023-04-14T10:30");
    let ink = json!({ "passport": card, "points": ["space-1", "space-2"], "nonce": "ink-00001" });
    wang.post("/v1/booth/check-ins", ink).await;
    let voucher = ana.claim("postcards").await;
    let done = wang.redeem(&[&voucher], "confirm-1").await;
    let id = done.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap();
    wang.post(&format!("/v1/booth/redemptions/{id}/void"), json!({ "reason": "拿错了", "nonce": "undo-0001" })).await;
    wang.redeem(&[&voucher], "confirm-2").await;
    hint_recording::flush(&app.app).await;
    app.at("2023-04-14T11:00");
    let listed = list(&chen).await;
    insta::with_settings!({ filters => struck_out() }, { insta::assert_json_snapshot!(listed[0], @r#"
    {
      "approval": false,
      "devices": [
        {
          "id": "[id]",
          "name": "王阿姨",
          "place": null,
          "since": "2023-04-14T10:05:00+08:00",
          "state": "admitted"
        }
      ],
      "ended": null,
      "id": "[id]",
      "made_at": "2023-04-14T10:05:00+08:00",
      "open": true,
      "place": {
        "booth": "market-play",
        "name": "时光音乐友邻荟兑换台"
      },
      "role": "volunteer",
      "roster": null,
      "sessions": [
        {
          "begun": "2023-04-14T10:05:00+08:00",
          "device": "[id]",
          "ended": null,
          "gifts": [
            {
              "gift": "postcards",
              "name": "路线明信片一套",
              "redeemed": 2,
              "voided": 1
            }
          ],
          "hours": {
            "corrected_by": null,
            "from": "2023-04-14T10:05:00+08:00",
            "to": null
          },
          "id": "[id]",
          "last_seen": "2023-04-14T10:30:00+08:00",
          "name": "王阿姨",
          "on_duty": true,
          "place": {
            "booth": "market-play",
            "name": "时光音乐友邻荟兑换台"
          },
          "stamps": 2,
          "until": "2023-04-14T23:59:59+08:00"
        }
      ],
      "taken": 1,
      "until": "2023-04-14T23:59:59+08:00",
      "uses": 2,
      "uses_left": 1,
      "waiting": 0
    }
    "#); });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_invitation_creates_no_second_link() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    let invite = json!({ "role": "organiser", "nonce": "invite-0001" });
    let first = chen.post("/v1/organiser/staff", invite.clone()).await;
    app.at("2023-04-14T10:10");
    let again = chen.post("/v1/organiser/staff", invite.clone()).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(list(&chen).await.len(), 2, "the organiser's own and this one");
    for changed in [
        json!({ "role": "volunteer", "booth": "market-play", "nonce": "invite-0001" }),
        json!({ "role": "organiser", "uses": 9, "nonce": "invite-0001" }),
        json!({ "role": "organiser", "until": "2023-04-20", "nonce": "invite-0001" }),
        json!({ "role": "organiser", "approval": true, "nonce": "invite-0001" }),
    ] {
        assert_eq!(chen.post("/v1/organiser/staff", changed).await.refusal(), (409, "nonce_reused"));
    }
    let other = app.organiser("周社工").await.post("/v1/organiser/staff", invite).await;
    assert_ne!(other.body["link"], first.body["link"], "nonces are separate per organiser");
    assert_eq!(accept(&app, &first.body["link"], "刘社工", 3).await.body["role"], json!("organiser"));
    let plain = json!({ "role": "organiser" });
    let two = [chen.post("/v1/organiser/staff", plain.clone()).await, chen.post("/v1/organiser/staff", plain).await];
    assert_ne!(two[0].body["link"], two[1].body["link"]);
    assert_eq!(
        two[0].body["until"],
        json!("2023-05-14T23:59:59+08:00"),
        "the carnival, and two weeks for the accounts"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_invitations_are_refused_and_create_nothing() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    let mut lines = Vec::new();
    for odd in [
        json!({ "role": "volunteer" }),
        json!({ "role": "organiser", "booth": "market-play" }),
        json!({ "role": "volunteer", "booth": "market-play", "point": "space-1" }),
        json!({ "role": "volunteer", "booth": "north" }),
        json!({ "role": "volunteer", "booth": "北边" }),
        json!({ "role": "volunteer", "point": "space-99" }),
        json!({ "role": "resident" }),
        json!({ "role": "organiser", "uses": 0 }),
        json!({ "role": "organiser", "uses": 1001 }),
        json!({ "role": "organiser", "uses": 99_999 }),
        json!({ "role": "organiser", "until": "tomorrow" }),
        json!({ "role": "organiser", "until": "2023-04-13" }),
        json!({ "role": "organiser", "until": "2023-04-14T10:00:00+08:00" }),
        json!({ "role": "organiser", "nonce": "short" }),
    ] {
        let answer = chen.post("/v1/organiser/staff", odd.clone()).await;
        let (status, code) = answer.refusal();
        let why = answer.body["what"].as_str().or(answer.body["detail"].as_str()).unwrap_or_default();
        lines.push(format!("{odd} → {status} {code} {why}"));
    }
    insta::assert_snapshot!(lines.join("
"), @r#"
    {"role":"volunteer"} → 422 station_mismatch 请给志愿者选一个兑换台或一个打卡点，只选一个。
    {"booth":"market-play","role":"organiser"} → 422 station_mismatch 这个角色不在固定的地点工作，请不要选兑换台或打卡点。
    {"booth":"market-play","point":"space-1","role":"volunteer"} → 422 station_mismatch 请给志愿者选一个兑换台或一个打卡点，只选一个。
    {"booth":"north","role":"volunteer"} → 404 booth_unknown 没有这个兑换台，请检查它的 id。
    {"booth":"北边","role":"volunteer"} → 404 booth_unknown 没有这个兑换台，请检查它的 id。
    {"point":"space-99","role":"volunteer"} → 404 point_unknown 嘉年华里没有这个点位，请刷新后再选一次。
    {"role":"resident"} → 400 bad_request unknown variant `resident`, expected one of `volunteer`, `organiser`, `viewer`, `reporter`, `display` at line 1 column 18
    {"role":"organiser","uses":0} → 422 uses_out_of_range 一个入口码可以用在1到1000台设备上，请改一下数目。
    {"role":"organiser","uses":1001} → 422 uses_out_of_range 一个入口码可以用在1到1000台设备上，请改一下数目。
    {"role":"organiser","uses":99999} → 422 uses_out_of_range 一个入口码可以用在1到1000台设备上，请改一下数目。
    {"role":"organiser","until":"tomorrow"} → 422 until_unreadable 看不懂有效期。请写成 2023-04-14 或 2023-04-14T18:00。
    {"role":"organiser","until":"2023-04-13"} → 422 until_past 有效期已经过去了，请写以后的时间。
    {"role":"organiser","until":"2023-04-14T10:00:00+08:00"} → 422 until_past 有效期已经过去了，请写以后的时间。
    {"nonce":"short","role":"organiser"} → 400 bad_request "short" is not a nonce: 8 to 64 letters, digits, hyphens and underscores at line 1 column 16
    "#);
    assert_eq!(list(&chen).await.len(), 1);
    let wang = app.volunteer("王阿姨", "market-play").await;
    assert_eq!(wang.get("/v1/organiser/staff").await.refusal(), (403, "not_your_role"));
    assert_eq!(
        wang.post("/v1/organiser/staff", json!({ "role": "organiser" })).await.refusal(),
        (403, "not_your_role")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_a_session_or_an_invitation_takes_effect_at_once() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    let invite = json!({ "role": "volunteer", "point": "space-1", "uses": 3 });
    let invited = chen.post("/v1/organiser/staff", invite).await;
    let (wang, li) = (
        accept(&app, &invited.body["link"], "王阿姨", 1).await,
        accept(&app, &invited.body["link"], "李叔叔", 2).await,
    );
    let of = |answer: &Answer| app.with_token(answer.body["token"].as_str().unwrap());
    let ended = format!("/v1/organiser/staff/{}", wang.body["session"].as_str().unwrap());
    for _ in 0..2 {
        let answer = chen.delete(&ended).await;
        assert_eq!((answer.status, &answer.body["kind"]), (200, &json!("session")));
    }
    assert_eq!(of(&wang).get("/v1/booth/summary").await.refusal(), (401, "session_ended"));
    assert_eq!(of(&li).get("/v1/booth/summary").await.status, 200);
    for _ in 0..2 {
        let all = format!("/v1/organiser/staff/{}", invited.body["id"].as_str().unwrap());
        let answer = chen.delete(&all).await;
        assert_eq!((answer.status, &answer.body["kind"]), (200, &json!("invitation")));
    }
    assert_eq!(of(&li).get("/v1/booth/summary").await.refusal(), (401, "session_ended"));
    assert_eq!(accept(&app, &invited.body["link"], "赵姐", 3).await.refusal(), (410, "invitation_ended"));
    for unknown in ["nonsense", "V1M5TEG2GXXR9VG9"] {
        assert_eq!(chen.delete(&format!("/v1/organiser/staff/{unknown}")).await.refusal(), (404, "staff_unknown"));
    }
    // Organisers can end their own session too, for a lost phone; but the last one cannot.
    let mine = list(&chen).await.into_iter().find(|one| one["role"] == json!("organiser")).unwrap();
    let mine = format!("/v1/organiser/staff/{}", mine["sessions"][0]["id"].as_str().unwrap());
    let last = chen.delete(&mine).await;
    assert_eq!((last.refusal(), &last.body["remedy"]), ((409, "last_organiser"), &json!("show")));
    assert_eq!(chen.get("/v1/organiser/staff").await.status, 200);
    let zhou = app.organiser("周社工").await;
    assert_eq!(chen.delete(&mine).await.status, 200);
    assert_eq!(chen.get("/v1/organiser/staff").await.refusal(), (401, "session_ended"));
    assert_eq!(zhou.get("/v1/organiser/staff").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_link_repeats_the_terms_of_the_old_one() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    let invite = json!({ "role": "volunteer", "booth": "market-play", "uses": 3, "until": "2023-04-14T18:00" });
    let invited = chen.post("/v1/organiser/staff", invite).await;
    let wang = accept(&app, &invited.body["link"], "王阿姨", 1).await;
    app.at("2023-04-15T09:00");
    let chen = app.organiser("陈社工").await;
    let of = |id: &Value| format!("/v1/organiser/staff/{}/link", id.as_str().unwrap());
    let again = chen.send(reqwest::Method::POST, &of(&invited.body["id"]), None).await;
    let lines = |answer: &Answer| {
        json!([
            answer.status,
            answer.body["uses"],
            answer.body["place"]["booth"],
            answer.body["role"],
            answer.body["until"]
        ])
    };
    assert_eq!(lines(&again), json!([201, 3, "market-play", "volunteer", "2023-04-30T23:59:59+08:00"]));
    assert_ne!(again.body["id"], invited.body["id"]);
    let other_terms =
        chen.post(&of(&wang.body["session"]), json!({ "until": "2023-04-16", "nonce": "again-0001" })).await;
    assert_eq!(lines(&other_terms), json!([201, 1, "market-play", "volunteer", "2023-04-16T23:59:59+08:00"]));
    let lost = chen.post(&of(&wang.body["session"]), json!({ "until": "2023-04-16", "nonce": "again-0001" })).await;
    assert_eq!(lost.body, other_terms.body);
    assert_eq!(accept(&app, &other_terms.body["link"], "王阿姨", 9).await.status, 201);
    assert_eq!(
        chen.post("/v1/organiser/staff/V1M5TEG2GXXR9VG9/link", json!({})).await.refusal(),
        (404, "staff_unknown")
    );
    let past = json!({ "until": "2023-04-13" });
    assert_eq!(chen.post(&of(&wang.body["session"]), past).await.refusal(), (422, "until_past"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organiser_voids_any_redemption_from_anywhere_at_any_time() {
    let app = TestApp::start().await;
    let (chen, wang) = (app.organiser("陈社工").await, app.volunteer("王阿姨", "market-play").await);
    let ana = app.resident("ana").await;
    ana.scan_first(3).await;
    let done = wang.redeem(&[&ana.claim("postcards").await], "confirm-1").await;
    let void = format!(
        "/v1/booth/redemptions/{}/void",
        done.body["results"][0]["claim"]["redemption"]["id"].as_str().unwrap()
    );
    app.at("2023-04-14T23:30");
    let li = app.staff("李叔叔", Role::Volunteer, Some(Station::Booth("opening".parse().unwrap()))).await;
    let body = |reason: &str| json!({ "reason": reason, "nonce": "undo-0001" });
    assert_eq!(li.post(&void, body("拿错了")).await.refusal(), (403, "not_your_redemption"));
    assert_eq!(wang.post(&void, body("拿错了")).await.refusal(), (403, "too_late_to_void"));
    assert_eq!(chen.post(&void, body(" ")).await.refusal(), (422, "reason_odd"), "a reason is required");
    let undone = chen.post(&void, body("给错了人")).await;
    assert_eq!((undone.status, &undone.body["state"]), (200, &json!("held")));
    assert_eq!(chen.post(&void, body("给错了人")).await.body, undone.body, "a repeat has no effect");
    let postcards = chen.get("/v1/organiser/summary").await.body["gifts"][0].clone();
    assert_eq!((&postcards["redeemed"], &postcards["held"]), (&json!(0), &json!(1)));
    let at_market = postcards["places"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["place"]["booth"] == json!("market-play"))
        .unwrap();
    assert_eq!(
        (&at_market["redeemed"], &at_market["voided"]),
        (&json!(1), &json!(1)),
        "counted at the booth that redeemed it"
    );
}

/// An ended volunteer must not come back by the same link.
#[tokio::test(flavor = "multi_thread")]
async fn an_ended_person_stays_away_and_the_answer_offers_to_close_the_invitation() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    let invite = json!({ "role": "volunteer", "booth": "market-play", "uses": 5 });
    let invited = chen.post("/v1/organiser/staff", invite).await.body;
    let (link, id) = (&invited["link"], invited["id"].as_str().unwrap());
    let (wang, li) = (accept(&app, link, "王阿姨", 1).await, accept(&app, link, "李叔叔", 2).await);
    let ended = chen.delete(&format!("/v1/organiser/staff/{}", wang.body["session"].as_str().unwrap())).await;
    let struck_out = vec![(r#""id": "[0-9A-Z]{16}""#, r#""id": "[id]""#)];
    insta::with_settings!({ filters => struck_out }, { insta::assert_json_snapshot!(ended.status_and_body(), @r#"
    {
      "body": {
        "invitation": {
          "approval": true,
          "id": "[id]",
          "place": {
            "booth": "market-play",
            "name": "时光音乐友邻荟兑换台"
          },
          "role": "volunteer",
          "roster": null,
          "until": "2023-04-30T23:59:59+08:00",
          "uses": 5,
          "uses_left": 3
        },
        "kind": "session",
        "open": true,
        "says": "已结束王阿姨的在岗。这台设备不能再用这个入口码到岗，要恢复请在名单里解除。这个入口码还能用在3台新设备上，都要先经您同意；不再需要，请关闭它。",
        "sessions": 1
      },
      "status": 200
    }
    "#); });
    for nonce in ["arrival-0001", "arrival-0002"] {
        let back = app.arrive(link.as_str().unwrap(), "王阿姨", 1, nonce).await;
        assert_eq!(back.refusal(), (403, "device_barred"));
    }
    assert_eq!(accept(&app, link, "王阿姨", 3).await.status, 202, "the other phone waits for an organiser");
    assert_eq!(accept(&app, link, "李叔叔", 2).await.body["session"], li.body["session"], "colleagues go on");
    // Closing keeps those who are in.
    let closed = chen.put(&format!("/v1/organiser/staff/{id}"), json!({ "closed": true })).await;
    assert_eq!((closed.status, &closed.body["uses_left"]), (200, &json!(0)));
    assert_eq!(accept(&app, link, "赵姐", 4).await.refusal(), (410, "invitation_used_up"));
    assert_eq!(accept(&app, link, "李叔叔", 2).await.status, 201);
    // Lifting the bar lets the person in again, without another use.
    let listed = list(&chen).await;
    let devices = listed.iter().find(|one| one["id"] == invited["id"]).unwrap()["devices"].as_array().unwrap().clone();
    let barred = devices.iter().find(|device| device["state"] == json!("barred")).unwrap();
    let device = format!("/v1/organiser/staff-devices/{}", barred["id"].as_str().unwrap());
    assert_eq!(chen.put(&device, json!({ "admit": true })).await.body["state"], json!("admitted"));
    let back = accept(&app, link, "王阿姨", 1).await;
    assert_eq!(back.status, 201);
    // Refusing a device that is on duty ends the session.
    assert_eq!(chen.put(&device, json!({ "admit": false })).await.body["state"], json!("barred"));
    let refused = app.with_token(back.body["token"].as_str().unwrap()).get("/v1/booth/summary").await;
    assert_eq!(refused.refusal(), (401, "session_ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_renewed_and_shortened() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    let invite = json!({ "role": "organiser", "until": "2023-04-14" });
    let invited = chen.post("/v1/organiser/staff", invite).await.body;
    let path = format!("/v1/organiser/staff/{}", invited["id"].as_str().unwrap());
    let zhou = accept(&app, &invited["link"], "周社工", 1).await;
    assert_eq!(zhou.body["expires_at"], json!("2023-04-14T23:59:59+08:00"));
    let renewed = chen.put(&path, json!({ "until": "2023-04-30" })).await;
    assert_eq!((renewed.status, &renewed.body["until"]), (200, &json!("2023-04-30T23:59:59+08:00")));
    app.at("2023-04-15T09:00");
    let again = accept(&app, &invited["link"], "周社工", 1).await;
    assert_eq!(again.body["expires_at"], json!("2023-04-30T23:59:59+08:00"), "the same link, the same device");
    let zhou = app.with_token(again.body["token"].as_str().unwrap());
    assert_eq!(zhou.put(&path, json!({ "until": "2023-04-15T10:00" })).await.status, 200);
    app.at("2023-04-15T10:00:01");
    assert_eq!(zhou.get("/v1/organiser/staff").await.refusal(), (401, "token_expired"), "no session outlives it");
    let chen = app.organiser("陈社工").await;
    for (odd, refusal) in [
        (json!({ "until": "2023-04-15T09:00" }), (422, "until_past")),
        (json!({ "until": "明天" }), (422, "until_unreadable")),
        (json!({ "uses": 0 }), (422, "uses_out_of_range")),
        (json!({ "uses": 99_999 }), (422, "uses_out_of_range")),
        (json!({ "uses": -1 }), (422, "uses_out_of_range")),
    ] {
        assert_eq!(chen.put(&path, odd).await.refusal(), refusal);
    }
    assert_eq!(chen.delete(&path).await.status, 200);
    assert_eq!(chen.put(&path, json!({ "uses": 3 })).await.refusal(), (410, "invitation_ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_are_recorded_corrected_and_exported() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    app.at("2023-04-14T08:55");
    let roster = json!({ "lines": "王阿姨，market-play，4月14日 9:00-13:00\n李叔叔，space-1", "nonce": "roster-0001" });
    let links = chen.post("/v1/organiser/roster", roster).await.body["invitations"].clone();
    let (wang, li) =
        (accept(&app, &links[0]["link"], "王阿姨", 1).await, accept(&app, &links[1]["link"], "李叔叔", 2).await);
    let of = |answer: &Answer| app.with_token(answer.body["token"].as_str().unwrap());
    app.at("2023-04-14T12:10");
    of(&li).get("/v1/booth/summary").await;
    app.at("2023-04-14T13:05");
    assert_eq!(of(&wang).delete("/v1/sessions/staff/own").await.status, 200);
    hint_recording::flush(&app.app).await;
    app.at("2023-04-15T09:00");
    // He forgot to leave: his last act counts.
    let hours = |day: &str| format!("/v1/organiser/hours.csv?day={day}&lang=zh-CN");
    let struck_out = || vec![(r"[0-9A-Z]{16}", "[id]")];
    let csv = chen.get(&hours("2023-04-14")).await.body;
    insta::with_settings!({ filters => struck_out() }, { insta::assert_snapshot!(csv.as_str().unwrap().replace('\r', ""), @r"
    ﻿称呼,角色,地点,到岗,离岗,时长（分钟）,排班,更正人,在岗编号
    李叔叔,志愿者,社区美空间·第1站,2023-04-14 08:55:00,2023-04-14 12:10:00,195,,,[id]
    王阿姨,志愿者,时光音乐友邻荟兑换台,2023-04-14 08:55:00,2023-04-14 13:05:00,250,2023-04-14 09:00-13:00,,[id]
    陈社工,负责人,,2023-04-14 10:00:00,,,,,[id]
    "); });
    let path = |answer: &Answer| format!("/v1/organiser/staff/{}/hours", answer.body["session"].as_str().unwrap());
    let corrected = json!({ "from": "2023-04-14T09:00", "to": "2023-04-14T12:30:00+08:00" });
    let answer = chen.put(&path(&li), corrected.clone()).await;
    insta::assert_json_snapshot!(answer.status_and_body(), @r#"
    {
      "body": {
        "corrected_by": "陈社工",
        "from": "2023-04-14T09:00:00+08:00",
        "to": "2023-04-14T12:30:00+08:00"
      },
      "status": 200
    }
    "#);
    let row = chen.get(&hours("2023-04-14")).await.body;
    assert!(row.as_str().unwrap().contains("2023-04-14 09:00:00,2023-04-14 12:30:00,210,,陈社工"), "{row}");
    assert!(!chen.get(&hours("2023-04-15")).await.body.as_str().unwrap().contains("李叔叔"));
    for (from, to) in [("2023-04-14T12:00", "2023-04-14T09:00"), ("2023-04-14T09:00", "2023-04-16T09:00")] {
        let odd = json!({ "from": from, "to": to });
        assert_eq!(chen.put(&path(&li), odd).await.refusal(), (422, "hours_odd"));
    }
    for unclear in ["2023-04-14", "9:00", "上午"] {
        let odd = json!({ "from": unclear, "to": "2023-04-14T12:00" });
        assert_eq!(chen.put(&path(&li), odd).await.refusal(), (422, "hours_unreadable"), "{unclear}");
    }
    let unknown = "/v1/organiser/staff/V1M5TEG2GXXR9VG9/hours";
    assert_eq!(chen.put(unknown, corrected).await.refusal(), (404, "staff_unknown"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_roster_invites_nobody_and_names_its_lines() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    let roster = |lines: &str| json!({ "lines": lines, "nonce": "roster-0001" });
    let answer =
        chen.post("/v1/organiser/roster", roster("王阿姨，market-play\n李叔叔，北边\n赵姐，space-1，上午")).await;
    insta::assert_json_snapshot!(answer.status_and_body(), @r#"
    {
      "body": {
        "code": "roster_mistakes",
        "detail": "名单第2行：“北边”不是兑换台，也不是打卡点。要改的有2行，还没有给任何人发入口码。",
        "lines": [
          {
            "line": 2,
            "says": "名单第2行：“北边”不是兑换台，也不是打卡点。",
            "text": "北边",
            "wrong": "place_unknown"
          },
          {
            "line": 3,
            "says": "名单第3行：看不懂班次“上午”，请写成“4月14日 9:00-13:00”。",
            "text": "上午",
            "wrong": "shift"
          }
        ],
        "remedy": "show",
        "status": 422,
        "title": "Unprocessable Entity",
        "type": "urn:carnival:problem:roster_mistakes"
      },
      "status": 422
    }
    "#);
    assert_eq!(list(&chen).await.len(), 1, "only the organiser's own");
    assert_eq!(chen.post("/v1/organiser/roster", roster("\n \n")).await.refusal(), (422, "roster_length"));
    let unprintable = roster("王\u{2f00}\u{10ffff}姨，market-play");
    let answer = chen.post("/v1/organiser/roster/sheet", unprintable).await;
    assert_eq!(answer.status, 422, "{answer:?}");
    assert_eq!(list(&chen).await.len(), 1);
}
