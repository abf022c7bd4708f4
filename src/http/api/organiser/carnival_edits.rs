//! Edits of the published carnival, one call each: close or reopen a point, move a route to other days, set the notice.
//! Each answers in words what it changes for people, and with `?dry_run=true` only answers.

use jiff::civil::Date;

use super::edit_views::EditView;
use crate::actions::carnival::edits::{self, ClosureDay, EditAuthor, PointEdit, RouteMove};
use crate::http::api::prelude::*;
use crate::http::extract::request_info::lang;
use crate::rules::carnival::DateRange;

/// Whether an edit is only tried.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DryRun {
    /// `true`: the answer says what would change, and nothing is changed.
    #[param(example = false)]
    dry_run: Option<bool>,
    /// Every route reads `lang`; it is declared here because unknown parameters are rejected.
    #[param(ignore)]
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

fn author<'a>(organiser: &'a OnDuty<Organiser>, request: &HttpRequest) -> Result<EditAuthor<'a>, ApiError> {
    let query = web::Query::<DryRun>::from_query(request.query_string());
    let dry_run = query.map_err(|error| ApiError::malformed(error.to_string()))?.dry_run.unwrap_or_default();
    Ok(EditAuthor { by: organiser.name.as_str(), dry_run })
}

/// Closes a point.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosePoint {
    /// The day; today if absent, or yesterday while its hours last past midnight.
    #[schema(value_type = Option<String>, format = Date, example = "2023-04-15")]
    day: Option<Date>,
    /// `true`: closed for good; then `day` must be absent, and the route asks for one stamp less from 15 minutes later
    /// on, of everybody, for good.
    #[serde(default)]
    until_further_notice: bool,
    /// The reason shown to residents: 1 to 60 characters.
    #[schema(example = "因雨")]
    reason: String,
    /// Whether residents are relieved of this point: who has a stamp on its route on that day, before or after, need not
    /// visit it, once it was closed for 15 minutes of its hours. `true` if absent. A closure for good always relieves.
    #[schema(default = true)]
    relief: Option<bool>,
    /// Whether residents shall stay away, because it is dangerous: the point's own code then gives no rain stamps.
    #[serde(default)]
    keep_away: bool,
    /// A notice for residents, up to 200 characters. It goes with the closure. If absent, the closure has none.
    #[schema(example = "今天下雨，社区美空间·第1站不开放，集齐路线不用这一站。")]
    notice: Option<String>,
}

/// Closes a point for a day or for good, and answers what that changes for residents.
///
/// A repeated call changes nothing. A call for the same day with other values replaces them: `relief: false` ends a relief
/// that has begun, but takes nothing back.
#[utoipa::path(tag = "organiser", params(PointPath, DryRun), responses((status = 200, description = "The point is closed", body = EditView)),
    extensions(("x-problems" = json!([CHANGE, "point_unknown", "day_over", "route_not_on_day", "reason_length", "notice_length"]))))]
#[post("/v1/organiser/points/{point}/closure")]
pub async fn close_point(
    organiser: OnDuty<Organiser>,
    request: HttpRequest,
    path: Path<PointPath>,
    body: Json<ClosePoint>,
) -> ApiResult {
    let app = &state(&request).app;
    let point = path.id()?;
    let ClosePoint { day, until_further_notice, reason, relief, keep_away, notice } = body.0;
    let day = match (day, until_further_notice) {
        (Some(_), true) => return Err(ApiError::malformed("day or until_further_notice, not both")),
        (None, true) if relief == Some(false) => {
            return Err(ApiError::malformed("relief: a closure until further notice always relieves"));
        }
        (None, true) => ClosureDay::ForGood,
        (Some(day), false) => ClosureDay::On(day),
        (None, false) => ClosureDay::Current,
    };
    let relief = relief.unwrap_or(true);
    let close = PointEdit::Close { day, reason: reason.clone(), relief, keep_away, notice };
    let author = author(&organiser, &request)?;
    let report = edits::edit_point(app, &point, close, author).await?;
    Ok(EditView::of_closure(&report, (&reason, relief, keep_away), author.dry_run, lang(&request)).response())
}

/// Reopens a point, today and on later days that were closed with a reason. What people were relieved of stays so; after
/// less than 15 minutes, nobody was. The notice of the closure goes.
#[utoipa::path(tag = "organiser", params(PointPath, DryRun), responses((status = 200, description = "The point is open at its hours", body = EditView)),
    extensions(("x-problems" = json!([CHANGE, "point_unknown", "bad_request"]))))]
#[delete("/v1/organiser/points/{point}/closure")]
pub async fn reopen_point(organiser: OnDuty<Organiser>, request: HttpRequest, path: Path<PointPath>) -> ApiResult {
    let app = &state(&request).app;
    let point = path.id()?;
    let author = author(&organiser, &request)?;
    let report = edits::edit_point(app, &point, PointEdit::Open, author).await?;
    Ok(EditView::of_reopening(&report, author.dry_run, lang(&request)).response())
}

/// Days of a route; they replace the current ones.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveRoute {
    /// First day of the route's week.
    #[schema(value_type = String, format = Date, example = "2023-04-13")]
    first_day: Date,
    /// Last day of the route's week.
    #[schema(value_type = String, format = Date, example = "2023-04-18")]
    last_day: Date,
    /// Additional days. If absent, the current ones stay; an empty list removes them.
    #[schema(value_type = Option<Vec<RouteDay>>, example = json!(["2023-04-29"]))]
    extra_days: Option<Vec<Date>>,
    /// A notice for residents. It is shown until the route's last day or its next move. If absent, the move has none.
    #[schema(example = "因雨，“玩”美社区路线4月29日补办一天。")]
    notice: Option<String>,
    /// `confirm` of the refusal `route_under_way`, or of a dry run: moves the route although it is under way.
    #[schema(example = "f3a1c05be2d49786")]
    confirm: Option<String>,
}

/// A day on which a route runs.
#[derive(ToSchema)]
#[schema(value_type = String, format = Date, example = "2023-04-29")]
#[expect(dead_code, reason = "only describes the schema")]
struct RouteDay(String);

/// Moves a route to these days. Exceptions of its points on other days do not count while the route is moved, and count
/// again when it is moved back. While the route is under way, the first call answers `route_under_way` with a code; the
/// same call with that code as `confirm` moves it.
#[utoipa::path(tag = "organiser", params(RoutePath, DryRun), responses((status = 200, description = "The route runs on these days", body = EditView)),
    extensions(("x-problems" = json!([CHANGE, "route_unknown", "route_under_way", "notice_length"]))))]
#[put("/v1/organiser/routes/{route}/days")]
pub async fn move_route(
    organiser: OnDuty<Organiser>,
    request: HttpRequest,
    path: Path<RoutePath>,
    body: Json<MoveRoute>,
) -> ApiResult {
    let app = &state(&request).app;
    let route = path.id()?;
    let MoveRoute { first_day, last_day, extra_days, notice, confirm } = body.0;
    let days = DateRange { first: first_day, last: last_day };
    let author = author(&organiser, &request)?;
    let report = edits::move_route(app, RouteMove { route, days, extra_days, notice, confirm }, author).await?;
    Ok(EditView::of_move(&report, author.dry_run, lang(&request)).response())
}

/// A notice for residents.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Up to 200 characters; `null` removes the notice.
    #[schema(example = "今天下雨，集市搬到室内。")]
    text: Option<String>,
    /// The last day on which it is shown; today if absent, or the first day of a carnival that has not begun.
    #[schema(value_type = Option<String>, format = Date, example = "2023-04-15")]
    until: Option<Date>,
}

/// Sets or removes the organisers' own notice in `GET /v1/carnival`. Notices of closures and moves stand beside it, and go
/// with their cause.
#[utoipa::path(tag = "organiser", params(DryRun), responses((status = 200, description = "The notice is set or removed", body = EditView)),
    extensions(("x-problems" = json!([CHANGE, "day_over", "notice_length"]))))]
#[put("/v1/organiser/notice")]
pub async fn set_notice(organiser: OnDuty<Organiser>, request: HttpRequest, body: Json<Notice>) -> ApiResult {
    let app = &state(&request).app;
    let Notice { text, until } = body.0;
    let author = author(&organiser, &request)?;
    let report = edits::set_notice(app, text, until, author).await?;
    Ok(EditView::of_notice(&report, author.dry_run, lang(&request)).response())
}
