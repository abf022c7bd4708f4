//! What the handlers share.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::{Bytes, Data};
use ipnet::IpNet;
use tokio::sync::Semaphore;

use super::kept::Kept;
use super::limits::Limits;
use super::made::CarnivalDocument;
use crate::actions::App;
use crate::actions::summary::Figures;

/// What the handlers share.
pub struct State {
    /// The steps' own needs.
    pub app: Arc<App>,
    /// How often is too often.
    pub limits: Limits,
    /// `GET /v1/carnival`, made once per version.
    pub document: CarnivalDocument,
    /// `GET /v1/availability`, made once in a while.
    pub availability: Kept<Bytes>,
    /// Whether the store answers, asked once in a while: strangers may ask.
    pub ready: Kept<Bytes>,
    /// What `GET /v1/organiser/summary` is made of, read once in a while for all who ask.
    pub figures: Kept<Arc<Figures>>,
    /// A place for each photo that is being sent.
    pub photos: Semaphore,
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
pub fn state(request: &HttpRequest) -> &State {
    #[expect(clippy::expect_used, reason = "the only place that builds an app registers the state")]
    request.app_data::<Data<State>>().expect("the server carries its state")
}
