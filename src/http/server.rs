//! The HTTP server: binds its address first, so that the port is known, and runs afterwards.

use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use actix_web::{App as ActixApp, HttpServer, middleware};
use ipnet::IpNet;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tracing::warn;

use super::api::public::photo_scans::MAX_CONCURRENT_PHOTOS;
use super::cache::carnival::CarnivalCache;
use super::cache::timed::TimedCache;
use super::metrics::RequestMetrics;
use super::metrics_server::MetricsServer;
use super::middleware::body_pieces::PIECE_BYTES;
use super::middleware::connection_guard::{ConnectionGuard, raise_fd_limit};
use super::middleware::request;
use super::private_server::{PrivateServer, PrivateSocket};
use super::rate_limit::{self, RateLimits};
use super::routes;
use super::state::ServerState;
use crate::actions::App;
use crate::actions::carnival::carnival_refresh;
use crate::actions::personal_data::log_rewrite;
use crate::actions::statistics::{dashboard, hint_recording};

/// Settings of the server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Worker threads; 0 for one per core.
    pub workers: usize,
    /// Networks of proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// The folder with WeChat's domain verification files; empty for none.
    pub check_files: PathBuf,
    /// Maximum number of open connections; lowered if the limit of open files is lower.
    pub max_connections: usize,
    /// Timeout of a request, in milliseconds.
    pub request_timeout_ms: u64,
    /// How long a shutdown waits for running requests, in seconds.
    pub shutdown_timeout_s: u64,
    /// Maximum age of the response of `/v1/availability`, in milliseconds.
    pub availability_cache_ms: u64,
    /// Maximum age of the numbers in `/v1/organiser/summary`, in milliseconds.
    pub summary_cache_ms: u64,
    /// Rate limits.
    pub limits: rate_limit::Settings,
}

/// Runs a future on the runtime that a server needs.
pub fn block_on<F: Future>(future: F) -> F::Output {
    actix_web::rt::System::new().block_on(future)
}

/// How long a client may take to send a request head, and how long a connection is kept alive between requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Timeout of a request on the private socket: five hundred posters take minutes on a small machine.
const PRIVATE_TIMEOUT: Duration = Duration::from_secs(600);
/// Interval of closing idle connections.
const REAP_INTERVAL: Duration = Duration::from_secs(1);
/// Interval of checking for a newly published carnival.
const REFRESH_INTERVAL: Duration = Duration::from_secs(1);
/// Interval of pruning the rate limiters, and of checking whether the store has to forget erased people.
const PRUNE_INTERVAL: Duration = Duration::from_secs(60);
/// Interval of writing buffered hints to the store.
const HINT_FLUSH_INTERVAL: Duration = Duration::from_secs(3);

/// A server that is bound to its address.
pub struct Server {
    listener: TcpListener,
    settings: Settings,
    state: Data<ServerState>,
    metrics: Option<MetricsServer>,
    private: Option<(PrivateSocket, Data<ServerState>)>,
}

impl Server {
    /// Binds the address. Requests are served from [`Server::run`] on.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub fn bind(settings: Settings, app: Arc<App>, rehearsal: bool) -> std::io::Result<Server> {
        Ok(Server::from_listener(TcpListener::bind(settings.listen)?, settings, app, rehearsal))
    }

    /// Creates a server on a listener that is already bound.
    #[must_use]
    pub fn from_listener(listener: TcpListener, settings: Settings, app: Arc<App>, rehearsal: bool) -> Server {
        let state = Data::new(new_state(app, &settings, rehearsal));
        Server { listener, settings, state, metrics: None, private: None }
    }

    /// Also serves the commands of operators, on a private socket.
    #[must_use]
    pub fn with_private_socket(self, socket: PrivateSocket) -> Server {
        let state = private_state(Arc::clone(&self.state.app), &self.settings, self.state.rehearsal);
        Server { private: Some((socket, state)), ..self }
    }

    /// Also serves the metrics, on a separate address.
    #[must_use]
    pub fn with_metrics(self, metrics: Option<MetricsServer>) -> Server {
        Server { metrics, ..self }
    }

    /// The bound address.
    ///
    /// # Errors
    /// When the operating system does not report it.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` completes. Running requests complete first, and buffered hints are written.
    ///
    /// # Errors
    /// When the listening socket fails.
    pub async fn run(self, stop: impl Future<Output = ()> + 'static) -> std::io::Result<()> {
        let Server { listener, settings, state, metrics, private } = self;
        let workers = match settings.workers {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            workers => workers,
        };
        let shared = state.clone();
        let max_connections = raise_fd_limit(settings.max_connections);
        if max_connections < settings.max_connections {
            warn!(max_connections, "max_connections is lowered to the limit of open files (ulimit -n, LimitNOFILE)");
        }
        // This is the only bound on later request heads and on slow readers of a response.
        let idle_timeout = KEEP_ALIVE + HEAD_TIMEOUT + state.request_timeout;
        let connection_guard = ConnectionGuard::new(max_connections, idle_timeout, settings.trusted_proxies);
        let guard = Arc::clone(&connection_guard);
        let server = HttpServer::new(move || {
            ActixApp::new()
                .app_data(shared.clone())
                .app_data(Data::from(Arc::clone(&shared.app)))
                .app_data(Rc::new(RequestMetrics::default()))
                .wrap(middleware::from_fn(request::wrap_request))
                .configure(routes::configure)
        })
        .workers(workers)
        .max_connections(max_connections.div_ceil(workers))
        .on_connect(move |stream, data| connection_guard.register(stream, data))
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .h1_write_buffer_size(PIECE_BYTES)
        .shutdown_timeout(settings.shutdown_timeout_s)
        // The caller handles signals, and does so before the server starts.
        .disable_signals()
        .listen(listener)?
        .run();
        let running_metrics = metrics.map(MetricsServer::serve).transpose()?;
        let serve = |(socket, state): (PrivateSocket, _)| socket.serve(state, settings.shutdown_timeout_s);
        let running_private = private.map(serve).transpose()?;
        let handle = server.handle();
        let stopper = actix_web::rt::spawn(async move {
            stop.await;
            let private = async {
                if let Some(private) = running_private {
                    private.stop().await;
                }
            };
            tokio::join!(handle.stop(true), private);
        });
        let background_tasks = tokio::spawn(run_background_tasks(state.clone(), guard));
        let ended = server.await;
        background_tasks.abort();
        if ended.is_ok() {
            // Waits for the requests on the private socket too.
            let _stopped = stopper.await;
        } else {
            stopper.abort();
        }
        if let Some(running_metrics) = running_metrics {
            running_metrics.stop().await;
        }
        // Write the hints of the last requests while the store is still open.
        hint_recording::flush(&state.app).await;
        ended
    }
}

fn new_state(app: Arc<App>, settings: &Settings, rehearsal: bool) -> ServerState {
    ServerState {
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
        private: false,
        rehearsal,
    }
}

/// State of a server on a private socket: without rate limits, and with time for long work.
fn private_state(app: Arc<App>, settings: &Settings, rehearsal: bool) -> Data<ServerState> {
    let limits = RateLimits::new(&settings.limits.scaled(NonZeroU32::MAX));
    let state = new_state(app, settings, rehearsal);
    Data::new(ServerState { limits, private: true, request_timeout: PRIVATE_TIMEOUT, ..state })
}

/// Starts a server on a private socket only, for a command that has the store open itself.
///
/// # Errors
/// When the socket fails.
pub fn serve_privately(socket: PrivateSocket, settings: &Settings, app: Arc<App>) -> std::io::Result<PrivateServer> {
    socket.serve(private_state(app, settings, false), PRIVATE_TIMEOUT.as_secs())
}

/// Periodic tasks: refresh the published carnival, close idle connections, flush hints, prune rate limiters, and have the
/// store forget erased people.
async fn run_background_tasks(state: Data<ServerState>, connection_guard: Arc<ConnectionGuard>) {
    let warm_up_state = state.clone();
    tokio::spawn(async move {
        if let Err(cause) = dashboard::warm_cache(&warm_up_state.app).await {
            tracing::debug!(%cause, "could not cache the counters of past days; the first summary reads them");
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
                if let Err(cause) = carnival_refresh::refresh(&state.app).await {
                    warn!(%cause, "could not read the published version; the previous one stays in use");
                }
            }
            _ = flush_timer.tick() => hint_recording::flush(&state.app).await,
            _ = reap_timer.tick() => connection_guard.reap(),
            _ = prune_timer.tick() => {
                state.limits.prune();
                log_rewrite::rewrite_if_due(&state.app).await;
            }
        }
    }
}
