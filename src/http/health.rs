//! `/healthz` and `/readyz`, for whoever watches the program.

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::ApiError;
use super::state::state;

/// That all is well.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HealthView {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: String,
    /// The program's version.
    #[schema(example = "0.1.0")]
    version: String,
}

fn ok() -> HttpResponse {
    HttpResponse::Ok().json(HealthView { status: "ok".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() })
}

/// The program runs. It says nothing of the store: a program that waits for its store must not be killed for it.
#[utoipa::path(tag = "operator", responses((status = 200, description = "It runs", body = HealthView)))]
#[get("/healthz")]
pub async fn get_health() -> HttpResponse {
    ok()
}

/// The program can answer: the store does.
#[utoipa::path(tag = "operator", responses((status = 200, description = "It can answer", body = HealthView)))]
#[get("/readyz")]
pub async fn get_readiness(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let state = state(&request);
    let ping = async {
        state.app.trusted()?;
        state.app.store.ping().await?;
        Ok(Bytes::new())
    };
    state.readiness_cache.get_or_compute(ping).await?;
    Ok(ok())
}
