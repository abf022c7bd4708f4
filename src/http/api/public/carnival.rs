//! `GET /v1/carnival`, answered with 304 when the client's `ETag` is current.

use actix_web::http::header::{self, AcceptEncoding, ContentEncoding, ETag, Encoding, Header};
use actix_web::{HttpRequest, HttpResponse, get};

use super::carnival_view::CarnivalView;
use crate::http::errors::ApiError;
use crate::http::extract::request_info::matches_etag;
use crate::http::state::state;

/// The carnival: routes, points, hours, activities, gifts and booths, as the carnival file declares them.
#[utoipa::path(tag = "everyone", responses(
    (status = 200, description = "The carnival, with an ETag", body = CarnivalView),
    (status = 304, description = "Unchanged: `If-None-Match` names the current version"),
))]
#[get("/v1/carnival")]
pub async fn get_carnival(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let state = state(&request);
    let rendered = state.carnival_cache.get_or_render(&state.app.current())?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header(ETag(rendered.tag.clone()))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, "Accept-Encoding"));
    if matches_etag(&request, &rendered.tag) {
        return Ok(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    response.content_type("application/json");
    if accepts_gzip(&request) {
        return Ok(response.insert_header(ContentEncoding::Gzip).body(rendered.gzip.clone()));
    }
    Ok(response.body(rendered.plain.clone()))
}

fn accepts_gzip(request: &HttpRequest) -> bool {
    if !request.headers().contains_key(header::ACCEPT_ENCODING) {
        return false;
    }
    let offered = [Encoding::gzip(), Encoding::identity()];
    AcceptEncoding::parse(request).is_ok_and(|accepts| accepts.negotiate(offered.iter()) == Some(Encoding::gzip()))
}
