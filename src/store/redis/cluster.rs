//! The connections to all nodes of a cluster.
//!
//! The driver follows moved slots and connects again by itself, when it is told that something is
//! wrong. A node that froze tells nothing: its machine still accepts what is sent, so the driver
//! would ask it for ever, though a replica took over long ago. So a call that was given up after a
//! long silence has everything connected anew; the silent node does not pass that. The same after a
//! call for which the driver had no node: when all of them were restarted, it can lose every one,
//! and then finds none again.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ::redis::aio::ConnectionLike;
use ::redis::cluster::{ClusterClient, ClusterClientBuilder};
use ::redis::cluster_async::ClusterConnection;
use ::redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo};
use ::redis::{Cmd, ConnectionInfo, ErrorKind, Pipeline, RedisError, RedisResult, ServerErrorKind, Value};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::address::{CONNECT_TIMEOUT, tcp_settings};

/// A node that does not answer for so long is asked again. Shorter than a whole call, so that a node
/// which died is left for the one that took over within the same call.
pub(super) const NODE_TIMEOUT: Duration = Duration::from_secs(1);

/// Connecting anew takes at most so long.
const RECONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// After connecting anew: calls that began before are still being given up.
const RECONNECT_COOLDOWN: Duration = Duration::from_secs(2);

/// All nodes of a cluster.
pub(super) struct Cluster {
    client: ClusterClient,
    current: RwLock<ClusterConnection>,
    reconnect_permit: Arc<Semaphore>,
}

impl Cluster {
    /// Connects by some of the nodes.
    pub(super) async fn connect(nodes: Vec<ConnectionInfo>) -> RedisResult<Cluster> {
        let client = ClusterClientBuilder::new(nodes)
            .connection_timeout(CONNECT_TIMEOUT)
            .response_timeout(NODE_TIMEOUT)
            // The caller bounds the whole call.
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

    /// Sends to the node of the first key; commands without one go along.
    pub(super) async fn commands(
        self: &Arc<Self>,
        pipeline: &Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisResult<Vec<Value>> {
        let guard = RefreshGuard::new(self);
        guard.finish(self.current().req_packed_commands(pipeline, offset, count).await)
    }

    /// Sends to every master; the answers with whose they are.
    pub(super) async fn on_all_masters(&self, cmd: &Cmd) -> RedisResult<Value> {
        let masters = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
        self.current().route_command(cmd.clone(), masters).await
    }

    fn current(&self) -> ClusterConnection {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Connects anew in the background, once at a time.
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

/// Whether the driver, after all its own tries, did not know whom to ask.
fn is_routing_failure(error: &RedisError) -> bool {
    use ErrorKind::{ClusterConnectionNotFound, Io, Server};
    matches!(error.kind(), ClusterConnectionNotFound | Io | Server(ServerErrorKind::Moved | ServerErrorKind::ReadOnly))
}

/// Watches one call: dropped before its end, it was given up.
struct RefreshGuard<'a> {
    cluster: &'a Arc<Cluster>,
    begun: Instant,
    answered: bool,
}

impl RefreshGuard<'_> {
    fn new(cluster: &Arc<Cluster>) -> RefreshGuard<'_> {
        RefreshGuard { cluster, begun: Instant::now(), answered: false }
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
        if !self.answered && self.begun.elapsed() >= NODE_TIMEOUT {
            self.cluster.reconnect();
        }
    }
}
