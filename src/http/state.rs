//! What the handlers share.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::{Bytes, Data};
use ipnet::IpNet;
use tokio::sync::Semaphore;

use super::carnival_cache::CarnivalCache;
use super::rate_limits::RateLimits;
use super::timed_cache::TimedCache;
use crate::actions::App;
use crate::actions::summary::Figures;

/// What the handlers share.
pub struct ServerState {
    /// The steps' own needs.
    pub app: Arc<App>,
    /// How often is too often.
    pub limits: RateLimits,
    /// `GET /v1/carnival`, made once per version.
    pub carnival_cache: CarnivalCache,
    /// `GET /v1/availability`, made once in a while.
    pub availability_cache: TimedCache<Bytes>,
    /// Whether the store answers, asked once in a while: strangers may ask.
    pub readiness_cache: TimedCache<Bytes>,
    /// What `GET /v1/organiser/summary` is made of, read once in a while for all who ask.
    pub summary_cache: TimedCache<Arc<Figures>>,
    /// A place for each photo that is being sent.
    pub photo_slots: Semaphore,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The folder of WeChat's check files, served under `/q/`.
    pub check_files: Option<PathBuf>,
    /// The most that answering may take.
    pub request_timeout: Duration,
    /// Whether this is a rehearsal.
    pub rehearsal: bool,
}

/// The shared state of a request.
///
/// # Panics
/// Never in a server that [`super::Server`] built: it always carries the state.
#[must_use]
pub fn state(request: &HttpRequest) -> &ServerState {
    #[expect(clippy::expect_used, reason = "the only place that builds an app registers the state")]
    request.app_data::<Data<ServerState>>().expect("the server carries its state")
}
