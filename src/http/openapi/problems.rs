//! The problems that each route can return. Those that follow from its security and its body are added here; its handler
//! declares the others: `extensions(("x-problems" = json!([PICTURE, "point_unknown"])))`. The extension itself is removed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::civil::date;
use jiff::tz::{TimeZone, offset};
use serde_json::{Value, json};
use utoipa::openapi::example::{Example, ExampleBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type};

use crate::actions::Error;
use crate::http::errors::{ApiError, Problem, RequestError};
use crate::rules::carnival::change::ChangeBlocker;
use crate::rules::carnival_file;
use crate::rules::carnival_file::undone_changes::{
    AttributedChange, PartId, UndoEffect, UndoneChange, UndonePublication,
};
use crate::rules::lang::Lang;
use crate::rules::refusals::Refusal;
use crate::store::StoreError;
use crate::wechat::LoginError;

/// The store cannot be reached. Routes with a token have it anyway.
pub const STORE: &[&str] = &["store_unavailable"];
/// Refusals of a check-in for its time.
pub const WINDOW: &[&str] = &["carnival_not_begun", "carnival_over", "route_not_this_week", "point_closed"];
/// Refusals of a greeting.
pub const GREETING: &[&str] = &["greeting_too_long", "greeting_lines", "greeting_emoji", "cannot_be_printed"];
/// Codes of routes that render a picture.
pub const PICTURE: &[&str] = &["pictures_busy", "cannot_be_printed"];
/// Codes of routes that publish a carnival.
pub const CHANGE: &[&str] = &["carnival_mistakes", "carnival_change_refused", "pictures_busy"];
/// Codes of a report's filters.
pub const REPORT: &[&str] = &["bad_request", "day_unknown"];
/// Refusals of the code of a passport.
pub const PASSPORT: &[&str] = &["code_unknown", "code_of_another_kind", "practice_code", "own_code_too_old"];
/// Refusals of the name of a staff member.
pub const STAFF_NAME: &[&str] = &["name_empty", "name_too_long", "name_hidden"];
/// Refusals of an invitation that is over.
pub const INVITATION: &[&str] = &["invitation_ended", "invitation_expired"];
/// Refusals of the terms of an invitation.
pub const TERMS: &[&str] =
    &["station_mismatch", "no_display_code", "uses_out_of_range", "until_unreadable", "until_past"];
/// Codes of a rejected WeChat push.
pub const PUSH: &[&str] = &["push_forged", "push_stale", "no_such_route"];

/// Codes of every route that requires a token.
const TOKEN: &[&str] = &["token_missing", "token_invalid", "token_expired", "too_many_tries"];
/// Codes of every route for staff.
const STAFF: &[&str] = &["session_ended", "session_left"];
/// Codes of every route with a body.
const BODY: &[&str] = &["bad_request", "body_too_large"];
/// The extension in which a handler declares codes.
const DECLARED: &str = "x-problems";

/// The security schemes of a route; any one of them is enough.
pub(super) fn roles(path: &str) -> &'static [&'static str] {
    match path {
        "/v1/scans" => &["resident", "volunteer", "organiser", "viewer", "reporter"],
        "/v1/sessions/staff/own" => &["volunteer", "organiser", "viewer", "reporter", "display"],
        "/v1/booth/summary" => &["volunteer", "organiser", "viewer", "reporter"],
        "/v1/booth/points/{point}/code" => &["volunteer", "organiser", "display"],
        "/v1/organiser/summary" | "/v1/organiser/ledger.csv" => &["organiser", "viewer"],
        _ if path.starts_with("/v1/me") || path == "/v1/check-ins" => &["resident"],
        _ if path.starts_with("/v1/booth") => &["volunteer", "organiser"],
        _ if path.starts_with("/v1/organiser") => &["organiser"],
        _ => &[],
    }
}

/// Adds the problems of a route as responses by status, each code with an example.
pub(super) fn add(path: &str, operation: &mut Operation) {
    let mut by_status: BTreeMap<u16, BTreeSet<String>> = BTreeMap::new();
    for code in codes(path, operation) {
        // A code that no problem has gets a reference that leads nowhere, which a test finds.
        let status = SAMPLES.get(&code).map_or(500, |problem| problem.status);
        by_status.entry(status).or_default().insert(code);
    }
    // The page shows the sentences in HTML.
    let page = path.starts_with("/q/");
    for (status, codes) in by_status {
        let names = codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
        let media = if page { "text/html" } else { "application/problem+json" };
        let mut answer = response(&names, media, codes.iter().map(String::as_str));
        if page && codes.contains("no_such_route") {
            // A check file is not a page, so its problem is JSON.
            answer.content.extend(response(&names, "application/problem+json", ["no_such_route"]).content);
        }
        operation.responses.responses.insert(status.to_string(), answer.into());
    }
}

/// The codes of a route. Takes the declaration out of the operation.
fn codes(path: &str, operation: &mut Operation) -> Vec<String> {
    let roles = roles(path);
    let declared = operation.extensions.take().and_then(|mut extensions| extensions.remove(DECLARED));
    let own = declared.as_ref().and_then(Value::as_array).into_iter().flatten();
    let own = own.flat_map(|entry| entry.as_array().map_or(std::slice::from_ref(entry), Vec::as_slice));
    let general = [
        if roles.is_empty() { &[] } else { TOKEN },
        if roles.is_empty() { &[] } else { &["not_your_role"] },
        if roles.iter().any(|role| *role != "resident") { STAFF } else { &[] },
        // A resident's own code is made without the store.
        if roles.is_empty() || path == "/v1/me/code" { &[] } else { STORE },
        if operation.request_body.is_some() { BODY } else { &[] },
    ];
    own.filter_map(Value::as_str).chain(general.concat()).map(str::to_owned).collect()
}

/// A response with problems, with a reference to an example of each code.
pub(super) fn response<'a>(about: &str, media: &str, codes: impl IntoIterator<Item = &'a str>) -> Response {
    let content = if media == "text/html" {
        let page =
            ObjectBuilder::new().schema_type(Type::String).description(Some("A page with the problem's sentence."));
        ContentBuilder::new().schema(Some(page.build())).build()
    } else {
        let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let example = |code: &str| RefOr::Ref(Ref::new(format!("#/components/examples/{code}")));
        content.examples.extend(codes.into_iter().map(|code| (code.to_owned(), example(code))));
        content
    };
    ResponseBuilder::new().description(about).content(media, content).build()
}

/// An example of each code, as shared components.
pub(super) fn examples() -> impl Iterator<Item = (String, Example)> {
    SAMPLES.iter().map(|(code, problem)| {
        let example = ExampleBuilder::new().summary(problem.detail.clone()).value(Some(json!(problem)));
        (code.clone(), example.build())
    })
}

/// A sample problem of each code.
static SAMPLES: LazyLock<BTreeMap<String, Problem>> = LazyLock::new(|| {
    let refusals = Refusal::samples().into_iter().map(ApiError::from);
    let problems = refusals.chain(failures()).map(|error| Problem::of(&error, Lang::default()));
    problems.map(|problem| (problem.code.clone(), problem)).collect()
});

fn undone_publication() -> UndonePublication {
    let part = PartId { table: "points".to_owned(), entry: "space-3".to_owned(), key: "closed".to_owned() };
    let effect = UndoEffect::Reopened { reason: "线路故障".to_owned() };
    let change = UndoneChange { part, name: "社区美空间·第3站".to_owned(), effect };
    let (at, by) = (date(2023, 4, 14).at(10, 0, 0, 0).to_zoned(TimeZone::fixed(offset(8))), "陈社工".to_owned());
    let changes = vec![AttributedChange { change, version: 2, by, at: at.unwrap_or_default() }];
    UndonePublication { version: 2, base: 1, changes, confirm: "f3a1c05be2d49786".to_owned() }
}

/// One of every failure with a code of its own.
fn failures() -> Vec<ApiError> {
    let mistakes = carnival_file::parse("[carnival]\nid = \"Chenghua 2023\"").err().unwrap_or_default();
    let mut failures: Vec<ApiError> = [
        StoreError::Unavailable(String::new()).into(),
        Error::PicturesBusy,
        LoginError::InvalidCode.into(),
        LoginError::CodeUsed.into(),
        LoginError::HighRisk.into(),
        LoginError::RateLimited.into(),
        LoginError::Busy.into(),
        LoginError::InvalidResponse.into(),
        Error::Mistakes(mistakes),
        Error::Blocked(vec![ChangeBlocker::PointVanished { point: "space-7".to_owned() }]),
        Error::Undone(Box::new(undone_publication())),
    ]
    .map(ApiError::Action)
    .into();
    failures.extend(
        [
            RequestError::Malformed { what: "missing field `code` at line 1 column 2".to_owned() },
            RequestError::NoRoute,
            RequestError::Method { allow: "GET".to_owned() },
            RequestError::TooLarge,
            RequestError::TooSlow,
            RequestError::LinkExpired,
            RequestError::PushForged,
            RequestError::PushStale,
            RequestError::Internal,
        ]
        .map(ApiError::Request),
    );
    failures
}
