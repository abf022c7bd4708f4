//! `GET /v1/me/postcards/{route}`: a resident's postcard, as signed links to its pictures.

use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::actions::prints::postcard::{self, PostcardData};
use crate::http::api::prelude::*;
use crate::rules::ids::CardSerial;
use crate::tokens::PICTURE_LINK_TTL_S;

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
#[utoipa::path(tag = "resident", params(RoutePath, PostcardQuery), responses(
    (status = 200, description = "The current postcard", body = PostcardView),
), extensions(("x-problems" = json!([GREETING, "bad_request", "route_unknown", "companion_unknown"]))))]
#[get("/v1/me/postcards/{route}")]
pub async fn get_postcard(resident: Resident, request: HttpRequest, path: Path<RoutePath>) -> ApiResult {
    let app = &state(&request).app;
    let query = web::Query::<PostcardQuery>::from_query(request.query_string())
        .map_err(|_| ApiError::malformed("query: greeting, for"))?
        .into_inner();
    let route = path.id()?;
    let greeting = query.greeting.as_deref().unwrap_or_default();
    let data = postcard::for_resident(app, &resident, query.r#for, route, greeting).await?;
    Ok(HttpResponse::Ok().json(postcard_view(app, &data)?))
}

/// A postcard with signed links to its pictures.
pub(in crate::http) fn postcard_view(app: &App, data: &PostcardData) -> Result<PostcardView, ApiError> {
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

/// The name under which a phone saves the picture, without extension.
pub(in crate::http) fn file_name(route: &str) -> String {
    format!("{route}-{}", messages(Lang::PRINTED).texts().prints.postcard)
}
