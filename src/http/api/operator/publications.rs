//! `POST /v1/operator/publications`: publishes a carnival file, or an earlier version, in a name of the operator's choice.

use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse, post};
use serde::{Deserialize, Serialize};

use crate::actions::carnival::publish;
use crate::actions::staff::OnDuty;
use crate::http::api::organiser::publish::{WarningView, published_response, warnings};
use crate::http::errors::ApiError;
use crate::http::extract::body::TomlText;
use crate::http::extract::request_info::lang;
use crate::http::state::state;
use crate::tokens::Organiser;

/// How to publish.
#[derive(Debug, Serialize, Deserialize)]
pub struct PublicationQuery {
    /// The author's name.
    pub by: String,
    /// Only check whether it could be published.
    #[serde(default)]
    pub check: bool,
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
    request: HttpRequest,
    query: Query<PublicationQuery>,
    body: TomlText,
) -> Result<HttpResponse, ApiError> {
    let (app, lang) = (&state(&request).app, lang(&request));
    if query.check {
        let notes = warnings(&publish::dry_run(app, &body.0).await?, lang);
        return Ok(HttpResponse::Ok().json(CheckedView { notes }));
    }
    let publication = publish::publish(app, &body.0, &query.by, None).await?;
    Ok(published_response(&publication, None, lang))
}

/// Publishes an earlier version again.
#[post("/v1/operator/publications/{version}")]
pub async fn publish_version(
    _operator: OnDuty<Organiser>,
    request: HttpRequest,
    version: Path<u64>,
    query: Query<PublicationQuery>,
) -> Result<HttpResponse, ApiError> {
    let publication = publish::roll_back(&state(&request).app, *version, &query.by).await?;
    Ok(published_response(&publication, None, lang(&request)))
}
