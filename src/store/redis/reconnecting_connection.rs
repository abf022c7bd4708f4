//! The line to a single server, which is dialled again whenever it was cut.
//!
//! The driver's own `ConnectionManager` is not used: it dials again only after errors of the
//! network, so a Redis that once answered "max number of clients reached" while it dialled would
//! be lost until the program restarts; and so would one behind a line that is merely silent.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ::redis::aio::MultiplexedConnection;
use ::redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionInfo, ErrorKind, Pipeline, RedisError, RedisResult, Value,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::address::CONNECT_TIMEOUT;

/// After a failed try to connect, others fail at once for so long: a Redis that is away is asked
/// five times a second, not once per call.
const BACKOFF: Duration = Duration::from_millis(200);

/// A line over which calls were given up, and no answer at all came for so long, is left for a new
/// one: a firewall that forgot it tells nobody. Longer than `WAIT` is let wait.
const STALL_TIMEOUT: Duration = Duration::from_secs(1);

/// How many calls may wait to be written.
const PIPELINE_BUFFER_SIZE: usize = 512;

/// One server, on one line at a time that all calls share.
pub(super) struct ReconnectingConnection {
    client: Client,
    config: AsyncConnectionConfig,
    state: Arc<RwLock<ConnectionState>>,
    /// Held while somebody dials; when the last try failed, and how.
    connecting: Arc<Mutex<LastFailure>>,
}

type LastFailure = Option<(Instant, RedisError)>;

#[derive(Clone, Default)]
struct ConnectionState {
    /// Tells this line from those before and after it.
    generation: u64,
    /// None once it was found cut, or silent.
    connection: Option<MultiplexedConnection>,
    /// How many answers came.
    answers: Arc<AtomicU64>,
    /// Since when a call waited that was given up, and how many answers there were by then.
    stalled: Option<(Instant, u64)>,
}

/// One call over one line; dropped before it was answered, it was given up.
struct InFlight<'a> {
    owner: &'a ReconnectingConnection,
    generation: u64,
    connection: MultiplexedConnection,
    answers: Arc<AtomicU64>,
    before: u64,
    begun: Instant,
    answered: bool,
}

impl ReconnectingConnection {
    /// Connects.
    pub(super) async fn connect(address: ConnectionInfo) -> RedisResult<ReconnectingConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            // The caller bounds the whole call.
            .set_response_timeout(None)
            .set_pipeline_buffer_size(PIPELINE_BUFFER_SIZE);
        let client = Client::open(address)?;
        let connection = ReconnectingConnection { client, config, state: Arc::default(), connecting: Arc::default() };
        connection.acquire().await?;
        Ok(connection)
    }

    /// The number of the database that its URL names.
    pub(super) fn db(&self) -> i64 {
        self.client.get_connection_info().redis_settings().db()
    }

    /// Sends again, once, when the line was found cut: every call of the store can be repeated, and
    /// a server that was restarted between two calls costs nobody an error.
    pub(super) async fn command(&self, cmd: &Cmd) -> RedisResult<Value> {
        match self.command_once(cmd).await {
            Err(error) if is_disconnected(&error) => self.command_once(cmd).await,
            answer => answer,
        }
    }

    /// As [`ReconnectingConnection::command`].
    pub(super) async fn commands(&self, pipeline: &Pipeline, offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        match self.commands_once(pipeline, offset, count).await {
            Err(error) if is_disconnected(&error) => self.commands_once(pipeline, offset, count).await,
            answers => answers,
        }
    }

    async fn command_once(&self, cmd: &Cmd) -> RedisResult<Value> {
        let mut call = self.acquire().await?;
        let answer = call.connection.send_packed_command(cmd).await;
        call.finish(answer)
    }

    async fn commands_once(&self, pipeline: &Pipeline, offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        let mut call = self.acquire().await?;
        let answers = call.connection.send_packed_commands(pipeline, offset, count).await;
        call.finish(answers)
    }

    /// The line that stands, or a new one. One caller has it dialled, the others wait for it.
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
        // Also for those who come later: whoever began it may give up before it is done.
        tokio::spawn(attempt).await.map_err(std::io::Error::from)??;
        self.current().ok_or_else(|| RedisError::from((ErrorKind::Io, "the new line was cut at once")))
    }

    fn current(&self) -> Option<InFlight<'_>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.connection.clone().map(|connection| self.in_flight(&state, connection))
    }

    fn in_flight(&self, state: &ConnectionState, connection: MultiplexedConnection) -> InFlight<'_> {
        let (answers, before) = (Arc::clone(&state.answers), state.answers.load(Ordering::Relaxed));
        InFlight {
            owner: self,
            generation: state.generation,
            connection,
            answers,
            before,
            begun: Instant::now(),
            answered: false,
        }
    }

    /// Many calls find the same line cut; only the first may forget it, or a later one would
    /// forget the line that came after.
    fn discard(&self, generation: u64) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.generation == generation {
            state.connection = None;
        }
    }

    /// A call was given up that began when there were `before` answers.
    fn on_abandoned(&self, generation: u64, begun: Instant, before: u64) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.generation != generation || state.answers.load(Ordering::Relaxed) != before {
            return;
        }
        // Whoever asks with less patience than a silence takes is not the only one who waited.
        let since =
            state.stalled.filter(|(_, answers)| *answers == before).map_or(begun, |(since, _)| since.min(begun));
        state.stalled = Some((since, before));
        if since.elapsed() >= STALL_TIMEOUT {
            state.connection = None;
        }
    }
}

/// One try to connect; nobody else tries meanwhile.
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
            self.owner.on_abandoned(self.generation, self.begun, self.before);
        }
    }
}

/// Whether nothing more will come over this line, or nothing that can be read.
fn is_disconnected(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Io || error.is_unrecoverable_error()
}
