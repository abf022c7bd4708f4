//! Components of the OpenAPI document that many routes reference: parameters, headers, and the problems common to all routes.

use serde_json::{Value, json};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{Components, Object, ObjectBuilder, Ref, RefOr, Required, Response, Type};

use super::problems;

/// Codes of problems that any route can return.
const COMMON_CODES: &[&str] = &["too_slow", "internal", "no_such_route", "method_not_allowed"];

fn text(example: &str) -> Object {
    ObjectBuilder::new().schema_type(Type::String).examples([json!(example)]).build()
}

fn number(example: u32) -> Object {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).examples([json!(example)]).build()
}

fn headers() -> [(&'static str, &'static str, Object); 10] {
    [
        (
            "X-Request-Id",
            "The request's id: yours, if you sent a valid one (8 to 64 letters, digits, - and _), else a new one. Include it in bug reports.",
            text("5f2c1b9e7a40d386"),
        ),
        ("Retry-After", "Seconds to wait before a retry; the same as `retry_after_s` in the body.", number(2)),
        ("WWW-Authenticate", "The authentication scheme.", text("Bearer")),
        ("Allow", "The methods of the route.", text("GET, POST")),
        ("Content-Language", "The language of the sentences: `zh-CN` or `en`.", text("zh-CN")),
        ("ETag", "Identifies the content; send it as `If-None-Match` next time.", text("W/\"1-1681351200000\"")),
        ("X-Carnival-Version", "The version of the carnival file, as in its first line.", number(2)),
        ("Cache-Control", "How long the response may be cached.", text("no-cache")),
        (
            "Content-Disposition",
            "The file name, in the reader's language and in ASCII.",
            text("attachment; filename=\"check-ins_chenghua-2023_2023-04-14.csv\"; filename*=UTF-8''…"),
        ),
        ("X-Rehearsal", "`true` in a rehearsal: nothing here is real.", text("true")),
    ]
}

fn parameter(name: &str, place: ParameterIn, about: &str, example: Value) -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).build();
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(schema))
        .example(Some(example))
        .build()
}

/// Adds the shared components to the document.
pub(super) fn add_components(components: &mut Components) {
    for (name, about, schema) in headers() {
        let header: Header = HeaderBuilder::new().description(Some(about)).schema(Some(schema)).build();
        components.headers.insert(name.to_owned(), header.into());
    }
    let language = "The language of the sentences; takes precedence over `Accept-Language`. Chinese is the default, also for languages other than `zh` and `en`.";
    let accepted = "The preferred languages of the reader's device.";
    let known = "The `ETag` of the content that you have.";
    let parameters = [
        ("lang", parameter("lang", ParameterIn::Query, language, json!("zh"))),
        ("Accept-Language", parameter("Accept-Language", ParameterIn::Header, accepted, json!("zh-CN,zh;q=0.9"))),
        ("If-None-Match", parameter("If-None-Match", ParameterIn::Header, known, json!("W/\"1-1681351200000\""))),
    ];
    for (name, parameter) in parameters {
        components.parameters.insert(name.to_owned(), parameter.into());
    }
    components.examples.extend(problems::examples().map(|(code, example)| (code, example.into())));
    let about = "Problems common to all routes: a timeout, an internal failure, an unknown path or another method.";
    let mut common = problems::response(about, "application/problem+json", COMMON_CODES.iter().copied());
    add_headers(&mut common, &["Content-Language", "Allow"]);
    components.responses.insert("AnyProblem".to_owned(), common.into());
}

/// Adds references to the shared components to an operation.
pub(super) fn add_references(path: &str, operation: &mut Operation) {
    let mut names = vec!["lang", "Accept-Language"];
    if matches!(path, "/v1/carnival" | "/v1/organiser/summary" | "/v1/postcards/{whose}/{signature}/{file}") {
        names.push("If-None-Match");
    }
    let parameters = operation.parameters.get_or_insert_default();
    parameters.extend(names.iter().map(|name| RefOr::Ref(Ref::new(format!("#/components/parameters/{name}")))));
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            add_headers(response, headers_of(path, status));
        }
    }
    let common = Ref::new("#/components/responses/AnyProblem");
    operation.responses.responses.insert("default".to_owned(), RefOr::Ref(common));
}

/// The headers of a response besides `X-Request-Id`.
fn headers_of(path: &str, status: &str) -> &'static [&'static str] {
    match (path, status) {
        ("/v1/postcards/{whose}/{signature}/{file}", "200") => &["ETag", "Cache-Control", "Content-Disposition"],
        ("/v1/postcards/{whose}/{signature}/{file}" | "/v1/carnival" | "/v1/organiser/summary", "200" | "304") => {
            &["ETag", "Cache-Control"]
        }
        ("/v1/pictures/{code}/{file}" | "/v1/availability", "200") => &["Cache-Control"],
        ("/v1/organiser/carnival" | "/v1/organiser/carnival/versions/{version}", "200") => &["X-Carnival-Version"],
        (path, "200") if path.rsplit('.').next() == Some("csv") => {
            &["Content-Disposition", "Content-Language", "Cache-Control"]
        }
        (_, "401") => &["Content-Language", "WWW-Authenticate"],
        (_, "429" | "503") => &["Content-Language", "Retry-After"],
        (_, status) if status.starts_with(['4', '5']) => &["Content-Language"],
        _ => &[],
    }
}

fn add_headers(response: &mut Response, names: &[&str]) {
    for name in ["X-Request-Id"].iter().chain(names) {
        response.headers.insert((*name).to_owned(), RefOr::Ref(Ref::new(format!("#/components/headers/{name}"))));
    }
}
