//! `POST /v1/booth/postcards`: the postcard of a passport, to be printed at the market.

use crate::actions::prints::postcard;
use crate::http::api::prelude::*;
use crate::http::api::resident::postcards::{PostcardView, postcard_view};

/// A postcard for a volunteer to print.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoothPostcard {
    /// The code of a paper passport, or a resident's own code.
    #[schema(example = "https://carnival.example/q/C…")]
    passport: String,
    /// The route's id.
    #[schema(example = "play")]
    route: String,
    /// The greeting on the card.
    #[schema(example = "妈妈，我们走完啦！")]
    greeting: Option<String>,
}

/// The postcard of a paper passport, or of a resident by their own code, to be printed at the market.
#[utoipa::path(tag = "booth", responses(
    (status = 200, description = "The current postcard", body = PostcardView),
), extensions(("x-problems" = json!([PASSPORT, GREETING, "route_unknown"]))))]
#[post("/v1/booth/postcards")]
pub async fn get_booth_postcard(_: OnDuty<Volunteer>, app: Data<App>, body: Json<BoothPostcard>) -> ApiResult {
    let BoothPostcard { passport, route, greeting } = body.0;
    let route = route.parse().map_err(|_| CarnivalRefusal::RouteUnknown)?;
    let data = postcard::for_booth(&app, &passport, route, &greeting.unwrap_or_default()).await?;
    Ok(HttpResponse::Ok().json(postcard_view(&app, &data)?))
}
