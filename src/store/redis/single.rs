//! The line to a single server, which is dialled again whenever it was cut.
//!
//! The driver's own `ConnectionManager` is not used: it dials again only after errors of the
//! network, so a Redis that once answered "max number of clients reached" while it dialled would
//! be lost until the program restarts.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use ::redis::aio::MultiplexedConnection;
use ::redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionInfo, ErrorKind, Pipeline, RedisError, RedisResult, Value,
};
use tokio::sync::Mutex;

use super::address::DIAL;

/// After a failed try to connect, others fail at once for so long: a Redis that is away is asked
/// five times a second, not once per call.
const BACKOFF: Duration = Duration::from_millis(200);

/// How many calls may wait to be written.
const BUFFER: usize = 512;

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
    /// Connects.
    pub(super) async fn connect(address: ConnectionInfo) -> RedisResult<Single> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(DIAL))
            // The caller bounds the whole call.
            .set_response_timeout(None)
            .set_pipeline_buffer_size(BUFFER);
        let client = Client::open(address)?;
        let single = Single { client, config, line: RwLock::default(), dialling: Mutex::new(None) };
        single.line().await?;
        Ok(single)
    }

    /// The number of the database that its URL names.
    pub(super) fn db(&self) -> i64 {
        self.client.get_connection_info().redis_settings().db()
    }

    /// Sends again, once, when the line was found cut: every call of the store can be repeated, and
    /// a server that was restarted between two calls costs nobody an error.
    pub(super) async fn command(&self, cmd: &Cmd) -> RedisResult<Value> {
        match self.command_once(cmd).await {
            Err(error) if is_cut(&error) => self.command_once(cmd).await,
            answer => answer,
        }
    }

    /// As [`Single::command`].
    pub(super) async fn commands(&self, pipeline: &Pipeline, offset: usize, count: usize) -> RedisResult<Vec<Value>> {
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
