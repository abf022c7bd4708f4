//! Calls to Redis: with a deadline, a maximum number in flight, waiting for replicas if configured, and one
//! classification of all failures.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ::redis::{Cmd, ErrorKind, FromRedisValue, RedisError, ServerErrorKind, Value, pipe};
use futures_util::future::try_join_all;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::cluster::NODE_TIMEOUT;
use super::connection::Connection;
use super::reply_values::decode;
use super::script::Script;
use crate::store::deadline::CallBudget;
use crate::store::metrics::{CallKind, timed};
use crate::store::{Result, StoreError};

/// Maximum number of calls in flight; while Redis hangs, further calls are rejected at once.
const MAX_IN_FLIGHT: usize = 4096;

/// The part of a call's deadline that is reserved for the reply when the call waits for replicas. In a cluster the
/// deadline is that of one node; otherwise the driver would send the call again while the first is still waiting.
const REPLY_MARGIN: Duration = Duration::from_millis(100);

/// Makes calls to Redis.
pub(super) struct RedisClient {
    connection: Connection,
    /// Connections for writes that wait for replicas.
    writers: Option<ReplicatedWriters>,
    in_flight: Semaphore,
    limit: Duration,
}

/// Connections for writes that wait for replicas.
///
/// `WAIT` blocks all later commands of its connection and covers only the writes of this connection. So each
/// connection carries one write at a time, and reads use the shared connection.
pub(super) struct ReplicatedWriters {
    idle: Mutex<Vec<Connection>>,
    free: Semaphore,
    replicas: u32,
}

impl RedisClient {
    pub(super) fn new(connection: Connection, writers: Option<ReplicatedWriters>, limit: Duration) -> RedisClient {
        RedisClient { connection, writers, in_flight: Semaphore::new(MAX_IN_FLIGHT), limit }
    }

    /// Sends a command that changes nothing.
    pub(super) async fn read<T: FromRedisValue>(&self, cmd: &Cmd) -> Result<T> {
        decode(self.bounded(CallKind::Read, |_| send(&self.connection, cmd)).await?)
    }

    /// Sends commands that change nothing concurrently; together they count as one call.
    pub(super) async fn read_all<T: FromRedisValue>(&self, cmds: &[Cmd]) -> Result<T> {
        let all = || try_join_all(cmds.iter().map(|cmd| send(&self.connection, cmd)));
        decode(Value::Array(self.bounded(CallKind::Read, |_| all()).await?))
    }

    /// Runs a script that changes nothing.
    pub(super) async fn read_script<T: FromRedisValue>(&self, script: &Script, call: &Cmd) -> Result<T> {
        decode(self.bounded(CallKind::Read, |_| self.run(script, call)).await?)
    }

    async fn run(&self, script: &Script, call: &Cmd) -> CallResult {
        match send(&self.connection, call).await {
            Err(error) if is_unknown_script(&error) => send(&self.connection, &script.with_text(call)).await,
            answer => answer,
        }
    }

    /// Sends a command that writes, or a read whose result is reported as durable; returns after enough replicas have
    /// all earlier writes.
    pub(super) async fn write<T: FromRedisValue>(&self, cmd: &Cmd) -> Result<T> {
        decode(match &self.writers {
            None => self.bounded(CallKind::Write, |_| send(&self.connection, cmd)).await?,
            Some(writers) => self.bounded(CallKind::Write, |left| writers.write(cmd, left)).await?,
        })
    }

    /// As [`RedisClient::write`], by a script.
    pub(super) async fn write_script<T: FromRedisValue>(&self, script: &Script, call: &Cmd) -> Result<T> {
        let Some(writers) = &self.writers else {
            return decode(self.bounded(CallKind::Write, |_| self.run(script, call)).await?);
        };
        let write = async |left| match writers.write(call, left).await {
            Err(error) if is_unknown_script(&error) => writers.write(&script.with_text(call), left).await,
            answer => answer,
        };
        decode(self.bounded(CallKind::Write, write).await?)
    }

    /// Sends writes concurrently without waiting for replicas; together they count as one call. Imports and purges
    /// wait once, at their end.
    pub(super) async fn write_all(&self, cmds: &[Cmd]) -> Result<()> {
        self.read_all(cmds).await
    }

    /// Sends a command to the single server, or to every master.
    pub(super) async fn on_all_masters(&self, cmd: &Cmd) -> Result<()> {
        let replies = self.replies_of_all_masters(cmd).await?;
        let refused = replies.into_iter().try_for_each(|reply| reply.extract_error().map(drop));
        refused.map_err(|error| classify(&error))
    }

    /// The reply of the single server, or of every master.
    pub(super) async fn replies_of_all_masters(&self, cmd: &Cmd) -> Result<Vec<Value>> {
        self.connection.on_all_masters(cmd).await.map_err(|error| classify(&error))
    }

    /// Runs `work` with the time that is left of the deadline.
    async fn bounded<T, F>(&self, call: CallKind, work: impl FnOnce(Duration) -> F) -> Result<T>
    where
        F: Future<Output = CallResult<T>>,
    {
        timed(call, async {
            let Ok(_permit) = self.in_flight.try_acquire() else {
                return Err(StoreError::Unavailable("too many calls are in flight".to_owned()));
            };
            let (_budget, left) = CallBudget::start(self.limit);
            let silent = |_| StoreError::Unavailable(format!("no answer within {} ms", self.limit.as_millis()));
            timeout(left, work(left)).await.map_err(silent)?.map_err(into_store_error)
        })
        .await
    }
}

type CallResult<T = Value> = std::result::Result<T, CallError>;

/// Why a call failed.
#[derive(Debug)]
enum CallError {
    Redis(RedisError),
    TooFewReplicas { have: i64, want: u32 },
    Timeout,
}

async fn send(connection: &Connection, cmd: &Cmd) -> CallResult {
    let answer = connection.command(cmd).await;
    answer.and_then(Value::extract_error).map_err(CallError::Redis)
}

impl ReplicatedWriters {
    /// Writes on these connections wait for `replicas` replicas.
    pub(super) fn new(connections: Vec<Connection>, replicas: u32) -> ReplicatedWriters {
        ReplicatedWriters { free: Semaphore::new(connections.len()), idle: Mutex::new(connections), replicas }
    }

    /// Sends `WAIT` in one request with the write. Redis tracks its replication offset per connection after every
    /// command, so a repeat that writes nothing waits for the write of the first attempt.
    async fn write(&self, cmd: &Cmd, limit: Duration) -> CallResult {
        let started = Instant::now();
        let writer = self.acquire().await?;
        let wait_ms =
            limit.saturating_sub(started.elapsed()).min(NODE_TIMEOUT).saturating_sub(REPLY_MARGIN).as_millis();
        let Some(wait_ms) = u64::try_from(wait_ms).ok().filter(|ms| *ms > 0) else {
            // `WAIT` with zero would wait without a limit.
            return Err(CallError::Timeout);
        };
        let mut both = pipe();
        both.add_command(cmd.clone()).cmd("WAIT").arg(self.replicas).arg(wait_ms);
        let answers = writer.connection()?.commands(&both, 2).await.map_err(CallError::Redis)?;
        let mut answers = answers.into_iter().map(|answer| answer.extract_error().map_err(CallError::Redis));
        let (Some(answer), Some(waited)) = (answers.next(), answers.next()) else {
            return Err(CallError::TooFewReplicas { have: 0, want: self.replicas });
        };
        let answer = answer?;
        // `WAIT` itself can fail, for example because the master has just become a replica.
        let have = if let Ok(Value::Int(have)) = waited { have } else { 0 };
        let enough = have >= i64::from(self.replicas);
        if enough { Ok(answer) } else { Err(CallError::TooFewReplicas { have, want: self.replicas }) }
    }

    async fn acquire(&self) -> std::result::Result<WriterLease<'_>, CallError> {
        let permit = self.free.acquire().await.map_err(|_| CallError::Timeout)?;
        let connection = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Ok(WriterLease { connection, pool: self, _permit: permit })
    }
}

/// A borrowed connection; dropping it returns it to the pool.
struct WriterLease<'a> {
    connection: Option<Connection>,
    pool: &'a ReplicatedWriters,
    _permit: SemaphorePermit<'a>,
}

impl WriterLease<'_> {
    fn connection(&self) -> std::result::Result<&Connection, CallError> {
        self.connection.as_ref().ok_or(CallError::Timeout)
    }
}

impl Drop for WriterLease<'_> {
    fn drop(&mut self) {
        let connection = self.connection.take();
        self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(connection);
    }
}

fn is_unknown_script(failure: &CallError) -> bool {
    matches!(failure, CallError::Redis(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript))
}

fn into_store_error(failure: CallError) -> StoreError {
    match failure {
        CallError::Redis(error) => classify(&error),
        CallError::TooFewReplicas { have, want } => {
            StoreError::Unavailable(format!("only {have} of {want} replicas have the write"))
        }
        CallError::Timeout => StoreError::Unavailable("no connection was free in time".to_owned()),
    }
}

/// Error codes of a Redis that is temporarily unable to answer.
const TRANSIENT_ERRORS: [&str; 12] = [
    "LOADING",
    "CLUSTERDOWN",
    "TRYAGAIN",
    "MASTERDOWN",
    "READONLY",
    "OOM",
    "BUSY",
    "MISCONF",
    "NOREPLICAS",
    "UNBLOCKED",
    "MOVED",
    "ASK",
];

/// Whether a retry may succeed: `Unavailable` if so, otherwise `Broken`.
pub(super) fn classify(error: &RedisError) -> StoreError {
    let text = error.to_string();
    if is_transient(error) { StoreError::Unavailable(text) } else { StoreError::Broken(text) }
}

fn is_transient(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Io | ErrorKind::ClusterConnectionNotFound | ErrorKind::Parse => true,
        // Redis 6 wraps the error of a command in a script into another message.
        ErrorKind::Server(ServerErrorKind::ResponseError) => error.detail().is_some_and(|detail| {
            detail.starts_with("max number of clients")
                || detail.split(|c: char| !c.is_ascii_uppercase()).any(|word| TRANSIENT_ERRORS.contains(&word))
        }),
        _ => error.code().is_some_and(|code| TRANSIENT_ERRORS.contains(&code)),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn classified(answer: &str) -> StoreError {
        let value = ::redis::parse_redis_value(format!("-{answer}\r\n").as_bytes()).unwrap();
        classify(&value.extract_error().unwrap_err())
    }

    #[test]
    fn what_may_pass_is_worth_asking_again() {
        for answer in [
            "LOADING Redis is loading the dataset in memory",
            "CLUSTERDOWN Hash slot not served",
            "TRYAGAIN Multiple keys request during rehashing of slot",
            "MASTERDOWN Link with MASTER is down",
            "READONLY You can't write against a read only replica.",
            "OOM command not allowed when used memory > 'maxmemory'. script: 0f, on @user_script:32.",
            "BUSY Redis is busy running a script.",
            "MISCONF Errors writing to the AOF file: No space left on device",
            "NOREPLICAS Not enough good replicas to write.",
            "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
            "ERR max number of clients reached",
            "ERR Error running script (call to f_0f): @user_script:32: -OOM command not allowed",
        ] {
            assert!(matches!(classified(answer), StoreError::Unavailable(_)), "{answer}");
        }
    }

    #[test]
    fn what_does_not_pass_is_broken() {
        for answer in [
            "WRONGTYPE Operation against a key holding the wrong kind of value",
            "ERR user_script:7: attempt to index a nil value",
            "ERR unknown command 'EVALSHA'",
            "NOPERM this user has no permissions to run the 'hset' command",
            "CROSSSLOT Keys in request don't hash to the same slot",
        ] {
            assert!(matches!(classified(answer), StoreError::Broken(_)), "{answer}");
        }
    }
}
