//! `POST /v1/operator/publications`: publishes a carnival file, or an earlier version, in a name of the operator's choice.

use actix_web::web::Query;

use crate::actions::carnival::publish;
use crate::http::api::organiser::publish::{WarningView, published_response, warnings};
use crate::http::api::prelude::*;
use crate::http::extract::body::TomlText;

/// How to publish.
#[derive(Debug, Serialize, Deserialize)]
pub struct PublicationQuery {
    /// The author's name.
    pub by: String,
    /// Only check whether it could be published.
    #[serde(default)]
    pub check: bool,
    /// The code that confirms what the publication undoes.
    pub confirm: Option<String>,
}

/// What a publication would bring.
#[derive(Debug, Serialize, Deserialize)]
pub struct CheckedView {
    /// Warnings about the change.
    pub notes: Vec<WarningView>,
}

/// Publishes or checks a carnival file.
#[post("/v1/operator/publications")]
pub async fn publish_file(
    _operator: OnDuty<Organiser>,
    app: Data<App>,
    lang: Lang,
    query: Query<PublicationQuery>,
    body: TomlText,
) -> Result<HttpResponse, ApiError> {
    if query.check {
        let notes = warnings(&publish::dry_run(&app, &body.0, &query.by, query.confirm.as_deref()).await?, lang);
        return Ok(HttpResponse::Ok().json(CheckedView { notes }));
    }
    let publication = publish::publish(&app, &body.0, &query.by, query.confirm.as_deref()).await?;
    Ok(published_response(&publication, None, lang))
}

/// Publishes an earlier version again.
#[post("/v1/operator/publications/{version}")]
pub async fn publish_version(
    _operator: OnDuty<Organiser>,
    app: Data<App>,
    lang: Lang,
    version: Path<u64>,
    query: Query<PublicationQuery>,
) -> Result<HttpResponse, ApiError> {
    let publication = publish::roll_back(&app, *version, &query.by, query.confirm.as_deref()).await?;
    Ok(published_response(&publication, None, lang))
}
