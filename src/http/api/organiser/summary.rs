//! `GET /v1/organiser/summary`: the carnival's numbers and alerts.

mod alerts;
pub(in crate::http) mod numbers;

use std::hash::{DefaultHasher, Hash, Hasher};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ETag, EntityTag};
use jiff::civil::Date;

use crate::actions::statistics::dashboard::{self, Dashboard};
use crate::http::api::prelude::*;
use crate::http::extract::request_info::matches_etag;
use crate::http::state::ServerState;
use crate::rules::statistics::StatisticsFilter;

/// The filters of a summary.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SummaryQuery {
    /// The day; the whole carnival if absent.
    #[schema(example = "2023-04-14")]
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<String>,
    /// The route's id; all routes if absent.
    #[schema(example = "play")]
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<String>,
    /// The point's id; all points if absent.
    #[schema(example = "space-1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    point: Option<String>,
    #[serde(skip_serializing)]
    #[schema(ignore)]
    #[expect(dead_code, reason = "accepted here, and read by `request_info::lang`")]
    lang: Option<String>,
}

/// The carnival's numbers and alerts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SummaryView {
    /// The time of these numbers.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    pub now: String,
    /// The published version of the carnival.
    pub version: u64,
    /// The filters of this summary.
    pub asked: SummaryQuery,
    /// Totals.
    pub totals: numbers::SummaryTotals,
    /// Every route with its points, also those without stamps.
    pub routes: Vec<numbers::RouteNumbers>,
    /// Every day of the carnival, or the day of the filter.
    pub days: Vec<numbers::DayNumbers>,
    /// The hours of the filter's day, or of today.
    pub hours: numbers::HoursView,
    /// Every gift; the route filter does not apply.
    pub gifts: Vec<numbers::GiftNumbers>,
    /// Refusals by point and code, the most frequent first.
    pub refusals: Vec<alerts::RefusalNumbers>,
    /// Open points that give no stamps.
    pub silent: Vec<alerts::SilentPoint>,
    /// Pairs of stamps that are too far apart for the time between them.
    pub suspicions: alerts::SuspicionsView,
    /// The progress of the poster inspection.
    pub posters: alerts::PostersView,
}

impl SummaryQuery {
    fn read(request: &HttpRequest) -> Result<SummaryQuery, ApiError> {
        let query = web::Query::<SummaryQuery>::from_query(request.query_string());
        let mut query = query.map_err(|error| ApiError::malformed(format!("query: {error}")))?.into_inner();
        // An empty filter is none, as in the reports.
        for filter in [&mut query.day, &mut query.route, &mut query.point] {
            filter.take_if(|text| text.is_empty());
        }
        Ok(query)
    }

    fn scope(&self, dashboard: &Dashboard) -> Result<StatisticsFilter, ApiError> {
        let day = self.day.as_deref().map(|day| {
            let date = (day.len() == 10).then(|| day.parse::<Date>().ok()).flatten();
            date.ok_or_else(|| ApiError::malformed("day: a date such as 2023-04-14"))
        });
        let route =
            self.route.as_deref().map(|route| route.parse::<RouteId>().map_err(|_| CarnivalRefusal::RouteUnknown));
        let point =
            self.point.as_deref().map(|point| point.parse::<PointId>().map_err(|_| CarnivalRefusal::PointUnknown));
        let (day, route, point) = (day.transpose()?, route.transpose()?, point.transpose()?);
        dashboard.check_day(day)?;
        Ok(StatisticsFilter::new(&dashboard.current.carnival, day, route, point.as_ref())?)
    }
}

/// The carnival's numbers, at most two seconds old; polling every second is cheap.
///
/// Refusals, silent points, suspicions and last stamps are written every three seconds and are therefore a little older.
#[utoipa::path(tag = "organiser", params(
    ("day" = Option<String>, Query, format = Date, description = "Only this day, such as `2023-04-14`; if absent, all days, and the hours of today"),
    ("route" = Option<String>, Query, description = "Only this route, by its id"),
    ("point" = Option<String>, Query, description = "Only this point, by its id"),
), responses(
    (status = 200, description = "The numbers, with an `ETag` that changes when one of them does", body = SummaryView),
    (status = 304, description = "Unchanged: only the time differs from the content that `If-None-Match` names"),
), extensions(("x-problems" = json!(["bad_request", "day_unknown", "route_unknown", "point_unknown"]))))]
#[get("/v1/organiser/summary")]
pub async fn get_summary(_: OnDuty<Viewer>, lang: Lang, request: HttpRequest) -> ApiResult {
    let state = state(&request);
    let query = SummaryQuery::read(&request)?;
    let dashboard = read_dashboard(state).await?;
    let scope = query.scope(&dashboard)?;
    let mut summary_view = summary_view(&dashboard, query, &scope, lang);
    let etag = etag(&to_json(&summary_view)?);
    let mut response = HttpResponse::Ok();
    response
        .insert_header(ETag(etag.clone()))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Accept-Language, Authorization"));
    if matches_etag(&request, &etag) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    summary_view.now = views::local_time(&dashboard.current, dashboard.now);
    Ok(response.content_type("application/json").body(to_json(&summary_view)?))
}

/// The data of the summary, shared by all who read it.
///
/// # Errors
/// Only when the store fails.
pub async fn read_dashboard(state: &ServerState) -> Result<Arc<Dashboard>, ApiError> {
    let read = async { Ok(Arc::new(dashboard::dashboard(&state.app).await?)) };
    state.summary_cache.get_or_compute(read).await
}

/// The summary without its time, which must not change the `ETag`.
fn summary_view(dashboard: &Dashboard, query: SummaryQuery, scope: &StatisticsFilter, lang: Lang) -> SummaryView {
    let counts = dashboard.counts(scope);
    SummaryView {
        now: String::new(),
        version: dashboard.current.version,
        asked: query,
        totals: numbers::totals(&counts),
        routes: numbers::routes(dashboard, scope, &counts),
        days: numbers::days(dashboard, scope, &counts),
        hours: numbers::hours(dashboard, scope, &counts),
        gifts: numbers::gifts(dashboard, &counts),
        refusals: alerts::refusals(dashboard, scope, lang),
        silent: alerts::silent_points(dashboard, scope),
        suspicions: alerts::suspicions(dashboard, scope),
        posters: alerts::posters(dashboard, scope),
    }
}

fn to_json(summary_view: &SummaryView) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(summary_view).map_err(|_| ApiError::Request(RequestError::Internal))
}

fn etag(content: &[u8]) -> EntityTag {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    EntityTag::new_weak(format!("{:016x}", hasher.finish()))
}
