//! Edits of the published carnival, one call each: close or reopen a point, move a route to other days, set the notice.

use jiff::civil::Date;

use super::publish::{PublishedView, published_response};
use crate::actions::carnival::publish;
use crate::http::api::prelude::*;
use crate::rules::carnival::DateRange;
use crate::rules::carnival_file::edit::CarnivalEdit;

/// Closes a point.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosePoint {
    /// The day; today if absent.
    #[schema(value_type = Option<String>, format = Date, example = "2023-04-15")]
    day: Option<Date>,
    /// `true`: closed until further notice; then `day` must be absent.
    #[serde(default)]
    until_further_notice: bool,
    /// The reason shown to residents: 1 to 60 characters.
    #[schema(example = "因雨")]
    reason: String,
    /// How many stamps the point's route requires from now on.
    route_asks: RequiredStamps,
    /// A notice for residents, up to 200 characters. If absent, the current notice stays.
    #[schema(example = "今天下雨，社区美空间·第1站不开放，集齐路线少要一个章。")]
    notice: Option<String>,
}

/// How many stamps a route requires when one of its points closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequiredStamps {
    /// As many stamps as before, but never more than the points that are not closed until further notice.
    Same,
    /// The route can be completed without this point, also after the point has reopened.
    Fewer,
}

/// Closes a point for a day or until further notice, and returns how many stamps its route requires now.
///
/// A repeated call changes nothing.
#[utoipa::path(tag = "organiser", params(PointPath), responses((status = 200, description = "The point is closed", body = PublishedView)),
    extensions(("x-problems" = json!([CHANGE, "point_unknown"]))))]
#[post("/v1/organiser/points/{point}/closure")]
pub async fn close_point(
    organiser: OnDuty<Organiser>,
    app: Data<App>,
    lang: Lang,
    path: Path<PointPath>,
    body: Json<ClosePoint>,
) -> ApiResult {
    let point = path.id()?;
    let ClosePoint { day, until_further_notice, reason, route_asks, notice } = body.0;
    let day = match (day, until_further_notice) {
        (Some(_), true) => return Err(ApiError::malformed("day or until_further_notice, not both")),
        (None, true) => None,
        (Some(day), false) => Some(day),
        (None, false) => Some(today(&app)),
    };
    let close = CarnivalEdit::Close { point: point.clone(), day, reason, fewer: route_asks == RequiredStamps::Fewer };
    edit_point(&app, &organiser, &point, with_notice(close, notice), lang).await
}

/// Reopens a point, today and on later days that were closed with a reason. The lowered requirement of its route stays.
#[utoipa::path(tag = "organiser", params(PointPath), responses((status = 200, description = "The point is open at its hours", body = PublishedView)),
    extensions(("x-problems" = json!([CHANGE, "point_unknown"]))))]
#[delete("/v1/organiser/points/{point}/closure")]
pub async fn reopen_point(
    organiser: OnDuty<Organiser>,
    app: Data<App>,
    lang: Lang,
    path: Path<PointPath>,
) -> ApiResult {
    let point = path.id()?;
    let open = CarnivalEdit::Open { point: point.clone(), from: today(&app) };
    edit_point(&app, &organiser, &point, vec![open], lang).await
}

/// All days of a route; they replace the current ones.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveRoute {
    /// First day of the route's week.
    #[schema(value_type = String, format = Date, example = "2023-04-13")]
    first_day: Date,
    /// Last day of the route's week.
    #[schema(value_type = String, format = Date, example = "2023-04-18")]
    last_day: Date,
    /// Additional days; none if absent.
    #[serde(default)]
    #[schema(value_type = Vec<RouteDay>, example = json!(["2023-04-29"]))]
    extra_days: Vec<Date>,
    /// A notice for residents. If absent, the current notice stays.
    #[schema(example = "因雨，“玩”美社区路线4月29日补办一天。")]
    notice: Option<String>,
}

/// A day on which a route runs.
#[derive(ToSchema)]
#[schema(value_type = String, format = Date, example = "2023-04-29")]
#[expect(dead_code, reason = "only describes the schema")]
struct RouteDay(String);

/// Moves a route to these days. Exceptions of its points on days outside the new ones are dropped.
#[utoipa::path(tag = "organiser", params(RoutePath), responses((status = 200, description = "The route runs on these days", body = PublishedView)),
    extensions(("x-problems" = json!([CHANGE, "route_unknown"]))))]
#[put("/v1/organiser/routes/{route}/days")]
pub async fn move_route(
    organiser: OnDuty<Organiser>,
    app: Data<App>,
    lang: Lang,
    path: Path<RoutePath>,
    body: Json<MoveRoute>,
) -> ApiResult {
    let route = path.id()?;
    let MoveRoute { first_day, last_day, extra_days, notice } = body.0;
    let moved =
        CarnivalEdit::Move { route: route.clone(), days: DateRange { first: first_day, last: last_day }, extra_days };
    let publication = publish::edit(&app, &with_notice(moved, notice), organiser.name.as_str()).await?;
    Ok(published_response(&publication, publication.current.carnival.route(&route), lang))
}

/// A notice for residents.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Up to 200 characters; `null` removes the notice.
    #[schema(example = "今天下雨，集市搬到室内。")]
    text: Option<String>,
}

/// Sets or removes the notice in `GET /v1/carnival`.
#[utoipa::path(tag = "organiser", responses((status = 200, description = "The notice is set or removed", body = PublishedView)),
    extensions(("x-problems" = json!([CHANGE]))))]
#[put("/v1/organiser/notice")]
pub async fn set_notice(organiser: OnDuty<Organiser>, app: Data<App>, lang: Lang, body: Json<Notice>) -> ApiResult {
    let publication = publish::edit(&app, &[CarnivalEdit::Notice(body.0.text)], organiser.name.as_str()).await?;
    Ok(published_response(&publication, None, lang))
}

fn today(app: &App) -> Date {
    app.current().carnival.local(app.now()).date()
}

fn with_notice(edit: CarnivalEdit, notice: Option<String>) -> Vec<CarnivalEdit> {
    let notice = notice.map(|notice| CarnivalEdit::Notice(Some(notice)));
    [edit].into_iter().chain(notice).collect()
}

async fn edit_point(
    app: &App,
    organiser: &OnDuty<Organiser>,
    point: &PointId,
    edits: Vec<CarnivalEdit>,
    lang: Lang,
) -> ApiResult {
    let publication = publish::edit(app, &edits, organiser.name.as_str()).await?;
    let carnival = &publication.current.carnival;
    let route = carnival.point_by_id(point).and_then(|point| carnival.route(&point.route));
    Ok(published_response(&publication, route, lang))
}
