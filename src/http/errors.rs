//! Maps refusals, failures and invalid requests to status, stable code, remedy and sentence. This is the only such table.

mod refusal_details;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use self::refusal_details::refusal_details;
use crate::actions;
use crate::messages::messages;
use crate::rules::carnival::change::ChangeBlocker;
use crate::rules::carnival_file::Mistake;
use crate::rules::lang::Lang;
use crate::rules::refusal::Refusal;
use crate::store::StoreError;
use crate::wechat::LoginError;

/// `Retry-After` when the store or WeChat is unavailable, in seconds.
const RETRY_AFTER_S: u64 = 2;
/// `Retry-After` when WeChat's rate limit is exceeded, in seconds. WeChat counts per minute, and an earlier retry would
/// fail again.
const RETRY_LOGIN_S: u64 = 60;

/// Why a request failed.
#[derive(Debug)]
pub enum ApiError {
    /// An action was refused or failed.
    Action(actions::Error),
    /// The request does not conform to the API document.
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

impl<E: Into<actions::Error>> From<E> for ApiError {
    fn from(error: E) -> ApiError {
        ApiError::Action(error.into())
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ApiError::Action(error) => error.fmt(f),
            ApiError::Request(error) => write!(f, "{error:?}"),
        }
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
        match error {
            ApiError::Action(actions::Error::Refused(refusal)) => Problem::of_refusal(refusal, lang),
            ApiError::Action(actions::Error::Store(error)) => Problem::of_store(error, lang),
            ApiError::Action(actions::Error::Login(error)) => Problem::of_login(error, lang),
            ApiError::Action(actions::Error::PicturesBusy) => Problem::of_busy_pictures(lang),
            ApiError::Action(actions::Error::RenderFailed(_)) => {
                Problem::of_request_error(&RequestError::Internal, lang)
            }
            ApiError::Action(actions::Error::Mistakes(mistakes)) => Problem::of_mistakes(mistakes, lang),
            ApiError::Action(actions::Error::Blocked(objections)) => Problem::of_objections(objections, lang),
            ApiError::Request(error) => Problem::of_request_error(error, lang),
        }
    }

    fn new(status: StatusCode, code: &str, detail: String, remedy: Remedy) -> Problem {
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

    fn with(mut self, name: &str, value: impl Into<Value>) -> Problem {
        self.extensions.insert(name.to_owned(), value.into());
        self
    }

    /// The problem that represents a refusal.
    #[must_use]
    pub fn of_refusal(refusal: &Refusal, lang: Lang) -> Problem {
        let (status, remedy) = refusal_status(refusal);
        let mut problem = Problem::new(status, refusal.code(), refusal.message(lang), remedy);
        problem.extensions = refusal_details(refusal);
        problem
    }

    fn of_store(error: &StoreError, lang: Lang) -> Problem {
        match error {
            StoreError::Unavailable(_) => {
                let detail =
                    lang.pick("系统正忙，请稍等几秒再试一次。", "We are busy; please try again in a few seconds.");
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", detail.to_owned(), Remedy::Retry)
                    .with("retry_after_s", RETRY_AFTER_S)
            }
            StoreError::Broken(_) => Problem::of_request_error(&RequestError::Internal, lang),
        }
    }

    fn of_busy_pictures(lang: Lang) -> Problem {
        let detail = lang.pick(
            "正在处理很多图片，请稍等几秒再试一次。",
            "Many pictures are being worked on; please try again in a few seconds.",
        );
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "pictures_busy", detail.to_owned(), Remedy::Retry)
            .with("retry_after_s", RETRY_AFTER_S)
    }

    fn of_login(error: &LoginError, lang: Lang) -> Problem {
        let (status, code, remedy) = login_status(error);
        let detail = match remedy {
            Remedy::Login => lang.pick(
                "登录已失效，请重新打开小程序再试。",
                "That login is used up; please open the mini-program again.",
            ),
            Remedy::Retry if matches!(error, LoginError::RateLimited) => lang.pick(
                "微信说登录太频繁，请过一分钟再试。",
                "WeChat says that there were too many logins; please try again in a minute.",
            ),
            Remedy::Retry => lang
                .pick("微信登录正忙，请稍等几秒再试。", "WeChat's login is busy; please try again in a few seconds."),
            Remedy::Show => lang.pick(
                "微信没有让您登录，请到服务台找工作人员。",
                "WeChat did not let you log in; please ask at the booth.",
            ),
        };
        let problem = Problem::new(status, code, detail.to_owned(), remedy);
        let wait = if matches!(error, LoginError::RateLimited) { RETRY_LOGIN_S } else { RETRY_AFTER_S };
        if remedy == Remedy::Retry { problem.with("retry_after_s", wait) } else { problem }
    }

    fn of_mistakes(mistakes: &[Mistake], lang: Lang) -> Problem {
        let count = mistakes.len();
        let detail = lang.pick(
            format!("嘉年华文件有 {count} 处错误，没有发布。请逐处改好后再发布。"),
            format!(
                "The carnival file has {count} mistakes and was not published. Please correct them and publish again."
            ),
        );
        let (status, code) = (StatusCode::UNPROCESSABLE_ENTITY, "carnival_mistakes");
        let list = mistakes.iter().map(|one| json!({ "line": one.line(), "says": messages(lang).mistake(one) }));
        Problem::new(status, code, detail, Remedy::Show).with("mistakes", list.collect::<Vec<_>>())
    }

    fn of_objections(objections: &[ChangeBlocker], lang: Lang) -> Problem {
        let detail = lang.pick(
            "这样改会让居民失去已经有的东西，没有发布。请看每一条原因。",
            "This change would take from residents what they have, so it was not published. Please see each reason.",
        );
        let (status, code) = (StatusCode::CONFLICT, "carnival_change_refused");
        let list =
            objections.iter().map(|one| json!({ "code": one.code(), "says": messages(lang).change_blocker(one) }));
        Problem::new(status, code, detail.to_owned(), Remedy::Show).with("objections", list.collect::<Vec<_>>())
    }

    fn of_request_error(error: &RequestError, lang: Lang) -> Problem {
        let (status, code, remedy) = request_error_status(error);
        let detail = match error {
            RequestError::Internal | RequestError::TooSlow => {
                lang.pick("出了点问题，请稍后再试。", "Something went wrong; please try again later.")
            }
            RequestError::LinkExpired => lang.pick(
                "图片链接已过期，请回到小程序重新打开。",
                "This picture's link has expired; please open it again from the mini-program.",
            ),
            RequestError::PushForged => {
                lang.pick("这不是微信发来的推送。", "This is not a push message from WeChat for this app.")
            }
            RequestError::PushStale => lang.pick(
                "这条推送的时间差了五分钟以上，请检查服务器的时钟。",
                "This push is more than five minutes off; check the server's clock.",
            ),
            _ => lang.pick(
                "请求无法识别，请更新小程序后再试。",
                "The request was not understood; please update the app and try again.",
            ),
        };
        let problem = Problem::new(status, code, detail.to_owned(), remedy);
        match error {
            RequestError::Malformed { what } => problem.with("what", what.as_str()),
            RequestError::Method { allow } => problem.with("allow", allow.as_str()),
            _ => problem,
        }
    }

    /// The HTTP response with this problem as its body.
    #[must_use]
    pub fn response(&self, lang: Lang) -> HttpResponse {
        let mut builder =
            HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        builder.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        builder.insert_header((header::CONTENT_LANGUAGE, lang.tag()));
        builder.insert_header((header::VARY, "Accept-Language"));
        builder.insert_header((header::CACHE_CONTROL, "no-store"));
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
        StatusCode::from_u16(Problem::of(self, Lang::default()).status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// In the default language; the middleware replaces it with the reader's language.
    fn error_response(&self) -> HttpResponse {
        Problem::of(self, Lang::default()).response(Lang::default())
    }
}

/// Status and remedy of each refusal.
fn refusal_status(refusal: &Refusal) -> (StatusCode, Remedy) {
    use Remedy::{Login, Retry, Show};
    match refusal {
        Refusal::CarnivalNotBegun { .. }
        | Refusal::CarnivalOver { .. }
        | Refusal::RouteNotThisWeek { .. }
        | Refusal::RouteNotBegun { .. }
        | Refusal::PointClosed { .. }
        | Refusal::TooFarAway { .. }
        | Refusal::LocationNeeded { .. }
        | Refusal::DisplayCodeNeeded { .. }
        | Refusal::PrintedCodeNeeded { .. }
        | Refusal::GiftNotEarned { .. }
        | Refusal::PickUpClosed { .. }
        | Refusal::WrongBooth { .. }
        | Refusal::TooLateToVoid { .. }
        | Refusal::NotYourRedemption { .. }
        | Refusal::BoothNeeded
        | Refusal::NotYourPoint { .. }
        | Refusal::NotYourRole
        | Refusal::TalkNeeded => (StatusCode::FORBIDDEN, Show),
        Refusal::CodeUnknown
        | Refusal::PointUnknown
        | Refusal::RouteUnknown
        | Refusal::GiftUnknown
        | Refusal::ClaimUnknown
        | Refusal::VoucherUnknown
        | Refusal::RedemptionUnknown
        | Refusal::CompanionUnknown
        | Refusal::VersionUnknown
        | Refusal::InvitationUnknown
        | Refusal::DayUnknown { .. }
        | Refusal::NoPoster { .. }
        | Refusal::BoothUnknown
        | Refusal::StaffUnknown
        | Refusal::SuspicionUnknown => (StatusCode::NOT_FOUND, Show),
        Refusal::CodeOfAnotherKind
        | Refusal::StockChangeOdd
        | Refusal::GreetingTooLong { .. }
        | Refusal::GreetingLines { .. }
        | Refusal::GreetingEmoji { .. }
        | Refusal::CannotBePrinted { .. }
        | Refusal::NoCodeFound
        | Refusal::PhotoUnreadable
        | Refusal::PhotoTooLarge { .. } => (StatusCode::UNPROCESSABLE_ENTITY, Show),
        Refusal::GiftGone { .. }
        | Refusal::GiftClosed { .. }
        | Refusal::AlreadyRedeemed(_)
        | Refusal::Voided(_)
        | Refusal::StockTooLow { .. }
        | Refusal::CodesUsedUp { .. }
        | Refusal::CarnivalChanged { .. }
        | Refusal::CompanionsFull { .. } => (StatusCode::CONFLICT, Show),
        Refusal::CodeReplaced { .. }
        | Refusal::DisplayCodeTooOld
        | Refusal::OwnCodeTooOld
        | Refusal::InvitationOver
        | Refusal::InvitationUsedUp => (StatusCode::GONE, Show),
        Refusal::TokenMissing | Refusal::TokenInvalid | Refusal::TokenExpired | Refusal::SessionEnded => {
            (StatusCode::UNAUTHORIZED, Login)
        }
        Refusal::TooManyTries { .. } => (StatusCode::TOO_MANY_REQUESTS, Retry),
    }
}

fn login_status(error: &LoginError) -> (StatusCode, &'static str, Remedy) {
    use Remedy::{Login, Retry, Show};
    match error {
        LoginError::InvalidCode => (StatusCode::BAD_REQUEST, "login_code_invalid", Login),
        LoginError::CodeUsed => (StatusCode::BAD_REQUEST, "login_code_used", Login),
        LoginError::HighRisk => (StatusCode::FORBIDDEN, "login_refused", Show),
        LoginError::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "login_too_often", Retry),
        LoginError::Busy | LoginError::Timeout | LoginError::Unreachable(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "login_unavailable", Retry)
        }
        LoginError::Misconfigured(_) | LoginError::Other(_) | LoginError::InvalidResponse => {
            (StatusCode::BAD_GATEWAY, "login_failed", Show)
        }
    }
}

fn request_error_status(error: &RequestError) -> (StatusCode, &'static str, Remedy) {
    use Remedy::{Retry, Show};
    match error {
        RequestError::Malformed { .. } => (StatusCode::BAD_REQUEST, "bad_request", Show),
        RequestError::NoRoute => (StatusCode::NOT_FOUND, "no_such_route", Show),
        RequestError::Method { .. } => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", Show),
        RequestError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", Show),
        RequestError::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too_slow", Retry),
        RequestError::LinkExpired => (StatusCode::GONE, "link_expired", Show),
        RequestError::PushForged => (StatusCode::FORBIDDEN, "push_forged", Show),
        RequestError::PushStale => (StatusCode::FORBIDDEN, "push_stale", Show),
        RequestError::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", Retry),
    }
}
