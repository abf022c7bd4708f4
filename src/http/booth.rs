//! `/v1/booth`: hand over, undo.

use std::ops::Not;

use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::client::{failure_of, lang};
use super::error::{ApiError, Problem};
use super::json::Json;
use super::measures;
use super::practice;
use super::state::state;
use super::tries::Tries;
use super::views::{self, ClaimView};
use crate::actions::practice::undo;
use crate::actions::redeem::Confirmed;
use crate::actions::{App, redeem, staff};
use crate::rules::claim::State;
use crate::rules::ids::{GiftId, Nonce};
use crate::rules::practice::AnyRedemption;
use crate::rules::refusal::Refusal;
use crate::rules::staff::StaffSession;
use crate::tokens::Staff;

/// The most vouchers that are confirmed at once.
const MOST_VOUCHERS: usize = 20;
/// The longest reason for undoing, in characters.
const LONGEST_REASON: usize = 200;

/// Vouchers to confirm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redeem {
    /// Nine digits each; up to twenty. Practice vouchers answer as they do to a lookup.
    #[schema(min_items = 1, max_items = 20, example = json!(["014738296"]))]
    vouchers: Vec<String>,
    /// Made by the client for this confirmation: ask again with the same one when an answer was lost.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{8,64}$", example = "c1d2e3f4-0001")]
    nonce: Nonce,
}

/// One result for each voucher, in the order given.
#[derive(Debug, Serialize, ToSchema)]
pub struct Redeemed {
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
#[utoipa::path(tag = "booth", request_body = Redeem, responses(
    (status = 200, description = "A result for each voucher", body = Redeemed),
))]
#[post("/v1/booth/redemptions")]
pub async fn redeem_vouchers(staff: Staff, request: HttpRequest, body: Json<Redeem>) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let session = staff::on_duty(app, &staff).await?;
    let Redeem { vouchers, nonce } = body.0;
    if vouchers.is_empty() || vouchers.len() > MOST_VOUCHERS {
        return Err(ApiError::malformed(format!("vouchers: 1 to {MOST_VOUCHERS}")));
    }
    let tries = Tries { request: &request, session: &session };
    tries.may_try(&vouchers)?;
    let done = redeem::redeem(app, &session, &vouchers, &nonce).await;
    let mut results = Vec::with_capacity(vouchers.len());
    for (voucher, done) in vouchers.into_iter().zip(done) {
        tries.count(&voucher, &done);
        results.push(result(&request, &session, voucher, done)?);
    }
    Ok(HttpResponse::Ok().json(Redeemed { results }))
}

fn result(
    request: &HttpRequest,
    session: &StaffSession,
    voucher: String,
    done: crate::actions::Result<Confirmed>,
) -> Result<RedeemResult, ApiError> {
    match done {
        Ok(Confirmed::HandedOver(done)) => {
            let claim = Some(views::claim(&done.current, &done.claim, done.now));
            Ok(RedeemResult { voucher, redeemed: true, claim, problem: None, practice: false })
        }
        Ok(Confirmed::Practised(practised)) => {
            let lesson = practised.lesson(session, lang(request));
            let problem = lesson.refusal().as_ref().map(|refusal| Problem::of_refusal(refusal, lesson.lang));
            let claim = problem.is_none().then(|| practice::confirmed(&lesson));
            Ok(RedeemResult { voucher, redeemed: problem.is_none(), claim, problem, practice: true })
        }
        // Nothing is known of the rest: the client asks for all of it again, with the same nonce.
        Err(error @ crate::actions::Error::Store(_)) => Err(error.into()),
        Err(error) => {
            let error = failure_of(request, error);
            measures::refused_within(&error);
            let problem = Problem::of(&error, lang(request));
            Ok(RedeemResult { voucher, redeemed: false, claim: None, problem: Some(problem), practice: false })
        }
    }
}

/// Why a redemption is undone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Void {
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
pub struct UndoneView {
    #[serde(flatten)]
    claim: ClaimView,
    /// That this is a practice voucher: nothing was written. Absent for all others.
    #[schema(example = true)]
    #[serde(skip_serializing_if = "Not::not")]
    practice: bool,
}

/// Undoes a redemption: by the same volunteer within fifteen minutes, or by an organiser.
#[utoipa::path(tag = "booth", request_body = Void,
    params(("id" = String, Path, description = "The redemption's id, such as `014738296-1`")),
    responses((status = 200, description = "Undone; the claim is held again", body = UndoneView)))]
#[post("/v1/booth/redemptions/{id}/void")]
pub async fn void_redemption(
    staff: Staff,
    request: HttpRequest,
    id: web::Path<String>,
    body: Json<Void>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let session = staff::on_duty(app, &staff).await?;
    let id: AnyRedemption = id.parse().map_err(|_| Refusal::RedemptionUnknown)?;
    let reason = body.0.reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
        return Err(ApiError::malformed(format!("reason: 1 to {LONGEST_REASON} characters")));
    }
    let undone = match id {
        AnyRedemption::Kept(id) => {
            let done = redeem::void(app, &session, id, reason, &body.0.nonce).await?;
            UndoneView { claim: views::claim(&done.current, &done.claim, done.now), practice: false }
        }
        AnyRedemption::Practised(voucher) => {
            let practised = undo(app, &session, voucher, lang(&request))?;
            let claim = practice::undone(&practised.lesson(&session, lang(&request)));
            UndoneView { claim, practice: true }
        }
    };
    Ok(HttpResponse::Ok().json(undone))
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
    let done =
        redeem::redeem_paper(app, &session, &passport, &gift, &nonce).await.map_err(|e| failure_of(&request, e))?;
    debug_assert!(matches!(done.claim.state(done.now), State::Redeemed(..)), "a paper redemption is redeemed");
    let mut response = if done.changed { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(views::claim(&done.current, &done.claim, done.now)))
}
