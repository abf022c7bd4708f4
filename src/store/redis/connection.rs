//! One connection type over a single server and a cluster, so that commands are written once.
//!
//! The driver's own `ConnectionManager` is not used: it dials again only after errors of the
//! network, so a Redis that once answered "max number of clients reached" while it dialled would
//! be lost until the program restarts.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ::redis::aio::{ConnectionLike, MultiplexedConnection};
use ::redis::cluster::ClusterClientBuilder;
use ::redis::cluster_async::ClusterConnection;
use ::redis::io::tcp::TcpSettings;
use ::redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionInfo, ErrorKind, IntoConnectionInfo, Pipeline, ProtocolVersion,
    RedisError, RedisFuture, RedisResult, Value,
};
use tokio::sync::Mutex;

/// After a failed try to connect, others fail at once for so long: a Redis that is away is asked
/// five times a second, not once per call.
const BACKOFF: Duration = Duration::from_millis(200);

/// One try to connect takes at most so long.
const DIAL: Duration = Duration::from_secs(1);

/// What was sent and not acknowledged for so long ends the connection: a cable was pulled.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(5);

/// A cluster's node that does not answer for so long is asked again. Shorter than a whole call, so
/// that a node which died is left for the one that took over within the same call.
const NODE: Duration = Duration::from_millis(700);

/// How many calls may wait to be written.
const BUFFER: usize = 512;

/// A connection; clones share it.
#[derive(Clone)]
pub(super) enum Connection {
    /// To one server; connects again by itself.
    Single(Arc<Single>),
    /// To all nodes of a cluster; the driver follows moved slots and connects again by itself.
    Cluster(ClusterConnection),
}

impl Connection {
    /// Connects to a single server.
    pub(super) async fn single(url: &str) -> RedisResult<Connection> {
        let single = Single::new(address(url)?)?;
        single.line().await?;
        Ok(Connection::Single(Arc::new(single)))
    }

    /// Connects to a cluster by some of its nodes.
    pub(super) async fn cluster(urls: &[String]) -> RedisResult<Connection> {
        let nodes = urls.iter().map(|url| address(url)).collect::<RedisResult<Vec<_>>>()?;
        let client = ClusterClientBuilder::new(nodes)
            .connection_timeout(DIAL)
            .response_timeout(NODE)
            // The caller bounds the whole call.
            .overall_response_timeout(None)
            .tcp_settings(tcp())
            .min_retry_wait(10)
            .max_retry_wait(200)
            .build()?;
        Ok(Connection::Cluster(client.get_async_connection().await?))
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Connection::Single(single) => Box::pin(single.command(cmd)),
            Connection::Cluster(cluster) => cluster.req_packed_command(cmd),
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
            Connection::Cluster(cluster) => cluster.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Connection::Single(single) => single.client.get_connection_info().redis_settings().db(),
            Connection::Cluster(cluster) => cluster.get_db(),
        }
    }
}

/// Reads a URL; the answers are read as the second version of the protocol writes them.
pub(super) fn address(url: &str) -> RedisResult<ConnectionInfo> {
    let info = url.into_connection_info()?;
    let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
    Ok(info.set_redis_settings(redis).set_tcp_settings(tcp()))
}

fn tcp() -> TcpSettings {
    // Without it a small request waits for the acknowledgement of the one before.
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(UNACKNOWLEDGED);
    settings
}

/// One server, on one line at a time that all calls share.
pub(super) struct Single {
    client: Client,
    config: AsyncConnectionConfig,
    line: RwLock<Line>,
    /// Held by whoever dials; when the last try failed, and how.
    dialling: Mutex<Option<(Instant, RedisError)>>,
}

#[derive(Clone, Default)]
struct Line {
    /// Tells this line from those before and after it.
    number: u64,
    /// None once it was found cut.
    connection: Option<MultiplexedConnection>,
}

impl Single {
    fn new(address: ConnectionInfo) -> RedisResult<Single> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(DIAL))
            // The caller bounds the whole call.
            .set_response_timeout(None)
            .set_pipeline_buffer_size(BUFFER);
        let client = Client::open(address)?;
        Ok(Single { client, config, line: RwLock::default(), dialling: Mutex::new(None) })
    }

    /// Sends again, once, when the line was found cut: every call of the store can be repeated, and
    /// a server that was restarted between two calls costs nobody an error.
    async fn command(&self, cmd: &Cmd) -> RedisResult<Value> {
        match self.command_once(cmd).await {
            Err(error) if is_cut(&error) => self.command_once(cmd).await,
            answer => answer,
        }
    }

    /// As [`Single::command`].
    async fn commands(&self, pipeline: &Pipeline, offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        match self.commands_once(pipeline, offset, count).await {
            Err(error) if is_cut(&error) => self.commands_once(pipeline, offset, count).await,
            answers => answers,
        }
    }

    async fn command_once(&self, cmd: &Cmd) -> RedisResult<Value> {
        let (number, mut connection) = self.line().await?;
        let answer = connection.send_packed_command(cmd).await;
        self.forget_if_cut(number, answer.as_ref().err());
        answer
    }

    async fn commands_once(&self, pipeline: &Pipeline, offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        let (number, mut connection) = self.line().await?;
        let answers = connection.send_packed_commands(pipeline, offset, count).await;
        self.forget_if_cut(number, answers.as_ref().err());
        answers
    }

    /// The line that stands, or a new one. One caller dials, the others wait for it.
    async fn line(&self) -> RedisResult<(u64, MultiplexedConnection)> {
        if let Some(line) = self.standing() {
            return Ok(line);
        }
        let mut failed = self.dialling.lock().await;
        if let Some(line) = self.standing() {
            return Ok(line);
        }
        if let Some((when, error)) = failed.as_ref()
            && when.elapsed() < BACKOFF
        {
            return Err(error.clone());
        }
        match self.client.get_multiplexed_async_connection_with_config(&self.config).await {
            Ok(connection) => {
                *failed = None;
                Ok(self.keep(connection))
            }
            Err(error) => {
                *failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    fn standing(&self) -> Option<(u64, MultiplexedConnection)> {
        let line = self.line.read().unwrap_or_else(PoisonError::into_inner);
        line.connection.clone().map(|connection| (line.number, connection))
    }

    fn keep(&self, connection: MultiplexedConnection) -> (u64, MultiplexedConnection) {
        let mut line = self.line.write().unwrap_or_else(PoisonError::into_inner);
        *line = Line { number: line.number + 1, connection: Some(connection.clone()) };
        (line.number, connection)
    }

    /// Many calls find the same line cut; only the first may forget it, or a later one would
    /// forget the line that came after.
    fn forget_if_cut(&self, number: u64, error: Option<&RedisError>) {
        if error.is_some_and(is_cut) {
            let mut line = self.line.write().unwrap_or_else(PoisonError::into_inner);
            if line.number == number {
                line.connection = None;
            }
        }
    }
}

/// Whether nothing more will come over this line, or nothing that can be read.
fn is_cut(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Io || error.is_unrecoverable_error()
}
