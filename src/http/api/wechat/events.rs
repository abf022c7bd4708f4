//! `/v1/wechat/events`: receives push messages from WeChat's servers.

use actix_web::web::Query;

use crate::actions::personal_data::replay_cache::PushHandler;
use crate::actions::personal_data::wechat_push::{self, PushError};
use crate::http::api::prelude::*;
use crate::http::extract::body::RawBody;
use crate::wechat::incoming_push::{PushParams, PushRejection};

/// Maximum length of `echostr`.
const MAX_ECHO_BYTES: usize = 256;

/// The push handler and the query parameters; `NoRoute` if push messages are not configured.
fn parse_push(request: &HttpRequest) -> Result<(&PushHandler, PushParams), ApiError> {
    let push_handler = state(request).app.push_handler.as_ref().ok_or(ApiError::Request(RequestError::NoRoute))?;
    let query = Query::<PushParams>::from_query(request.query_string());
    Ok((push_handler, query.map_err(|error| ApiError::malformed(error.to_string()))?.into_inner()))
}

fn text_response(body: String) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(body)
}

fn problem(error: PushError) -> ApiError {
    match error {
        PushError::Rejected(PushRejection::Forged) => ApiError::Request(RequestError::PushForged),
        PushError::Rejected(PushRejection::Stale) => ApiError::Request(RequestError::PushStale),
        PushError::Rejected(PushRejection::Malformed(what)) => ApiError::malformed(what),
        PushError::Action(error) => ApiError::Action(error),
    }
}

/// Returns `echostr`, when the address is entered in WeChat's console.
#[utoipa::path(tag = "wechat", params(PushParams, ("echostr" = String, Query, max_length = 256, description = "The text to return")), responses(
    (status = 200, description = "`echostr`", body = String, content_type = "text/plain"),
), extensions(("x-problems" = json!([PUSH, "bad_request"]))))]
#[get("/v1/wechat/events")]
pub async fn verify_push_address(app: Data<App>, request: HttpRequest) -> ApiResult {
    let (push_handler, mut query) = parse_push(&request)?;
    let echo = query.echostr.take().filter(|echo| echo.len() <= MAX_ECHO_BYTES);
    let echo = echo.ok_or_else(|| ApiError::malformed("echostr is missing or too long"))?;
    wechat_push::check(&app, push_handler, &query).map_err(problem)?;
    Ok(text_response(echo))
}

/// Receives a push message from WeChat.
///
/// `user_authorization_revoke` and `user_authorization_cancellation` erase the data of the user they name. All other
/// messages, and repeated ones, are accepted without effect.
///
/// The body is XML or JSON, as configured in WeChat's console.
#[utoipa::path(tag = "wechat", params(PushParams), request_body(content = String, content_type = "text/xml"), responses(
    (status = 200, description = "`success`: the message was processed", body = String, content_type = "text/plain"),
), extensions(("x-problems" = json!([PUSH, STORE]))))]
#[post("/v1/wechat/events")]
pub async fn receive_push(app: Data<App>, request: HttpRequest, body: RawBody) -> ApiResult {
    let (push_handler, query) = parse_push(&request)?;
    wechat_push::receive(&app, push_handler, &query, &body.0).await.map_err(problem)?;
    Ok(text_response("success".to_owned()))
}
