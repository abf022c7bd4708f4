//! `/metrics` for Prometheus, on a separate address, so that the metrics are not public.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::rt::spawn;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer, dev};
use jiff::Timestamp;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde::Deserialize;
use tokio::task::JoinHandle;

use super::metrics::{buckets, describe};

/// Settings of the metrics.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsSettings {
    /// The address to serve them on; none disables the metrics.
    pub listen: OptionalAddr,
}

/// An address, or none if the text is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct OptionalAddr(pub Option<SocketAddr>);

impl TryFrom<String> for OptionalAddr {
    type Error = String;
    fn try_from(text: String) -> Result<OptionalAddr, String> {
        if text.is_empty() {
            return Ok(OptionalAddr(None));
        }
        let refused = |_| format!("{text:?} is no address; write it like 127.0.0.1:9464, or leave it empty");
        text.parse().map(|address| OptionalAddr(Some(address))).map_err(refused)
    }
}

/// Interval of the recorder's upkeep, which moves histogram samples from memory into buckets.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);
/// Enough for two Prometheus servers and a browser.
const MAX_CONNECTIONS: usize = 16;

/// The recorder is global, so each process has one, also when several servers start.
static RECORDER: Mutex<Option<PrometheusHandle>> = Mutex::new(None);

/// A metrics server that is bound to its address.
pub struct MetricsServer {
    listener: TcpListener,
    recorder: PrometheusHandle,
}

impl MetricsServer {
    /// Binds the address and installs the recorder. Events before this call are not counted.
    ///
    /// # Errors
    /// When the address cannot be bound, or another recorder is installed.
    pub fn bind(address: SocketAddr) -> std::io::Result<MetricsServer> {
        let listener = TcpListener::bind(address)?;
        Ok(MetricsServer { listener, recorder: recorder()? })
    }

    /// The bound address.
    ///
    /// # Errors
    /// When the operating system does not report it.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Starts serving in the background.
    pub(super) fn serve(self) -> std::io::Result<RunningMetricsServer> {
        let shared = Data::new(self.recorder.clone());
        let server =
            HttpServer::new(move || App::new().app_data(shared.clone()).route("/metrics", web::get().to(render)))
                .workers(1)
                .max_connections(MAX_CONNECTIONS)
                .disable_signals();
        let server = server.listen(self.listener)?.run();
        Ok(RunningMetricsServer {
            handle: server.handle(),
            tasks: [spawn(upkeep(self.recorder)), spawn(run_until_stopped(server))],
        })
    }
}

/// A running metrics server.
pub(super) struct RunningMetricsServer {
    handle: dev::ServerHandle,
    tasks: [JoinHandle<()>; 2],
}

impl RunningMetricsServer {
    /// Stops the server and its tasks.
    pub(super) async fn stop(self) {
        self.handle.stop(false).await;
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn run_until_stopped(server: dev::Server) {
    if let Err(cause) = server.await {
        tracing::error!(%cause, "the metrics server failed");
    }
}

async fn upkeep(recorder: PrometheusHandle) {
    let mut timer = tokio::time::interval(UPKEEP_INTERVAL);
    loop {
        timer.tick().await;
        recorder.run_upkeep();
    }
}

async fn render(recorder: Data<PrometheusHandle>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(recorder.render())
}

fn recorder() -> std::io::Result<PrometheusHandle> {
    let mut recorder_handle = RECORDER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(recorder) = &*recorder_handle {
        return Ok(recorder.clone());
    }
    let mut builder = PrometheusBuilder::new();
    for (name, buckets) in buckets() {
        let name = Matcher::Full(name.to_owned());
        builder = builder.set_buckets_for_metric(name, buckets).map_err(std::io::Error::other)?;
    }
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)
        .map_err(|_| std::io::Error::other("another metrics recorder is installed"))?;
    describe();
    metrics::gauge!("carnival_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
    metrics::gauge!("process_start_time_seconds").set(Timestamp::now().as_duration().as_secs_f64());
    *recorder_handle = Some(handle.clone());
    Ok(handle)
}
