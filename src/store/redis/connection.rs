//! One connection type for a single server and a cluster, so that commands are written once.

use std::sync::Arc;

use ::redis::aio::ConnectionLike;
use ::redis::{Cmd, Pipeline, RedisFuture, RedisResult, Value};

use super::address::parse_url;
use super::cluster::Cluster;
use super::reconnecting_connection::ReconnectingConnection;

/// A connection; clones share it.
#[derive(Clone)]
pub(super) enum Connection {
    /// To one server.
    Single(Arc<ReconnectingConnection>),
    /// To all nodes of a cluster.
    Cluster(Arc<Cluster>),
}

impl Connection {
    /// Connects to a single server.
    pub(super) async fn single(url: &str) -> RedisResult<Connection> {
        Ok(Connection::Single(Arc::new(ReconnectingConnection::connect(parse_url(url)?).await?)))
    }

    /// Connects to a cluster through some of its nodes.
    pub(super) async fn cluster(urls: &[String]) -> RedisResult<Connection> {
        let nodes = urls.iter().map(|url| parse_url(url)).collect::<RedisResult<Vec<_>>>()?;
        Ok(Connection::Cluster(Arc::new(Cluster::connect(nodes).await?)))
    }

    /// The reply of the single server, or of each master.
    pub(super) async fn on_all_masters(&mut self, cmd: &Cmd) -> RedisResult<Vec<Value>> {
        match self {
            Connection::Single(_) => self.req_packed_command(cmd).await.map(|answer| vec![answer]),
            Connection::Cluster(cluster) => cluster.on_all_masters(cmd).await.map(|answers| match answers {
                Value::Map(answers) => answers.into_iter().map(|(_, answer)| answer).collect(),
                other => vec![other],
            }),
        }
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
            // A cluster has only database 0.
            Connection::Cluster(_) => 0,
        }
    }
}
