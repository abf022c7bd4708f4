//! `/v1/organiser/residents/{code}`: erases a person's data at their request.

use crate::actions::personal_data::erasure::erase_presented;
use crate::http::api::prelude::*;
use crate::http::api::resident::personal_data::{ErasedView, erased_view, run_to_completion};

/// Erases the data of a resident, by their own code, or of a paper passport, at the request of its holder.
#[utoipa::path(tag = "organiser", params(("code" = String, Path, description = "The resident's own code, or the card's")),
    responses((status = 200, description = "The data are erased", body = ErasedView)),
    extensions(("x-problems" = json!([PASSPORT]))))]
#[delete("/v1/organiser/residents/{code}")]
pub async fn erase_resident(_: OnDuty<Organiser>, app: Data<App>, lang: Lang, code: Path<String>) -> ApiResult {
    let erased = run_to_completion(async move { erase_presented(&app, &code).await }).await?;
    let erased = erased?;
    Ok(HttpResponse::Ok().json(erased_view(&erased, lang)))
}
