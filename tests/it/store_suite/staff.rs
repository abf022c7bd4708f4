//! Promises about staff, from the API to the store: invitations admit devices, not days, and every race ends well.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::sync::Arc;

use carnival::rules::ids::InvitationId;
use carnival::rules::staff::StaffSession;
use carnival::rules::staff::roles::{Role, Station};
use carnival::store::{Store, control_records};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::test_app::{Answer, TestApp, TestAppOptions, arrival};

async fn app_on(store: Arc<dyn Store>) -> TestApp {
    TestApp::start_with(TestAppOptions { store: Some(store), ..TestAppOptions::default() }).await
}

fn booth() -> Station {
    Station::Booth("market-play".parse().unwrap())
}

fn session(answer: &Answer) -> String {
    answer.body["session"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

pub(crate) async fn the_second_morning_takes_no_use(store: Arc<dyn Store>) {
    let app = app_on(store).await;
    let chen = app.organiser("陈社工").await;
    let invite = json!({ "role": "volunteer", "booth": "market-play", "uses": 2, "until": "2023-04-18" });
    let invited = chen.post("/v1/organiser/staff", invite).await.body;
    let link = invited["link"].as_str().unwrap();
    let wang = app.arrive(link, "王阿姨", 1, "arrival-0001").await;
    let li = app.arrive(link, "李叔叔", 2, "arrival-0001").await;
    assert_eq!(app.arrive(link, "赵姐", 3, "arrival-0001").await.refusal(), (410, "invitation_used_up"));
    for (day, nonce) in [("15", "arrival-0001"), ("16", "arrival-0002"), ("17", "arrival-0003")] {
        app.at(&format!("2023-04-{day}T09:00"));
        let token = wang.body["token"].as_str().unwrap();
        assert_eq!(app.with_token(token).get("/v1/booth/summary").await.refusal(), (401, "token_expired"));
        let again = app.arrive(link, "王阿姨", 1, nonce).await;
        assert_eq!((again.status, session(&again) == session(&wang)), (201, false), "a new session on the {day}th");
        let token = again.body["token"].as_str().unwrap();
        assert_eq!(app.with_token(token).get("/v1/booth/summary").await.status, 200);
        assert_eq!(session(&app.arrive(link, "王阿姨", 1, nonce).await), session(&again), "a repeat");
        assert_ne!(session(&app.arrive(link, "李叔叔", 2, nonce).await), session(&li));
    }
    let listed = app.organiser("周社工").await.get("/v1/organiser/staff").await.body;
    let listed = listed["invitations"].as_array().unwrap().iter().find(|one| one["id"] == invited["id"]).unwrap();
    assert_eq!((&listed["taken"], listed["sessions"].as_array().unwrap().len()), (&json!(2), 8));
    app.at("2023-04-19T09:00");
    assert_eq!(app.arrive(link, "王阿姨", 1, "arrival-0004").await.refusal(), (410, "invitation_expired"));
}

pub(crate) async fn concurrent_devices_never_exceed_the_uses(store: Arc<dyn Store>) {
    let app = app_on(store).await;
    let link = app.invitation(Role::Volunteer, Some(booth()), 3).await;
    let answers = join_all((0..12).map(|device| app.arrive(&link, "王阿姨", device, "arrival-0001"))).await;
    let sessions: BTreeSet<String> = answers.iter().filter(|answer| answer.status == 201).map(session).collect();
    assert_eq!(sessions.len(), 3);
    let refused = answers.iter().filter(|answer| answer.status != 201);
    assert!(refused.map(Answer::refusal).all(|refusal| refusal == (410, "invitation_used_up")));
    let stored = control_records::read_all::<StaffSession>(&*app.app.store).await.unwrap();
    assert_eq!(stored.len(), 3, "a refused device has no session");
}

pub(crate) async fn concurrent_repeats_return_one_session(store: Arc<dyn Store>) {
    let app = app_on(store).await;
    let link = app.invitation(Role::Volunteer, Some(booth()), 5).await;
    let answers = join_all((0..10).map(|_| app.arrive(&link, "王阿姨", 1, "arrival-0001"))).await;
    assert_eq!(answers.iter().map(session).collect::<BTreeSet<_>>().len(), 1);
    let tokens: BTreeSet<&str> = answers.iter().map(|answer| answer.body["token"].as_str().unwrap()).collect();
    assert_eq!(tokens.len(), 1);
}

pub(crate) async fn no_session_survives_the_end_of_its_invitation(store: Arc<dyn Store>) {
    let app = app_on(store).await;
    let chen = app.organiser("陈社工").await;
    for round in 0..5 {
        let link = app.invitation(Role::Volunteer, Some(booth()), 100).await;
        let id = invitation_id(&app, &link).to_string();
        let end = async { chen.delete(&format!("/v1/organiser/staff/{id}")).await };
        let arrivals = join_all((0..8).map(|device| app.arrive(&link, "王阿姨", device, "arrival-0001")));
        let (answers, ended) = futures_util::join!(arrivals, end);
        assert_eq!(ended.status, 200);
        for answer in &answers {
            if answer.status == 201 {
                let token = answer.body["token"].as_str().unwrap();
                let refused = app.with_token(token).get("/v1/booth/summary").await;
                assert_eq!(refused.refusal(), (401, "session_ended"), "round {round}");
            } else {
                assert_eq!(answer.refusal(), (410, "invitation_ended"), "round {round}");
            }
        }
    }
}

fn invitation_id(app: &TestApp, link: &str) -> InvitationId {
    match app.app.codes.read(link, app.app.now()) {
        Ok(carnival::tokens::Code::Invitation(id)) => id,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn two_organisers_cannot_end_each_other(store: Arc<dyn Store>) {
    let app = app_on(store).await;
    for round in 0..5 {
        let links = [app.invitation(Role::Organiser, None, 1).await, app.invitation(Role::Organiser, None, 1).await];
        let [chen, zhou] = [
            app.arrive(&links[0], "陈社工", 1, "arrival-0001").await,
            app.arrive(&links[1], "周社工", 2, "arrival-0001").await,
        ];
        let end = |by: &Answer, other: &Answer| {
            let (token, path) =
                (by.body["token"].as_str().unwrap().to_owned(), format!("/v1/organiser/staff/{}", session(other)));
            let app = &app;
            async move { app.with_token(&token).delete(&path).await }
        };
        let answers = futures_util::join!(end(&chen, &zhou), end(&zhou, &chen));
        let done = [&answers.0, &answers.1].into_iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done, 1, "round {round}: {answers:?}");
        let (left, loser) = if answers.0.status == 200 { (&chen, &answers.1) } else { (&zhou, &answers.0) };
        assert!(matches!(loser.refusal(), (401, "session_ended") | (409, "last_organiser")), "{loser:?}");
        // The one who is left is the last organiser, and cannot end themselves.
        assert_eq!(end(left, left).await.refusal(), (409, "last_organiser"));
        let token = left.body["token"].as_str().unwrap();
        let own = if left.body["session"] == chen.body["session"] { &links[0] } else { &links[1] };
        let path = format!("/v1/organiser/staff/{}", invitation_id(&app, own));
        assert_eq!(app.with_token(token).delete(&path).await.refusal(), (409, "last_organiser"));
        // The operator at the command line may end everybody, and invite others.
        end_by_operator(&app, &session(left)).await;
    }
}

async fn end_by_operator(app: &TestApp, id: &str) {
    let operator = carnival::tokens::StaffToken::operator();
    let organiser = carnival::tokens::StaffRole::of(operator).unwrap();
    let on_duty = carnival::actions::staff::OnDuty::<carnival::tokens::Organiser>::check(&app.app, &organiser).await;
    carnival::actions::staff::staff_admin::end(&app.app, &on_duty.unwrap(), id).await.unwrap();
}

pub(crate) async fn a_waiting_device_is_admitted_while_it_waits(store: Arc<dyn Store>) {
    let app = app_on(store).await;
    let chen = app.organiser("陈社工").await;
    let shared = json!({ "role": "volunteer", "uses": 2, "approval": true });
    let link = chen.post("/v1/organiser/staff", shared).await.body["link"].as_str().unwrap().to_owned();
    let first = app.arrive(&link, "王阿姨", 1, "arrival-0001").await;
    assert_eq!((first.status, &first.body["state"]), (202, &json!("waiting")));
    let devices = || async {
        let listed = chen.get("/v1/organiser/staff").await.body["invitations"].clone();
        let all = listed.as_array().unwrap().iter().flat_map(|one| one["devices"].as_array().unwrap().clone());
        all.filter(|device| device["state"] == json!("waiting")).collect::<Vec<Value>>()
    };
    let device = devices().await[0].clone();
    assert_eq!(device["name"], json!("王阿姨"));
    let wait = async {
        app.anonymous().post("/v1/sessions/staff?wait=8", arrival(&link, "王阿姨", 1, "arrival-0001")).await
    };
    let path = format!("/v1/organiser/staff-devices/{}", device["id"].as_str().unwrap());
    let admit = async {
        assert_eq!(chen.put(&path, json!({ "admit": true })).await.refusal(), (422, "station_needed"));
        chen.put(&path, json!({ "admit": true, "point": "space-1" })).await
    };
    let (waited, admitted) = futures_util::join!(wait, admit);
    assert_eq!((admitted.status, &admitted.body["state"]), (200, &json!("admitted")));
    assert_eq!((waited.status, &waited.body["place"]["point"]), (201, &json!("space-1")));
    // Another one is refused, and told so.
    assert_eq!(app.arrive(&link, "赵姐", 2, "arrival-0001").await.status, 202);
    let device = devices().await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/organiser/staff-devices/{device}");
    for _ in 0..2 {
        let refused = chen.put(&path, json!({ "admit": false })).await;
        assert_eq!((refused.status, &refused.body["state"]), (200, &json!("refused")));
    }
    assert_eq!(app.arrive(&link, "赵姐", 2, "arrival-0001").await.refusal(), (403, "device_refused"));
}

pub(crate) async fn a_roster_is_invited_once(store: Arc<dyn Store>) {
    let app = app_on(store).await;
    let chen = app.organiser("陈社工").await;
    let roster = |lines: &str| json!({ "lines": lines, "nonce": "roster-0001" });
    let lines = "王阿姨，market-play，4月15日 9:00-13:00\n李叔叔，space-1\n赵姐，market-play";
    let answers = join_all((0..5).map(|_| chen.post("/v1/organiser/roster", roster(lines)))).await;
    let codes = |answer: &Answer| {
        let all = answer.body["invitations"].as_array().unwrap_or_else(|| panic!("{answer:?}")).iter();
        all.map(|one| one["link"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(answers.iter().all(|answer| answer.status == 201 && codes(answer) == codes(&answers[0])));
    assert_eq!(codes(&answers[0]).iter().collect::<BTreeSet<_>>().len(), 3);
    for other in [
        &lines.replace("李叔叔", "李大叔"),
        "王阿姨，market-play，4月15日 9:00-13:00",
        &format!("{lines}\n周姐，space-2"),
    ] {
        assert_eq!(chen.post("/v1/organiser/roster", roster(other)).await.refusal(), (409, "nonce_reused"), "{other}");
    }
    let listed = chen.get("/v1/organiser/staff").await.body["invitations"].clone();
    let names: Vec<&str> = listed.as_array().unwrap().iter().filter_map(|one| one["roster"]["name"].as_str()).collect();
    assert_eq!(names, ["王阿姨", "李叔叔", "赵姐"]);
    let sheet = chen.request(reqwest::Method::POST, "/v1/organiser/roster/sheet").json(&roster(lines)).send().await;
    let sheet = sheet.unwrap();
    assert_eq!((sheet.status().as_u16(), &sheet.bytes().await.unwrap()[..5]), (200, &b"%PDF-"[..]));
    assert_eq!(chen.get("/v1/organiser/staff").await.body["invitations"], listed, "the sheet has the same codes");
    let wang = app.arrive(&codes(&answers[0])[0], "王阿姨", 1, "arrival-0001").await;
    assert_eq!((wang.status, &wang.body["place"]["booth"]), (201, &json!("market-play")));
    assert_eq!(
        app.arrive(&codes(&answers[0])[0], "别人", 2, "arrival-0001").await.refusal(),
        (410, "invitation_used_up"),
        "each link is for one device"
    );
}
