//! Around every request: an id, a time limit, one line in the log, errors in the reader's language.

use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use actix_web::body::{self, BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpResponse, ResponseError};
use tracing::{error, info, warn};

use super::client;
use super::connections::{Connection, watched};
use super::error::{ApiError, BadInput, Problem};
use super::measures::{self, Requests};
use super::state::State;
use super::unread::Unread;
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
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let connection = request.conn_data::<Arc<Connection>>().cloned();
    if let Some(connection) = &connection {
        connection.asked();
    }
    let state = request.app_data::<Data<State>>().cloned();
    // The request cannot be shared before it is routed, so what an error needs is taken now.
    let around = Around {
        id: request_id(request.headers().get(&REQUEST_ID)),
        lang: client::lang(request.request()),
        method: request.method().clone(),
        // As its pattern, because a path can hold a code.
        route: request.match_pattern(),
        requests: request.app_data::<Rc<Requests>>().cloned(),
        rehearsal: state.as_ref().is_some_and(|state| state.rehearsal),
        unread: Unread::hold(&mut request),
        connection,
    };
    if around.method == Method::HEAD {
        // Answered like GET; the protocol leaves the body out by what the client asked, not by this.
        request.head_mut().method = Method::GET;
    }
    let limit = state.map_or(Duration::MAX, |state| state.request_timeout);
    let mut response = match tokio::time::timeout(limit, actions::in_one_patience(next.call(request))).await {
        Ok(Ok(response)) => around.uniform(response.map_into_boxed_body(), began),
        Ok(Err(error)) => return Err(around.alone(translate(&error), began)),
        Err(_) => return Err(around.alone(ApiError::Bad(BadInput::TooSlow), began)),
    };
    around.mark(response.headers_mut());
    Ok(response.map_body(|_, body| around.sent(body)))
}

/// What is known of a request before and after it was routed.
struct Around {
    id: String,
    lang: Lang,
    method: Method,
    route: Option<String>,
    requests: Option<Rc<Requests>>,
    rehearsal: bool,
    unread: Unread,
    connection: Option<Arc<Connection>>,
}

impl Around {
    /// What every answer carries.
    fn mark(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_str(&self.id) {
            headers.insert(REQUEST_ID.clone(), value);
        }
        if self.rehearsal {
            headers.insert(REHEARSAL.clone(), HeaderValue::from_static("true"));
        }
        // Tokens, passports and vouchers are one person's and of one moment; what may be kept says so itself.
        if !headers.contains_key(CACHE_CONTROL) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }

    /// The body on its way. Of a long one nobody wants more than the head after HEAD.
    fn sent(self, body: BoxBody) -> BoxBody {
        if let Some(connection) = &self.connection {
            connection.answered();
        }
        if self.method == Method::HEAD && matches!(body.size(), BodySize::Stream) {
            return BoxBody::new(body::None::new());
        }
        self.unread.until_sent(watched(self.connection, body))
    }

    /// An answer that carries an error is said again in the reader's language: one of our errors as
    /// it is, the framework's own in our shape.
    fn uniform(&self, response: ServiceResponse<BoxBody>, began: Instant) -> ServiceResponse<BoxBody> {
        let Some(error) = response.response().error() else {
            self.log(response.status(), began.elapsed(), None);
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
        self.log(answer.status(), began.elapsed(), Some(said));
        ServiceResponse::new(response.request().clone(), answer)
    }

    /// An error of a request that never came back from its handler.
    fn alone(self, error: ApiError, began: Instant) -> Error {
        self.log(error.status_code(), began.elapsed(), Some(&error));
        Alone { error, around: self }.into()
    }

    /// One line per request, and its numbers.
    fn log(&self, status: StatusCode, took: Duration, cause: Option<&ApiError>) {
        if let Some(requests) = &self.requests {
            requests.answered(self.route.as_deref(), &self.method, status, took);
        }
        let (id, method, route) = (&self.id, self.method.as_str(), self.route.as_deref().unwrap_or("-"));
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
                warn!(id, method, route, status, took_us, cause = whole(cause), "no login");
            }
            Some(ApiError::Step(actions::Error::Refused(refusal))) => {
                measures::refused(refusal.code());
                info!(id, method, route, status, took_us, code = refusal.code(), "refused");
            }
            Some(ApiError::Step(cause @ (actions::Error::Mistakes(_) | actions::Error::Objections(_)))) => {
                info!(id, method, route, status, took_us, %cause, "not published");
            }
            Some(ApiError::Step(cause @ actions::Error::PicturesBusy)) => {
                warn!(id, method, route, status, took_us, %cause, "no picture");
            }
            Some(ApiError::Step(cause @ actions::Error::Picture(_))) => {
                error!(id, method, route, status, took_us, %cause, "no picture");
            }
            Some(ApiError::Bad(BadInput::Internal)) => error!(id, method, route, status, took_us, "failed"),
            Some(ApiError::Bad(_)) => info!(id, method, route, status, took_us, "not understood"),
            None => info!(id, method, route, status, took_us, "answered"),
        }
    }
}

/// An error with what its answer needs.
struct Alone {
    error: ApiError,
    around: Around,
}

impl std::fmt::Debug for Alone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
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
        let lang = self.around.lang;
        let mut answer = Problem::of(&self.error, lang).response(lang);
        self.around.mark(answer.headers_mut());
        if let Some(connection) = &self.around.connection {
            connection.answered();
        }
        answer.map_body(|_, body| self.around.unread.clone().until_sent(body))
    }
}

/// New ids are counted, and hashed with a random key: no two alike, and no call of the system for each.
static IDS: LazyLock<RandomState> = LazyLock::new(RandomState::new);
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// The client's own id if it is a sound one, else a new one.
fn request_id(given: Option<&HeaderValue>) -> String {
    let sound = |id: &&str| {
        (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if let Some(id) = given.and_then(|value| value.to_str().ok()).filter(sound) {
        return id.to_owned();
    }
    format!("{:016x}", IDS.hash_one(NEXT_ID.fetch_add(1, Ordering::Relaxed)))
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

/// An error with its causes: that WeChat cannot be reached is mended by who knows why.
fn whole(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
