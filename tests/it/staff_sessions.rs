//! Guards against a stranger with a staff session, a volunteer who is locked out by a retry, and an ended session that
//! still works.

use carnival::actions::staff;
use carnival::rules::staff::roles::{Role, Station};
use futures_util::future::join_all;
use serde_json::json;

use crate::test_app::{Answer, TestApp};

async fn accept(app: &TestApp, invitation: &str, name: &str, nonce: &str) -> Answer {
    let body = json!({ "invitation": invitation, "name": name, "nonce": nonce });
    app.anonymous().post("/v1/sessions/staff", body).await
}

fn booth() -> Station {
    Station::Booth("market-play".parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_admits_as_many_devices_as_its_uses() {
    let app = TestApp::start().await;
    let link = app.invitation(Role::Volunteer, Some(booth()), 2).await;
    let wang = accept(&app, &link, " 王阿姨 ", "tablet-0001").await;
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
        "token": "[token]"
      },
      "status": 201
    }
    "#); });
    let again = accept(&app, &link, "王阿姨", "tablet-0001").await;
    assert_eq!(
        (again.status, &again.body["session"]),
        (201, &wang.body["session"]),
        "the same device is admitted again"
    );
    // A bare lower-case code is accepted like the link.
    let bare = link.rsplit('/').next().unwrap().to_lowercase();
    assert_eq!(accept(&app, &bare, "李叔叔", "tablet-0002").await.status, 201, "no use was consumed");
    assert_eq!(accept(&app, &link, "赵姐", "tablet-0003").await.refusal(), (410, "invitation_used_up"));
    assert_eq!(accept(&app, &link, "王阿姨", "tablet-0001").await.status, 201, "also when all uses are consumed");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_devices_never_exceed_the_uses() {
    let app = TestApp::start().await;
    let link = app.invitation(Role::Volunteer, Some(booth()), 3).await;
    let nonces: Vec<String> = (0..12).map(|one| format!("tablet-{:04}", one % 6)).collect();
    let answers = join_all(nonces.iter().map(|nonce| accept(&app, &link, "王阿姨", nonce))).await;
    let sessions: std::collections::HashSet<&str> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| answer.body["session"].as_str().unwrap())
        .collect();
    assert_eq!(sessions.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_names_and_codes_are_refused() {
    let app = TestApp::start().await;
    let link = app.invitation(Role::Volunteer, Some(booth()), 5).await;
    for name in ["", "   ", &"长".repeat(21), "a\u{7}b"] {
        assert_eq!(accept(&app, &link, name, "tablet-0001").await.refusal(), (400, "bad_request"), "{name:?}");
    }
    assert_eq!(accept(&app, &link, &"长".repeat(20), "tablet-0001").await.status, 201);
    assert_eq!(accept(&app, &link, "王阿姨", "short").await.refusal(), (400, "bad_request"));
    assert_eq!(accept(&app, "SABCDEFGHJKMNPQRS", "王阿姨", "tablet-0001").await.refusal(), (404, "invitation_unknown"));
    assert_eq!(
        accept(&app, &app.printed_code("space-1"), "王阿姨", "tablet-0001").await.refusal(),
        (422, "code_of_another_kind")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_invitation_admits_only_known_devices() {
    let app = TestApp::start().await;
    let link = app.invitation(Role::Volunteer, Some(booth()), 5).await;
    app.at("2023-04-15T09:59:59");
    assert_eq!(accept(&app, &link, "王阿姨", "tablet-0001").await.status, 201);
    app.at("2023-04-15T10:00:01");
    assert_eq!(accept(&app, &link, "李叔叔", "tablet-0002").await.refusal(), (410, "invitation_over"));
    assert_eq!(accept(&app, &link, "王阿姨", "tablet-0001").await.status, 201, "the same device is admitted again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_is_refused_at_its_next_request() {
    let app = TestApp::start().await;
    let link = app.invitation(Role::Volunteer, Some(booth()), 5).await;
    let (wang, li) =
        (accept(&app, &link, "王阿姨", "tablet-0001").await, accept(&app, &link, "李叔叔", "tablet-0002").await);
    let token = |answer: &Answer| answer.body["token"].as_str().unwrap().to_owned();
    let (wang_at, li_at) = (token(&wang), token(&li));
    assert_eq!(app.with_token(&wang_at).get("/v1/booth/summary").await.status, 200);
    staff::end(&app.app, wang.body["session"].as_str().unwrap()).await.unwrap();
    let refused = app.with_token(&wang_at).get("/v1/booth/summary").await;
    insta::assert_json_snapshot!(refused.status_and_body(), @r#"
    {
      "body": {
        "code": "session_ended",
        "detail": "组织者已结束您这次值班。要继续，请找组织者要新的邀请。",
        "remedy": "login",
        "status": 401,
        "title": "Unauthorized",
        "type": "urn:carnival:problem:session_ended"
      },
      "status": 401
    }
    "#);
    assert_eq!(accept(&app, &link, "王阿姨", "tablet-0001").await.refusal(), (401, "session_ended"));
    assert_eq!(app.with_token(&li_at).get("/v1/booth/summary").await.status, 200, "only that session ended");

    let invitation = app.app.store.invitations().await.unwrap()[0].invitation.id.to_string();
    staff::end(&app.app, &invitation).await.unwrap();
    assert_eq!(app.with_token(&li_at).get("/v1/booth/summary").await.refusal(), (401, "session_ended"));
    assert_eq!(accept(&app, &link, "赵姐", "tablet-0003").await.refusal(), (410, "invitation_over"));
    assert_eq!(staff::end(&app.app, "no-such-thing").await.unwrap_err().to_string(), "refused: staff_unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_lasts_sixteen_hours() {
    let app = TestApp::start().await;
    let wang = app.volunteer("王阿姨", "market-play").await;
    app.at("2023-04-15T01:59:59");
    assert_eq!(wang.get("/v1/booth/summary").await.status, 200);
    app.at("2023-04-15T02:00:01");
    let over = wang.get("/v1/booth/summary").await;
    assert_eq!((over.refusal(), &over.body["remedy"]), ((401, "token_expired"), &json!("login")));
}
