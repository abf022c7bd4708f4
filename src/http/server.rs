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

use super::connections::{Connections, room_for};
use super::kept::Kept;
use super::limits::{self, Limits};
use super::made::CarnivalDocument;
use super::measures::Requests;
use super::scans::PHOTOS_AT_ONCE;
use super::scrape::Scrapes;
use super::state::State;
use super::{json, observe, routes};
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
    pub limits: limits::Settings,
}

/// Runs a future where a server can run.
pub fn block_on<F: Future>(future: F) -> F::Output {
    actix_web::rt::System::new().block_on(future)
}

/// How long a client may take to send its head, and a connection may idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How often connections are looked at that give no sign of life.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// How often every instance looks whether another carnival counts.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often quiet clients are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);
/// How often what was noted is written down.
const NOTE_EVERY: Duration = Duration::from_secs(3);

/// A server that listens already.
pub struct Server {
    listener: TcpListener,
    settings: Settings,
    state: Data<State>,
    scrapes: Option<Scrapes>,
}

impl Server {
    /// Begins to listen; nothing is answered before [`Server::run`].
    ///
    /// # Errors
    /// When the address cannot be had.
    pub fn bind(settings: Settings, app: Arc<App>, rehearsal: bool) -> std::io::Result<Server> {
        let listener = TcpListener::bind(settings.listen)?;
        let state = State {
            app,
            limits: Limits::new(&settings.limits),
            document: CarnivalDocument::default(),
            availability: Kept::new(Duration::from_millis(settings.availability_cache_ms)),
            ready: Kept::new(Duration::from_millis(settings.availability_cache_ms)),
            figures: Kept::new(Duration::from_millis(settings.summary_cache_ms)),
            photos: Semaphore::new(PHOTOS_AT_ONCE),
            trusted_proxies: settings.trusted_proxies.clone(),
            check_files: Some(settings.check_files.clone()).filter(|folder| !folder.as_os_str().is_empty()),
            request_timeout: Duration::from_millis(settings.request_timeout_ms),
            rehearsal,
        };
        Ok(Server { listener, settings, state: Data::new(state), scrapes: None })
    }

    /// Serves the metrics beside it, on their own address.
    #[must_use]
    pub fn with_metrics(self, scrapes: Option<Scrapes>) -> Server {
        Server { scrapes, ..self }
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
        let Server { listener, settings, state, scrapes } = self;
        let workers = match settings.workers {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            workers => workers,
        };
        let shared = state.clone();
        let most = room_for(settings.max_connections);
        if most < settings.max_connections {
            warn!(most, "the system lets so many connections be open at once, and no more (ulimit -n, LimitNOFILE)");
        }
        // A head that follows on another, and an answer that nobody reads, are bounded by this alone.
        let quiet = KEEP_ALIVE + HEAD_TIMEOUT + state.request_timeout;
        let connections = Connections::new(most, quiet, settings.trusted_proxies);
        let watching = Arc::clone(&connections);
        let server = HttpServer::new(move || {
            ActixApp::new()
                .app_data(shared.clone())
                .app_data(Rc::new(Requests::default()))
                .app_data(PayloadConfig::new(json::LARGEST))
                .wrap(middleware::from_fn(observe::observe))
                .configure(routes::configure)
        })
        .workers(workers)
        .max_connections(most.div_ceil(workers))
        .on_connect(move |stream, data| connections.meet(stream, data))
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(settings.shutdown_timeout_s)
        // Whoever runs it hears the signals, from before it listens on.
        .disable_signals()
        .listen(listener)?
        .run();
        let scraping = scrapes.map(Scrapes::serve).transpose()?;
        let handle = server.handle();
        let stopper = actix_web::rt::spawn(async move {
            stop.await;
            handle.stop(true).await;
        });
        let chores = tokio::spawn(chores(state.clone(), watching));
        let ended = server.await;
        chores.abort();
        stopper.abort();
        if let Some(scraping) = scraping {
            scraping.stop().await;
        }
        // What the last requests left, while the store is still open.
        notes::flush(&state.app).await;
        ended
    }
}

/// Looks each second which carnival counts and which connections are silent, writes down what was noted, and forgets quiet clients.
async fn chores(state: Data<State>, connections: Arc<Connections>) {
    let of_summary = state.clone();
    tokio::spawn(async move {
        if let Err(cause) = summary::warm(&of_summary.app).await {
            tracing::debug!(%cause, "the counters of days that are over are read when somebody asks");
        }
    });
    let mut look = tokio::time::interval(LOOK_EVERY);
    let mut forget = tokio::time::interval(FORGET_EVERY);
    let mut watch = tokio::time::interval(WATCH_EVERY);
    let mut note = tokio::time::interval(NOTE_EVERY);
    note.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = look.tick() => {
                if let Err(cause) = refresh::refresh(&state.app).await {
                    warn!(%cause, "which carnival counts could not be read; the one before goes on");
                }
            }
            _ = note.tick() => notes::flush(&state.app).await,
            _ = watch.tick() => connections.look(),
            _ = forget.tick() => state.limits.forget(),
        }
    }
}
