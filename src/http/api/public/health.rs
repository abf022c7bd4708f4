//! `/healthz` and `/readyz`, for monitoring.

use actix_web::web::Bytes;

use crate::http::api::prelude::*;

/// The health of the program.
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

/// Liveness: the program runs. The store is not checked, because a program that waits for its store must not be killed.
#[utoipa::path(tag = "operator", responses((status = 200, description = "The program runs", body = HealthView)))]
#[get("/healthz")]
pub async fn get_health() -> HttpResponse {
    ok()
}

/// Readiness: the store is reachable.
#[utoipa::path(tag = "operator", responses((status = 200, description = "The program can serve requests", body = HealthView)),
    extensions(("x-problems" = json!([STORE]))))]
#[get("/readyz")]
pub async fn get_readiness(request: HttpRequest) -> ApiResult {
    let state = state(&request);
    let ping = async {
        state.app.ensure_store_current()?;
        state.app.store.ping().await?;
        Ok(Bytes::new())
    };
    state.readiness_cache.get_or_compute(ping).await?;
    Ok(ok())
}
