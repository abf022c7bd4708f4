//! Guards against an organiser who cannot see or end staff sessions, and against duplicate invitations after a retry.

use carnival::actions::statistics::hint_recording;
use carnival::rules::staff::roles::{Role, Station};
use serde_json::{Value, json};

use crate::test_app::{Answer, Client, TestApp};

async fn accept(app: &TestApp, link: &Value, name: &str, nonce: &str) -> Answer {
    app.anonymous().post("/v1/sessions/staff", json!({ "invitation": link, "name": name, "nonce": nonce })).await
}

async fn list(organiser: &Client<'_>) -> Vec<Value> {
    organiser.get("/v1/organiser/staff").await.body["invitations"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organiser_invites_staff_and_sees_their_sessions_and_work() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    app.at("2023-04-14T10:05");
    let invite = json!({ "role": "volunteer", "booth": "market-play", "uses": 2, "until": "2023-04-14" });
    let invited = chen.post("/v1/organiser/staff", invite).await;
    let struck_out = || vec![(r#""id": "[0-9A-Z]{16}""#, r#""id": "[id]""#), (r"/q/S[0-9A-Z]{16}", "/q/[secret]")];
    insta::with_settings!({ filters => struck_out() }, { insta::assert_json_snapshot!(invited.status_and_body(), @r#"
    {
      "body": {
        "id": "[id]",
        "link": "https://carnival.example/q/[secret]",
        "place": {
          "booth": "market-play",
          "name": "时光音乐友邻荟兑换台"
        },
        "role": "volunteer",
        "until": "2023-04-14T23:59:59+08:00",
        "uses": 2
      },
      "status": 201
    }
    "#); });
    assert_eq!(invited.header("cache-control"), "no-store");
    let wang = accept(&app, &invited.body["link"], "王阿姨", "tablet-0001").await;
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
      "ended": null,
      "id": "[id]",
      "made_at": "2023-04-14T10:05:00+08:00",
      "open": true,
      "place": {
        "booth": "market-play",
        "name": "时光音乐友邻荟兑换台"
      },
      "role": "volunteer",
      "sessions": [
        {
          "begun": "2023-04-14T10:05:00+08:00",
          "ended": null,
          "gifts": [
            {
              "gift": "postcards",
              "name": "路线明信片一套",
              "redeemed": 2,
              "voided": 1
            }
          ],
          "id": "[id]",
          "last_seen": "2023-04-14T10:30:00+08:00",
          "name": "王阿姨",
          "on_duty": true,
          "stamps": 2,
          "until": "2023-04-15T02:05:00+08:00"
        }
      ],
      "taken": 1,
      "until": "2023-04-14T23:59:59+08:00",
      "uses": 2
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
    let other = app.organiser("周社工").await.post("/v1/organiser/staff", invite).await;
    assert_ne!(other.body["link"], first.body["link"], "nonces are separate per organiser");
    assert_eq!(accept(&app, &first.body["link"], "刘社工", "tablet-0003").await.body["role"], json!("organiser"));
    let plain = json!({ "role": "organiser" });
    let two = [chen.post("/v1/organiser/staff", plain.clone()).await, chen.post("/v1/organiser/staff", plain).await];
    assert_ne!(two[0].body["link"], two[1].body["link"]);
    assert_eq!(two[0].body["until"], json!("2023-04-15T10:10:00+08:00"), "one day by default");
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
        json!({ "role": "organiser", "until": "tomorrow" }),
        json!({ "role": "organiser", "until": "2023-04-13" }),
        json!({ "role": "organiser", "until": "2023-04-14T10:00:00+08:00" }),
        json!({ "role": "organiser", "nonce": "short" }),
    ] {
        let answer = chen.post("/v1/organiser/staff", odd.clone()).await;
        let (status, code) = answer.refusal();
        lines.push(format!("{odd} → {status} {code} {}", answer.body["what"].as_str().unwrap_or_default()));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    {"role":"volunteer"} → 400 bad_request a volunteer needs a booth or a point, an organiser has neither
    {"booth":"market-play","role":"organiser"} → 400 bad_request a volunteer needs a booth or a point, an organiser has neither
    {"booth":"market-play","point":"space-1","role":"volunteer"} → 400 bad_request a volunteer needs a booth or a point, an organiser has neither
    {"booth":"north","role":"volunteer"} → 404 booth_unknown 
    {"booth":"北边","role":"volunteer"} → 404 booth_unknown 
    {"point":"space-99","role":"volunteer"} → 404 point_unknown 
    {"role":"resident"} → 400 bad_request unknown variant `resident`, expected `volunteer` or `organiser` at line 1 column 18
    {"role":"organiser","uses":0} → 400 bad_request uses: 1 to 1000
    {"role":"organiser","uses":1001} → 400 bad_request uses: 1 to 1000
    {"role":"organiser","until":"tomorrow"} → 400 bad_request until: a day such as 2023-04-14, or a time such as 2023-04-14T18:00:00+08:00
    {"role":"organiser","until":"2023-04-13"} → 400 bad_request until: it is in the past
    {"role":"organiser","until":"2023-04-14T10:00:00+08:00"} → 400 bad_request until: it is in the past
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
        accept(&app, &invited.body["link"], "王阿姨", "tablet-0001").await,
        accept(&app, &invited.body["link"], "李叔叔", "tablet-0002").await,
    );
    let of = |answer: &Answer| app.with_token(answer.body["token"].as_str().unwrap());
    let ended = format!("/v1/organiser/staff/{}", wang.body["session"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(chen.delete(&ended).await.status, 204);
    }
    assert_eq!(of(&wang).get("/v1/booth/summary").await.refusal(), (401, "session_ended"));
    assert_eq!(of(&li).get("/v1/booth/summary").await.status, 200);
    for _ in 0..2 {
        let all = format!("/v1/organiser/staff/{}", invited.body["id"].as_str().unwrap());
        assert_eq!(chen.delete(&all).await.status, 204);
    }
    assert_eq!(of(&li).get("/v1/booth/summary").await.refusal(), (401, "session_ended"));
    assert_eq!(accept(&app, &invited.body["link"], "赵姐", "tablet-0003").await.refusal(), (410, "invitation_over"));
    for unknown in ["nonsense", "V1M5TEG2GXXR9VG9"] {
        assert_eq!(chen.delete(&format!("/v1/organiser/staff/{unknown}")).await.refusal(), (404, "staff_unknown"));
    }
    // Organisers can end their own session too, for a lost phone.
    let mine = list(&chen).await.into_iter().find(|one| one["role"] == json!("organiser")).unwrap();
    assert_eq!(
        chen.delete(&format!("/v1/organiser/staff/{}", mine["sessions"][0]["id"].as_str().unwrap())).await.status,
        204
    );
    assert_eq!(chen.get("/v1/organiser/staff").await.refusal(), (401, "session_ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_link_repeats_the_terms_of_the_old_one() {
    let app = TestApp::start().await;
    let chen = app.organiser("陈社工").await;
    let invite = json!({ "role": "volunteer", "booth": "market-play", "uses": 3, "until": "2023-04-14T18:00" });
    let invited = chen.post("/v1/organiser/staff", invite).await;
    let wang = accept(&app, &invited.body["link"], "王阿姨", "tablet-0001").await;
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
    assert_eq!(
        lines(&again),
        json!([201, 3, "market-play", "volunteer", "2023-04-15T17:00:00+08:00"]),
        "eight hours again"
    );
    assert_ne!(again.body["id"], invited.body["id"]);
    let other_terms =
        chen.post(&of(&wang.body["session"]), json!({ "until": "2023-04-16", "nonce": "again-0001" })).await;
    assert_eq!(lines(&other_terms), json!([201, 1, "market-play", "volunteer", "2023-04-16T23:59:59+08:00"]));
    let lost = chen.post(&of(&wang.body["session"]), json!({ "until": "2023-04-16", "nonce": "again-0001" })).await;
    assert_eq!(lost.body, other_terms.body);
    assert_eq!(accept(&app, &other_terms.body["link"], "王阿姨", "tablet-0009").await.status, 201);
    assert_eq!(
        chen.post("/v1/organiser/staff/V1M5TEG2GXXR9VG9/link", json!({})).await.refusal(),
        (404, "staff_unknown")
    );
    let past = json!({ "until": "2023-04-13" });
    assert_eq!(chen.post(&of(&wang.body["session"]), past).await.refusal(), (400, "bad_request"));
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
    assert_eq!(chen.post(&void, body(" ")).await.refusal(), (400, "bad_request"), "a reason is required");
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
