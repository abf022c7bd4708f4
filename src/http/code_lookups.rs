//! `/v1/booth/lookups`: look before confirming.

use std::ops::Not;

use actix_web::{HttpRequest, HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, Problem};
use super::json_body::Json;
use super::practice_views;
use super::request_info::{count_failure, lang};
use super::state::state;
use super::views::{self, ClaimView};
use super::voucher_attempts::VoucherAttempts;
use crate::actions::look_up::{LookedUp, Seen, look_up};
use crate::actions::{redeem, staff};
use crate::rules::claim::Claim;
use crate::rules::ids::Holder;
use crate::rules::practice_scenario::PracticeScenario;
use crate::rules::staff::StaffSession;
use crate::tokens::Staff;

/// A code that a volunteer scanned or typed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookUpCode {
    /// A voucher, a resident's own code, or a paper passport; or a practice voucher: `000 000 013` (yes),
    /// `000 000 021` (already redeemed), `000 000 037` (wrong booth).
    #[schema(example = "014 738 296")]
    code: String,
}

/// What a code shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct LookupView {
    /// `voucher`, `resident` or `paper`.
    #[schema(example = "voucher")]
    kind: &'static str,
    /// A paper passport's serial.
    #[schema(example = "42")]
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    /// The stamps, for a resident or a paper passport.
    #[serde(skip_serializing_if = "Option::is_none")]
    passport: Option<views::PassportView>,
    /// The claims: the voucher's, or all of the passport.
    claims: Vec<LookupClaim>,
    /// That this is a practice voucher: nothing was looked up. Absent for all others.
    #[schema(example = true)]
    #[serde(skip_serializing_if = "Not::not")]
    practice: bool,
}

/// A claim, and whether it can be handed over here and now.
#[derive(Debug, Serialize, ToSchema)]
pub struct LookupClaim {
    #[serde(flatten)]
    claim: ClaimView,
    /// Whether confirming it now would succeed (for a lapsed one, if any is left).
    can_redeem: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

/// Looks up a code before confirming. Changes nothing.
#[utoipa::path(tag = "booth", request_body = LookUpCode, responses(
    (status = 200, description = "What it shows", body = LookupView),
))]
#[post("/v1/booth/lookups")]
pub async fn look_up_code(
    staff: Staff,
    request: HttpRequest,
    body: Json<LookUpCode>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let session = staff::on_duty(app, &staff).await?;
    let code = body.0.code;
    let attempts = VoucherAttempts { request: &request, session: &session };
    attempts.check(std::slice::from_ref(&code))?;
    let lookup = look_up(app, &code).await;
    attempts.record(&code, &lookup);
    let lookup = lookup.map_err(|e| count_failure(&request, e))?;
    Ok(HttpResponse::Ok().json(look_up_view(&lookup, &session, &request)))
}

fn look_up_view(lookup: &LookedUp, session: &StaffSession, request: &HttpRequest) -> LookupView {
    let (kind, serial, passport) = match &lookup.seen {
        Seen::Voucher => ("voucher", None, None),
        Seen::Practice(practised) => return practice_view(&practised.lesson(session, lang(request))),
        Seen::Passport { holder, passport } => {
            let passport = Some(views::passport(&lookup.current, passport.as_ref()));
            match holder {
                Holder::Resident(_) => ("resident", None, passport),
                Holder::Paper(serial) => ("paper", Some(serial.to_string()), passport),
            }
        }
    };
    let claim = |claim: &Claim| {
        let refusal = redeem::refusal_of(&lookup.current, claim, session, lookup.now);
        let problem = refusal.as_ref().map(|refusal| Problem::of_refusal(refusal, lang(request)));
        LookupClaim { claim: views::claim(&lookup.current, claim, lookup.now), can_redeem: refusal.is_none(), problem }
    };
    LookupView { kind, serial, passport, claims: lookup.claims.iter().map(claim).collect(), practice: false }
}

fn practice_view(lesson: &PracticeScenario<'_>) -> LookupView {
    let problem = lesson.refusal().as_ref().map(|refusal| Problem::of_refusal(refusal, lesson.lang));
    let claim = LookupClaim { claim: practice_views::lookup_claim(lesson), can_redeem: problem.is_none(), problem };
    LookupView { kind: "voucher", serial: None, passport: None, claims: vec![claim], practice: true }
}
