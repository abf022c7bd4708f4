//! `/v1/wechat/events`: where WeChat's servers push to.

use actix_web::web::{Bytes, Query};
use actix_web::{HttpRequest, HttpResponse, get, http::header, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::error::{ApiError, RequestError};
use super::state::state;
use crate::actions::pushed::{self, NotDone};
use crate::actions::pushes::Pushes;
use crate::wechat::push::{Envelope, NotTaken};

/// The longest text that is said back to whoever enters the address.
const MAX_ECHO_BYTES: usize = 256;

/// What WeChat puts behind the address.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PushQuery {
    /// SHA-1 in hexadecimal over the sorted texts of token, timestamp and nonce.
    signature: String,
    /// When it was sent, in seconds since 1970; five minutes off is too much.
    #[param(example = "1681437600")]
    timestamp: String,
    /// A random text.
    #[param(example = "1320562132")]
    nonce: String,
    /// When the address is entered: what is to be answered.
    #[param(ignore)]
    echostr: Option<String>,
    /// `aes` when the body is encrypted, which is demanded where a key is set.
    encrypt_type: Option<String>,
    /// SHA-1 in hexadecimal over the sorted texts of token, timestamp, nonce and the encrypted text.
    msg_signature: Option<String>,
}

/// Where messages are pushed to, and what came with the address; no such route if none is set up.
fn parse_push(request: &HttpRequest) -> Result<(&Pushes, PushQuery), ApiError> {
    let pushes = state(request).app.pushes.as_ref().ok_or(ApiError::Request(RequestError::NoRoute))?;
    let query = Query::<PushQuery>::from_query(request.query_string());
    Ok((pushes, query.map_err(|error| ApiError::malformed(error.to_string()))?.into_inner()))
}

fn envelope(query: PushQuery) -> Envelope {
    let PushQuery { signature, timestamp, nonce, encrypt_type, msg_signature, .. } = query;
    Envelope { timestamp, nonce, signature, msg_signature, encrypt_type }
}

fn text_response(body: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(body)
}

fn problem(error: NotDone) -> ApiError {
    match error {
        NotDone::NotTaken(NotTaken::Forged) => ApiError::Request(RequestError::PushForged),
        NotDone::NotTaken(NotTaken::Stale) => ApiError::Request(RequestError::PushStale),
        NotDone::NotTaken(NotTaken::Malformed(what)) => ApiError::malformed(what),
        NotDone::Step(error) => ApiError::Action(error),
    }
}

/// Says `echostr` back, when the address is entered in WeChat's console.
#[utoipa::path(tag = "wechat", params(PushQuery, ("echostr" = String, Query, max_length = 256, description = "What is to be answered")), responses(
    (status = 200, description = "`echostr`", body = String, content_type = "text/plain"),
))]
#[get("/v1/wechat/events")]
pub async fn verify_push_address(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let (pushes, mut query) = parse_push(&request)?;
    let echo = query.echostr.take().filter(|echo| echo.len() <= MAX_ECHO_BYTES);
    let echo = echo.ok_or_else(|| ApiError::malformed("echostr is missing, or too long"))?;
    pushed::check(&state(&request).app, pushes, &envelope(query)).map_err(problem)?;
    Ok(text_response(echo))
}

/// Takes a push of WeChat's: `user_authorization_revoke` and `user_authorization_cancellation` erase
/// whom they name; all others are taken and nothing is done. The same push again is taken as well.
///
/// The body is XML or JSON, as WeChat's console is set.
#[utoipa::path(tag = "wechat", params(PushQuery), request_body(content = String, content_type = "text/xml"), responses(
    (status = 200, description = "`success`: it is done", body = String, content_type = "text/plain"),
))]
#[post("/v1/wechat/events")]
pub async fn receive_push(request: HttpRequest, body: Bytes) -> Result<HttpResponse, ApiError> {
    let (pushes, query) = parse_push(&request)?;
    pushed::receive(&state(&request).app, pushes, &envelope(query), &body).await.map_err(problem)?;
    Ok(text_response("success".to_owned()))
}
