//! One connection type for a single server and a cluster, so that commands are written once.

use std::sync::Arc;

use ::redis::{Cmd, Pipeline, RedisResult, Value};

use super::cluster::Cluster;
use super::reconnecting_connection::ReconnectingConnection;
use super::settings::parse_url;

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
    pub(super) async fn on_all_masters(&self, cmd: &Cmd) -> RedisResult<Vec<Value>> {
        match self {
            Connection::Single(single) => single.command(cmd).await.map(|answer| vec![answer]),
            Connection::Cluster(cluster) => cluster.on_all_masters(cmd).await.map(|answers| match answers {
                Value::Map(answers) => answers.into_iter().map(|(_, answer)| answer).collect(),
                other => vec![other],
            }),
        }
    }

    /// Sends a command to the node of its key.
    pub(super) async fn command(&self, cmd: &Cmd) -> RedisResult<Value> {
        match self {
            Connection::Single(single) => single.command(cmd).await,
            Connection::Cluster(cluster) => cluster.command(cmd).await,
        }
    }

    /// Sends commands together to the node of the first key; returns the last `count` replies.
    pub(super) async fn commands(&self, pipeline: &Pipeline, count: usize) -> RedisResult<Vec<Value>> {
        match self {
            Connection::Single(single) => single.commands(pipeline, count).await,
            Connection::Cluster(cluster) => cluster.commands(pipeline, count).await,
        }
    }
}
