//! QR codes as pictures: rows that a phone draws, and SVG and PNG at signed links, because an `<image>` sends no token.

use std::sync::LazyLock;

use actix_web::http::header;

use crate::http::api::prelude::*;
use crate::pictures::{Qr, QrCache};
use crate::tokens::{PictureLink, codes};

/// Pixels per module of a PNG. A voucher gets 290 pixels, which is sharp on a phone.
const PIXELS_PER_MODULE: u16 = 10;

/// Shared by all workers: a QR code depends only on its text.
static QR_CACHE: LazyLock<QrCache> = LazyLock::new(QrCache::default);

fn cached_qr(text: &str) -> Result<Arc<Qr>, ApiError> {
    QR_CACHE.get(text).map_err(|_| ApiError::Request(RequestError::Internal))
}

/// A code as a picture in three forms.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CodePicture {
    /// The QR code row by row, `1` for dark, without the quiet zone (leave four white modules around it). A phone that
    /// draws it needs no network.
    #[schema(example = json!(["111111100101101111111", "100000101…"]))]
    rows: Vec<String>,
    /// Link to the code as SVG, valid for ten minutes.
    #[schema(example = "https://carnival.example/v1/pictures/014738296/5K….svg")]
    svg: String,
    /// Link to the code as PNG, valid for ten minutes.
    #[schema(example = "https://carnival.example/v1/pictures/014738296/5K….png")]
    png: String,
}

impl CodePicture {
    /// The QR code of a text, with signed links.
    ///
    /// # Errors
    /// When the text is too long for a QR code; codes and their links never are.
    pub fn of(app: &App, text: &str) -> Result<CodePicture, ApiError> {
        let qr = cached_qr(text)?;
        let code = text.rsplit('/').next().unwrap_or(text);
        let signature = app.codes.sign_picture(text, app.now());
        // The path holds only the code. The signature tells whether the picture shows the code or its link.
        let link = |form: &str| format!("{}/v1/pictures/{code}/{signature}.{form}", app.settings.public_url);
        Ok(CodePicture { rows: qr.rows(), svg: link("svg"), png: link("png") })
    }
}

/// A code as SVG or PNG, at a signed link.
#[utoipa::path(tag = "everyone", params(
    ("code" = String, Path, description = "The code"),
    ("file" = String, Path, description = "The link's signature and `.svg` or `.png`"),
), responses(
    (status = 200, description = "The picture", content((Vec<u8> = "image/png"), (String = "image/svg+xml"))),
), extensions(("x-problems" = json!(["code_unknown", "link_expired", "no_such_route"]))))]
#[get("/v1/pictures/{code}/{file}")]
pub async fn get_picture(app: Data<App>, path: Path<(String, String)>) -> ApiResult {
    let (code, file) = path.into_inner();
    let (signature, form) = file.rsplit_once('.').ok_or(ApiError::Request(RequestError::NoRoute))?;
    let text = signed_text(&app, &code, signature)?;
    let qr = cached_qr(&text)?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, "private, max-age=600, immutable"))
        // Nothing runs when a browser opens the picture as a document, even if it guesses another type.
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'"));
    match form {
        "svg" => Ok(response.content_type("image/svg+xml").body(qr.svg())),
        "png" => {
            let png = qr.png(PIXELS_PER_MODULE).map_err(|_| ApiError::Request(RequestError::Internal))?;
            Ok(response.content_type("image/png").body(png))
        }
        _ => Err(ApiError::Request(RequestError::NoRoute)),
    }
}

/// The signed text: the bare code, or its link.
fn signed_text(app: &App, code: &str, signature: &str) -> Result<String, ApiError> {
    for text in [code.to_owned(), codes::link(&app.settings.public_url, code)] {
        match app.codes.check_picture(&text, signature, app.now()) {
            PictureLink::Valid => return Ok(text),
            PictureLink::Expired => return Err(ApiError::Request(RequestError::LinkExpired)),
            PictureLink::Forged => {}
        }
    }
    Err(CodeRefusal::CodeUnknown.into())
}
