//! `POST /v1/booth/poster-checks`: the inspection of all posters before the opening.

use crate::actions::prints::poster_checks::{self, PosterInspection};
use crate::http::api::prelude::*;
use crate::rules::prints::poster_state::{NextOpening, PosterState};

/// A scanned poster.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckPoster {
    /// The scanned text: the whole link or the bare code.
    #[schema(example = "https://carnival.example/q/P00A7K9M2X4Q8Z1T")]
    code: String,
}

/// The result of a poster check.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PosterCheckView {
    /// The point of the poster.
    point: views::PointName,
    /// Whether it is the current poster of its point.
    right: bool,
    /// The result as a sentence for the person who scanned it.
    #[schema(example = "1号点位“社区美空间·第1站”：海报没错。今天09:30–18:00开放。")]
    says: String,
    /// How many posters are up, including this one, as a sentence.
    #[schema(example = "20张海报已挂好17张")]
    hang: String,
    /// How many posters are up, as numbers.
    counted: PosterCountView,
}

/// How many posters are up.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PosterCountView {
    /// Number of current posters that were scanned.
    hang: usize,
    /// Number of posters in total.
    of: usize,
}

/// Checks whether a poster is the current one, and records that it is up. No stamp is given.
#[utoipa::path(tag = "booth", responses(
    (status = 200, description = "The result: the current poster, or one to be taken down", body = PosterCheckView),
), extensions(("x-problems" = json!(["code_unknown", "code_of_another_kind", "practice_code"]))))]
#[post("/v1/booth/poster-checks")]
pub async fn check_poster(staff: OnDuty<Volunteer>, app: Data<App>, lang: Lang, body: Json<CheckPoster>) -> ApiResult {
    let checked = poster_checks::check(&app, &staff, &body.0.code).await?;
    Ok(HttpResponse::Ok().json(view(&checked, lang)))
}

fn view(checked: &PosterInspection, lang: Lang) -> PosterCheckView {
    let PosterInspection { current, now, point, verdict, posters } = checked;
    let (hang, of) = (posters.up_to_date.len(), posters.total());
    PosterCheckView {
        point: views::point_name(current, point.number),
        right: *verdict == PosterState::UpToDate,
        says: messages(lang).poster_state(*verdict, point, NextOpening::of(&current.carnival, point, *now)),
        hang: (messages(lang).texts().answers.posters_hang)(hang, of),
        counted: PosterCountView { hang, of },
    }
}
