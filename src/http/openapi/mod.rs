//! The OpenAPI document: the handlers' declarations, completed with the problems of each route (every code with an
//! example), recorded examples of requests and responses, security schemes and tags. `/docs` displays it, also offline.

pub(super) mod committed;
mod components;
pub mod problems;
mod recorded_examples;
mod schema_fixups;

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{Bytes, ServiceConfig};
use actix_web::{HttpResponse, web};
use serde_json::json;
use utoipa::PartialSchema;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi};
use utoipa_swagger_ui::Config;

use super::errors::{ApiError, ApiResult, Problem, Remedy, RequestError};
pub use recorded_examples::RecordedExamples;

const DESCRIPTION: &str = "Check-ins, stamps and gifts of a community carnival.

* Bodies are JSON in snake_case, read as JSON regardless of the content type. Times are RFC 3339 with the carnival's offset.
* Errors are `application/problem+json` (RFC 9457) with a stable `code`, a sentence for the person in `detail` \
(zh-CN, or en by `Accept-Language` or `?lang=en`), and a `remedy`: `retry` (retry in a moment), `login` (log in, then retry), \
`show` (show the sentence; a retry would fail in the same way). For codes of a later version, use status and remedy.
* Every write is idempotent: repeat it when a response was lost. Booth writes carry a `nonce` from the client for that.
* Every GET route also accepts HEAD.
* Every response carries `X-Request-Id`; include it in bug reports.
* Only a request without a readable head is refused in another way, before it reaches a route: with an empty body, none of \
these headers, and `Connection: close`. The status is 400 for a head that is not sound HTTP/1.1 (no `Host`, both `Content-Length` \
and `Transfer-Encoding`), 431 for more than 96 fields or 128 KiB, and 408 if the first head of a connection takes longer than \
five seconds.
* The times in the examples are those of the sample carnival.";

/// The page around Swagger UI.
const DOCS_PAGE: &str = include_str!("../pages/docs.html");

/// Allows the page's own scripts, pictures and requests. Swagger UI writes styles into the page.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Completes the document that the handlers declare, with the examples of the committed document if none are given.
#[must_use]
pub fn complete_document(mut document: OpenApi, recorded: Option<&RecordedExamples>) -> OpenApi {
    let mut license = LicenseBuilder::new().name("MIT").build();
    license.identifier = Some("MIT".to_owned());
    document.info = InfoBuilder::new()
        .title("carnival")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(license))
        .build();
    document.tags = Some(tags());
    let mut components = ComponentsBuilder::from(document.components.unwrap_or_default())
        .schema("Problem", Problem::schema())
        .schema("Remedy", Remedy::schema());
    for (name, what) in [
        ("resident", "From POST /v1/sessions/wechat."),
        ("volunteer", "From POST /v1/sessions/staff, with an invitation of this role."),
        ("organiser", "From POST /v1/sessions/staff, with an invitation of this role."),
        ("viewer", "From POST /v1/sessions/staff, with an invitation of this role: reads the numbers."),
        ("reporter", "From POST /v1/sessions/staff, with an invitation of this role."),
        ("display", "From POST /v1/sessions/staff, with an invitation of this role: the tablet of one point."),
    ] {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").description(Some(what));
        components = components.security_scheme(name, SecurityScheme::Http(bearer.build()));
    }
    let mut components = components.build();
    schema_fixups::fix_optional_parts(&mut components.schemas);
    schema_fixups::add_nonce_pattern(&mut components.schemas);
    components::add_components(&mut components);
    document.components = Some(components);
    let committed = recorded_examples::of_committed_document;
    let recorded = recorded.map_or_else(|| Cow::Owned(committed()), Cow::Borrowed);
    for (path, item) in &mut document.paths.paths {
        let operations =
            [("GET", &mut item.get), ("POST", &mut item.post), ("PUT", &mut item.put), ("DELETE", &mut item.delete)];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                complete_operation(path, operation);
                recorded_examples::add(&recorded, method, path, operation);
            }
        }
    }
    document
}

fn complete_operation(path: &str, operation: &mut Operation) {
    let roles = problems::roles(path);
    operation.security = Some(roles.iter().map(|role| SecurityRequirement::new(*role, [""; 0])).collect());
    problems::add(path, operation);
    components::add_references(path, operation);
}

fn tags() -> Vec<utoipa::openapi::Tag> {
    let tag = |(name, about): (&str, &str)| TagBuilder::new().name(name).description(Some(about)).build();
    [
        ("everyone", "Public routes; a scan takes any token."),
        ("resident", "A resident's passport, check-ins and claims."),
        ("staff", "Staff come on duty and go off duty."),
        ("booth", "Volunteers' work at a booth or a point. Organisers may do it too."),
        ("organiser", "Organisers' work: the carnival, stock, staff, prints and reports."),
        ("wechat", "Push messages from WeChat's servers."),
        ("operator", "Health checks."),
    ]
    .map(tag)
    .into()
}

/// Registers the routes of the document and of `/docs`.
pub fn serve(config: &mut ServiceConfig) {
    config.route("/v1/openapi.json", web::get().to(committed::get_document));
    let settings = Config::new(["/v1/openapi.json"])
        .use_base_layout()
        .deep_linking(true)
        .default_models_expand_depth(0)
        .try_it_out_enabled(true)
        .validator_url("none");
    let settings = Arc::new(settings);
    config.service(web::redirect("/docs", "/docs/"));
    // Swagger UI's own page has no viewport for phones, so this page replaces it.
    let page = || async { HttpResponse::Ok().content_type("text/html; charset=utf-8").body(DOCS_PAGE) };
    let file = move |name: web::Path<String>| {
        let settings = Arc::clone(&settings);
        async move { swagger_file(&name, settings) }
    };
    let policy = DefaultHeaders::new().add((CONTENT_SECURITY_POLICY, DOCS_POLICY));
    let docs = web::scope("/docs").wrap(policy).route("/", web::get().to(page));
    config.service(docs.route("/{file}", web::get().to(file)));
}

/// A file of Swagger UI. Its own service would copy megabytes for each answer.
fn swagger_file(name: &str, settings: Arc<Config<'static>>) -> ApiResult {
    let file = utoipa_swagger_ui::serve(name, settings).map_err(|_| ApiError::Request(RequestError::Internal))?;
    let file = file.ok_or(ApiError::Request(RequestError::NoRoute))?;
    let content = match file.bytes {
        Cow::Borrowed(content) => Bytes::from_static(content),
        Cow::Owned(content) => Bytes::from(content),
    };
    Ok(HttpResponse::Ok().content_type(file.content_type).body(content))
}

/// The document as committed in `openapi.json`.
#[must_use]
pub fn to_pretty_json(document: &OpenApi) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_else(|_| json!({}).to_string());
    text.push('\n');
    text
}
