//! A connection to a single server that reconnects after it was lost.
//!
//! The driver's own `ConnectionManager` is not used: it reconnects only after I/O errors. A Redis that once answered
//! "max number of clients reached" during a reconnect would be lost until the program restarts, and so would one
//! behind a connection that merely went silent.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ::redis::aio::MultiplexedConnection;
use ::redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionInfo, ErrorKind, Pipeline, RedisError, RedisResult, Value,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::settings::CONNECT_TIMEOUT;

/// After a failed attempt to connect, calls fail at once for this long: an unavailable Redis gets five attempts a
/// second, not one per call.
const BACKOFF: Duration = Duration::from_millis(200);

/// After abandoned calls a connection is replaced if no reply arrives for this long, because a firewall may
/// have dropped it without a report. Must be longer than a `WAIT` command blocks.
const STALL_TIMEOUT: Duration = Duration::from_secs(1);

/// Maximum number of calls that wait to be sent.
const PIPELINE_BUFFER_SIZE: usize = 512;

/// One server with one shared connection at a time.
pub(super) struct ReconnectingConnection {
    client: Client,
    config: AsyncConnectionConfig,
    state: Arc<RwLock<ConnectionState>>,
    /// Locked during an attempt to connect; holds time and error of the last failure.
    connecting: Arc<Mutex<LastFailure>>,
}

type LastFailure = Option<(Instant, RedisError)>;

#[derive(Clone, Default)]
struct ConnectionState {
    /// Distinguishes this connection from earlier and later ones.
    generation: u64,
    /// `None` after it was found disconnected or stalled.
    connection: Option<MultiplexedConnection>,
    /// The number of replies.
    answers: Arc<AtomicU64>,
    /// The start of the oldest abandoned call since the last reply, and the number of replies then.
    stalled: Option<(Instant, u64)>,
}

/// One call on one connection; dropping it before `finish` means that it was abandoned.
struct InFlight<'a> {
    owner: &'a ReconnectingConnection,
    generation: u64,
    connection: MultiplexedConnection,
    answers: Arc<AtomicU64>,
    before: u64,
    started: Instant,
    answered: bool,
}

impl ReconnectingConnection {
    /// Connects.
    pub(super) async fn connect(address: ConnectionInfo) -> RedisResult<ReconnectingConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            // The caller sets the deadline of the whole call.
            .set_response_timeout(None)
            .set_pipeline_buffer_size(PIPELINE_BUFFER_SIZE);
        let client = Client::open(address)?;
        let connection = ReconnectingConnection { client, config, state: Arc::default(), connecting: Arc::default() };
        connection.acquire().await?;
        Ok(connection)
    }

    /// Sends a command, and once more if the connection was lost: every call of the store can be repeated, so a
    /// server that restarted between two calls causes no error.
    pub(super) async fn command(&self, cmd: &Cmd) -> RedisResult<Value> {
        match self.command_once(cmd).await {
            Err(error) if is_disconnected(&error) => self.command_once(cmd).await,
            answer => answer,
        }
    }

    /// As [`ReconnectingConnection::command`].
    pub(super) async fn commands(&self, pipeline: &Pipeline, count: usize) -> RedisResult<Vec<Value>> {
        match self.commands_once(pipeline, count).await {
            Err(error) if is_disconnected(&error) => self.commands_once(pipeline, count).await,
            answers => answers,
        }
    }

    async fn command_once(&self, cmd: &Cmd) -> RedisResult<Value> {
        let mut call = self.acquire().await?;
        let answer = call.connection.send_packed_command(cmd).await;
        call.finish(answer)
    }

    async fn commands_once(&self, pipeline: &Pipeline, count: usize) -> RedisResult<Vec<Value>> {
        let mut call = self.acquire().await?;
        let answers = call.connection.send_packed_commands(pipeline, 0, count).await;
        call.finish(answers)
    }

    /// The current connection, or a new one. One caller connects while other callers wait for it.
    async fn acquire(&self) -> RedisResult<InFlight<'_>> {
        if let Some(state) = self.current() {
            return Ok(state);
        }
        let failed = Arc::clone(&self.connecting).lock_owned().await;
        if let Some(state) = self.current() {
            return Ok(state);
        }
        if let Some((when, error)) = failed.as_ref()
            && when.elapsed() < BACKOFF
        {
            return Err(error.clone());
        }
        let attempt = connect(self.client.clone(), self.config.clone(), Arc::clone(&self.state), failed);
        // In a separate task, because other callers wait for it too and this caller may be cancelled.
        tokio::spawn(attempt).await.map_err(std::io::Error::from)??;
        self.current().ok_or_else(|| RedisError::from((ErrorKind::Io, "the new connection was lost at once")))
    }

    fn current(&self) -> Option<InFlight<'_>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        Some(InFlight {
            owner: self,
            generation: state.generation,
            connection: state.connection.clone()?,
            answers: Arc::clone(&state.answers),
            before: state.answers.load(Ordering::Relaxed),
            started: Instant::now(),
            answered: false,
        })
    }

    /// Many calls find the same connection lost. Only the generation that they used is discarded, not a newer one.
    fn discard(&self, generation: u64) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.generation == generation {
            state.connection = None;
        }
    }

    /// Records an abandoned call that began when `before` replies had arrived.
    fn on_abandoned(&self, generation: u64, started: Instant, before: u64) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.generation != generation || state.answers.load(Ordering::Relaxed) != before {
            return;
        }
        // A call may be abandoned before `STALL_TIMEOUT`, so the time counts from the oldest call without a reply.
        let since =
            state.stalled.filter(|(_, answers)| *answers == before).map_or(started, |(since, _)| since.min(started));
        state.stalled = Some((since, before));
        if since.elapsed() >= STALL_TIMEOUT {
            state.connection = None;
        }
    }
}

/// One attempt to connect; the guard excludes others.
async fn connect(
    client: Client,
    config: AsyncConnectionConfig,
    state: Arc<RwLock<ConnectionState>>,
    mut failed: OwnedMutexGuard<LastFailure>,
) -> RedisResult<()> {
    match client.get_multiplexed_async_connection_with_config(&config).await {
        Ok(connection) => {
            *failed = None;
            let mut state = state.write().unwrap_or_else(PoisonError::into_inner);
            *state = ConnectionState {
                generation: state.generation + 1,
                connection: Some(connection),
                ..ConnectionState::default()
            };
            Ok(())
        }
        Err(error) => {
            *failed = Some((Instant::now(), error.clone()));
            Err(error)
        }
    }
}

impl InFlight<'_> {
    fn finish<T>(mut self, answer: RedisResult<T>) -> RedisResult<T> {
        self.answered = true;
        match &answer {
            Err(error) if is_disconnected(error) => self.owner.discard(self.generation),
            _ => {
                self.answers.fetch_add(1, Ordering::Relaxed);
            }
        }
        answer
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.owner.on_abandoned(self.generation, self.started, self.before);
        }
    }
}

/// Whether the connection can deliver no more readable replies.
fn is_disconnected(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Io || error.is_unrecoverable_error()
}
