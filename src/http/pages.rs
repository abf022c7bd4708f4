//! `/q/{code}`: the page that a plain camera opens. It explains what the code is and what to do next. It writes nothing;
//! the page of an invitation gives the browser a secret to be recognised by.
//! WeChat's domain verification files are served under the same prefix.

mod page_text;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use super::device_cookie;
use super::errors::{ApiError, Problem, RequestError};
use super::extract::request_info::{lang, limit_guesses};
use super::state::state;
use crate::actions::carnival::current_carnival::CurrentCarnival;
use crate::http::openapi::problems::{INVITATION, STORE};
use crate::messages::messages;
use crate::rules::lang::Lang;
use crate::tokens::Code;
use page_text::PageText;

/// Maximum length of a check file's name, without extension.
const MAX_NAME_CHARS: usize = 64;

/// The page of a code.
#[derive(Template)]
#[template(path = "code.html")]
struct CodePage<'a> {
    lang: &'static str,
    carnival: &'a str,
    text: PageText,
    /// Tag and name of each other language.
    others: Vec<(&'static str, &'static str)>,
}

/// The page that a plain camera opens: what the code is, and what to do next.
#[utoipa::path(tag = "everyone", params(("code" = String, Path, description = "A code, or the name of one of WeChat's check files")),
    responses((status = 200, description = "A page in the reader's language; or WeChat's check file", content((String = "text/html"), (String = "text/plain")))),
    extensions(("x-problems" = json!([
    STORE, "code_unknown", "code_replaced", "display_code_too_old", "own_code_too_old", "invitation_unknown",
    INVITATION, "invitation_used_up", "device_barred", "device_refused", "no_such_route", "too_many_tries",
]))))]
#[get("/q/{code}")]
pub async fn open_code(request: HttpRequest, code: web::Path<String>) -> Result<HttpResponse, ApiError> {
    if code.ends_with(".txt") {
        return check_file(&request, &code).await;
    }
    let (app, lang) = (&state(&request).app, lang(&request));
    let current = app.current();
    let device = device_cookie::read(&request);
    match page_text::for_code(app, &current, &code, device.as_ref(), lang).await {
        Ok(text) => {
            let invites = matches!(app.codes.read(&code, app.now()), Ok(Code::Invitation(_)));
            let mut answer = page(&current, lang, StatusCode::OK, text)?;
            if let Some(cookie) = if invites { device_cookie::set_if_missing(&request)? } else { None } {
                let cookie = HeaderValue::from_str(&cookie).map_err(|_| ApiError::Request(RequestError::Internal))?;
                answer.headers_mut().insert(header::SET_COOKIE, cookie);
                // A page from a cache would give its secret to others.
                answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
            Ok(answer)
        }
        Err(error) => {
            let error = ApiError::from(error);
            let problem = Problem::of(&limit_guesses(&request, &error).unwrap_or(error), lang);
            let mut answer = page(&current, lang, problem.status_code(), page_text::for_problem(&problem, lang))?;
            if let Some(seconds) = problem.extensions.get("retry_after_s").and_then(serde_json::Value::as_u64) {
                answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            Ok(answer)
        }
    }
}

/// Allows inline styles and a `data:` icon, and no other resources.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn page(current: &CurrentCarnival, lang: Lang, status: StatusCode, text: PageText) -> Result<HttpResponse, ApiError> {
    let others = Lang::ALL.into_iter().filter(|other| *other != lang);
    let others = others.map(|other| (other.tag(), messages(other).texts().pages.language)).collect();
    let page = CodePage { lang: lang.tag(), carnival: &current.carnival.name, text, others };
    let html = page.render().map_err(|_| ApiError::Request(RequestError::Internal))?;
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_LANGUAGE, lang.tag()))
        .insert_header((header::VARY, "Accept-Language"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(html))
}

/// A WeChat check file from the configured folder.
async fn check_file(request: &HttpRequest, name: &str) -> Result<HttpResponse, ApiError> {
    let none = || ApiError::Request(RequestError::NoRoute);
    let stem = name.strip_suffix(".txt").ok_or_else(none)?;
    // Such as `Ab3dE6gH9k.txt`. The character set excludes path separators and dots.
    let sound = (1..=MAX_NAME_CHARS).contains(&stem.len())
        && stem.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let folder = state(request).check_files.as_ref().filter(|_| sound).ok_or_else(none)?;
    let text = tokio::fs::read(folder.join(name)).await.map_err(|_| none())?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text))
}
