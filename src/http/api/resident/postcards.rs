//! Postcards: signed links for residents and for the volunteer's printer, and the pictures at these links.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ETag, EntityTag};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::actions::prints::postcard::{self, PostcardData, PostcardSpec};
use crate::actions::{App, staff};
use crate::http::api::views;
use crate::http::api::views::inline;
use crate::http::errors::{ApiError, RequestError};
use crate::http::extract::json_body::Json;
use crate::http::extract::request_info::{count_failure, matches_etag};
use crate::http::state::state;
use crate::messages::messages;
use crate::pictures::postcard::PostcardSize;
use crate::pictures::raster::ImageFormat;
use crate::rules::ids::{CardSerial, RouteId};
use crate::rules::lang::Lang;
use crate::rules::prints::greeting::Greeting;
use crate::rules::refusals::{CarnivalRefusal, CodeRefusal};
use crate::tokens::{PICTURE_LINK_TTL_S, PictureLink, Resident, Staff};

/// Query of a postcard.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PostcardQuery {
    /// The greeting on the card: at most 60 characters in at most four lines, no emoji.
    #[param(example = "妈妈，我们走完啦！")]
    greeting: Option<String>,
    /// The serial of a paper passport on this phone; my own passport if absent.
    #[param(value_type = Option<u32>, example = 42)]
    r#for: Option<CardSerial>,
    #[serde(rename = "lang")]
    #[param(ignore)]
    _lang: Option<String>,
}

/// A postcard for a volunteer to print.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoothPostcard {
    /// The code of a paper passport, or a resident's own code.
    #[schema(example = "https://carnival.example/q/C…")]
    passport: String,
    /// The route's id.
    #[schema(example = "play")]
    route: String,
    /// The greeting on the card.
    #[schema(example = "妈妈，我们走完啦！")]
    greeting: Option<String>,
}

/// A postcard, and the links to its pictures.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PostcardView {
    /// The route's id.
    #[schema(example = "play")]
    route: String,
    /// The route's name.
    #[schema(example = "“玩”美社区")]
    name: String,
    /// How many of the route's points are stamped.
    #[schema(example = 3)]
    stamped: u16,
    /// How many stamps complete it.
    #[schema(example = 7)]
    needed: u16,
    /// The day on which it was completed.
    #[schema(format = Date, example = "2023-04-16")]
    #[serde(skip_serializing_if = "Option::is_none")]
    complete_on: Option<String>,
    /// Link for the phone: JPEG, 1080 × 766 pixels.
    #[schema(example = "https://carnival.example/v1/postcards/r…/5K…/play-phone.jpg")]
    phone: String,
    /// Link for the phone, as PNG.
    #[schema(example = "https://carnival.example/v1/postcards/r…/5K…/play-phone.png")]
    phone_png: String,
    /// Link for print: PNG, A6 at 300 dpi (1748 × 1240 pixels).
    #[schema(example = "https://carnival.example/v1/postcards/r…/5K…/play-print.png")]
    print: String,
    /// A suggested file name.
    #[schema(example = "“玩”美社区-明信片")]
    file_name: String,
    /// When the links expire, after ten minutes. A new stamp changes the linked pictures immediately.
    #[schema(example = "2023-04-14T10:10:00+08:00")]
    expires_at: String,
}

/// The postcard of a route with my stamps, or with those of a paper passport on my phone.
///
/// Its pictures are links, because `<image>` sends no token.
#[utoipa::path(tag = "resident", params(("route" = String, Path, description = "The route's id"), PostcardQuery), responses(
    (status = 200, description = "The current postcard", body = PostcardView),
))]
#[get("/v1/me/postcards/{route}")]
pub async fn get_postcard(
    resident: Resident,
    request: HttpRequest,
    route: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let query = web::Query::<PostcardQuery>::from_query(request.query_string())
        .map_err(|_| ApiError::malformed("query: greeting, for"))?
        .into_inner();
    let route = parse_route(&route)?;
    let greeting = query.greeting.as_deref().unwrap_or_default();
    let data = postcard::for_resident(app, &resident, query.r#for, route, greeting).await?;
    Ok(HttpResponse::Ok().json(view(app, &data)?))
}

/// The postcard of a paper passport, or of a resident by their own code, to be printed at the market.
#[utoipa::path(tag = "booth", request_body = BoothPostcard, responses(
    (status = 200, description = "The current postcard", body = PostcardView),
))]
#[post("/v1/booth/postcards")]
pub async fn get_booth_postcard(
    staff: Staff,
    request: HttpRequest,
    body: Json<BoothPostcard>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    staff::require_active_session(app, &staff).await?;
    let BoothPostcard { passport, route, greeting } = body.0;
    let greeting = greeting.unwrap_or_default();
    let data = postcard::for_booth(app, &passport, parse_route(&route)?, &greeting).await;
    Ok(HttpResponse::Ok().json(view(app, &data.map_err(|e| count_failure(&request, e))?)?))
}

fn parse_route(route: &str) -> Result<RouteId, ApiError> {
    Ok(route.parse().map_err(|_| CarnivalRefusal::RouteUnknown)?)
}

fn view(app: &App, data: &PostcardData) -> Result<PostcardView, ApiError> {
    let (now, postcard) = (app.now(), data.postcard()?);
    let (signed, whose) = postcard::signed_text(&data.spec);
    let signature = app.codes.sign_picture(&signed, now);
    let (base, route) = (&app.settings.public_url, &data.spec.route);
    let greeting = data.spec.greeting.as_ref().map_or_else(String::new, |greeting| {
        format!("?greeting={}", utf8_percent_encode(greeting.as_str(), NON_ALPHANUMERIC))
    });
    let link = |file: &str| format!("{base}/v1/postcards/{whose}/{signature}/{route}-{file}{greeting}");
    Ok(PostcardView {
        route: route.to_string(),
        name: postcard.route.name.clone(),
        stamped: postcard.stamped,
        needed: postcard.needed,
        complete_on: postcard.complete_on.map(|day| day.to_string()),
        phone: link("phone.jpg"),
        phone_png: link("phone.png"),
        print: link("print.png"),
        file_name: file_name(&postcard.route.name),
        expires_at: views::local_time(&data.current, link_expiry(now)),
    })
}

fn link_expiry(now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(i64::from(PICTURE_LINK_TTL_S))).unwrap_or(now)
}

fn file_name(route: &str) -> String {
    format!("{route}-{}", messages(Lang::PRINTED).texts().prints.postcard)
}

/// Query of a link to a picture.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PictureQuery {
    /// The greeting on the card. The link's signature covers it.
    greeting: Option<String>,
}

/// A postcard as a picture, at a signed link.
#[utoipa::path(tag = "everyone", params(
    ("whose" = String, Path, description = "The holder, as in the link"),
    ("signature" = String, Path, description = "The link's signature"),
    ("file" = String, Path, description = "The route's id, `-phone` or `-print`, and `.jpg` or `.png`"),
    PictureQuery,
), responses(
    (status = 200, description = "The picture, with an `ETag` that changes with the next stamp",
        content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"))),
    (status = 304, description = "Unchanged: `If-None-Match` names the current picture"),
))]
#[get("/v1/postcards/{whose}/{signature}/{file}")]
pub async fn get_postcard_picture(
    request: HttpRequest,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let (whose, signature, file) = path.into_inner();
    let (route, size, form) = parse_file_name(&file).ok_or(ApiError::Request(RequestError::NoRoute))?;
    let query = web::Query::<PictureQuery>::from_query(request.query_string());
    let greeting = query.ok().and_then(|query| query.into_inner().greeting).unwrap_or_default();
    let holder = postcard::parse_holder(&whose).ok_or(CodeRefusal::CodeUnknown)?;
    let card = PostcardSpec { holder, route, greeting: Greeting::parse(&greeting)? };
    match app.codes.check_picture(&postcard::signed_text(&card).0, &signature, app.now()) {
        PictureLink::Valid => {}
        PictureLink::Expired => return Err(ApiError::Request(RequestError::LinkExpired)),
        PictureLink::Forged => return Err(CodeRefusal::CodeUnknown.into()),
    }
    let data = postcard::load(app, card).await?;
    let (plan, key) = postcard::plan(app, &data, size, form)?;
    let tag = EntityTag::new_strong(URL_SAFE_NO_PAD.encode(&key[..18]));
    let mut response = HttpResponse::Ok();
    response
        .insert_header(ETag(tag.clone()))
        // The next stamp changes the picture, so a phone may cache it but must revalidate.
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if matches_etag(&request, &tag) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    let (media_type, extension) = match form {
        ImageFormat::Jpeg => ("image/jpeg", "jpg"),
        ImageFormat::Png => ("image/png", "png"),
    };
    let name = file_name(&data.postcard()?.route.name);
    response
        .insert_header(inline(&format!("postcard-{}.{extension}", data.spec.route), &format!("{name}.{extension}")));
    let picture = postcard::picture(app, plan, key).await?;
    Ok(response.content_type(media_type).body(picture.to_vec()))
}

fn parse_file_name(file: &str) -> Option<(RouteId, PostcardSize, ImageFormat)> {
    let (stem, form) = file.rsplit_once('.')?;
    let (route, size) = stem.rsplit_once('-')?;
    let form = match form {
        "jpg" => ImageFormat::Jpeg,
        "png" => ImageFormat::Png,
        _ => return None,
    };
    let size = match size {
        "phone" => PostcardSize::Phone,
        "print" => PostcardSize::Print,
        _ => return None,
    };
    Some((route.parse().ok()?, size, form))
}
