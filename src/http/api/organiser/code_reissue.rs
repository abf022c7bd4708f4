//! `POST /v1/organiser/points/{point}/reissue`: replaces a printed code that leaked.

use crate::actions::prints::printed_codes;
use crate::http::api::prelude::*;
use crate::http::api::public::code_pictures::CodePicture;

/// The code to replace.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReissueCode {
    /// The leaked code, bare or as its link; a repeated request then replaces nothing more. If absent, each request replaces
    /// the current code.
    #[schema(example = "https://carnival.example/q/P…")]
    code: Option<String>,
}

/// The current printed code of a point.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ReissuedView {
    /// The point of the code.
    point: views::PointName,
    /// How many times the code was replaced.
    generation: u8,
    /// The new code.
    #[schema(example = "P…")]
    code: String,
    /// The text of the new poster's QR code.
    #[schema(example = "https://carnival.example/q/P…")]
    link: String,
    /// The code as a picture.
    #[serde(flatten)]
    picture: CodePicture,
}

/// Replaces a point's printed code. Check-ins with the old poster are refused from now on, with an explanation; stamps stay.
#[utoipa::path(tag = "organiser", params(PointPath), responses((status = 200, description = "The current code", body = ReissuedView)),
    extensions(("x-problems" = json!(["point_unknown", "code_unknown", "code_of_another_kind", "codes_used_up"]))))]
#[post("/v1/organiser/points/{point}/reissue")]
pub async fn reissue_code(
    _: OnDuty<Organiser>,
    app: Data<App>,
    path: Path<PointPath>,
    body: Json<ReissueCode>,
) -> ApiResult {
    let point = path.id()?;
    let printed = printed_codes::reissue(&app, &point, body.0.code.as_deref()).await?;
    Ok(HttpResponse::Ok().json(ReissuedView {
        point: views::point_name(&app.current(), printed.point.number),
        generation: printed.generation.get(),
        picture: CodePicture::of(&app, &printed.link)?,
        code: printed.code,
        link: printed.link,
    }))
}
