//! Middleware of every request: a request id, a timeout, a store deadline, one log line, and errors in the reader's language.

use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use actix_web::body::{self, BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpResponse, ResponseError};
use tracing::{error, info, warn};

use super::body_pieces::in_pieces;
use super::connection_guard::{GuardedConnection, guard_body};
use super::unread_body::UnreadBody;
use crate::actions;
use crate::http::errors::{ApiError, Problem, RequestError};
use crate::http::extract::request_info;
use crate::http::metrics::{self, RequestMetrics};
use crate::http::state::ServerState;
use crate::rules::lang::Lang;
use crate::store::StoreError;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static REHEARSAL: HeaderName = HeaderName::from_static("x-rehearsal");

/// The middleware function.
///
/// # Errors
/// When the request timed out or failed outside its handler. The error renders its own response.
pub async fn wrap_request(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started_at = Instant::now();
    let connection = request.conn_data::<Arc<GuardedConnection>>().cloned();
    if let Some(connection) = &connection {
        connection.on_request();
    }
    let state = request.app_data::<Data<ServerState>>().cloned();
    // Routing consumes the request, so the data for error responses is copied first.
    let context = RequestContext {
        id: request_id(request.headers().get(&REQUEST_ID)),
        lang: request_info::lang(request.request()),
        method: request.method().clone(),
        // The pattern, because a path can hold a code.
        route: request.match_pattern(),
        requests: request.app_data::<Rc<RequestMetrics>>().cloned(),
        rehearsal: state.as_ref().is_some_and(|state| state.rehearsal),
        private: state.as_ref().is_some_and(|state| state.private),
        unread_body: UnreadBody::hold(&mut request),
        connection,
    };
    if context.method == Method::HEAD {
        // Handlers see GET. actix omits the body according to the client's original method.
        request.head_mut().method = Method::GET;
    }
    let timeout = state.map_or(Duration::MAX, |state| state.request_timeout);
    let mut response = match tokio::time::timeout(timeout, actions::with_shared_deadline(next.call(request))).await {
        Ok(Ok(response)) => context.localise(response.map_into_boxed_body(), started_at),
        Ok(Err(error)) => return Err(context.bare_error(from_framework_error(&error), started_at)),
        Err(_) => return Err(context.bare_error(ApiError::Request(RequestError::TooSlow), started_at)),
    };
    context.set_headers(response.headers_mut());
    Ok(response.map_body(|_, body| context.guard_response_body(body)))
}

/// Data of a request that is needed after routing.
struct RequestContext {
    id: String,
    lang: Lang,
    method: Method,
    route: Option<String>,
    requests: Option<Rc<RequestMetrics>>,
    rehearsal: bool,
    private: bool,
    unread_body: UnreadBody,
    connection: Option<Arc<GuardedConnection>>,
}

impl RequestContext {
    /// Sets the headers of every response.
    fn set_headers(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_str(&self.id) {
            headers.insert(REQUEST_ID.clone(), value);
        }
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if self.rehearsal {
            headers.insert(REHEARSAL.clone(), HeaderValue::from_static("true"));
        }
        // Tokens, passports and vouchers are personal and short-lived. Cacheable responses set their own header.
        if !headers.contains_key(CACHE_CONTROL) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }

    /// Wraps the response body in the connection guard, a large one in pieces. The body of a streamed response to HEAD is dropped.
    fn guard_response_body(self, body: BoxBody) -> BoxBody {
        if let Some(connection) = &self.connection {
            connection.on_response();
        }
        if self.method == Method::HEAD && matches!(body.size(), BodySize::Stream) {
            return BoxBody::new(body::None::new());
        }
        self.unread_body.release_after(guard_body(self.connection, in_pieces(body)))
    }

    /// Renders an error response again in the reader's language; framework errors are converted to `ApiError` first, and
    /// guesses are limited.
    fn localise(&self, response: ServiceResponse<BoxBody>, started_at: Instant) -> ServiceResponse<BoxBody> {
        let Some(error) = response.response().error() else {
            self.log(response.status(), started_at.elapsed(), None);
            return response;
        };
        let (converted, limited);
        let mut api_error = if let Some(own) = error.as_error::<ApiError>() {
            own
        } else {
            converted = from_framework_error(error);
            &converted
        };
        if let Some(too_many_tries) = request_info::limit_guesses(response.request(), api_error) {
            limited = too_many_tries;
            api_error = &limited;
        }
        let answer = self.problem(api_error).response(self.lang);
        self.log(answer.status(), started_at.elapsed(), Some(api_error));
        ServiceResponse::new(response.request().clone(), answer)
    }

    /// The problem for the client. Only an operator learns the cause of a failure.
    fn problem(&self, error: &ApiError) -> Problem {
        let mut problem = Problem::of(error, self.lang);
        if let ApiError::Action(cause) = error
            && self.private
            && problem.status >= 500
        {
            problem.extensions.insert("cause".to_owned(), cause.to_string().into());
        }
        problem
    }

    /// The error of a request that timed out or failed outside its handler.
    fn bare_error(self, error: ApiError, started_at: Instant) -> Error {
        self.log(error.status_code(), started_at.elapsed(), Some(&error));
        BareError { error, context: self }.into()
    }

    /// Writes the request's log line and metrics.
    fn log(&self, status: StatusCode, took: Duration, cause: Option<&ApiError>) {
        if let Some(requests) = &self.requests {
            requests.record(self.route.as_deref(), &self.method, status, took);
        }
        let (id, method, route) = (&self.id, self.method.as_str(), self.route.as_deref().unwrap_or("-"));
        let status = status.as_u16();
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        macro_rules! record {
            ($level:ident, $($rest:tt)+) => { $level!(id, method, route, status, took_us, $($rest)+) };
        }
        match cause {
            Some(ApiError::Action(actions::Error::Store(cause @ StoreError::Broken(_)))) => {
                record!(error, %cause, "store broken");
            }
            Some(ApiError::Action(actions::Error::Store(cause))) => record!(warn, %cause, "store unavailable"),
            Some(ApiError::Action(actions::Error::Login(cause))) => {
                record!(warn, cause = error_chain(cause), "login failed");
            }
            Some(ApiError::Action(actions::Error::Refused(refusal))) => {
                metrics::count_refusal(refusal.code());
                record!(info, code = refusal.code(), "refused");
            }
            Some(ApiError::Action(
                cause @ (actions::Error::Mistakes(_) | actions::Error::Blocked(_) | actions::Error::Undone(_)),
            )) => {
                record!(info, %cause, "not published");
            }
            Some(ApiError::Action(cause @ actions::Error::PicturesBusy)) => {
                record!(warn, %cause, "picture not rendered");
            }
            Some(ApiError::Action(cause @ actions::Error::RenderFailed(_))) => {
                record!(error, %cause, "picture not rendered");
            }
            Some(ApiError::Request(RequestError::Internal)) => record!(error, "failed"),
            Some(ApiError::Request(_)) => record!(info, "bad request"),
            None => record!(info, "answered"),
        }
    }
}

/// An error before a handler answered, with the data to render its response.
#[derive(thiserror::Error)]
#[error("{error}")]
struct BareError {
    error: ApiError,
    context: RequestContext,
}

impl std::fmt::Debug for BareError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for BareError {
    fn status_code(&self) -> StatusCode {
        self.error.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let lang = self.context.lang;
        let mut answer = self.context.problem(&self.error).response(lang);
        self.context.set_headers(answer.headers_mut());
        if let Some(connection) = &self.context.connection {
            connection.on_response();
        }
        answer.map_body(|_, body| self.context.unread_body.clone().release_after(body))
    }
}

/// Request ids are hashes of a counter with a random key: unpredictable, without a system call per request.
static ID_HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// The client's request id if it is valid, else a new one.
fn request_id(client_id: Option<&HeaderValue>) -> String {
    let is_valid = |id: &&str| {
        (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if let Some(id) = client_id.and_then(|value| value.to_str().ok()).filter(is_valid) {
        return id.to_owned();
    }
    format!("{:016x}", ID_HASHER.hash_one(NEXT_ID.fetch_add(1, Ordering::Relaxed)))
}

/// Converts an error of the framework.
fn from_framework_error(error: &Error) -> ApiError {
    match error.as_response_error().status_code() {
        StatusCode::NOT_FOUND => ApiError::Request(RequestError::NoRoute),
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::Request(RequestError::TooLarge),
        StatusCode::REQUEST_TIMEOUT => ApiError::Request(RequestError::TooSlow),
        status if status.is_client_error() => ApiError::malformed(error.to_string()),
        _ => ApiError::Request(RequestError::Internal),
    }
}

/// An error with its causes, because "WeChat cannot be reached" alone does not help an operator.
fn error_chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
