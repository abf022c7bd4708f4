//! `/v1/postcards/…`: the pictures of postcards, at signed links.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, DispositionType, ETag, EntityTag};
use actix_web::web::Bytes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::actions::prints::postcard::{self, PostcardSpec};
use crate::http::api::prelude::*;
use crate::http::api::resident::postcards::file_name;
use crate::http::extract::request_info::matches_etag;
use crate::pictures::postcard::PostcardSize;
use crate::pictures::raster::ImageFormat;
use crate::rules::prints::greeting::Greeting;
use crate::tokens::PictureLink;

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
), extensions(("x-problems" = json!([
    STORE, GREETING, PICTURE, "code_unknown", "link_expired", "no_such_route", "route_unknown",
]))))]
#[get("/v1/postcards/{whose}/{signature}/{file}")]
pub async fn get_postcard_picture(request: HttpRequest, path: Path<(String, String, String)>) -> ApiResult {
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
        .insert_header((header::CACHE_CONTROL, "private, no-cache"));
    if matches_etag(&request, &tag) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    let (media_type, extension) = match form {
        ImageFormat::Jpeg => ("image/jpeg", "jpg"),
        ImageFormat::Png => ("image/png", "png"),
    };
    let name = file_name(&data.postcard()?.route.name);
    response.insert_header(views::content_disposition(
        DispositionType::Inline,
        &format!("postcard-{}.{extension}", data.spec.route),
        &format!("{name}.{extension}"),
    ));
    let picture = postcard::picture(app, plan, key).await?;
    Ok(response.content_type(media_type).body(Bytes::from_owner(picture)))
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
