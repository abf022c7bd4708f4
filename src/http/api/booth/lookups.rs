//! `/v1/booth/lookups`: shows what a code is before a volunteer redeems it.

use std::ops::Not;

use crate::actions::gifts::code_lookup::{CodeMatch, LookupResult, look_up};
use crate::actions::gifts::redeem;
use crate::http::api::prelude::*;
use crate::http::api::views::ClaimView;
use crate::http::extract::request_info::lang;
use crate::rules::gifts::claim_lifecycle::Claim;
use crate::rules::gifts::practice_scenario::PracticeScenario;
use crate::rules::ids::Holder;
use crate::rules::staff::StaffSession;

/// A code that a volunteer scanned or typed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookUpCode {
    /// A voucher, a resident's own code or a paper passport; or, to practise, a practice voucher: `000 000 013` (can be redeemed),
    /// `000 000 021` (already redeemed), `000 000 037` (wrong booth).
    #[schema(example = "014 738 296")]
    code: String,
    /// `true` to practise: practice vouchers work only then, and others do not.
    #[serde(default)]
    practice: bool,
}

/// What a code is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LookupView {
    /// `voucher`, `resident` or `paper`.
    #[schema(example = "voucher")]
    pub kind: String,
    /// The serial of a paper passport.
    #[schema(example = "42")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// The passport, for a resident's own code or a paper passport.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passport: Option<views::PassportView>,
    /// The voucher's claim, or all claims of the passport.
    pub claims: Vec<LookupClaim>,
    /// `true` for a practice voucher, for which the store is not read. Absent otherwise.
    #[schema(example = true)]
    #[serde(default, skip_serializing_if = "Not::not")]
    pub practice: bool,
}

/// A claim, and whether it can be redeemed at this booth now.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LookupClaim {
    #[serde(flatten)]
    pub claim: ClaimView,
    /// Whether redeeming it now would succeed (for a lapsed claim: if stock is left).
    pub can_redeem: bool,
    /// The reason, if it cannot be redeemed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// Looks up a code. Changes nothing.
#[utoipa::path(tag = "booth", responses(
    (status = 200, description = "What the code is", body = LookupView),
), extensions(("x-problems" = json!(["voucher_unknown", "code_unknown", "code_of_another_kind", "own_code_too_old", "practice_code", "not_practice_code"]))))]
#[post("/v1/booth/lookups")]
pub async fn look_up_code(staff: OnDuty<Volunteer>, request: HttpRequest, body: Json<LookUpCode>) -> ApiResult {
    let app = &state(&request).app;
    let LookUpCode { code, practice } = body.0;
    let limits = &state(&request).limits;
    limits.check_vouchers(app, &staff.id, std::slice::from_ref(&code))?;
    let lookup = look_up(app, &code, practice).await;
    limits.record_voucher(app, &staff.id, &code, &lookup);
    Ok(HttpResponse::Ok().json(look_up_view(&lookup?, &staff, lang(&request))))
}

fn look_up_view(lookup: &LookupResult, staff: &StaffSession, lang: Lang) -> LookupView {
    let (kind, serial, passport) = match &lookup.matched {
        CodeMatch::Voucher => ("voucher", None, None),
        CodeMatch::Practice(practice) => return practice_view(&practice.scenario(staff, lang), lang),
        CodeMatch::Passport { holder, passport } => {
            let passport = Some(views::passport(&lookup.current, passport.as_ref()));
            match holder {
                Holder::Resident(_) => ("resident", None, passport),
                Holder::Paper(serial) => ("paper", Some(serial.to_string()), passport),
            }
        }
    };
    let claim = |claim: &Claim| {
        let refusal = redeem::redemption_refusal(&lookup.current, claim, staff, lookup.now);
        let problem = refusal.as_ref().map(|refusal| Problem::of_refusal(refusal, lang));
        LookupClaim { claim: views::claim(&lookup.current, claim, lookup.now), can_redeem: refusal.is_none(), problem }
    };
    LookupView {
        kind: kind.to_owned(),
        serial,
        passport,
        claims: lookup.claims.iter().map(claim).collect(),
        practice: false,
    }
}

fn practice_view(scenario: &PracticeScenario<'_>, lang: Lang) -> LookupView {
    let problem = scenario.refusal().as_ref().map(|refusal| Problem::of_refusal(refusal, lang));
    let claim = LookupClaim {
        claim: views::practice_claim(scenario, scenario.redemption_before()),
        can_redeem: problem.is_none(),
        problem,
    };
    LookupView { kind: "voucher".to_owned(), serial: None, passport: None, claims: vec![claim], practice: true }
}
