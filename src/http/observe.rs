//! Around every request: an id, a time limit, one line in the log, errors in the reader's language.

use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError};
use tracing::{error, info, warn};

use super::client;
use super::error::{ApiError, BadInput, Problem};
use super::state::State;
use crate::actions;
use crate::rules::lang::Lang;
use crate::store::StoreError;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static REHEARSAL: HeaderName = HeaderName::from_static("x-rehearsal");

/// The middleware.
///
/// # Errors
/// When the request took too long, or failed outside of its handler; the error renders itself.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    // The request cannot be shared before it is routed, so what an error needs is taken now.
    let around = Around { id: request_id(request.headers().get(&REQUEST_ID)), lang: client::lang(request.request()) };
    let state = request.app_data::<Data<State>>().cloned();
    let limit = state.as_ref().map_or(Duration::MAX, |state| state.request_timeout);
    let mut response = match tokio::time::timeout(limit, next.call(request)).await {
        Ok(Ok(response)) => around.uniform(response.map_into_boxed_body(), began),
        Ok(Err(error)) => return Err(around.alone(translate(&error), began)),
        Err(_) => return Err(around.alone(ApiError::Bad(BadInput::TooSlow), began)),
    };
    if let Ok(value) = HeaderValue::from_str(&around.id) {
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    if state.is_some_and(|state| state.rehearsal) {
        response.headers_mut().insert(REHEARSAL.clone(), HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// What is known of a request before and after it was routed.
struct Around {
    id: String,
    lang: Lang,
}

impl Around {
    /// An answer that carries an error is said again in the reader's language: one of our errors as
    /// it is, the framework's own in our shape.
    fn uniform(&self, response: ServiceResponse<BoxBody>, began: Instant) -> ServiceResponse<BoxBody> {
        let request = response.request();
        let Some(error) = response.response().error() else {
            log(Some(request), &self.id, response.status(), began.elapsed(), None);
            return response;
        };
        let translated;
        let said = if let Some(own) = error.as_error::<ApiError>() {
            own
        } else {
            translated = translate(error);
            &translated
        };
        let answer = Problem::of(said, self.lang).response(self.lang);
        log(Some(request), &self.id, answer.status(), began.elapsed(), Some(said));
        ServiceResponse::new(request.clone(), answer)
    }

    /// An error of a request that never came back from its handler.
    fn alone(&self, error: ApiError, began: Instant) -> Error {
        let status = error.status_code();
        log(None, &self.id, status, began.elapsed(), Some(&error));
        Alone { error, lang: self.lang, id: self.id.clone() }.into()
    }
}

/// An error with what its answer needs.
#[derive(Debug)]
struct Alone {
    error: ApiError,
    lang: Lang,
    id: String,
}

impl std::fmt::Display for Alone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for Alone {
    fn status_code(&self) -> StatusCode {
        self.error.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = Problem::of(&self.error, self.lang).response(self.lang);
        if let Ok(value) = HeaderValue::from_str(&self.id) {
            answer.headers_mut().insert(REQUEST_ID.clone(), value);
        }
        answer
    }
}

/// The client's own id if it is a sound one, else a new one.
fn request_id(given: Option<&HeaderValue>) -> String {
    let sound = |id: &&str| {
        (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if let Some(id) = given.and_then(|value| value.to_str().ok()).filter(sound) {
        return id.to_owned();
    }
    let mut bytes = [0_u8; 8];
    // Without random bytes the ids of this moment are all zero: worse to search for, and nothing else.
    let _unrandom = getrandom::fill(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}

/// The framework's own errors in our shape.
fn translate(error: &Error) -> ApiError {
    match error.as_response_error().status_code() {
        StatusCode::NOT_FOUND => ApiError::Bad(BadInput::NoRoute),
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::Bad(BadInput::TooLarge),
        StatusCode::REQUEST_TIMEOUT => ApiError::Bad(BadInput::TooSlow),
        status if status.is_client_error() => ApiError::malformed(error.to_string()),
        _ => ApiError::Bad(BadInput::Internal),
    }
}

/// One line per request. The path stands as its pattern, because a path can hold a code.
fn log(request: Option<&HttpRequest>, id: &str, status: StatusCode, took: Duration, cause: Option<&ApiError>) {
    let method = request.map_or("-", |request| request.method().as_str());
    let route = request.and_then(HttpRequest::match_pattern);
    let route = route.as_deref().unwrap_or("-");
    let status = status.as_u16();
    let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    match cause {
        Some(ApiError::Step(actions::Error::Store(cause @ StoreError::Broken(_)))) => {
            error!(id, method, route, status, took_us, %cause, "the store is broken");
        }
        Some(ApiError::Step(actions::Error::Store(cause))) => {
            warn!(id, method, route, status, took_us, %cause, "the store did not answer");
        }
        Some(ApiError::Step(actions::Error::LogIn(cause))) => {
            warn!(id, method, route, status, took_us, %cause, "no login");
        }
        Some(ApiError::Step(actions::Error::Refused(refusal))) => {
            info!(id, method, route, status, took_us, code = refusal.code(), "refused");
        }
        Some(ApiError::Bad(BadInput::Internal)) => error!(id, method, route, status, took_us, "failed"),
        Some(ApiError::Bad(_)) => info!(id, method, route, status, took_us, "not understood"),
        None => info!(id, method, route, status, took_us, "answered"),
    }
}
