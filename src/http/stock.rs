//! `/v1/organiser/gifts/{gift}/stock`: more of a gift, fewer, or elsewhere.

use actix_web::{HttpRequest, HttpResponse, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::ApiError;
use super::json_body::{Json, integer};
use super::state::state;
use crate::actions::staff;
use crate::actions::stock::{Movement, change_stock};
use crate::rules::ids::{BoothId, GiftId, Nonce};
use crate::rules::refusal::Refusal;
use crate::rules::stock::StockReason;
use crate::tokens::Organiser;

/// The longest note, in characters.
const MAX_NOTE_CHARS: usize = 200;

/// Why there are more or fewer.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MovementReason {
    /// More were delivered.
    Delivered,
    /// Some were damaged or lost.
    Damaged,
    /// They were counted again.
    Correction,
    /// Some were carried from the storeroom to a booth, or back.
    Moved,
}

/// A movement of stock.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeStock {
    /// How many more, or fewer; of a move, how many were carried to the booth (fewer than 0: back).
    #[schema(example = 50)]
    #[serde(deserialize_with = "integer")]
    change: i64,
    /// `delivered` (more than 0), `damaged` (less than 0), `correction`, or `moved`, which names a
    /// booth and changes nothing but the books.
    reason: MovementReason,
    /// At which booth, by its id; without one, in the storeroom.
    #[schema(example = "market-play")]
    booth: Option<String>,
    /// What else there is to say, up to 200 characters.
    #[schema(max_length = 200, example = "印厂补货")]
    note: Option<String>,
    /// Made by the client for this write.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{8,64}$", example = "c1d2e3f4-0006")]
    nonce: Nonce,
}

/// A gift's numbers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StockView {
    /// The gift's id.
    #[schema(example = "postcards")]
    gift: String,
    /// How many there were, with all deliveries and losses.
    #[schema(example = 550)]
    stock: u32,
    /// How many were handed over.
    #[schema(example = 120)]
    redeemed: u32,
    /// How many are set aside now.
    #[schema(example = 8)]
    held: u32,
    /// How many can still be claimed.
    #[schema(example = 422)]
    left: u32,
}

/// Records a delivery, damage, a new count, or that some were carried to a booth; answers with the gift's numbers afterwards.
#[utoipa::path(tag = "organiser", request_body = ChangeStock,
    params(("gift" = String, Path, description = "The gift's id")),
    responses((status = 200, description = "Recorded; a repeat is told the numbers of now", body = StockView)))]
#[put("/v1/organiser/gifts/{gift}/stock")]
pub async fn put_stock(
    organiser: Organiser,
    request: HttpRequest,
    gift: web::Path<String>,
    body: Json<ChangeStock>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let session = staff::on_duty(app, &organiser.into()).await?;
    let ChangeStock { change, reason, booth, note, nonce } = body.0;
    let note = note.as_deref().unwrap_or_default().trim();
    if note.chars().count() > MAX_NOTE_CHARS || note.chars().any(char::is_control) {
        return Err(ApiError::malformed(format!("note: up to {MAX_NOTE_CHARS} characters, in one line")));
    }
    let gift: GiftId = gift.parse().map_err(|_| Refusal::GiftUnknown)?;
    let booth: Option<BoothId> =
        booth.map(|booth| booth.parse()).transpose().map_err(|_| ApiError::from(Refusal::BoothUnknown))?;
    let reason = match reason {
        MovementReason::Delivered => StockReason::Delivered,
        MovementReason::Damaged => StockReason::Damaged,
        MovementReason::Correction => StockReason::Correction,
        MovementReason::Moved => StockReason::Moved,
    };
    let movement = Movement { gift, reason, change, booth, note: note.to_owned(), nonce };
    let stock = change_stock(app, &session, &movement).await?;
    let left = stock.left();
    let gift = movement.gift.to_string();
    Ok(HttpResponse::Ok().json(StockView {
        gift,
        stock: stock.stock,
        redeemed: stock.redeemed,
        held: stock.held,
        left,
    }))
}
