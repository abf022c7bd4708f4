//! State shared by all handlers.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::{Bytes, Data};
use ipnet::IpNet;
use tokio::sync::Semaphore;

use super::cache::carnival::CarnivalCache;
use super::cache::timed::TimedCache;
use super::rate_limit::RateLimits;
use crate::actions::App;
use crate::actions::statistics::dashboard::Dashboard;

/// State shared by all handlers.
pub struct ServerState {
    /// The context of all actions.
    pub app: Arc<App>,
    /// Rate limits.
    pub limits: RateLimits,
    /// Response of `GET /v1/carnival`, rendered once per version.
    pub carnival_cache: CarnivalCache,
    /// Response of `GET /v1/availability`.
    pub availability_cache: TimedCache<Bytes>,
    /// Readiness of the store. Cached, because `/readyz` is public.
    pub readiness_cache: TimedCache<Bytes>,
    /// Data of `GET /v1/organiser/summary`, shared by all organisers.
    pub summary_cache: TimedCache<Arc<Dashboard>>,
    /// One permit per photo upload.
    pub photo_slots: Semaphore,
    /// Networks of proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// The folder with WeChat's domain verification files, served under `/q/`.
    pub check_files: Option<PathBuf>,
    /// Timeout of a request.
    pub request_timeout: Duration,
    /// Whether this server listens on a private socket, for the commands of operators.
    pub private: bool,
    /// Whether this is a rehearsal.
    pub rehearsal: bool,
}

/// The shared state, from a request.
///
/// # Panics
/// If the server was not built by [`super::Server`], which registers the state.
#[must_use]
pub fn state(request: &HttpRequest) -> &ServerState {
    #[expect(clippy::expect_used, reason = "`Server` is the only builder of apps and registers the state")]
    request.app_data::<Data<ServerState>>().expect("`Server` registers the state")
}
