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

use super::address::DIAL;

/// After a failed try to connect, others fail at once for so long: a Redis that is away is asked
/// five times a second, not once per call.
const BACKOFF: Duration = Duration::from_millis(200);

/// A line over which calls were given up, and no answer at all came for so long, is left for a new
/// one: a firewall that forgot it tells nobody. Longer than `WAIT` is let wait.
const SILENCE: Duration = Duration::from_secs(1);

/// How many calls may wait to be written.
const BUFFER: usize = 512;

/// One server, on one line at a time that all calls share.
pub(super) struct Single {
    client: Client,
    config: AsyncConnectionConfig,
    line: Arc<RwLock<Line>>,
    /// Held while somebody dials; when the last try failed, and how.
    dialling: Arc<Mutex<Failed>>,
}

type Failed = Option<(Instant, RedisError)>;

#[derive(Clone, Default)]
struct Line {
    /// Tells this line from those before and after it.
    number: u64,
    /// None once it was found cut, or silent.
    connection: Option<MultiplexedConnection>,
    /// How many answers came.
    answers: Arc<AtomicU64>,
    /// Since when a call waited that was given up, and how many answers there were by then.
    silent: Option<(Instant, u64)>,
}

/// One call over one line; dropped before it was answered, it was given up.
struct Asking<'a> {
    single: &'a Single,
    number: u64,
    connection: MultiplexedConnection,
    answers: Arc<AtomicU64>,
    before: u64,
    begun: Instant,
    answered: bool,
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
        let single = Single { client, config, line: Arc::default(), dialling: Arc::default() };
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
        let mut asking = self.line().await?;
        let answer = asking.connection.send_packed_command(cmd).await;
        asking.end(answer)
    }

    async fn commands_once(&self, pipeline: &Pipeline, offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        let mut asking = self.line().await?;
        let answers = asking.connection.send_packed_commands(pipeline, offset, count).await;
        asking.end(answers)
    }

    /// The line that stands, or a new one. One caller has it dialled, the others wait for it.
    async fn line(&self) -> RedisResult<Asking<'_>> {
        if let Some(line) = self.standing() {
            return Ok(line);
        }
        let failed = Arc::clone(&self.dialling).lock_owned().await;
        if let Some(line) = self.standing() {
            return Ok(line);
        }
        if let Some((when, error)) = failed.as_ref()
            && when.elapsed() < BACKOFF
        {
            return Err(error.clone());
        }
        let dial = dial(self.client.clone(), self.config.clone(), Arc::clone(&self.line), failed);
        // Also for those who come later: whoever began it may give up before it is done.
        tokio::spawn(dial).await.map_err(std::io::Error::from)??;
        self.standing().ok_or_else(|| RedisError::from((ErrorKind::Io, "the new line was cut at once")))
    }

    fn standing(&self) -> Option<Asking<'_>> {
        let line = self.line.read().unwrap_or_else(PoisonError::into_inner);
        line.connection.clone().map(|connection| self.asking(&line, connection))
    }

    fn asking(&self, line: &Line, connection: MultiplexedConnection) -> Asking<'_> {
        let (answers, before) = (Arc::clone(&line.answers), line.answers.load(Ordering::Relaxed));
        Asking {
            single: self,
            number: line.number,
            connection,
            answers,
            before,
            begun: Instant::now(),
            answered: false,
        }
    }

    /// Many calls find the same line cut; only the first may forget it, or a later one would
    /// forget the line that came after.
    fn forget(&self, number: u64) {
        let mut line = self.line.write().unwrap_or_else(PoisonError::into_inner);
        if line.number == number {
            line.connection = None;
        }
    }

    /// A call was given up that began when there were `before` answers.
    fn given_up(&self, number: u64, begun: Instant, before: u64) {
        let mut line = self.line.write().unwrap_or_else(PoisonError::into_inner);
        if line.number != number || line.answers.load(Ordering::Relaxed) != before {
            return;
        }
        // Whoever asks with less patience than a silence takes is not the only one who waited.
        let since = line.silent.filter(|(_, answers)| *answers == before).map_or(begun, |(since, _)| since.min(begun));
        line.silent = Some((since, before));
        if since.elapsed() >= SILENCE {
            line.connection = None;
        }
    }
}

/// One try to connect; nobody else tries meanwhile.
async fn dial(
    client: Client,
    config: AsyncConnectionConfig,
    line: Arc<RwLock<Line>>,
    mut failed: OwnedMutexGuard<Failed>,
) -> RedisResult<()> {
    match client.get_multiplexed_async_connection_with_config(&config).await {
        Ok(connection) => {
            *failed = None;
            let mut line = line.write().unwrap_or_else(PoisonError::into_inner);
            *line = Line { number: line.number + 1, connection: Some(connection), ..Line::default() };
            Ok(())
        }
        Err(error) => {
            *failed = Some((Instant::now(), error.clone()));
            Err(error)
        }
    }
}

impl Asking<'_> {
    fn end<T>(mut self, answer: RedisResult<T>) -> RedisResult<T> {
        self.answered = true;
        match &answer {
            Err(error) if is_cut(error) => self.single.forget(self.number),
            _ => {
                self.answers.fetch_add(1, Ordering::Relaxed);
            }
        }
        answer
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.single.given_up(self.number, self.begun, self.before);
        }
    }
}

/// Whether nothing more will come over this line, or nothing that can be read.
fn is_cut(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Io || error.is_unrecoverable_error()
}
