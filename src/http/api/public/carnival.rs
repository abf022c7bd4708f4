//! `GET /v1/carnival`, answered with 304 when the client's `ETag` is current.

use actix_web::{HttpRequest, get};

use super::carnival_view::CarnivalView;
use crate::http::compressed_json;
use crate::http::errors::ApiResult;
use crate::http::state::state;

/// The carnival: routes, points, hours, activities, gifts and booths, as the carnival file declares them.
#[utoipa::path(tag = "everyone", responses(
    (status = 200, description = "The carnival, with an ETag", body = CarnivalView),
    (status = 304, description = "Unchanged: `If-None-Match` names the current version"),
))]
#[get("/v1/carnival")]
pub async fn get_carnival(request: HttpRequest) -> ApiResult {
    let state = state(&request);
    let rendered = state.carnival_cache.get_or_render(&state.app.current(), state.app.now())?;
    compressed_json::respond(&request, &rendered.tag, &rendered.gzip, || Ok(rendered.plain.clone()))
}
