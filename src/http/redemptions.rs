//! `/v1/booth`: hand over, undo.

use std::ops::Not;

use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, Problem};
use super::json_body::Json;
use super::metrics;
use super::practice_views;
use super::request_info::{count_failure, lang};
use super::state::state;
use super::views::{self, ClaimView};
use super::voucher_attempts::VoucherAttempts;
use crate::actions::practice::undo;
use crate::actions::redeem::Confirmed;
use crate::actions::{App, redeem, staff};
use crate::rules::claim::ClaimStatus;
use crate::rules::ids::{GiftId, Nonce};
use crate::rules::practice_voucher::RedemptionRef;
use crate::rules::refusal::Refusal;
use crate::rules::staff::StaffSession;
use crate::tokens::Staff;

/// The most vouchers that are confirmed at once.
const MAX_VOUCHERS: usize = 20;
/// The longest reason for undoing, in characters.
const MAX_REASON_CHARS: usize = 200;

/// Vouchers to confirm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedeemVouchers {
    /// Nine digits each; up to twenty. Practice vouchers answer as they do to a lookup.
    #[schema(min_items = 1, max_items = 20, example = json!(["014738296"]))]
    vouchers: Vec<String>,
    /// Made by the client for this confirmation: ask again with the same one when an answer was lost.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{8,64}$", example = "c1d2e3f4-0001")]
    nonce: Nonce,
}

/// One result for each voucher, in the order given.
#[derive(Debug, Serialize, ToSchema)]
pub struct RedeemResults {
    /// In the order given.
    results: Vec<RedeemResult>,
}

/// What became of one voucher.
#[derive(Debug, Serialize, ToSchema)]
pub struct RedeemResult {
    /// As it was given.
    #[schema(example = "014738296")]
    voucher: String,
    /// Whether the gift may be handed over.
    redeemed: bool,
    /// The claim, when it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<ClaimView>,
    /// Why not, when it was not: `already_redeemed`, `voided`, `gift_gone`, `voucher_unknown`, `wrong_booth`,
    /// `pick_up_closed`, `talk_needed`, `carnival_not_begun`, `carnival_over`, `code_of_another_kind`, `too_many_tries`.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
    /// That this is a practice voucher: nothing was written. Absent for all others.
    #[schema(example = true)]
    #[serde(skip_serializing_if = "Not::not")]
    practice: bool,
}

/// Confirms vouchers, each by itself. The answer is 200 with a result each, also when all are refused.
#[utoipa::path(tag = "booth", request_body = RedeemVouchers, responses(
    (status = 200, description = "A result for each voucher", body = RedeemResults),
))]
#[post("/v1/booth/redemptions")]
pub async fn redeem_vouchers(
    staff: Staff,
    request: HttpRequest,
    body: Json<RedeemVouchers>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let session = staff::on_duty(app, &staff).await?;
    let RedeemVouchers { vouchers, nonce } = body.0;
    if vouchers.is_empty() || vouchers.len() > MAX_VOUCHERS {
        return Err(ApiError::malformed(format!("vouchers: 1 to {MAX_VOUCHERS}")));
    }
    let attempts = VoucherAttempts { request: &request, session: &session };
    attempts.check(&vouchers)?;
    let outcomes = redeem::redeem(app, &session, &vouchers, &nonce).await;
    let mut results = Vec::with_capacity(vouchers.len());
    for (voucher, outcome) in vouchers.into_iter().zip(outcomes) {
        attempts.record(&voucher, &outcome);
        results.push(redeem_result(&request, &session, voucher, outcome)?);
    }
    Ok(HttpResponse::Ok().json(RedeemResults { results }))
}

fn redeem_result(
    request: &HttpRequest,
    session: &StaffSession,
    voucher: String,
    outcome: crate::actions::Result<Confirmed>,
) -> Result<RedeemResult, ApiError> {
    match outcome {
        Ok(Confirmed::HandedOver(outcome)) => {
            let claim = Some(views::claim(&outcome.current, &outcome.claim, outcome.now));
            Ok(RedeemResult { voucher, redeemed: true, claim, problem: None, practice: false })
        }
        Ok(Confirmed::Practised(practised)) => {
            let lesson = practised.lesson(session, lang(request));
            let problem = lesson.refusal().as_ref().map(|refusal| Problem::of_refusal(refusal, lesson.lang));
            let claim = problem.is_none().then(|| practice_views::redeemed_claim(&lesson));
            Ok(RedeemResult { voucher, redeemed: problem.is_none(), claim, problem, practice: true })
        }
        // Nothing is known of the rest: the client asks for all of it again, with the same nonce.
        Err(error @ crate::actions::Error::Store(_)) => Err(error.into()),
        Err(error) => {
            let error = count_failure(request, error);
            metrics::count_partial_refusal(&error);
            let problem = Problem::of(&error, lang(request));
            Ok(RedeemResult { voucher, redeemed: false, claim: None, problem: Some(problem), practice: false })
        }
    }
}

/// Why a redemption is undone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoidRedemption {
    /// In her own words: 1 to 200 characters.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        example = "扫错了人"
    )]
    reason: String,
    /// Made by the client for this write.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{8,64}$", example = "c1d2e3f4-0002")]
    nonce: Nonce,
}

/// A claim whose redemption was undone.
#[derive(Debug, Serialize, ToSchema)]
pub struct VoidedClaimView {
    #[serde(flatten)]
    claim: ClaimView,
    /// That this is a practice voucher: nothing was written. Absent for all others.
    #[schema(example = true)]
    #[serde(skip_serializing_if = "Not::not")]
    practice: bool,
}

/// Undoes a redemption: by the same volunteer within fifteen minutes, or by an organiser.
#[utoipa::path(tag = "booth", request_body = VoidRedemption,
    params(("id" = String, Path, description = "The redemption's id, such as `014738296-1`")),
    responses((status = 200, description = "Undone; the claim is held again", body = VoidedClaimView)))]
#[post("/v1/booth/redemptions/{id}/void")]
pub async fn void_redemption(
    staff: Staff,
    request: HttpRequest,
    id: web::Path<String>,
    body: Json<VoidRedemption>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let session = staff::on_duty(app, &staff).await?;
    let id: RedemptionRef = id.parse().map_err(|_| Refusal::RedemptionUnknown)?;
    let reason = body.0.reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_REASON_CHARS || reason.chars().any(char::is_control) {
        return Err(ApiError::malformed(format!("reason: 1 to {MAX_REASON_CHARS} characters")));
    }
    let voided = match id {
        RedemptionRef::Real(id) => {
            let outcome = redeem::void(app, &session, id, reason, &body.0.nonce).await?;
            VoidedClaimView { claim: views::claim(&outcome.current, &outcome.claim, outcome.now), practice: false }
        }
        RedemptionRef::Practice(voucher) => {
            let practised = undo(app, &session, voucher, lang(&request))?;
            let claim = practice_views::voided_claim(&practised.lesson(&session, lang(&request)));
            VoidedClaimView { claim, practice: true }
        }
    };
    Ok(HttpResponse::Ok().json(voided))
}

/// A gift for the bearer of a paper passport.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperRedemption {
    /// The card's code, or a resident's own.
    #[schema(example = "https://carnival.example/q/C…")]
    passport: String,
    /// The gift's id.
    #[schema(example = "postcards")]
    gift: String,
    /// Made by the client for this write.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{8,64}$", example = "c1d2e3f4-0003")]
    nonce: Nonce,
}

/// Hands a gift to the bearer of a paper passport: claimed and confirmed in one step.
#[utoipa::path(tag = "booth", request_body = PaperRedemption, responses(
    (status = 201, description = "Handed over", body = ClaimView),
    (status = 200, description = "It was, by this very write", body = ClaimView),
))]
#[post("/v1/booth/paper-redemptions")]
pub async fn redeem_for_paper(
    staff: Staff,
    request: HttpRequest,
    body: Json<PaperRedemption>,
) -> Result<HttpResponse, ApiError> {
    let app: &App = &state(&request).app;
    let session = staff::on_duty(app, &staff).await?;
    let PaperRedemption { passport, gift, nonce } = body.0;
    let gift: GiftId = gift.parse().map_err(|_| Refusal::GiftUnknown)?;
    let outcome =
        redeem::redeem_paper(app, &session, &passport, &gift, &nonce).await.map_err(|e| count_failure(&request, e))?;
    debug_assert!(
        matches!(outcome.claim.state(outcome.now), ClaimStatus::Redeemed(..)),
        "a paper redemption is redeemed"
    );
    let mut response = if outcome.changed { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(views::claim(&outcome.current, &outcome.claim, outcome.now)))
}
