//! All routes, from the streets of `api`. The OpenAPI document is generated from the same lists.

use actix_web::HttpRequest;
use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi;

use super::api::{booth, operator, organiser, public, resident, wechat};
use super::errors::{ApiError, RequestError};
use super::openapi::{self, RecordedExamples};

/// Registers every route of the document, street by street. The router tries routes in the order of their registration,
/// and matches each path with parameters by a regular expression, so the fixed ones come first.
fn register_routes(config: &mut ServiceConfig) {
    let streets = [resident::register, public::register, booth::register, organiser::register, wechat::register];
    for with_parameters in [false, true] {
        for register in streets {
            register(config, with_parameters);
        }
    }
}

/// What the handlers declare for the document.
fn declared() -> utoipa::openapi::OpenApi {
    public::Declared::openapi()
        .merge_from(resident::Declared::openapi())
        .merge_from(booth::Declared::openapi())
        .merge_from(organiser::Declared::openapi())
        .merge_from(wechat::Declared::openapi())
}

/// Registers the routes of a private socket: those for operators only, and all others.
pub fn configure_private(config: &mut ServiceConfig) {
    config.configure(operator::register);
    configure(config);
}

/// Registers the server's routes: those of the document, the document itself, and the default for all others.
pub fn configure(config: &mut ServiceConfig) {
    register_routes(config);
    openapi::serve(config);
    config.default_service(web::to(|request: HttpRequest| {
        // The path is known, but not with this method.
        let allow = request.match_pattern().and_then(|path| openapi::committed::allowed_methods(&path));
        let request_error = allow.map_or(RequestError::NoRoute, |allow| RequestError::Method { allow });
        async move { Err::<&str, _>(ApiError::Request(request_error)) }
    }));
}

/// The OpenAPI document, with the examples of the committed one.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    openapi::complete_document(declared(), None)
}

/// The document as committed in `openapi.json`, with new examples if they are given.
#[must_use]
pub fn openapi_json(examples: Option<&RecordedExamples>) -> String {
    openapi::to_pretty_json(&openapi::complete_document(declared(), examples))
}
