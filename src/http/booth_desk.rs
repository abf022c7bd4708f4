//! `/v1/booth`, the rest of a volunteer's work: ink stamps, the table, the tablet, her shift.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::code_pictures::CodePicture;
use super::error::ApiError;
use super::json_body::Json;
use super::request_info::count_failure;
use super::sessions::StationView;
use super::state::state;
use super::views;
use crate::actions::booth::{self, Inked, Shift};
use crate::actions::current_carnival::CurrentCarnival;
use crate::actions::staff;
use crate::rules::ids::{BoothId, GiftId, GiftNumber, Nonce, PointId};
use crate::rules::passport;
use crate::rules::refusal::Refusal;
use crate::tokens::Staff;

/// The most points that are recorded at once.
const MAX_POINTS: usize = 100;

/// Stamps to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordStamps {
    /// The card's code, or a resident's own.
    #[schema(example = "https://carnival.example/q/C…")]
    passport: String,
    /// The points' ids.
    #[schema(min_items = 1, max_items = 100, example = json!(["space-1", "space-3"]))]
    points: Vec<String>,
    /// Made by the client for this write.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{8,64}$", example = "c1d2e3f4-0004")]
    nonce: Nonce,
}

/// Stamps that are in the passport.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RecordedStampsView {
    /// One for each point, in the order asked for.
    results: Vec<RecordedStampResult>,
    /// Gifts that these stamps unlocked.
    unlocked: Vec<views::GiftName>,
    /// The passport with them.
    passport: views::PassportView,
}

/// What became of one point.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RecordedStampResult {
    /// `stamped` by this very write, now or when it was first asked for; `already_stamped` by another.
    #[schema(example = "stamped")]
    outcome: String,
    #[serde(flatten)]
    stamp: Option<views::StampView>,
}

/// Records ink stamps of a paper passport, of past days and weeks too; or stamps a resident by her own code.
#[utoipa::path(tag = "booth", request_body = RecordStamps, responses(
    (status = 200, description = "They are in the passport", body = RecordedStampsView),
))]
#[post("/v1/booth/check-ins")]
pub async fn record_stamps(
    staff: Staff,
    request: HttpRequest,
    body: Json<RecordStamps>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let session = staff::on_duty(app, &staff).await?;
    let RecordStamps { passport, points, nonce } = body.0;
    if points.is_empty() || points.len() > MAX_POINTS {
        return Err(ApiError::malformed(format!("points: 1 to {MAX_POINTS}")));
    }
    let points: Vec<PointId> =
        points.iter().map(|point| point.parse().map_err(|_| Refusal::PointUnknown)).collect::<Result<_, _>>()?;
    let outcome = booth::record_stamps(app, &session, &passport, &points, &nonce).await;
    Ok(HttpResponse::Ok().json(recorded_stamps_view(&outcome.map_err(|e| count_failure(&request, e))?)))
}

fn recorded_stamps_view(outcome: &Inked) -> RecordedStampsView {
    let current = &outcome.current;
    let numbers: Vec<_> = outcome.points.iter().map(|(number, _)| *number).collect();
    let result = |(number, mine): &(_, bool)| RecordedStampResult {
        outcome: if *mine { "stamped" } else { "already_stamped" }.to_owned(),
        stamp: outcome.passport.stamp(*number).map(|stamp| views::stamp(current, stamp)),
    };
    let unlocked = passport::gifts_unlocked_by(&current.carnival, &outcome.passport, &numbers);
    RecordedStampsView {
        results: outcome.points.iter().map(result).collect(),
        unlocked: unlocked.into_iter().map(views::GiftName::from).collect(),
        passport: views::passport(current, Some(&outcome.passport)),
    }
}

/// Whether a gift is on the table.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoothGiftAvailability {
    /// `false`: gone at this table.
    available: bool,
    /// Which booth; organisers must say, a volunteer has hers.
    #[schema(value_type = Option<String>, max_length = 40, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    booth: Option<BoothId>,
}

/// What residents are told now.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct BoothGiftAvailabilityView {
    /// The gift's id.
    #[schema(example = "postcards")]
    gift: String,
    /// The booth's id.
    #[schema(example = "market-play")]
    booth: String,
    /// Whether it is on the table.
    available: bool,
}

/// Tells residents that a gift is gone at this table, or is there again. Stock is not changed.
#[utoipa::path(tag = "booth", request_body = BoothGiftAvailability, params(("gift" = String, Path, description = "The gift's id")),
    responses((status = 200, description = "Noted", body = BoothGiftAvailabilityView)))]
#[put("/v1/booth/gifts/{gift}/here")]
pub async fn set_gift_availability(
    staff: Staff,
    request: HttpRequest,
    gift: web::Path<String>,
    body: Json<BoothGiftAvailability>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let session = staff::on_duty(app, &staff).await?;
    let gift: GiftId = gift.parse().map_err(|_| Refusal::GiftUnknown)?;
    let BoothGiftAvailability { available, booth } = body.0;
    let booth = booth::set_here(app, &session, &gift, booth, available).await?;
    Ok(HttpResponse::Ok().json(BoothGiftAvailabilityView {
        gift: gift.to_string(),
        booth: booth.to_string(),
        available,
    }))
}

/// What the tablet at a point shows.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DisplayCodeView {
    /// The point's id.
    #[schema(example = "space-1")]
    point: String,
    /// The code.
    #[schema(example = "D…")]
    code: String,
    /// What the QR holds.
    #[schema(example = "https://carnival.example/q/D…")]
    link: String,
    /// When the next one is due.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    changes_at: String,
    /// The same in milliseconds from now, for tablets with a wrong clock.
    changes_in_ms: i64,
    #[serde(flatten)]
    picture: CodePicture,
}

/// The display code of a point: new every thirty seconds.
#[utoipa::path(tag = "booth", params(("point" = String, Path, description = "The point's id")),
    responses((status = 200, description = "The code of now", body = DisplayCodeView)))]
#[get("/v1/booth/points/{point}/code")]
pub async fn get_display_code(
    staff: Staff,
    request: HttpRequest,
    point: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let session = staff::on_duty(app, &staff).await?;
    let point: PointId = point.parse().map_err(|_| Refusal::PointUnknown)?;
    let shown = booth::display_code(app, &session, &point)?;
    let changes_at = shown.code.changes_at;
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(DisplayCodeView {
        point: point.to_string(),
        changes_at: views::local_time(&app.current(), changes_at),
        changes_in_ms: changes_at.as_millisecond() - shown.now.as_millisecond(),
        picture: CodePicture::of(app, &shown.link)?,
        code: shown.code.text,
        link: shown.link,
    }))
}

/// What I did in this session.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ShiftView {
    /// What I call myself.
    #[schema(example = "王阿姨")]
    name: String,
    /// Where I work; organisers work everywhere.
    place: Option<StationView>,
    /// Since when I am on duty.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    since: String,
    /// Until when, if no organiser ends it.
    #[schema(example = "2023-04-15T02:00:00+08:00")]
    until: String,
    /// Stamps that I recorded.
    stamps: u64,
    /// Gifts that I confirmed or undid.
    gifts: Vec<ShiftGift>,
}

/// What somebody did with one gift.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ShiftGift {
    #[serde(flatten)]
    gift: views::GiftName,
    /// How many she confirmed.
    redeemed: u64,
    /// How many of anybody's confirmations she undid.
    voided: u64,
}

/// My shift.
#[utoipa::path(tag = "booth", responses((status = 200, description = "What I did", body = ShiftView)))]
#[get("/v1/booth/summary")]
pub async fn get_shift(staff: Staff, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let app = &state(&request).app;
    let session = staff::on_duty(app, &staff).await?;
    let shift = booth::shift(app, &session).await?;
    let current = app.current();
    Ok(HttpResponse::Ok().json(ShiftView {
        name: session.name.as_str().to_owned(),
        place: session.place.as_ref().map(|place| StationView::of(&current, place)),
        since: views::local_time(&current, session.begun),
        until: views::local_time(&current, session.until),
        stamps: shift.stamps,
        gifts: shift_gifts(&current, &shift),
    }))
}

/// The gifts that somebody confirmed or undid.
#[must_use]
pub fn shift_gifts(current: &CurrentCarnival, shift: &Shift) -> Vec<ShiftGift> {
    let count = |counts: &BTreeMap<GiftNumber, u64>, gift| counts.get(&gift).copied().unwrap_or(0);
    let gifts = current.carnival.gifts.iter().map(|gift| ShiftGift {
        gift: gift.into(),
        redeemed: count(&shift.redeemed, gift.number),
        voided: count(&shift.voided, gift.number),
    });
    gifts.filter(|gift| gift.redeemed + gift.voided > 0).collect()
}
