//! `/v1/organiser/suspicions`: resolves suspicions, that is, pairs of stamps that are too far apart for the time between them.

use crate::actions::check_ins::suspicion_resolution;
use crate::http::api::prelude::*;
use crate::rules::check_ins::suspicion::{Suspicion, SuspicionDecision, SuspicionId};
use crate::store::Resolution;

/// A suspicion: two stamps of one passport that are too far apart for the time between them.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SuspicionView {
    /// The suspicion's id. It identifies no person.
    #[schema(example = "7N3ZK0V7T1M5X-2")]
    id: String,
    /// The earlier stamp.
    from: SuspectStamp,
    /// The later stamp.
    to: SuspectStamp,
    /// Distance between the points in metres, as the crow flies.
    metres: u32,
    /// Time between the stamps in seconds; negative if the clock was set back.
    took_s: i64,
    /// Estimated walking time in minutes.
    walk_minutes: u32,
    /// Whether the passport's gifts are on hold until a talk.
    waiting: bool,
    /// The last resolution.
    done: Option<ResolutionView>,
    /// The path for `PUT`.
    #[schema(example = "/v1/organiser/suspicions/7N3ZK0V7T1M5X-2")]
    link: String,
    /// The possible actions now.
    actions: Vec<SuspicionDecision>,
}

/// A stamp of a suspicion.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SuspectStamp {
    #[serde(flatten)]
    point: views::PointName,
    /// Time.
    #[schema(example = "2023-04-14T10:00:00+08:00")]
    at: String,
}

/// The resolution of a suspicion.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ResolutionView {
    /// `seen`, `held` or `released`.
    #[schema(example = "held")]
    what: String,
    /// The organiser's name.
    #[schema(example = "陈社工")]
    by: String,
    /// Time.
    #[schema(example = "2023-04-14T10:30:00+08:00")]
    at: String,
}

impl SuspicionView {
    /// The JSON representation of a suspicion and its resolution.
    #[must_use]
    pub fn of(current: &CurrentCarnival, suspicion: &Suspicion, resolution: Option<&Resolution>) -> SuspicionView {
        let stamp =
            |point, at| SuspectStamp { point: views::point_name(current, point), at: views::local_time(current, at) };
        let waiting = current.blocked_passports.contains(&suspicion.id.passport);
        let next = if waiting { SuspicionDecision::Release } else { SuspicionDecision::Hold };
        let seen = resolution.is_none().then_some(SuspicionDecision::Seen);
        SuspicionView {
            id: suspicion.id.to_string(),
            from: stamp(suspicion.from, suspicion.from_at),
            to: stamp(suspicion.to, suspicion.to_at),
            metres: suspicion.metres,
            took_s: suspicion.elapsed().as_secs(),
            walk_minutes: suspicion.walk_minutes(),
            waiting,
            done: resolution.map(|resolution| ResolutionView {
                what: match resolution.action {
                    SuspicionDecision::Seen => "seen",
                    SuspicionDecision::Hold => "held",
                    SuspicionDecision::Release => "released",
                }
                .to_owned(),
                by: resolution.by.to_string(),
                at: views::local_time(current, resolution.at),
            }),
            link: format!("/v1/organiser/suspicions/{}", suspicion.id),
            actions: seen.into_iter().chain([next]).collect(),
        }
    }
}

/// An organiser's action on a suspicion.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveSuspicion {
    /// `seen`, `hold` or `release`.
    action: SuspicionDecision,
}

/// Marks a suspicion as seen, holds its passport's gifts until a talk at the booth, or releases them.
///
/// A passport on hold can still collect stamps and claim gifts; only redemptions are refused.
#[utoipa::path(tag = "organiser", params(("id" = String, Path, description = "The suspicion's id")),
    responses((status = 200, description = "The suspicion with its resolution", body = SuspicionView)),
    extensions(("x-problems" = json!(["suspicion_unknown"]))))]
#[put("/v1/organiser/suspicions/{id}")]
pub async fn resolve_suspicion(
    organiser: OnDuty<Organiser>,
    request: HttpRequest,
    id: web::Path<String>,
    body: Json<ResolveSuspicion>,
) -> ApiResult {
    let state = state(&request);
    let app = &state.app;
    let id: SuspicionId = id.parse().map_err(|_| CheckInRefusal::SuspicionUnknown)?;
    let (suspicion, resolution) = suspicion_resolution::resolve(app, &organiser, &id, body.0.action).await?;
    state.summary_cache.invalidate().await;
    Ok(HttpResponse::Ok().json(SuspicionView::of(&app.current(), &suspicion, Some(&resolution))))
}
