//! `/v1/me/claims`: a resident claims gifts and gets the vouchers that volunteers scan.

use crate::actions::gifts::claim::{self, ClaimResult};
use crate::http::api::prelude::*;
use crate::http::api::public::code_pictures::CodePicture;
use crate::http::api::views::ClaimView;
use crate::rules::gifts::claim_lifecycle::ClaimStatus;
use crate::rules::gifts::voucher::Voucher;
use crate::rules::ids::Holder;

/// A gift to claim.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClaim {
    /// The gift's id.
    #[schema(example = "postcards")]
    gift: String,
}

/// A claim, with its voucher as a picture.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ClaimWithVoucher {
    /// The claim.
    #[serde(flatten)]
    pub claim: ClaimView,
    /// The voucher's QR code; absent after redemption.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub picture: Option<CodePicture>,
}

/// All my claims.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ClaimsView {
    /// In the order of the carnival's gifts.
    pub claims: Vec<ClaimWithVoucher>,
}

fn claim_with_voucher(app: &App, outcome: &ClaimResult) -> Result<ClaimWithVoucher, ApiError> {
    let redeemed = matches!(outcome.claim.state(outcome.now), ClaimStatus::Redeemed(..));
    let picture = if redeemed { None } else { Some(CodePicture::of(app, &outcome.claim.voucher.to_string())?) };
    Ok(ClaimWithVoucher { claim: views::claim(&outcome.current, &outcome.claim, outcome.now), picture })
}

/// Claims a gift: 201 for a new hold, 200 if the gift was already held.
#[utoipa::path(tag = "resident", responses(
    (status = 201, description = "The gift is held", body = ClaimWithVoucher),
    (status = 200, description = "The gift was already held", body = ClaimWithVoucher),
), extensions(("x-problems" = json!([
    "gift_unknown", "gift_not_earned", "gift_gone", "gift_closed", "already_redeemed", "pick_up_closed",
    "carnival_over",
]))))]
#[post("/v1/me/claims")]
pub async fn create_claim(resident: Resident, app: Data<App>, body: Json<NewClaim>) -> ApiResult {
    let gift: GiftId = body.0.gift.parse().map_err(|_| GiftRefusal::GiftUnknown)?;
    let outcome = claim::claim(&app, &resident, &gift).await?;
    let mut response = if outcome.changed { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(claim_with_voucher(&app, &outcome)?))
}

/// All my claims, with their vouchers.
#[utoipa::path(tag = "resident", responses((status = 200, description = "The claims", body = ClaimsView)))]
#[get("/v1/me/claims")]
pub async fn list_claims(resident: Resident, app: Data<App>) -> ApiResult {
    let (current, now) = (app.current(), app.now());
    let claims = claim::list(&app, &current, Holder::Resident(resident.id())).await?;
    let claims = claims
        .into_iter()
        .map(|claim| claim_with_voucher(&app, &ClaimResult { current: current.clone(), now, claim, changed: false }))
        .collect::<Result<_, _>>()?;
    Ok(HttpResponse::Ok().json(ClaimsView { claims }))
}

/// Releases a claim: the hold ends now, and others can claim the gift.
#[utoipa::path(tag = "resident", params(("id" = String, Path, description = "The claim's id: nine digits")), responses(
    (status = 200, description = "The claim, now lapsed", body = ClaimView),
), extensions(("x-problems" = json!(["claim_unknown", "already_redeemed"]))))]
#[delete("/v1/me/claims/{id}")]
pub async fn release_claim(resident: Resident, app: Data<App>, id: Path<String>) -> ApiResult {
    let voucher: Voucher = id.parse().map_err(|_| GiftRefusal::ClaimUnknown)?;
    let outcome = claim::release(&app, &resident, voucher).await?;
    Ok(HttpResponse::Ok().json(views::claim(&outcome.current, &outcome.claim, outcome.now)))
}
