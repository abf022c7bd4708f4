//! `POST /v1/scans`: reads a code from a photo.

use actix_web::web::Payload;

use crate::actions::Error;
use crate::actions::check_ins::photo_scan::{DecodedCode, scan};
use crate::http::api::prelude::*;
use crate::http::extract::auth::AnyRole;
use crate::http::extract::body;
use crate::tokens::Code;

/// Maximum size of a photo.
const MAX_PHOTO_BYTES: usize = 4 << 20;
/// Maximum number of concurrent uploads, because each is held in memory.
pub const MAX_CONCURRENT_PHOTOS: usize = 24;

/// The code that a photo shows.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ScanView {
    /// The bare code. Send it to the route for its kind.
    #[schema(example = "P00A7K9M2X4Q8Z1T")]
    code: String,
    /// The kind: `point`, `voucher`, `practice` (a voucher of the volunteers' training), `resident`, `paper`, `invitation`;
    /// later versions may add others. The code may have expired or been replaced.
    #[schema(example = "point")]
    kind: String,
    /// For a point's code: `printed` for a poster, `display` for a tablet.
    #[schema(example = "printed")]
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<String>,
}

/// Finds a code of this carnival in a photo: a JPEG or PNG of up to 4 MB and 20 megapixels (14 for a progressive JPEG).
///
/// The content type is ignored. The photo is not stored, and the code is not checked for validity.
#[utoipa::path(tag = "everyone", request_body(content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"))), responses(
    (status = 200, description = "The code; if there are several, the largest", body = ScanView),
), extensions(("x-problems" = json!(["no_code_found", "photo_unreadable", "photo_too_large", "pictures_busy"]))))]
#[post("/v1/scans")]
pub async fn scan_photo(_: AnyRole, request: HttpRequest, photo: Payload) -> ApiResult {
    let state = state(&request);
    body::check_length(&request, MAX_PHOTO_BYTES)?;
    let _slot = state.photo_slots.try_acquire().map_err(|_| Error::PicturesBusy)?;
    let photo = body::read(photo.into_inner(), MAX_PHOTO_BYTES).await?;
    Ok(HttpResponse::Ok().json(view(scan(&state.app, photo).await?)))
}

fn view(decoded: DecodedCode) -> ScanView {
    let (kind, form) = match decoded.code {
        Code::Printed { .. } => ("point", Some("printed")),
        Code::Display { .. } => ("point", Some("display")),
        Code::Voucher(_) => ("voucher", None),
        Code::Practice(_) => ("practice", None),
        Code::Own { .. } => ("resident", None),
        Code::Paper(_) => ("paper", None),
        Code::Invitation(_) => ("invitation", None),
    };
    ScanView { code: decoded.text, kind: kind.to_owned(), form: form.map(str::to_owned) }
}
