//! The server: bound first, so that it knows its port; run afterwards.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Data, PayloadConfig};
use actix_web::{App as ActixApp, HttpServer, middleware};
use ipnet::IpNet;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tracing::warn;

use super::carnival_cache::CarnivalCache;
use super::connection_guard::{ConnectionGuard, raise_fd_limit};
use super::metrics::RequestMetrics;
use super::metrics_server::MetricsServer;
use super::photo_scans::MAX_CONCURRENT_PHOTOS;
use super::rate_limits::{self, RateLimits};
use super::state::ServerState;
use super::timed_cache::TimedCache;
use super::{json_body, request_middleware, routes};
use crate::actions::{App, notes, refresh, summary};

/// Settings of the server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Threads; 0 for one per core.
    pub workers: usize,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The folder of WeChat's check files; empty for none.
    pub check_files: PathBuf,
    /// Connections at once, in all; fewer where the system allows fewer open files.
    pub max_connections: usize,
    /// The most that one request may take, in milliseconds.
    pub request_timeout_ms: u64,
    /// How long a stop waits for requests under way, in seconds.
    pub shutdown_timeout_s: u64,
    /// How old an answer of `/v1/availability` may be, in milliseconds.
    pub availability_cache_ms: u64,
    /// How old the numbers of `/v1/organiser/summary` may be, in milliseconds.
    pub summary_cache_ms: u64,
    /// How often is too often.
    pub limits: rate_limits::Settings,
}

/// Runs a future where a server can run.
pub fn block_on<F: Future>(future: F) -> F::Output {
    actix_web::rt::System::new().block_on(future)
}

/// How long a client may take to send its head, and a connection may idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How often connections are looked at that give no sign of life.
const REAP_INTERVAL: Duration = Duration::from_secs(1);
/// How often every instance looks whether another carnival counts.
const REFRESH_INTERVAL: Duration = Duration::from_secs(1);
/// How often quiet clients are forgotten.
const PRUNE_INTERVAL: Duration = Duration::from_secs(60);
/// How often what was noted is written down.
const HINT_FLUSH_INTERVAL: Duration = Duration::from_secs(3);

/// A server that listens already.
pub struct Server {
    listener: TcpListener,
    settings: Settings,
    state: Data<ServerState>,
    metrics: Option<MetricsServer>,
}

impl Server {
    /// Begins to listen; nothing is answered before [`Server::run`].
    ///
    /// # Errors
    /// When the address cannot be had.
    pub fn bind(settings: Settings, app: Arc<App>, rehearsal: bool) -> std::io::Result<Server> {
        let listener = TcpListener::bind(settings.listen)?;
        let state = ServerState {
            app,
            limits: RateLimits::new(&settings.limits),
            carnival_cache: CarnivalCache::default(),
            availability_cache: TimedCache::new(Duration::from_millis(settings.availability_cache_ms)),
            readiness_cache: TimedCache::new(Duration::from_millis(settings.availability_cache_ms)),
            summary_cache: TimedCache::new(Duration::from_millis(settings.summary_cache_ms)),
            photo_slots: Semaphore::new(MAX_CONCURRENT_PHOTOS),
            trusted_proxies: settings.trusted_proxies.clone(),
            check_files: Some(settings.check_files.clone()).filter(|folder| !folder.as_os_str().is_empty()),
            request_timeout: Duration::from_millis(settings.request_timeout_ms),
            rehearsal,
        };
        Ok(Server { listener, settings, state: Data::new(state), metrics: None })
    }

    /// Serves the metrics beside it, on their own address.
    #[must_use]
    pub fn with_metrics(self, metrics: Option<MetricsServer>) -> Server {
        Server { metrics, ..self }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until `stop` comes to pass. Requests under way are answered first, so no acknowledged
    /// answer is untrue.
    ///
    /// # Errors
    /// When the system takes the socket away.
    pub async fn run(self, stop: impl Future<Output = ()> + 'static) -> std::io::Result<()> {
        let Server { listener, settings, state, metrics } = self;
        let workers = match settings.workers {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            workers => workers,
        };
        let shared = state.clone();
        let max_connections = raise_fd_limit(settings.max_connections);
        if max_connections < settings.max_connections {
            warn!(
                max_connections,
                "the system lets so many connections be open at once, and no more (ulimit -n, LimitNOFILE)"
            );
        }
        // A head that follows on another, and an answer that nobody reads, are bounded by this alone.
        let idle_timeout = KEEP_ALIVE + HEAD_TIMEOUT + state.request_timeout;
        let connection_guard = ConnectionGuard::new(max_connections, idle_timeout, settings.trusted_proxies);
        let guard = Arc::clone(&connection_guard);
        let server = HttpServer::new(move || {
            ActixApp::new()
                .app_data(shared.clone())
                .app_data(Rc::new(RequestMetrics::default()))
                .app_data(PayloadConfig::new(json_body::MAX_BODY_BYTES))
                .wrap(middleware::from_fn(request_middleware::wrap_request))
                .configure(routes::configure)
        })
        .workers(workers)
        .max_connections(max_connections.div_ceil(workers))
        .on_connect(move |stream, data| connection_guard.register(stream, data))
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(settings.shutdown_timeout_s)
        // Whoever runs it hears the signals, from before it listens on.
        .disable_signals()
        .listen(listener)?
        .run();
        let running_metrics = metrics.map(MetricsServer::serve).transpose()?;
        let handle = server.handle();
        let stopper = actix_web::rt::spawn(async move {
            stop.await;
            handle.stop(true).await;
        });
        let background_tasks = tokio::spawn(run_background_tasks(state.clone(), guard));
        let ended = server.await;
        background_tasks.abort();
        stopper.abort();
        if let Some(running_metrics) = running_metrics {
            running_metrics.stop().await;
        }
        // What the last requests left, while the store is still open.
        notes::flush(&state.app).await;
        ended
    }
}

/// Looks each second which carnival counts and which connections are silent, writes down what was noted, and forgets quiet clients.
async fn run_background_tasks(state: Data<ServerState>, connection_guard: Arc<ConnectionGuard>) {
    let warm_up_state = state.clone();
    tokio::spawn(async move {
        if let Err(cause) = summary::warm(&warm_up_state.app).await {
            tracing::debug!(%cause, "the counters of days that are over are read when somebody asks");
        }
    });
    let mut refresh_timer = tokio::time::interval(REFRESH_INTERVAL);
    let mut prune_timer = tokio::time::interval(PRUNE_INTERVAL);
    let mut reap_timer = tokio::time::interval(REAP_INTERVAL);
    let mut flush_timer = tokio::time::interval(HINT_FLUSH_INTERVAL);
    flush_timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    refresh_timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = refresh_timer.tick() => {
                if let Err(cause) = refresh::refresh(&state.app).await {
                    warn!(%cause, "which carnival counts could not be read; the one before goes on");
                }
            }
            _ = flush_timer.tick() => notes::flush(&state.app).await,
            _ = reap_timer.tick() => connection_guard.reap(),
            _ = prune_timer.tick() => state.limits.prune(),
        }
    }
}
