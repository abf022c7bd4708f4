//! The connections to all nodes of a cluster.
//!
//! The driver follows moved slots and reconnects when it receives an error. But a node that hangs sends no error: its
//! machine still accepts data, so the driver would keep sending to it, even after a replica took over. So an
//! abandoned call that got no answer for longer than [`NODE_TIMEOUT`] causes all connections to be replaced; a node
//! that hangs fails to connect and is left out. The same happens after a call for which the driver had no node: when all nodes
//! were restarted, it can lose every one and not find them again.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ::redis::aio::ConnectionLike;
use ::redis::cluster::{ClusterClient, ClusterClientBuilder};
use ::redis::cluster_async::ClusterConnection;
use ::redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo};
use ::redis::{Cmd, ConnectionInfo, ErrorKind, Pipeline, RedisError, RedisResult, ServerErrorKind, Value};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::settings::{CONNECT_TIMEOUT, tcp_settings};

/// How long the driver waits for a node before it tries again. Shorter than the deadline of a call, so that one call
/// can fail over from a dead node to its replacement.
pub(super) const NODE_TIMEOUT: Duration = Duration::from_secs(1);

/// Deadline of reconnecting.
const RECONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Pause after reconnecting, because calls that began before it are still being abandoned.
const RECONNECT_COOLDOWN: Duration = Duration::from_secs(2);

/// All nodes of a cluster.
pub(super) struct Cluster {
    client: ClusterClient,
    current: RwLock<ClusterConnection>,
    reconnect_permit: Arc<Semaphore>,
}

impl Cluster {
    /// Connects through some of the nodes.
    pub(super) async fn connect(nodes: Vec<ConnectionInfo>) -> RedisResult<Cluster> {
        let client = ClusterClientBuilder::new(nodes)
            .connection_timeout(CONNECT_TIMEOUT)
            .response_timeout(NODE_TIMEOUT)
            // The caller sets the deadline of the whole call.
            .overall_response_timeout(None)
            .tcp_settings(tcp_settings())
            .min_retry_wait(10)
            .max_retry_wait(200)
            .build()?;
        let current = RwLock::new(client.get_async_connection().await?);
        Ok(Cluster { client, current, reconnect_permit: Arc::new(Semaphore::new(1)) })
    }

    /// Sends to the node of the command's key.
    pub(super) async fn command(self: &Arc<Self>, cmd: &Cmd) -> RedisResult<Value> {
        let guard = RefreshGuard::new(self);
        guard.finish(self.current().req_packed_command(cmd).await)
    }

    /// Sends to the node of the first key, together with commands that have no key.
    pub(super) async fn commands(self: &Arc<Self>, pipeline: &Pipeline, count: usize) -> RedisResult<Vec<Value>> {
        let guard = RefreshGuard::new(self);
        guard.finish(self.current().req_packed_commands(pipeline, 0, count).await)
    }

    /// Sends to every master; returns each reply with its node.
    pub(super) async fn on_all_masters(&self, cmd: &Cmd) -> RedisResult<Value> {
        let masters = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
        self.current().route_command(cmd.clone(), masters).await
    }

    fn current(&self) -> ClusterConnection {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reconnects in the background, one attempt at a time.
    fn reconnect(self: &Arc<Self>) {
        let Ok(permit) = Arc::clone(&self.reconnect_permit).try_acquire_owned() else {
            return;
        };
        let cluster = Arc::clone(self);
        tokio::spawn(async move {
            if let Ok(Ok(connection)) = timeout(RECONNECT_TIMEOUT, cluster.client.get_async_connection()).await {
                *cluster.current.write().unwrap_or_else(PoisonError::into_inner) = connection;
            }
            sleep(RECONNECT_COOLDOWN).await;
            drop(permit);
        });
    }
}

/// Whether the driver, after all its retries, found no node for the call.
fn is_routing_failure(error: &RedisError) -> bool {
    use ErrorKind::{ClusterConnectionNotFound, Io, Server};
    matches!(error.kind(), ClusterConnectionNotFound | Io | Server(ServerErrorKind::Moved | ServerErrorKind::ReadOnly))
}

/// Observes one call; triggers a reconnect after a routing failure or a long silence. Dropping it before `finish` means
/// that the call was abandoned.
struct RefreshGuard<'a> {
    cluster: &'a Arc<Cluster>,
    started: Instant,
    answered: bool,
}

impl RefreshGuard<'_> {
    fn new(cluster: &Arc<Cluster>) -> RefreshGuard<'_> {
        RefreshGuard { cluster, started: Instant::now(), answered: false }
    }

    fn finish<T>(mut self, answer: RedisResult<T>) -> RedisResult<T> {
        self.answered = !answer.as_ref().is_err_and(RedisError::is_timeout);
        if answer.as_ref().is_err_and(is_routing_failure) {
            self.cluster.reconnect();
        }
        answer
    }
}

impl Drop for RefreshGuard<'_> {
    fn drop(&mut self) {
        if !self.answered && self.started.elapsed() >= NODE_TIMEOUT {
            self.cluster.reconnect();
        }
    }
}
