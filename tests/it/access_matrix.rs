//! Guards against a route that admits a caller without the right role, and against a token that is accepted although
//! one thing about it is wrong.
//!
//! The rows come from the OpenAPI document; the table states who may call each route and what a valid request returns.
//! A route without a row fails, and so does a row without a route.

mod invalid_tokens;
mod lost_store;

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::openapi_checker::{OPENAPI, resolve};
use crate::test_app::{Answer, Client, TestApp};
use carnival::rules::staff::roles::{Role, Station};
use invalid_tokens::{TokenDefect, signed_with};

/// Method, path, permitted role, and the responses to the document's own example request on the morning of the second
/// day:
///
/// - `all`: without a token.
/// - `resident`: to a resident, then to an erased resident.
/// - `staff`: to a volunteer, then to an organiser.
/// - `anyone`: to a resident, a volunteer, an organiser, a viewer and a reporter.
/// - `colleague`: to a volunteer, an organiser, a viewer and a reporter.
/// - `on-duty`: to those and to a tablet.
/// - `tablet`: to a volunteer, an organiser and a tablet.
/// - `viewer`: to an organiser, then to a viewer.
/// - `organiser`: to an organiser.
const TABLE: &str = "
GET    /healthz                                           all       | 200
GET    /q/{code}                                          all       | 200
GET    /readyz                                            all       | 200
GET    /v1/availability                                   all       | 200
GET    /v1/carnival                                       all       | 200
GET    /v1/pictures/{code}/{file}                         all       | 404 code_unknown
GET    /v1/postcards/{whose}/{signature}/{file}           all       | 404 no_such_route
POST   /v1/sessions/staff                                 all       | 404 invitation_unknown
POST   /v1/sessions/wechat                                all       | 201
GET    /v1/wechat/events                                  all       | 404 no_such_route
POST   /v1/wechat/events                                  all       | 404 no_such_route
POST   /v1/check-ins                                      resident  | 201                     | 201
GET    /v1/me                                             resident  | 200                     | 200
GET    /v1/me/claims                                      resident  | 200                     | 200
POST   /v1/me/claims                                      resident  | 403 gift_not_earned     | 403 gift_not_earned
DELETE /v1/me/claims/{id}                                 resident  | 404 claim_unknown       | 404 claim_unknown
GET    /v1/me/code                                        resident  | 200                     | 200
POST   /v1/me/companions                                  resident  | 201                     | 201
DELETE /v1/me/companions/{serial}                         resident  | 204                     | 204
GET    /v1/me/export                                      resident  | 200                     | 200
GET    /v1/me/passport                                    resident  | 200                     | 200
GET    /v1/me/postcards/{route}                           resident  | 200                     | 200
DELETE /v1/me                                             resident  | 200                     | 200
POST   /v1/booth/check-ins                                staff     | 200                     | 200
POST   /v1/booth/check-ins/undo                           staff     | 404 stamp_unknown       | 404 stamp_unknown
PUT    /v1/booth/gifts/{gift}/here                        staff     | 200                     | 403 booth_needed
POST   /v1/booth/lookups                                  staff     | 200                     | 200
POST   /v1/booth/paper-redemptions                        staff     | 201                     | 409 already_redeemed
GET    /v1/booth/points/{point}/code                      tablet    | 200                     | 200                    | 200
POST   /v1/booth/poster-checks                            staff     | 200                     | 200
POST   /v1/booth/postcards                                staff     | 200                     | 200
POST   /v1/booth/redemptions                              staff     | 200                     | 200
POST   /v1/booth/redemptions/{id}/void                    staff     | 422 not_practice_code   | 422 not_practice_code
GET    /v1/booth/summary                                  colleague | 200                     | 200                    | 200 | 200
POST   /v1/scans                                          anyone    | 422 photo_unreadable    | 422 photo_unreadable   | 422 photo_unreadable | 422 photo_unreadable | 422 photo_unreadable
GET    /v1/organiser/carnival                             organiser | 200
PUT    /v1/organiser/carnival                             organiser | 422 carnival_mistakes
GET    /v1/organiser/carnival/versions                    organiser | 200
GET    /v1/organiser/carnival/versions/{version}          organiser | 200
POST   /v1/organiser/carnival/versions/{version}/put-back organiser | 200
GET    /v1/organiser/check-ins.csv                        organiser | 200
PUT    /v1/organiser/gifts/{gift}/stock                   organiser | 200
GET    /v1/organiser/hours.csv                            organiser | 200
GET    /v1/organiser/ledger.csv                           viewer    | 200                     | 200
PUT    /v1/organiser/notice                               organiser | 200
POST   /v1/organiser/passports                            organiser | 200
POST   /v1/organiser/points/{point}/closure               organiser | 200
DELETE /v1/organiser/points/{point}/closure               organiser | 200
GET    /v1/organiser/points/{point}/poster                organiser | 200
POST   /v1/organiser/points/{point}/reissue               organiser | 422 code_of_another_kind
POST   /v1/organiser/roster                               organiser | 201
POST   /v1/organiser/roster/sheet                         organiser | 200
GET    /v1/organiser/posters                              organiser | 200
GET    /v1/organiser/redemptions.csv                      organiser | 200
DELETE /v1/organiser/residents/{code}                     organiser | 200
PUT    /v1/organiser/routes/{route}/days                  organiser | 409 route_under_way
GET    /v1/organiser/staff                                organiser | 200
POST   /v1/organiser/staff                                organiser | 201
PUT    /v1/organiser/staff/{id}                           organiser | 404 staff_unknown
DELETE /v1/organiser/staff/{id}                           organiser | 404 staff_unknown
PUT    /v1/organiser/staff/{id}/hours                     organiser | 404 staff_unknown
POST   /v1/organiser/staff/{id}/link                      organiser | 404 staff_unknown
PUT    /v1/organiser/staff-devices/{device}               organiser | 404 staff_unknown
GET    /v1/organiser/stock.csv                            organiser | 200
GET    /v1/organiser/summary                              viewer    | 200                     | 200
PUT    /v1/organiser/suspicions/{id}                      organiser | 404 suspicion_unknown
GET    /v1/organiser/volunteer-card                       organiser | 200
DELETE /v1/sessions/staff/own                             on-duty   | 200                     | 200                    | 200 | 200 | 200
";

/// Values for the variables in a path.
const PATH_VALUES: [(&str, &str); 10] = [
    ("{device}", "0W6K3NZ8QH5T2MCJ"),
    ("/residents/{code}", "/residents/C00001Y44PS8WG9R56"),
    ("{code}", "P02073536B9WHPYZ"),
    ("{file}", "0123456789abcdefghjkmn.svg"),
    ("redemptions/{id}", "redemptions/014738296-1"),
    ("{id}", "014738296"),
    ("{serial}", "1"),
    ("{gift}", "postcards"),
    ("{point}", "space-1"),
    ("{version}", "1"),
];

struct Row {
    method: Method,
    path: &'static str,
    who: &'static str,
    answers: Vec<&'static str>,
}

fn table() -> Vec<Row> {
    let row = |line: &'static str| {
        let mut parts = line.split('|').map(str::trim);
        let mut words = parts.next().unwrap().split_whitespace();
        let method = words.next().unwrap().parse().unwrap();
        Row { method, path: words.next().unwrap(), who: words.next().unwrap(), answers: parts.collect() }
    };
    TABLE.lines().filter(|line| !line.is_empty()).map(row).collect()
}

impl Row {
    /// Sends the document's example request.
    async fn ask(&self, who: &Client<'_>) -> Answer {
        let operation = &OPENAPI["paths"][self.path][self.method.as_str().to_lowercase()];
        let body = &operation["requestBody"]["content"];
        let mut path = self.path.replace("{route}", "play");
        for (variable, value) in PATH_VALUES {
            path = path.replace(variable, value);
        }
        if let Some(examples) = body["application/json"]["examples"].as_object() {
            let body = resolve(examples.values().next().unwrap())["value"].clone();
            return who.send(self.method.clone(), &path, Some(body)).await;
        }
        let request = who.request(self.method.clone(), &path);
        let request = if body.is_null() { request } else { request.body("<xml></xml>") };
        Answer::of(request.send().await.unwrap()).await
    }

    fn check_answer(&self, answer: &Answer, expected: &str, whose: &str) {
        let actual = status_and_code(answer);
        assert_eq!(actual, expected, "{} {} {whose}: {}", self.method, self.path, answer.body);
        if answer.status >= 400 {
            assert_eq!(answer.media_type(), "application/problem+json", "{} {} {whose}", self.method, self.path);
        }
        if answer.status == 401 {
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
}

/// Status and code, such as `404 code_unknown`; the status alone for a success.
fn status_and_code(answer: &Answer) -> String {
    match answer.body["code"].as_str() {
        Some(code) if answer.status >= 400 => format!("{} {code}", answer.status),
        _ => answer.status.to_string(),
    }
}

/// The server with one token per role.
struct Actors {
    app: TestApp,
    resident: String,
    volunteer: String,
    organiser: String,
    viewer: String,
    reporter: String,
    tablet: String,
}

impl Actors {
    async fn prepare() -> Actors {
        Actors::prepare_on(TestApp::start().await).await
    }

    async fn prepare_on(app: TestApp) -> Actors {
        let token = |client: Client<'_>| client.token.unwrap();
        let resident = token(app.resident("ana").await);
        let volunteer = token(app.volunteer("王阿姨", "market-play").await);
        let organiser = token(app.organiser("陈社工").await);
        let viewer = token(app.staff("街道办", Role::Viewer, None).await);
        let reporter = token(app.staff("小赵", Role::Reporter, None).await);
        let point = Some(Station::Point("space-1".parse().unwrap()));
        let tablet = token(app.staff("平板", Role::Display, point).await);
        // One card, three ink stamps: enough for a set of postcards.
        let card = app.paper_passports(1).await.remove(0);
        let ink = json!({ "passport": card, "points": ["space-1", "space-2", "space-4"], "nonce": "before-0001" });
        assert_eq!(app.with_token(&volunteer).post("/v1/booth/check-ins", ink).await.status, 200);
        Actors { app, resident, volunteer, organiser, viewer, reporter, tablet }
    }

    /// The tokens of the permitted roles, and those of the other roles.
    fn tokens_by_permission(&self, who: &str) -> (Vec<&String>, Vec<&String>) {
        let all = [&self.resident, &self.volunteer, &self.organiser, &self.viewer, &self.reporter, &self.tablet];
        let may: &[usize] = match who {
            "anyone" => &[0, 1, 2, 3, 4],
            "resident" => &[0],
            "staff" => &[1, 2],
            "colleague" => &[1, 2, 3, 4],
            "on-duty" => &[1, 2, 3, 4, 5],
            "tablet" => &[1, 2, 5],
            "viewer" => &[2, 3],
            "organiser" => &[2],
            other => panic!("unknown role in the table: {other}"),
        };
        let (may, may_not): (Vec<_>, Vec<_>) = all.into_iter().enumerate().partition(|(nth, _)| may.contains(nth));
        let tokens = |side: Vec<(usize, _)>| side.into_iter().map(|(_, token)| token).collect();
        (tokens(may), tokens(may_not))
    }

    /// Everything an organiser and the resident can read.
    async fn state(&self) -> Value {
        let chen = self.app.with_token(&self.organiser);
        let mut state = Vec::new();
        for path in ["summary", "check-ins.csv", "redemptions.csv", "stock.csv", "carnival/versions", "staff"] {
            state.push(chen.get(&format!("/v1/organiser/{path}")).await.body);
        }
        state.push(self.app.with_token(&self.resident).get("/v1/me").await.body);
        // `last_seen_at` changes with every request.
        let mut state = Value::Array(state);
        remove_field(&mut state, "last_seen_at");
        state
    }
}

fn remove_field(value: &mut Value, name: &str) {
    match value {
        Value::Object(object) => {
            object.remove(name);
            object.values_mut().for_each(|value| remove_field(value, name));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| remove_field(value, name)),
        _ => {}
    }
}

#[test]
fn table_and_document_list_the_same_routes() {
    let mut documented = BTreeMap::new();
    for (path, item) in OPENAPI["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let role = operation["security"].as_array().unwrap().iter().flat_map(|one| one.as_object().unwrap().keys());
            let role: Vec<&str> = role.map(String::as_str).collect();
            let role = match role[..] {
                [] => "all",
                [role] => role,
                ["volunteer", "organiser"] => "staff",
                ["volunteer", "organiser", "viewer", "reporter"] => "colleague",
                ["volunteer", "organiser", "viewer", "reporter", "display"] => "on-duty",
                ["volunteer", "organiser", "display"] => "tablet",
                ["organiser", "viewer"] => "viewer",
                _ => "anyone",
            };
            documented.insert(format!("{} {path}", method.to_uppercase()), role);
        }
    }
    let rows: BTreeMap<String, &str> =
        table().iter().map(|row| (format!("{} {}", row.method, row.path), row.who)).collect();
    assert_eq!(rows, documented, "left: TABLE in tests/it/access_matrix.rs; right: the document");
    assert_eq!(rows.len(), table().len(), "a route has two rows");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_without_permission_are_refused_and_change_nothing() {
    let actors = Actors::prepare().await;
    let app = &actors.app;
    let now = app.app.now().as_second();
    let before = actors.state().await;
    let ended = ended_sessions(&actors).await;
    for row in table().iter().filter(|row| row.who != "all") {
        row.check_answer(&row.ask(&app.anonymous()).await, "401 token_missing", "without a token");
        let (may, may_not) = actors.tokens_by_permission(row.who);
        for token in may_not {
            row.check_answer(&row.ask(&app.with_token(token)).await, "403 not_your_role", "of another role");
        }
        for good in may {
            for wrong in TokenDefect::ALL {
                let client = app.with_token(&wrong.token(good, now));
                row.check_answer(&row.ask(&client).await, &format!("401 {}", wrong.code()), &wrong.to_string());
            }
            // A token that claims another role for its subject is rejected, although its signature is valid.
            let promoted = if *good == actors.resident { "organiser" } else { "resident" };
            let other = signed_with(good, |claims| claims["role"] = json!(promoted));
            row.check_answer(&row.ask(&app.with_token(&other)).await, "401 token_invalid", "with a changed role");
        }
        if row.who.contains("organiser") || row.who == "viewer" {
            // The session itself must have the role, so that a stolen key alone promotes nobody.
            for session in [&actors.volunteer, &actors.reporter, &actors.tablet] {
                let promoted = signed_with(session, |claims| claims["role"] = json!("organiser"));
                row.check_answer(
                    &row.ask(&app.with_token(&promoted)).await,
                    "401 token_invalid",
                    "with a role not its own",
                );
            }
        }
        if row.who != "resident" {
            let organiser = matches!(row.who, "organiser" | "viewer");
            for (token, of_organiser) in ended.iter().filter(|(_, of_organiser)| *of_organiser || !organiser) {
                let whose = format!("of an ended session (organiser: {of_organiser})");
                row.check_answer(&row.ask(&app.with_token(token)).await, "401 session_ended", &whose);
            }
            let unknown_session = signed_with(&actors.organiser, |claims| claims["sub"] = json!("8Q3ZK0V7T1M5XGBA"));
            row.check_answer(
                &row.ask(&app.with_token(&unknown_session)).await,
                "401 token_invalid",
                "of a session that does not exist",
            );
        }
    }
    let mut after = actors.state().await;
    // This test itself opened and ended two sessions.
    let staff = 5;
    after[staff] = before[staff].clone();
    assert_eq!(after, before);
}

/// Tokens of ended sessions, each with whether it was an organiser's.
async fn ended_sessions(actors: &Actors) -> [(String, bool); 2] {
    let app = &actors.app;
    let ended = [app.volunteer("李叔叔", "market-play").await, app.organiser("周老师").await];
    let chen = app.with_token(&actors.organiser);
    let list = chen.get("/v1/organiser/staff").await;
    for invitation in list.body["invitations"].as_array().unwrap() {
        for session in invitation["sessions"].as_array().unwrap() {
            if ["李叔叔", "周老师"].contains(&session["name"].as_str().unwrap()) {
                let path = format!("/v1/organiser/staff/{}", session["id"].as_str().unwrap());
                assert_eq!(chen.delete(&path).await.status, 200);
            }
        }
    }
    let [volunteer, organiser] = ended;
    [(volunteer.token.unwrap(), false), (organiser.token.unwrap(), true)]
}

#[tokio::test(flavor = "multi_thread")]
async fn permitted_roles_succeed_and_open_routes_need_no_token() {
    let actors = Actors::prepare().await;
    let app = &actors.app;
    let now = app.app.now().as_second();
    for row in table() {
        if row.who == "all" {
            row.check_answer(&row.ask(&app.anonymous()).await, row.answers[0], "without a token");
            let expired = TokenDefect::Expired.token(&actors.resident, now);
            for token in ["not.a.token", &expired, &actors.resident, &actors.organiser] {
                row.check_answer(
                    &row.ask(&app.with_token(token)).await,
                    row.answers[0],
                    "with a token that the route ignores",
                );
            }
        } else if row.who == "resident" {
            let resident = app.resident(&format!("caller without a permitted role in row {}", row.path)).await;
            row.check_answer(&row.ask(&resident).await, row.answers[0], "of a resident");
            resident.scan("space-2").await;
            assert_eq!(resident.delete("/v1/me").await.status, 200);
            row.check_answer(&row.ask(&resident).await, row.answers[1], "of an erased resident");
        } else {
            let (may, _) = actors.tokens_by_permission(row.who);
            assert_eq!(may.len(), row.answers.len(), "{}", row.path);
            for (token, expected) in may.into_iter().zip(&row.answers) {
                row.check_answer(&row.ask(&app.with_token(token)).await, expected, "of the right role");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_outside_the_bearer_header_is_ignored() {
    let actors = Actors::prepare().await;
    let resident = &actors.resident;
    let ask = |value: String| {
        actors
            .app
            .anonymous()
            .request(Method::GET, &format!("/v1/me?token={resident}&access_token={resident}"))
            .header("authorization", value)
            .header("cookie", format!("token={resident}; Authorization=Bearer {resident}"))
    };
    for (value, code) in [
        (String::new(), "token_invalid"),
        (resident.clone(), "token_invalid"),
        (format!("Basic {resident}"), "token_invalid"),
        (format!("Bearer{resident}"), "token_invalid"),
        ("Bearer ".to_owned(), "token_invalid"),
        (format!("Bearer {resident} {resident}"), "token_invalid"),
        (format!("Bearer \"{resident}\""), "token_invalid"),
        (format!("Bearer {}", "a".repeat(5000)), "token_invalid"),
    ] {
        let answer = Answer::of(ask(value.clone()).send().await.unwrap()).await;
        assert_eq!(answer.refusal(), (401, code), "{value}");
    }
    for scheme in ["bearer", "BEARER"] {
        let answer = ask(format!("{scheme} {resident}")).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "RFC 9110: the scheme is case-insensitive");
    }
    // With two tokens the caller is ambiguous.
    let twice = ask(format!("Bearer {resident}")).header("authorization", format!("Bearer {}", actors.organiser));
    assert_eq!(Answer::of(twice.send().await.unwrap()).await.refusal(), (401, "token_invalid"));
}
