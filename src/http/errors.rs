//! Maps refusals, failures and invalid requests to status, stable code, remedy and sentence. This is the only such table.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::actions;
use crate::messages::{ServiceProblem, messages};
use crate::rules::carnival_file::undone_changes::{AttributedChange, UndonePublication};
use crate::rules::lang::Lang;
use crate::rules::refusals::{Refusal, RefusalKind, StaffRefusal};
use crate::rules::staff::roster_mistake::RosterMistake;
use crate::rules::wire_form::rfc3339;
use crate::store::StoreError;
use crate::wechat::LoginError;

/// `Retry-After` when the store or WeChat is unavailable, in seconds.
const RETRY_AFTER_S: u64 = 2;
/// `Retry-After` when WeChat's rate limit is exceeded, in seconds. WeChat counts per minute, and an earlier retry would
/// fail again.
const RETRY_LOGIN_S: u64 = 60;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// An action was refused or failed.
    #[error(transparent)]
    Action(actions::Error),
    /// The request does not conform to the API document.
    #[error("{0:?}")]
    Request(RequestError),
}

/// A request that the server cannot process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// Invalid JSON, query or path.
    Malformed {
        /// What is invalid, in English, for developers.
        what: String,
    },
    /// Unknown route.
    NoRoute,
    /// The route exists for other methods.
    Method {
        /// These methods, as in the `Allow` header.
        allow: String,
    },
    /// The body exceeds the size limit.
    TooLarge,
    /// The request took too long to arrive or to process.
    TooSlow,
    /// The link to a picture has expired.
    LinkExpired,
    /// A message that claims to be a WeChat push but is not authentic.
    PushForged,
    /// A WeChat push message with a timestamp too far in the past or the future.
    PushStale,
    /// An unexpected failure.
    Internal,
}

/// The result of a handler.
pub type ApiResult = Result<HttpResponse, ApiError>;

impl<E: Into<actions::Error>> From<E> for ApiError {
    fn from(error: E) -> ApiError {
        ApiError::Action(error.into())
    }
}

impl ApiError {
    /// An invalid request, with an explanation for developers.
    pub fn malformed(what: impl Into<String>) -> ApiError {
        ApiError::Request(RequestError::Malformed { what: what.into() })
    }
}

/// What the client can do about a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Retry in a moment.
    Retry,
    /// Log in again, then retry.
    Login,
    /// Show the sentence to the person. A retry would fail in the same way.
    Show,
}

/// A problem according to RFC 9457, with a stable code and a remedy.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// The kind of problem: `code` as a URN.
    #[serde(rename = "type")]
    #[schema(example = "urn:carnival:problem:point_closed")]
    pub kind: String,
    /// The HTTP status in words.
    #[schema(example = "Forbidden")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 403)]
    pub status: u16,
    /// The stable code, for programs.
    #[schema(example = "point_closed")]
    pub code: String,
    /// A sentence for the person, in the reader's language.
    #[schema(example = "“社区美空间·第1站”今天09:30开放，现在是08:12，请稍后再来。")]
    pub detail: String,
    /// What the client can do.
    pub remedy: Remedy,
    /// Additional members of this code, as in the examples.
    #[serde(flatten)]
    #[schema(additional_properties)]
    pub extensions: Map<String, Value>,
}

impl Problem {
    /// The problem that represents an error, in a language.
    #[must_use]
    pub fn of(error: &ApiError, lang: Lang) -> Problem {
        let (status, code, remedy, told) = match error {
            ApiError::Action(actions::Error::Refused(refusal)) => return Problem::of_refusal(refusal, lang),
            ApiError::Action(actions::Error::Store(StoreError::Unavailable(_))) => {
                (StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", Remedy::Retry, ServiceProblem::StoreBusy)
            }
            ApiError::Action(actions::Error::PicturesBusy) => {
                (StatusCode::SERVICE_UNAVAILABLE, "pictures_busy", Remedy::Retry, ServiceProblem::PicturesBusy)
            }
            ApiError::Action(actions::Error::Mistakes(mistakes)) => {
                let told = ServiceProblem::CarnivalMistakes(mistakes.len());
                (StatusCode::UNPROCESSABLE_ENTITY, "carnival_mistakes", Remedy::Show, told)
            }
            ApiError::Action(actions::Error::Blocked(_)) => {
                (StatusCode::CONFLICT, "carnival_change_refused", Remedy::Show, ServiceProblem::ChangeRefused)
            }
            ApiError::Action(actions::Error::Undone(undone)) => {
                let (base, version, count) = (undone.base, undone.version, undone.changes.len());
                let told = ServiceProblem::ChangesUndone { base, version, count };
                (StatusCode::CONFLICT, "carnival_changed", Remedy::Show, told)
            }
            ApiError::Action(actions::Error::Store(StoreError::Broken(_)) | actions::Error::RenderFailed(_)) => {
                request_failure(&RequestError::Internal)
            }
            ApiError::Action(actions::Error::Login(error)) => login_failure(error),
            ApiError::Request(error) => request_failure(error),
        };
        Problem::new(status, code, remedy, messages(lang).service_problem(told)).with_members_of(error, lang)
    }

    /// Adds the members of a failure that is not a refusal.
    fn with_members_of(mut self, error: &ApiError, lang: Lang) -> Problem {
        let (name, value) = match error {
            ApiError::Action(actions::Error::Login(LoginError::RateLimited)) => ("retry_after_s", json!(RETRY_LOGIN_S)),
            ApiError::Action(actions::Error::Mistakes(mistakes)) => {
                let list =
                    mistakes.iter().map(|one| json!({ "line": one.line(), "says": messages(lang).mistake(one) }));
                ("mistakes", list.collect())
            }
            ApiError::Action(actions::Error::Blocked(objections)) => {
                let list = objections
                    .iter()
                    .map(|one| json!({ "code": one.code(), "says": messages(lang).change_blocker(one) }));
                ("objections", list.collect())
            }
            ApiError::Action(actions::Error::Undone(undone)) => {
                let UndonePublication { version, base, changes, confirm } = undone.as_ref();
                self.extensions.insert("version".to_owned(), json!(version));
                self.extensions.insert("base".to_owned(), json!(base));
                self.extensions.insert("confirm".to_owned(), json!(confirm));
                ("undone", changes.iter().map(|change| undone_member(change, lang)).collect())
            }
            ApiError::Request(RequestError::Malformed { what }) => ("what", json!(what)),
            ApiError::Request(RequestError::Method { allow }) => ("allow", json!(allow)),
            _ if self.status == StatusCode::SERVICE_UNAVAILABLE => ("retry_after_s", json!(RETRY_AFTER_S)),
            _ => return self,
        };
        self.extensions.insert(name.to_owned(), value);
        self
    }

    /// The problem that represents a refusal. Its fields become members of the problem.
    #[must_use]
    pub fn of_refusal(refusal: &Refusal, lang: Lang) -> Problem {
        let (status, remedy) = match refusal.kind() {
            RefusalKind::LoginNeeded => (StatusCode::UNAUTHORIZED, Remedy::Login),
            RefusalKind::NotPermitted => (StatusCode::FORBIDDEN, Remedy::Show),
            RefusalKind::Unknown => (StatusCode::NOT_FOUND, Remedy::Show),
            RefusalKind::Conflict => (StatusCode::CONFLICT, Remedy::Show),
            RefusalKind::Outdated => (StatusCode::GONE, Remedy::Show),
            RefusalKind::Unsuitable => (StatusCode::UNPROCESSABLE_ENTITY, Remedy::Show),
            RefusalKind::TooOften => (StatusCode::TOO_MANY_REQUESTS, Remedy::Retry),
        };
        let mut problem = Problem::new(status, refusal.code(), remedy, messages(lang).refusal(refusal));
        if let Ok(Value::Object(members)) = serde_json::to_value(refusal) {
            problem.extensions = members;
        }
        if let Refusal::Staff(StaffRefusal::RosterMistakes { lines }) = refusal {
            let says = |mistake: &RosterMistake| json!({ "line": mistake.line, "text": mistake.text, "wrong": mistake.wrong, "says": messages(lang).roster_mistake(mistake) });
            problem.extensions.insert("lines".to_owned(), lines.iter().map(says).collect());
        }
        problem
    }

    fn new(status: StatusCode, code: &str, remedy: Remedy, detail: String) -> Problem {
        Problem {
            kind: format!("urn:carnival:problem:{code}"),
            title: status.canonical_reason().unwrap_or_default().to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail,
            remedy,
            extensions: Map::new(),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The HTTP response with this problem as its body.
    #[must_use]
    pub fn response(&self, lang: Lang) -> HttpResponse {
        let mut builder = HttpResponse::build(self.status_code());
        builder.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        builder.insert_header((header::CONTENT_LANGUAGE, lang.tag()));
        builder.insert_header((header::VARY, "Accept-Language"));
        if let Some(seconds) = self.extensions.get("retry_after_s").and_then(Value::as_u64) {
            builder.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(allow) = self.extensions.get("allow").and_then(Value::as_str) {
            builder.insert_header((header::ALLOW, allow));
        }
        if self.status == StatusCode::UNAUTHORIZED.as_u16() {
            builder.insert_header((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        }
        builder.body(serde_json::to_string(self).unwrap_or_default())
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        Problem::of(self, Lang::default()).status_code()
    }

    /// In the default language; the middleware replaces it with the reader's language.
    fn error_response(&self) -> HttpResponse {
        Problem::of(self, Lang::default()).response(Lang::default())
    }
}

/// A change that a publication would undo, as a member of the problem.
fn undone_member(change: &AttributedChange, lang: Lang) -> Value {
    let AttributedChange { change: undone, version, by, at } = change;
    json!({
        "id": undone.part.to_string(),
        "version": version,
        "by": by,
        "at": rfc3339(at),
        "says": messages(lang).undone_change(change),
    })
}

/// Status, code, remedy and sentence of a failure.
type Failure = (StatusCode, &'static str, Remedy, ServiceProblem);

fn login_failure(error: &LoginError) -> Failure {
    use Remedy::{Login, Retry, Show};
    match error {
        LoginError::InvalidCode => (StatusCode::BAD_REQUEST, "login_code_invalid", Login, ServiceProblem::LoginUsedUp),
        LoginError::CodeUsed => (StatusCode::BAD_REQUEST, "login_code_used", Login, ServiceProblem::LoginUsedUp),
        LoginError::HighRisk => (StatusCode::FORBIDDEN, "login_refused", Show, ServiceProblem::LoginRefused),
        LoginError::RateLimited => {
            (StatusCode::TOO_MANY_REQUESTS, "login_too_often", Retry, ServiceProblem::LoginTooOften)
        }
        LoginError::Busy | LoginError::Timeout | LoginError::Unreachable(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "login_unavailable", Retry, ServiceProblem::LoginBusy)
        }
        LoginError::Misconfigured(_) | LoginError::Other(_) | LoginError::InvalidResponse => {
            (StatusCode::BAD_GATEWAY, "login_failed", Show, ServiceProblem::LoginRefused)
        }
    }
}

fn request_failure(error: &RequestError) -> Failure {
    use Remedy::{Retry, Show};
    use ServiceProblem::{LinkExpired, NotUnderstood, PushForged, PushStale, Unexpected};
    match error {
        RequestError::Malformed { .. } => (StatusCode::BAD_REQUEST, "bad_request", Show, NotUnderstood),
        RequestError::NoRoute => (StatusCode::NOT_FOUND, "no_such_route", Show, NotUnderstood),
        RequestError::Method { .. } => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", Show, NotUnderstood),
        RequestError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", Show, NotUnderstood),
        RequestError::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too_slow", Retry, Unexpected),
        RequestError::LinkExpired => (StatusCode::GONE, "link_expired", Show, LinkExpired),
        RequestError::PushForged => (StatusCode::FORBIDDEN, "push_forged", Show, PushForged),
        RequestError::PushStale => (StatusCode::FORBIDDEN, "push_stale", Show, PushStale),
        RequestError::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", Retry, Unexpected),
    }
}
