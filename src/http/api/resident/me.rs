//! `/v1/me`: a resident's passport, claims, own code and companions.

use crate::actions::check_ins::{companions, resident_overview};
use crate::http::api::prelude::*;
use crate::http::api::public::code_pictures::CodePicture;
use crate::rules::ids::CardSerial;

/// Everything for the first page of the mini-program, in one call.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MeView {
    /// The server's current time.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    now: String,
    /// My passport.
    passport: views::PassportView,
    /// My claims, in the order of the carnival's gifts.
    claims: Vec<views::ClaimView>,
    /// The paper passports on this phone.
    companions: Vec<CompanionView>,
}

/// A paper passport on this phone.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CompanionView {
    /// Its serial, as printed on the card; use it in `for`.
    #[schema(example = "42")]
    serial: String,
    /// Its stamps and progress.
    passport: views::PassportView,
}

/// My passport, claims and companions.
#[utoipa::path(tag = "resident", responses((status = 200, description = "Passport, claims and companions", body = MeView)))]
#[get("/v1/me")]
pub async fn get_me(resident: Resident, app: Data<App>) -> ApiResult {
    let me = resident_overview::overview(&app, &resident).await?;
    let current = &me.current;
    let companion = |(serial, passport): &(CardSerial, Option<crate::rules::check_ins::passport::Passport>)| {
        CompanionView { serial: serial.to_string(), passport: views::passport(current, passport.as_ref()) }
    };
    Ok(HttpResponse::Ok().json(MeView {
        now: views::local_time(current, me.now),
        passport: views::passport(current, me.passport.as_ref()),
        claims: me.claims.iter().map(|claim| views::claim(current, claim, me.now)).collect(),
        companions: me.companions.iter().map(companion).collect(),
    }))
}

/// My passport.
#[utoipa::path(tag = "resident", responses((status = 200, description = "Stamps and progress", body = views::PassportView)))]
#[get("/v1/me/passport")]
pub async fn get_passport(resident: Resident, app: Data<App>) -> ApiResult {
    let (current, passport) = resident_overview::passport(&app, &resident).await?;
    Ok(HttpResponse::Ok().json(views::passport(&current, passport.as_ref())))
}

/// My own code. A volunteer scans it when my camera fails, or to see all my gifts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnCodeView {
    /// The code.
    #[schema(example = "R…")]
    code: String,
    /// When it expires, after five minutes.
    #[schema(example = "2023-04-14T10:05:00+08:00")]
    expires_at: String,
    /// The code as a picture.
    #[serde(flatten)]
    picture: CodePicture,
}

/// My own code, valid for five minutes.
#[utoipa::path(tag = "resident", responses((status = 200, description = "The code", body = OwnCodeView)))]
#[get("/v1/me/code")]
pub async fn get_own_code(resident: Resident, app: Data<App>) -> ApiResult {
    let own = resident_overview::own_code(&app, &resident);
    Ok(HttpResponse::Ok().json(OwnCodeView {
        expires_at: views::local_time(&app.current(), own.changes_at),
        picture: CodePicture::of(&app, &own.text)?,
        code: own.text,
    }))
}

/// A paper passport.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCompanion {
    /// The code on the card, bare or as its link.
    #[schema(example = "https://carnival.example/q/C…")]
    passport: String,
}

/// A companion's serial.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AddedCompanionView {
    /// The serial; use it in `for` of a check-in.
    #[schema(example = "42")]
    pub serial: String,
}

/// Adds a paper passport to this phone, for instance a child's or a grandparent's; at most five.
#[utoipa::path(tag = "resident", responses(
    (status = 201, description = "The card is on this phone", body = AddedCompanionView),
), extensions(("x-problems" = json!(["code_unknown", "code_of_another_kind", "practice_code", "companions_full"]))))]
#[post("/v1/me/companions")]
pub async fn add_companion(resident: Resident, app: Data<App>, body: Json<NewCompanion>) -> ApiResult {
    let serial = companions::add(&app, &resident, &body.0.passport).await?;
    Ok(HttpResponse::Created().json(AddedCompanionView { serial: serial.to_string() }))
}

/// Removes a paper passport from this phone. The card keeps its stamps.
#[utoipa::path(tag = "resident", params(("serial" = u32, Path, minimum = 1, maximum = 33_554_431, description = "The companion's serial")), responses(
    (status = 204, description = "The card is not on this phone"),
), extensions(("x-problems" = json!(["bad_request"]))))]
#[delete("/v1/me/companions/{serial}")]
pub async fn remove_companion(resident: Resident, app: Data<App>, serial: Path<String>) -> ApiResult {
    let serial = serial.parse().map_err(|_| ApiError::malformed("serial: a number"))?;
    companions::remove(&app, &resident, serial).await?;
    Ok(HttpResponse::NoContent().finish())
}
