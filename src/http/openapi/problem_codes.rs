//! The codes of the problems that each route can return.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use utoipa::openapi::example::{Example, ExampleBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type};

use crate::actions::Error;
use crate::http::errors::{ApiError, Problem, RequestError};
use crate::rules::carnival::change::ChangeBlocker;
use crate::rules::carnival_file;
use crate::rules::lang::Lang;
use crate::rules::refusals::Refusal;
use crate::store::StoreError;
use crate::wechat::LoginError;

/// The security schemes of a route; any one of them is enough.
pub(super) fn roles(path: &str) -> &'static [&'static str] {
    match path {
        "/v1/scans" => &["resident", "staff"],
        _ if path.starts_with("/v1/me") || path == "/v1/check-ins" => &["resident"],
        _ if path.starts_with("/v1/booth") => &["staff"],
        _ if path.starts_with("/v1/organiser") => &["organiser"],
        _ => &[],
    }
}

/// Codes of every route that requires a token.
const TOKEN: &[&str] = &["token_missing", "token_invalid", "token_expired", "too_many_tries"];
/// Refusals of a check-in for its time.
const WINDOW: &[&str] = &["carnival_not_begun", "carnival_over", "route_not_this_week", "point_closed"];
/// Codes of routes with a body.
const BODY: &[&str] = &["bad_request", "body_too_large"];

/// The codes specific to a route. A test ensures that every route of the document is listed.
pub(super) fn for_operation(method: &str, path: &str) -> Option<Vec<&'static str>> {
    let codes: &[&[&'static str]] = match (method, path) {
        ("GET", "/v1/carnival" | "/healthz" | "/v1/me/code") => &[],
        ("DELETE", "/v1/organiser/residents/{code}") => &[STAFF, PASSPORT],
        ("GET", "/v1/availability" | "/readyz" | "/v1/me" | "/v1/me/passport" | "/v1/me/claims" | "/v1/me/export")
        | ("DELETE", "/v1/me") => &[STORE],
        ("POST", "/v1/sessions/wechat") => &[BODY, LOGIN],
        ("POST", "/v1/sessions/staff") => &[
            BODY,
            STORE,
            &["invitation_unknown", "invitation_over", "invitation_used_up", "session_ended", "token_expired"],
            &["code_of_another_kind", "too_many_tries"],
        ],
        ("POST", "/v1/check-ins") => &[
            BODY,
            STORE,
            WINDOW,
            &["code_unknown", "code_of_another_kind", "code_replaced"],
            &["display_code_too_old", "display_code_needed", "printed_code_needed"],
            &["too_far_away", "location_needed", "companion_unknown"],
        ],
        ("POST", "/v1/me/companions") => &[BODY, STORE, &["code_unknown", "code_of_another_kind", "companions_full"]],
        ("DELETE", "/v1/me/companions/{serial}") => &[STORE, &["bad_request"]],
        ("POST", "/v1/me/claims") => &[
            BODY,
            STORE,
            &["gift_unknown", "gift_not_earned", "gift_gone", "gift_closed", "already_redeemed"],
            &["pick_up_closed", "carnival_over"],
        ],
        ("DELETE", "/v1/me/claims/{id}") => &[STORE, &["claim_unknown", "already_redeemed"]],
        ("POST", "/v1/booth/lookups") => {
            &[BODY, STAFF, &["voucher_unknown", "code_unknown", "code_of_another_kind", "own_code_too_old"]]
        }
        // Refusals of single vouchers are part of a successful response.
        ("POST", "/v1/booth/redemptions") => &[BODY, STAFF],
        ("POST", "/v1/booth/redemptions/{id}/void") => {
            &[BODY, STAFF, &["redemption_unknown", "voided", "too_late_to_void", "not_your_redemption"]]
        }
        ("POST", "/v1/booth/paper-redemptions") => {
            &[BODY, STAFF, HAND_OVER, PASSPORT, &["gift_unknown", "gift_not_earned", "gift_closed"]]
        }
        ("POST", "/v1/booth/check-ins") => {
            &[BODY, STAFF, PASSPORT, WINDOW, &["point_unknown", "route_not_begun", "not_your_point"]]
        }
        ("PUT", "/v1/booth/gifts/{gift}/here") => &[BODY, STAFF, &["gift_unknown", "booth_needed", "wrong_booth"]],
        ("GET", "/v1/booth/points/{point}/code") => {
            &[STAFF, &["point_unknown", "printed_code_needed", "not_your_point"]]
        }
        (
            "GET",
            "/v1/booth/summary" | "/v1/organiser/carnival" | "/v1/organiser/carnival/versions" | "/v1/organiser/staff",
        ) => &[STAFF],
        ("PUT", "/v1/organiser/carnival") => &[BODY, STAFF, CHANGE, &["carnival_changed"]],
        ("GET", "/v1/organiser/carnival/versions/{version}") => &[STAFF, &["version_unknown"]],
        ("POST", "/v1/organiser/carnival/versions/{version}/put-back") => &[STAFF, CHANGE, &["version_unknown"]],
        ("POST", "/v1/organiser/points/{point}/closure") => &[BODY, STAFF, CHANGE, &["point_unknown"]],
        ("POST", "/v1/organiser/points/{point}/reissue") => {
            &[BODY, STAFF, &["point_unknown", "code_unknown", "code_of_another_kind", "codes_used_up"]]
        }
        ("DELETE", "/v1/organiser/points/{point}/closure") => &[STAFF, CHANGE, &["point_unknown"]],
        ("PUT", "/v1/organiser/routes/{route}/days") => &[BODY, STAFF, CHANGE, &["route_unknown"]],
        ("PUT", "/v1/organiser/notice") => &[BODY, STAFF, CHANGE],
        ("PUT", "/v1/organiser/gifts/{gift}/stock") => {
            &[BODY, STAFF, &["gift_unknown", "booth_unknown", "booth_needed", "stock_change_odd", "stock_too_low"]]
        }
        ("GET", "/v1/organiser/check-ins.csv") => &[STAFF, REPORT, &["point_unknown"]],
        ("GET", "/v1/organiser/redemptions.csv") => &[STAFF, REPORT, &["gift_unknown", "booth_unknown"]],
        ("GET", "/v1/organiser/stock.csv" | "/v1/organiser/ledger.csv") => &[STAFF, REPORT, &["gift_unknown"]],
        ("POST", "/v1/booth/poster-checks") => &[BODY, STAFF, &["code_unknown", "code_of_another_kind"]],
        ("GET", "/v1/organiser/summary") => &[STAFF, &["bad_request", "day_unknown", "route_unknown", "point_unknown"]],
        ("PUT", "/v1/organiser/suspicions/{id}") => &[BODY, STAFF, &["suspicion_unknown"]],
        ("POST", "/v1/organiser/staff") => &[BODY, STAFF, &["booth_unknown", "point_unknown"]],
        ("DELETE", "/v1/organiser/staff/{id}") => &[STAFF, &["staff_unknown"]],
        ("POST", "/v1/organiser/staff/{id}/link") => {
            &[BODY, STAFF, &["staff_unknown", "booth_unknown", "point_unknown"]]
        }
        ("GET", "/v1/me/postcards/{route}") => {
            &[STORE, GREETING, &["bad_request", "route_unknown", "companion_unknown"]]
        }
        ("POST", "/v1/booth/postcards") => &[BODY, STAFF, PASSPORT, GREETING, &["route_unknown"]],
        ("GET", "/v1/postcards/{whose}/{signature}/{file}") => {
            &[STORE, GREETING, PICTURE, &["code_unknown", "link_expired", "no_such_route", "route_unknown"]]
        }
        ("GET", "/v1/organiser/points/{point}/poster") => {
            &[STAFF, PICTURE, &["bad_request", "point_unknown", "no_poster"]]
        }
        ("GET", "/v1/organiser/posters" | "/v1/organiser/volunteer-card") => &[STAFF, PICTURE],
        ("POST", "/v1/organiser/passports") => &[BODY, STAFF, PICTURE],
        ("POST", "/v1/scans") => {
            &[BODY, STAFF, &["no_code_found", "photo_unreadable", "photo_too_large", "pictures_busy"]]
        }
        ("GET", "/v1/pictures/{code}/{file}") => &[&["code_unknown", "link_expired", "no_such_route"]],
        ("GET", "/v1/wechat/events") => &[PUSH, &["bad_request"]],
        ("POST", "/v1/wechat/events") => &[PUSH, BODY, STORE],
        ("GET", "/q/{code}") => &[
            STORE,
            &["code_unknown", "code_replaced", "display_code_too_old", "own_code_too_old"],
            &["invitation_unknown", "invitation_over", "invitation_used_up", "no_such_route", "too_many_tries"],
        ],
        _ => return None,
    };
    Some(codes.concat())
}

/// Refusals of a greeting.
const GREETING: &[&str] = &["greeting_too_long", "greeting_lines", "greeting_emoji", "cannot_be_printed"];
/// Codes of routes that render a picture.
const PICTURE: &[&str] = &["pictures_busy", "cannot_be_printed"];
const STORE: &[&str] = &["store_unavailable"];
const STAFF: &[&str] = &["session_ended", "store_unavailable"];
/// Codes of routes that publish a carnival.
const CHANGE: &[&str] = &["carnival_mistakes", "carnival_change_refused", "pictures_busy"];
/// Codes of a report's filters.
const REPORT: &[&str] = &["bad_request", "day_unknown"];
/// Refusals of a redemption. A gift without pick-up days follows the carnival's days.
const HAND_OVER: &[&str] = &[
    "already_redeemed",
    "voided",
    "gift_gone",
    "wrong_booth",
    "pick_up_closed",
    "talk_needed",
    "carnival_not_begun",
    "carnival_over",
];
const PASSPORT: &[&str] = &["code_unknown", "code_of_another_kind", "own_code_too_old"];
/// Codes of a rejected WeChat push.
const PUSH: &[&str] = &["push_forged", "push_stale", "no_such_route"];
const LOGIN: &[&str] = &[
    "login_code_invalid",
    "login_code_used",
    "login_refused",
    "login_too_often",
    "login_unavailable",
    "login_failed",
    "too_many_tries",
];

/// Adds the problems of a route as responses by status, each code with an example.
pub(super) fn add(method: &str, path: &str, operation: &mut Operation) {
    let mut codes = for_operation(method, path).unwrap_or_default();
    match roles(path) {
        [] => {}
        [_] => codes.extend(TOKEN.iter().chain(&["not_your_role"])),
        _ => codes.extend(TOKEN),
    }
    let mut by_status: BTreeMap<u16, BTreeSet<&str>> = BTreeMap::new();
    for code in codes {
        if let Some(problem) = sample(code) {
            by_status.entry(problem.status).or_default().insert(code);
        }
    }
    // The page shows the sentences in HTML.
    let page = path.starts_with("/q/");
    for (status, codes) in by_status {
        let names = codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
        let media = if page { "text/html" } else { "application/problem+json" };
        let mut answer = response(&names, media, &codes);
        if page && codes.contains("no_such_route") {
            // A check file is not a page, so its problem is JSON.
            answer.content.extend(response(&names, "application/problem+json", ["no_such_route"].iter()).content);
        }
        operation.responses.responses.insert(status.to_string(), answer.into());
    }
}

/// A response with problems, with a reference to an example of each code.
pub(super) fn response<'a>(about: &str, media: &str, codes: impl IntoIterator<Item = &'a &'a str>) -> Response {
    let content = if media == "text/html" {
        let page =
            ObjectBuilder::new().schema_type(Type::String).description(Some("A page with the problem's sentence."));
        ContentBuilder::new().schema(Some(page.build())).build()
    } else {
        let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let example = |code: &str| RefOr::Ref(Ref::new(format!("#/components/examples/{code}")));
        content.examples.extend(codes.into_iter().map(|code| ((*code).to_owned(), example(code))));
        content
    };
    ResponseBuilder::new().description(about).content(media, content).build()
}

/// The example of a code, as a shared component.
pub(super) fn example(code: &str) -> Option<Example> {
    let problem = sample(code)?;
    Some(ExampleBuilder::new().summary(problem.detail.clone()).value(Some(json!(problem))).build())
}

/// A sample problem with this code.
pub(super) fn sample(code: &str) -> Option<Problem> {
    samples().find(|problem| problem.code == code)
}

/// All codes.
pub(super) fn all_codes() -> BTreeSet<String> {
    samples().map(|problem| problem.code).collect()
}

fn samples() -> impl Iterator<Item = Problem> {
    let refusals = Refusal::samples().into_iter().map(ApiError::from);
    refusals.chain(failures()).map(|error| Problem::of(&error, Lang::default()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_a_route_names_exists() {
        let document = crate::http::routes::document();
        for (path, item) in &document.paths.paths {
            let known = [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("DELETE", &item.delete)];
            for (method, _) in known.iter().filter(|(_, operation)| operation.is_some()) {
                let codes = for_operation(method, path);
                assert!(codes.is_some(), "{method} {path} is not listed in this file");
                for code in codes.iter().flatten().chain(TOKEN) {
                    assert!(sample(code).is_some(), "{method} {path} lists {code}, which no error has");
                }
            }
        }
    }
}
