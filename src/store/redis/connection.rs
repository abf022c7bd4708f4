//! One connection type over a single server and a cluster, so that commands are written once.

use std::sync::Arc;
use std::time::Duration;

use ::redis::aio::ConnectionLike;
use ::redis::io::tcp::TcpSettings;
use ::redis::{Cmd, ConnectionInfo, IntoConnectionInfo, Pipeline, ProtocolVersion, RedisFuture, RedisResult, Value};

use super::cluster::Cluster;
use super::single::Single;

/// One try to connect takes at most so long.
pub(super) const DIAL: Duration = Duration::from_secs(1);

/// What was sent and not acknowledged for so long ends the connection: a cable was pulled.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(5);

/// A connection; clones share it.
#[derive(Clone)]
pub(super) enum Connection {
    /// To one server.
    Single(Arc<Single>),
    /// To all nodes of a cluster.
    Cluster(Arc<Cluster>),
}

impl Connection {
    /// Connects to a single server.
    pub(super) async fn single(url: &str) -> RedisResult<Connection> {
        Ok(Connection::Single(Arc::new(Single::connect(address(url)?).await?)))
    }

    /// Connects to a cluster by some of its nodes.
    pub(super) async fn cluster(urls: &[String]) -> RedisResult<Connection> {
        let nodes = urls.iter().map(|url| address(url)).collect::<RedisResult<Vec<_>>>()?;
        Ok(Connection::Cluster(Arc::new(Cluster::connect(nodes).await?)))
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Connection::Single(single) => Box::pin(single.command(cmd)),
            Connection::Cluster(cluster) => Box::pin(cluster.command(cmd)),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Connection::Single(single) => Box::pin(single.commands(pipeline, offset, count)),
            Connection::Cluster(cluster) => Box::pin(cluster.commands(pipeline, offset, count)),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Connection::Single(single) => single.db(),
            // A cluster has no other.
            Connection::Cluster(_) => 0,
        }
    }
}

/// Reads a URL; the answers are read as the second version of the protocol writes them.
pub(super) fn address(url: &str) -> RedisResult<ConnectionInfo> {
    let info = url.into_connection_info()?;
    let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
    Ok(info.set_redis_settings(redis).set_tcp_settings(tcp()))
}

/// How sockets are set.
pub(super) fn tcp() -> TcpSettings {
    // Without it a small request waits for the acknowledgement of the one before.
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(UNACKNOWLEDGED);
    settings
}
