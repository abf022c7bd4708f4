//! `POST /v1/operator/passports`: new paper passports with their codes, and as cards to print.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::actions::prints::print_documents::{self, PassportBatch};
use crate::actions::prints::printed_codes::{PaperPassport, paper_passports};
use crate::http::api::prelude::*;

/// The passports to create.
#[derive(Debug, Serialize, Deserialize)]
pub struct PassportsRequest {
    /// How many.
    pub count: u32,
    /// Whether to return cards to print too.
    pub cards: bool,
}

/// New passports.
#[derive(Debug, Serialize, Deserialize)]
pub struct PassportsView {
    /// Their codes.
    pub passports: Vec<PaperPassport>,
    /// The cards, if they were asked for.
    pub cards: Option<CardsView>,
}

/// Cards to print.
#[derive(Debug, Serialize, Deserialize)]
pub struct CardsView {
    /// The file's name.
    pub file_name: String,
    /// The PDF in base64: in the answer with the codes, so that no serials are taken without their cards.
    pub pdf: String,
}

/// Creates passports.
#[post("/v1/operator/passports")]
pub async fn create_passports(
    _operator: OnDuty<Organiser>,
    app: Data<App>,
    body: Json<PassportsRequest>,
) -> Result<HttpResponse, ApiError> {
    let PassportsRequest { count, cards } = body.0;
    if !cards {
        return Ok(
            HttpResponse::Ok().json(PassportsView { passports: paper_passports(&app, count).await?, cards: None })
        );
    }
    let PassportBatch { pdf, passports } = print_documents::passports(&app, count).await?;
    let cards = CardsView { file_name: format!("{}.pdf", pdf.name), pdf: STANDARD.encode(pdf.bytes) };
    Ok(HttpResponse::Ok().json(PassportsView { passports, cards: Some(cards) }))
}
