//! `GET /v1/availability`: what changes while the carnival runs.

use actix_web::web::Bytes;

use crate::actions::carnival::availability::{self, Availability};
use crate::http::api::prelude::*;

/// Gifts, points and counts at this moment.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AvailabilityView {
    /// The server's current time.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    pub now: String,
    /// The version of the published carnival. If it differs from yours, get `/v1/carnival` again.
    pub version: u64,
    /// One entry per gift.
    pub gifts: Vec<GiftAvailability>,
    /// One entry per point.
    pub points: Vec<PointAvailability>,
    /// Stamps given so far.
    pub stamps: u64,
    /// Passports with at least one stamp.
    pub passports: u64,
}

/// How many of a gift are left.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GiftAvailability {
    /// The gift's id.
    #[schema(example = "postcards")]
    pub gift: String,
    /// How many can still be claimed; 0 for a closed gift.
    pub left: u32,
    /// Booths that have run out of it for now.
    pub gone_at: Vec<String>,
}

/// Whether a point is open.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PointAvailability {
    /// The point's id.
    #[schema(example = "space-1")]
    pub point: String,
    /// Whether a check-in is accepted now.
    pub open: bool,
    /// Whether the point is closed for rain, and its own code gives a rain stamp now.
    pub rain_stamp: bool,
    /// Stamps given at this point so far.
    pub stamps: u64,
}

fn view(now: &Availability) -> AvailabilityView {
    let carnival = &now.current.carnival;
    let gift = |(gift, state): (&crate::rules::carnival::Gift, &crate::store::GiftState)| GiftAvailability {
        gift: gift.id.to_string(),
        left: if gift.closed.is_some() { 0 } else { state.stock.left() },
        gone_at: state.unavailable_booths.iter().map(ToString::to_string).collect(),
    };
    let stamps = |point: &crate::rules::carnival::Point| now.stamps.get(&point.number).copied().unwrap_or(0);
    let point = |((point, open), rain_stamp): ((&crate::rules::carnival::Point, &bool), &bool)| PointAvailability {
        point: point.id.to_string(),
        open: *open,
        rain_stamp: *rain_stamp,
        stamps: stamps(point),
    };
    AvailabilityView {
        now: views::local_time(&now.current, now.now),
        version: now.current.version,
        gifts: carnival.gifts.iter().zip(&now.gifts).map(gift).collect(),
        points: carnival.points.iter().zip(&now.open).zip(&now.rain_stamp).map(point).collect(),
        stamps: carnival.points.iter().map(stamps).sum(),
        passports: now.passports,
    }
}

/// What changes during the carnival: gifts left, points open, stamps given. At most one second old.
#[utoipa::path(tag = "everyone", responses((status = 200, description = "Gifts, points and counts", body = AvailabilityView)),
    extensions(("x-problems" = json!([STORE]))))]
#[get("/v1/availability")]
pub async fn get_availability(request: HttpRequest) -> ApiResult {
    let state = state(&request);
    let make = async {
        let now = availability::availability(&state.app).await?;
        serde_json::to_vec(&view(&now)).map(Bytes::from).map_err(|_| ApiError::Request(RequestError::Internal))
    };
    let body = state.availability_cache.get_or_compute(make).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((actix_web::http::header::CACHE_CONTROL, "no-cache"))
        .body(body))
}
