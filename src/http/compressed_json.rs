//! JSON that is kept compressed: sent with gzip or without, or answered with 304 when the client has it.

use std::io;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, AcceptEncoding, ContentEncoding, ETag, Encoding, EntityTag, Header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

use super::errors::{ApiError, RequestError};
use super::extract::request_info::matches_etag;

/// The response with this content. The tag is weak, because it covers both encodings.
///
/// # Errors
/// `RequestError::Internal` if `plain` fails, which is not expected.
pub fn respond(
    request: &HttpRequest,
    tag: &EntityTag,
    gzip: &Bytes,
    plain: impl FnOnce() -> io::Result<Bytes>,
) -> Result<HttpResponse, ApiError> {
    let mut response = HttpResponse::Ok();
    response
        .insert_header(ETag(tag.clone()))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, "Accept-Encoding"));
    if matches_etag(request, tag) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    response.content_type("application/json");
    if accepts_gzip(request) {
        return Ok(response.insert_header(ContentEncoding::Gzip).body(gzip.clone()));
    }
    Ok(response.body(plain().map_err(|_| ApiError::Request(RequestError::Internal))?))
}

fn accepts_gzip(request: &HttpRequest) -> bool {
    if !request.headers().contains_key(header::ACCEPT_ENCODING) {
        return false;
    }
    let offered = [Encoding::gzip(), Encoding::identity()];
    AcceptEncoding::parse(request).is_ok_and(|accepts| accepts.negotiate(offered.iter()) == Some(Encoding::gzip()))
}
