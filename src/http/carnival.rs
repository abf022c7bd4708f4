//! `GET /v1/carnival`: not sent at all to whom has it already.

use actix_web::http::header::{self, AcceptEncoding, ContentEncoding, ETag, Encoding, Header};
use actix_web::{HttpRequest, HttpResponse, get};

use super::client::is_known;
use super::document::CarnivalView;
use super::error::ApiError;
use super::state::state;

/// The carnival: routes, points, hours, activities, gifts, booths as declared.
#[utoipa::path(tag = "everyone", responses(
    (status = 200, description = "The carnival, with an ETag", body = CarnivalView),
    (status = 304, description = "Not changed since the version that `If-None-Match` names"),
))]
#[get("/v1/carnival")]
pub async fn get_carnival(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let state = state(&request);
    let made = state.document.of(&state.app.current())?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header(ETag(made.tag.clone()))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, "Accept-Encoding"));
    if is_known(&request, &made.tag) {
        return Ok(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    response.content_type("application/json");
    if takes_gzip(&request) {
        return Ok(response.insert_header(ContentEncoding::Gzip).body(made.gzip.clone()));
    }
    Ok(response.body(made.plain.clone()))
}

fn takes_gzip(request: &HttpRequest) -> bool {
    if !request.headers().contains_key(header::ACCEPT_ENCODING) {
        return false;
    }
    let offered = [Encoding::gzip(), Encoding::identity()];
    AcceptEncoding::parse(request).is_ok_and(|accepts| accepts.negotiate(offered.iter()) == Some(Encoding::gzip()))
}
