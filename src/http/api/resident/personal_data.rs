//! Personal data: a resident's export and erasure.

use actix_web::http::header::CONTENT_DISPOSITION;

use crate::actions::check_ins::resident_overview;
use crate::actions::personal_data::erasure::{ErasureSummary, erase, has_passport};
use crate::http::api::prelude::*;
use crate::rules::check_ins::passport::Passport;
use crate::rules::check_ins::suspicion::Suspicion;
use crate::rules::gifts::claim_lifecycle::Claim;

/// All stored data of a resident, in readable form.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ExportView {
    /// The carnival's name.
    #[schema(example = "2023成华友邻荟·社区嘉年华")]
    carnival: String,
    /// When the export was written.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    written_at: String,
    /// What the export contains, in a sentence.
    says: String,
    /// My passport; absent before the first stamp.
    passport: Option<ExportedPassport>,
    /// Gifts that I claimed or received.
    gifts: Vec<ExportedGift>,
    /// The paper passports on my phone.
    companions: Vec<ExportedCompanion>,
    /// Pairs of my stamps that organisers may check.
    suspicions: Vec<ExportedSuspicion>,
    /// Whether my gifts are on hold until I talk to an organiser.
    waiting: bool,
}

/// A passport.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ExportedPassport {
    /// The random number that identifies it in the carnival's records.
    #[schema(example = "8Q3ZK0V7T1M5X")]
    number: String,
    /// Its stamps, in the order in which they were given.
    stamps: Vec<views::StampView>,
    /// Stamps that staff recorded and undid.
    undone: Vec<views::StampView>,
}

/// Two of my stamps that seem too far apart for the time between them.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ExportedSuspicion {
    /// The earlier point's name.
    #[schema(example = "社区美空间·第1站")]
    from: String,
    /// The later point's name.
    #[schema(example = "社区美空间·第2站")]
    to: String,
    /// When the later stamp was given.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    at: String,
    /// How far apart the points are, in metres.
    metres: u32,
}

/// A claimed gift.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ExportedGift {
    /// The current state of the claim.
    #[serde(flatten)]
    claim: views::ClaimView,
    /// Earlier redemptions that were voided.
    undone: Vec<ExportedVoid>,
}

/// A redemption that was voided.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ExportedVoid {
    /// When it was redeemed.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    at: String,
    /// When it was voided.
    #[schema(example = "2023-04-14T10:02:00+08:00")]
    taken_back_at: String,
    /// The reason.
    #[schema(example = "扫错了人")]
    reason: String,
}

/// A paper passport on my phone.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ExportedCompanion {
    /// Its serial.
    #[schema(example = "42")]
    serial: String,
    /// The card's passport; absent before its first stamp.
    passport: Option<ExportedPassport>,
}

/// All my stored data.
#[utoipa::path(tag = "resident", responses((status = 200, description = "The export, as a file", body = ExportView)))]
#[get("/v1/me/export")]
pub async fn export_me(resident: Resident, app: Data<App>, lang: Lang) -> ApiResult {
    let me = resident_overview::overview(&app, &resident).await?;
    let current = &me.current;
    let (suspicions, waiting) = match &me.passport {
        Some(passport) => resident_overview::suspicions(&app, &passport.number).await?,
        None => (Vec::new(), false),
    };
    let view = ExportView {
        carnival: current.carnival.name.clone(),
        written_at: views::local_time(current, me.now),
        says: messages(lang).texts().answers.personal_data.to_owned(),
        passport: me.passport.as_ref().map(|passport| exported_passport(current, passport)),
        gifts: me.claims.iter().map(|claim| exported_gift(current, claim, me.now)).collect(),
        companions: me
            .companions
            .iter()
            .map(|(serial, passport)| ExportedCompanion {
                serial: serial.to_string(),
                passport: passport.as_ref().map(|passport| exported_passport(current, passport)),
            })
            .collect(),
        suspicions: suspicions.iter().map(|one| exported_suspicion(current, one)).collect(),
        waiting,
    };
    let text = serde_json::to_string_pretty(&view).map_err(|_| ApiError::Request(RequestError::Internal))?;
    let file = format!("attachment; filename=\"{}-my-data.json\"", current.carnival.id);
    Ok(HttpResponse::Ok().content_type("application/json").insert_header((CONTENT_DISPOSITION, file)).body(text))
}

fn exported_passport(current: &CurrentCarnival, passport: &Passport) -> ExportedPassport {
    let stamps = passport.stamps.iter().map(|stamp| views::stamp(current, stamp)).collect();
    let undone = passport.undone.iter().map(|undone| views::stamp(current, &undone.stamp)).collect();
    ExportedPassport { number: passport.number.to_string(), stamps, undone }
}

fn exported_suspicion(current: &CurrentCarnival, one: &Suspicion) -> ExportedSuspicion {
    ExportedSuspicion {
        from: views::point_name(current, one.from).name,
        to: views::point_name(current, one.to).name,
        at: views::local_time(current, one.to_at),
        metres: one.metres,
    }
}

fn exported_gift(current: &CurrentCarnival, claim: &Claim, now: jiff::Timestamp) -> ExportedGift {
    let undone = claim.redemptions.iter().filter_map(|redemption| {
        let voided = redemption.voided.as_ref()?;
        let (at, taken_back_at) = (views::local_time(current, redemption.at), views::local_time(current, voided.at));
        Some(ExportedVoid { at, taken_back_at, reason: voided.reason.clone() })
    });
    ExportedGift { claim: views::claim(current, claim, now), undone: undone.collect() }
}

/// The result of an erasure.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ErasedView {
    /// Number of erased stamps.
    stamps: usize,
    /// Number of held gifts that were released.
    gifts_set_aside: usize,
    /// Number of redeemed gifts. A keyed hash of each stays, so that it cannot be redeemed twice.
    gifts_handed_over: usize,
    /// The result as a sentence.
    says: String,
}

pub(in crate::http) fn erased_view(erased: &ErasureSummary, lang: Lang) -> ErasedView {
    ErasedView {
        stamps: erased.stamps,
        gifts_set_aside: erased.claims,
        gifts_handed_over: erased.redeemed,
        says: messages(lang).texts().answers.erased.to_owned(),
    }
}

/// Erases all my data. Paper passports are removed from my phone and keep their stamps.
#[utoipa::path(tag = "resident", responses((status = 200, description = "The data are erased", body = ErasedView)),
    extensions(("x-problems" = json!(["erased_too_often"]))))]
#[delete("/v1/me")]
pub async fn erase_me(resident: Resident, app: Data<App>, request: HttpRequest, lang: Lang) -> ApiResult {
    let (limits, id) = (&state(&request).limits, resident.id());
    if has_passport(&app, &resident).await? {
        // Without one, a repeated request only completes what the first one began.
        limits.check_erasure(id)?;
    }
    let erased = run_to_completion(async move { erase(&app, &resident).await }).await??;
    if !erased.is_empty() {
        limits.record_erasure(id);
    }
    Ok(HttpResponse::Ok().json(erased_view(&erased, lang)))
}

/// Runs `work` to completion even if the client disconnects, so that an erasure is not left half done.
pub(in crate::http) async fn run_to_completion<T: 'static>(
    work: impl Future<Output = T> + 'static,
) -> Result<T, ApiError> {
    actix_web::rt::spawn(work).await.map_err(|_| ApiError::Request(RequestError::Internal))
}
