//! `GET /v1/operator/codes`: the printed code of every point.

use crate::actions::prints::{print_documents, printed_codes};
use crate::http::api::prelude::*;

/// The codes, in the order of the carnival file.
#[derive(Debug, Serialize, Deserialize)]
pub struct CodesView {
    /// One for each point.
    pub codes: Vec<PointCodeView>,
}

/// The printed code of a point.
#[derive(Debug, Serialize, Deserialize)]
pub struct PointCodeView {
    /// The point's id.
    pub point: PointId,
    /// The point's name.
    pub name: String,
    /// Whether the point takes printed codes, and so has a poster.
    pub printed: bool,
    /// The text of the QR code.
    pub link: String,
    /// The name of its files without extension.
    pub file_name: String,
}

/// The codes of all points.
#[get("/v1/operator/codes")]
pub async fn list_codes(_operator: OnDuty<Organiser>, app: Data<App>) -> Result<HttpResponse, ApiError> {
    let codes = printed_codes::printed(&app, &app.current()).into_iter().map(|code| PointCodeView {
        file_name: print_documents::file_name(&code),
        point: code.point.id,
        name: code.point.name,
        printed: code.point.codes.printed,
        link: code.link,
    });
    Ok(HttpResponse::Ok().json(CodesView { codes: codes.collect() }))
}
