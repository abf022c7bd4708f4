//! Documents for print under `/v1/organiser`: posters, paper passports, the volunteer's card.

use actix_web::http::header::DispositionType;

use crate::actions::prints::print_documents::{self, MAX_PASSPORTS, PosterFormat, PrintDocument};
use crate::http::api::prelude::*;

/// Query of a poster.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PosterQuery {
    /// `pdf` (A4, for the printer; the default), `png` (150 dpi) or `svg`.
    #[param(value_type = Option<String>, pattern = "^(pdf|png|svg)$", example = "pdf")]
    form: Option<PosterFormat>,
    #[serde(rename = "lang")]
    #[param(ignore)]
    _lang: Option<String>,
}

/// The poster of a point. Its code has been read back from the rendered page.
#[utoipa::path(tag = "organiser", params(PointPath, PosterQuery), responses(
    (status = 200, description = "The poster", content((Vec<u8> = "application/pdf"), (Vec<u8> = "image/png"), (String = "image/svg+xml"))),
), extensions(("x-problems" = json!([PICTURE, "bad_request", "point_unknown", "no_poster"]))))]
#[get("/v1/organiser/points/{point}/poster")]
pub async fn get_poster(_: OnDuty<Organiser>, request: HttpRequest, path: Path<PointPath>) -> ApiResult {
    let app = &state(&request).app;
    let query = web::Query::<PosterQuery>::from_query(request.query_string())
        .map_err(|_| ApiError::malformed("form: pdf, png or svg"))?;
    let point = path.id()?;
    let form = query.form.unwrap_or(PosterFormat::Pdf);
    let (media_type, extension) = match form {
        PosterFormat::Pdf => ("application/pdf", "pdf"),
        PosterFormat::Png => ("image/png", "png"),
        PosterFormat::Svg => ("image/svg+xml", "svg"),
    };
    let poster = print_documents::poster(app, &point, form).await?;
    let ascii = format!("{}.{extension}", poster.name);
    Ok(file_response(poster, media_type, &ascii, extension))
}

/// All posters as one PDF, in the order of the carnival file. Points that only take the tablet's code have none.
#[utoipa::path(tag = "organiser", responses(
    (status = 200, description = "The posters", body = Vec<u8>, content_type = "application/pdf"),
), extensions(("x-problems" = json!([PICTURE]))))]
#[get("/v1/organiser/posters")]
pub async fn get_posters(_: OnDuty<Organiser>, app: Data<App>) -> ApiResult {
    Ok(file_response(print_documents::posters(&app).await?, "application/pdf", "posters.pdf", "pdf"))
}

/// Paper passports to print.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassports {
    /// How many; eight fit on a page.
    #[schema(minimum = 1, maximum = 1_000, example = 16)]
    count: u32,
}

/// New paper passports as a PDF, eight per A4 page. A repeated request creates further ones: serials never repeat.
#[utoipa::path(tag = "organiser", responses(
    (status = 200, description = "The cards", body = Vec<u8>, content_type = "application/pdf"),
), extensions(("x-problems" = json!([PICTURE]))))]
#[post("/v1/organiser/passports")]
pub async fn print_passports(_: OnDuty<Organiser>, app: Data<App>, body: Json<NewPassports>) -> ApiResult {
    let count = body.0.count;
    if !(1..=MAX_PASSPORTS).contains(&count) {
        return Err(ApiError::malformed(format!("count: 1 to {MAX_PASSPORTS}")));
    }
    let print = print_documents::passports(&app, count).await?.pdf;
    let ascii = format!("{}.pdf", print.name);
    Ok(file_response(print, "application/pdf", &ascii, "pdf"))
}

/// The volunteer's card: a training of ten minutes on an A5 page, with practice vouchers.
#[utoipa::path(tag = "organiser", responses(
    (status = 200, description = "The card", body = Vec<u8>, content_type = "application/pdf"),
), extensions(("x-problems" = json!([PICTURE]))))]
#[get("/v1/organiser/volunteer-card")]
pub async fn get_volunteer_card(_: OnDuty<Organiser>, app: Data<App>) -> ApiResult {
    Ok(file_response(print_documents::volunteer_card(&app).await?, "application/pdf", "volunteer-card.pdf", "pdf"))
}

/// A PDF to download, with its name in ASCII.
pub(super) fn pdf_response(print: PrintDocument, ascii: &str) -> HttpResponse {
    file_response(print, "application/pdf", ascii, "pdf")
}

fn file_response(print: PrintDocument, media_type: &str, ascii: &str, extension: &str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header(views::content_disposition(
            DispositionType::Attachment,
            ascii,
            &format!("{}.{extension}", print.name),
        ))
        .insert_header(("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'"))
        .body(print.bytes)
}
