//! `/q/{code}`: what a plain camera opens. A short page that says what the code is and how to go
//! on; it writes nothing and counts for nothing. WeChat's check files lie under the same prefix.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use super::client::{failure_of, lang};
use super::error::{ApiError, BadInput, Problem};
use super::state::state;
use super::views;
use crate::actions::App;
use crate::actions::live::Live;
use crate::rules::carnival::Point;
use crate::rules::check_in;
use crate::rules::hours::written;
use crate::rules::ids::{Generation, InvitationId, PointNumber};
use crate::rules::lang::Lang;
use crate::rules::refusal::Refusal;
use crate::rules::roles::Role;
use crate::tokens::Code;

/// The page of a code.
#[derive(Template)]
#[template(path = "code.html")]
struct Page {
    lang: &'static str,
    carnival: String,
    title: String,
    /// Name and value.
    facts: Vec<(String, String)>,
    /// How to go on.
    next: String,
}

/// What a page says.
struct Words {
    title: String,
    facts: Vec<(String, String)>,
    next: String,
}

/// What a plain camera opens: a page that says what the code is and how to go on.
#[utoipa::path(tag = "everyone", params(("code" = String, Path, description = "A code, or the name of one of WeChat's check files")),
    responses((status = 200, description = "A page in the reader's language", body = String, content_type = "text/html")))]
#[get("/q/{code}")]
pub async fn open_code(request: HttpRequest, code: web::Path<String>) -> Result<HttpResponse, ApiError> {
    if code.ends_with(".txt") {
        return check_file(&request, &code).await;
    }
    let (app, lang) = (&state(&request).app, lang(&request));
    let live = app.live();
    match words(app, &live, &code, lang).await {
        Ok(words) => page(&live, lang, StatusCode::OK, words),
        Err(error) => {
            let error = failure_of(&request, error);
            let problem = Problem::of(&error, lang);
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let title = lang.pick("这个码打不开", "This code does not open").to_owned();
            page(&live, lang, status, Words { title, facts: Vec::new(), next: problem.detail })
        }
    }
}

fn page(live: &Live, lang: Lang, status: StatusCode, words: Words) -> Result<HttpResponse, ApiError> {
    let Words { title, facts, next } = words;
    let page = Page { lang: lang.tag(), carnival: live.carnival.name.clone(), title, facts, next };
    let html = page.render().map_err(|_| ApiError::Bad(BadInput::Internal))?;
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_LANGUAGE, lang.tag()))
        .insert_header((header::VARY, "Accept-Language"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
        .body(html))
}

async fn words(app: &App, live: &Live, code: &str, lang: Lang) -> Result<Words, crate::actions::Error> {
    match app.codes.read(code, app.now()).map_err(|_| Refusal::CodeUnknown)? {
        Code::Printed { point, generation } => Ok(printed(app, live, point, generation, lang)?),
        Code::Display { point, too_old: false } => Ok(at_point(app, live, known(live, point)?, lang)),
        Code::Display { too_old: true, .. } => Err(Refusal::DisplayCodeTooOld.into()),
        Code::Paper(serial) => Ok(Words {
            title: lang.pick("纸质护照", "A paper passport").to_owned(),
            facts: vec![(lang.pick("编号", "Number").to_owned(), serial.to_string())],
            next: lang
                .pick(
                    "请把这张卡带到友邻荟兑换台盖章、领礼物；也可以在小程序“我的同伴”里扫这个码，把它放进手机。",
                    "Show this card at the booth to collect stamps and gifts; or scan it in the mini-program to keep it on a phone.",
                )
                .to_owned(),
        }),
        Code::Invitation(id) => invitation(app, live, &id, lang).await,
        Code::Voucher(voucher) => Ok(Words {
            title: lang.pick("礼物兑换券", "A gift voucher").to_owned(),
            facts: vec![(lang.pick("券号", "Voucher").to_owned(), voucher.grouped())],
            next: lang.pick("请到兑换台出示，由志愿者确认领取。", "Show it at the booth; a volunteer confirms it.").to_owned(),
        }),
        Code::Own { .. } => Ok(Words {
            title: lang.pick("居民本人码", "A resident's own code").to_owned(),
            facts: Vec::new(),
            next: lang.pick("请在点位或兑换台出示给志愿者扫。", "Show it to a volunteer at a point or a booth.").to_owned(),
        }),
    }
}

fn known(live: &Live, point: PointNumber) -> Result<&Point, Refusal> {
    live.carnival.point(point).ok_or(Refusal::CodeUnknown)
}

fn printed(app: &App, live: &Live, point: PointNumber, generation: Generation, lang: Lang) -> Result<Words, Refusal> {
    let point = known(live, point)?;
    if generation < live.generation(point.number) {
        return Err(Refusal::CodeReplaced { point: point.name.clone() });
    }
    Ok(at_point(app, live, point, lang))
}

fn at_point(app: &App, live: &Live, point: &Point, lang: Lang) -> Words {
    let now = app.now();
    let today = point.hours.on(live.carnival.local(now).date());
    let route = live.carnival.route(&point.route).map(|route| route.name.clone()).unwrap_or_default();
    let closed = lang.pick("今天不开放", "closed today");
    let hours = if today.is_empty() { closed.to_owned() } else { written(today) };
    let open = check_in::is_open(&live.carnival, point, now);
    let next = if open {
        lang.pick(
            "打开微信“扫一扫”，再扫一次这个码，就能盖章。",
            "Open WeChat, choose “Scan”, and scan this code once more to get your stamp.",
        )
    } else {
        lang.pick(
            "现在不是打卡时间。到了开放的日子和时间，用微信“扫一扫”扫这个码盖章。",
            "It is not time to check in now. Come back in its week and hours, and scan this code with WeChat.",
        )
    };
    Words {
        title: point.name.clone(),
        facts: vec![
            (lang.pick("路线", "Route").to_owned(), route),
            (lang.pick("点位", "Point").to_owned(), point.number.to_string()),
            (lang.pick("今天", "Today").to_owned(), hours),
        ],
        next: next.to_owned(),
    }
}

async fn invitation(app: &App, live: &Live, id: &InvitationId, lang: Lang) -> Result<Words, crate::actions::Error> {
    let kept = app.store.invitation(id).await?.ok_or(Refusal::InvitationUnknown)?;
    if kept.ended.is_some() {
        return Err(Refusal::InvitationOver.into());
    }
    kept.invitation.may_be_accepted(app.now())?;
    let role = match kept.invitation.role {
        Role::Volunteer => lang.pick("志愿者", "Volunteer"),
        Role::Organiser => lang.pick("组织者", "Organiser"),
    };
    let mut facts = vec![(lang.pick("身份", "Role").to_owned(), role.to_owned())];
    if let Some(place) = &kept.invitation.place {
        facts.push((lang.pick("地点", "Place").to_owned(), live.carnival.place_name(place)));
    }
    let until = views::local(live, kept.invitation.until).replace('T', " ");
    facts.push((lang.pick("有效至", "Until").to_owned(), until.chars().take(16).collect()));
    Ok(Words {
        title: lang.pick("工作邀请", "An invitation to work here").to_owned(),
        facts,
        next: lang
            .pick(
                "请用微信“扫一扫”扫这个码，在小程序里写下您的称呼就能上岗。请不要转发给别人。",
                "Scan this code with WeChat and type your name in the mini-program to begin. Please do not pass it on.",
            )
            .to_owned(),
    })
}

/// One of WeChat's check files, from the folder that the operator named.
async fn check_file(request: &HttpRequest, name: &str) -> Result<HttpResponse, ApiError> {
    let stem = name.trim_end_matches(".txt");
    let sound = !stem.is_empty()
        && stem.len() <= 64
        && stem.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let folder = state(request).check_files.as_ref().filter(|_| sound).ok_or(ApiError::Bad(BadInput::NoRoute))?;
    let text = tokio::fs::read(folder.join(name)).await.map_err(|_| ApiError::Bad(BadInput::NoRoute))?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text))
}
