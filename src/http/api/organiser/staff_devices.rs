//! Decisions of organisers about single devices and sessions: who is admitted, and which hours count.

use crate::actions::staff::hours;
use crate::actions::staff::staff_admin;
use crate::http::api::organiser::staff_list::{DeviceView, DutyHoursView};
use crate::http::api::prelude::*;
use crate::rules::refusals::StaffRefusal;
use crate::rules::staff::invitation::DeviceDecision;
use crate::rules::staff::invitation_terms::{parse_time, station_of};

/// A decision about a device.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideDevice {
    /// `true` admits it, also after it was refused or barred; `false` refuses it.
    admit: bool,
    /// The id of the booth where the person will work, if the invitation has no place; or
    #[schema(example = "market-play")]
    booth: Option<String>,
    /// the id of the point.
    point: Option<String>,
}

/// Admits a device that waits or was barred, or refuses it.
///
/// A refused device that was on duty is barred, and its session ends. A repeated call changes nothing.
#[utoipa::path(tag = "organiser", params(DevicePath), request_body = DecideDevice,
    responses((status = 200, description = "Decided", body = DeviceView)),
    extensions(("x-problems" = json!([
        INVITATION, "staff_unknown", "no_use_left", "station_needed", "station_mismatch", "booth_unknown", "point_unknown",
        "last_organiser",
    ]))))]
#[put("/v1/organiser/staff-devices/{device}")]
pub async fn decide_device(
    organiser: OnDuty<Organiser>,
    app: Data<App>,
    path: Path<DevicePath>,
    body: Json<DecideDevice>,
) -> ApiResult {
    let (id, current) = (path.id()?, app.current());
    let DecideDevice { admit, booth, point } = body.0;
    let booth = booth.map(|booth| booth.parse().map_err(|_| CarnivalRefusal::BoothUnknown)).transpose()?;
    let point = point.map(|point| point.parse().map_err(|_| CarnivalRefusal::PointUnknown)).transpose()?;
    let place = station_of(&current.carnival, booth, point).map_err(Refusal::from)?;
    let decision = if admit { DeviceDecision::Admit { place } } else { DeviceDecision::Refuse };
    let (_, device) = staff_admin::decide(&app, &organiser, &id, decision).await?;
    Ok(HttpResponse::Ok().json(DeviceView::of(&current, &id, &device)))
}

/// The hours of a session, as an organiser writes them down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectHours {
    /// When the person came on duty.
    #[schema(example = "2023-04-14T09:00:00+08:00")]
    from: String,
    /// When they went off duty; not in the future, and at most 24 hours later.
    #[schema(example = "2023-04-14T13:00:00+08:00")]
    to: String,
}

/// Corrects the hours of a session. The last correction counts.
#[utoipa::path(tag = "organiser", params(StaffPath), request_body = CorrectHours,
    responses((status = 200, description = "The hours", body = DutyHoursView)),
    extensions(("x-problems" = json!(["staff_unknown", "hours_odd", "hours_unreadable"]))))]
#[put("/v1/organiser/staff/{id}/hours")]
pub async fn correct_hours(
    organiser: OnDuty<Organiser>,
    app: Data<App>,
    path: Path<StaffPath>,
    body: Json<CorrectHours>,
) -> ApiResult {
    let current = app.current();
    let time =
        |text: &str| parse_time(&current.carnival, text).ok_or_else(|| Refusal::from(StaffRefusal::HoursUnreadable));
    let (from, to) = (time(&body.0.from)?, time(&body.0.to)?);
    let session = hours::correct(&app, &organiser, &path.id, from, to).await?;
    Ok(HttpResponse::Ok().json(DutyHoursView::of(&current, &session, None, app.now())))
}
