//! One call to Redis: bounded in time and number, with replicas where they are asked for, and with
//! every way to fail sorted once.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ::redis::aio::ConnectionLike;
use ::redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, Value, pipe};
use futures_util::future::try_join_all;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::cluster::NODE;
use super::connection::Connection;
use super::script::Script;
use crate::store::measured::{Call, measured};
use crate::store::patience::Waiting;
use crate::store::{Result, StoreError};

/// So many calls may be under way; with Redis frozen, more are refused at once.
const IN_FLIGHT: usize = 4096;

/// What is kept of a call's time for the way back, when replicas are waited for. In a cluster the
/// time is that of one node, or the driver would ask a second time while the first still waits.
const WAY_BACK: Duration = Duration::from_millis(100);

/// Makes calls.
pub(super) struct Calls {
    connection: Connection,
    /// Where writes go that wait for replicas.
    writers: Option<Writers>,
    in_flight: Semaphore,
    limit: Duration,
}

/// Connections that wait for replicas.
///
/// `WAIT` holds up everything behind it on its connection, and it speaks only of what its own
/// connection wrote. So each of these carries one write at a time, and reads go elsewhere.
pub(super) struct Writers {
    idle: Mutex<Vec<Connection>>,
    free: Semaphore,
    replicas: u32,
}

impl Calls {
    pub(super) fn new(connection: Connection, writers: Option<Writers>, limit: Duration) -> Calls {
        Calls { connection, writers, in_flight: Semaphore::new(IN_FLIGHT), limit }
    }

    /// A command that changes nothing.
    pub(super) async fn read(&self, cmd: &Cmd) -> Result<Value> {
        self.bounded(Call::Read, |_| ask(self.connection.clone(), cmd)).await
    }

    /// Commands that change nothing, all at once; together they count as one call.
    pub(super) async fn read_all(&self, cmds: &[Cmd]) -> Result<Vec<Value>> {
        self.bounded(Call::Read, |_| try_join_all(cmds.iter().map(|cmd| ask(self.connection.clone(), cmd)))).await
    }

    /// A script that changes nothing.
    pub(super) async fn read_by(&self, script: &Script, call: &Cmd) -> Result<Value> {
        self.bounded(Call::Read, |_| self.run(script, call)).await
    }

    async fn run(&self, script: &Script, call: &Cmd) -> Answer {
        match ask(self.connection.clone(), call).await {
            Err(error) if is_unknown_script(&error) => ask(self.connection.clone(), &script.with_text(call)).await,
            answer => answer,
        }
    }

    /// A command that changes something, or whose answer is told as if it had: answered once enough
    /// replicas have what stands.
    pub(super) async fn write(&self, cmd: &Cmd) -> Result<Value> {
        match &self.writers {
            None => self.bounded(Call::Write, |_| ask(self.connection.clone(), cmd)).await,
            Some(writers) => self.bounded(Call::Write, |left| writers.write(cmd, left)).await,
        }
    }

    /// As [`Calls::write`], by a script.
    pub(super) async fn write_by(&self, script: &Script, call: &Cmd) -> Result<Value> {
        let Some(writers) = &self.writers else {
            return self.bounded(Call::Write, |_| self.run(script, call)).await;
        };
        self.bounded(Call::Write, async |left| match writers.write(call, left).await {
            Err(error) if is_unknown_script(&error) => writers.write(&script.with_text(call), left).await,
            answer => answer,
        })
        .await
    }

    /// Commands that write and are not waited for by replicas, all at once; together they count as one
    /// call. Whoever moves house waits once, at the end.
    pub(super) async fn write_all(&self, cmds: &[Cmd]) -> Result<()> {
        self.read_all(cmds).await.map(|_| ())
    }

    /// A command for the single server, or for every master.
    pub(super) async fn of_masters(&self, cmd: &Cmd) -> Result<()> {
        self.connection.clone().of_masters(cmd).await.map(|_| ()).map_err(|error| sort(&error))
    }

    /// `work` is told how long it may take.
    async fn bounded<T, F>(&self, call: Call, work: impl FnOnce(Duration) -> F) -> Result<T>
    where
        F: Future<Output = Answer<T>>,
    {
        measured(call, async {
            let Ok(_permit) = self.in_flight.try_acquire() else {
                return Err(StoreError::Unavailable("too many calls are under way".to_owned()));
            };
            let (_waiting, left) = Waiting::begin(self.limit);
            match timeout(left, work(left)).await {
                Ok(answer) => answer.map_err(sorted),
                Err(_) => Err(late(self.limit)),
            }
        })
        .await
    }
}

type Answer<T = Value> = std::result::Result<T, Failure>;

/// Why a call was not answered as hoped.
#[derive(Debug)]
enum Failure {
    Redis(RedisError),
    Few { have: i64, want: u32 },
    Late,
}

async fn ask(mut connection: Connection, cmd: &Cmd) -> Answer {
    let answer = connection.req_packed_command(cmd).await;
    answer.and_then(Value::extract_error).map_err(Failure::Redis)
}

impl Writers {
    /// Writes wait for `replicas` on these connections.
    pub(super) fn new(connections: Vec<Connection>, replicas: u32) -> Writers {
        Writers { free: Semaphore::new(connections.len()), idle: Mutex::new(connections), replicas }
    }

    /// `WAIT` travels in one request with the write. Redis notes how far its log is after every
    /// command of a connection, so a repeat that writes nothing waits for the first time's write.
    async fn write(&self, cmd: &Cmd, limit: Duration) -> Answer {
        let begun = Instant::now();
        let mut writer = self.take().await?;
        let patience = limit.saturating_sub(begun.elapsed()).min(NODE).saturating_sub(WAY_BACK).as_millis();
        let Some(patience) = u64::try_from(patience).ok().filter(|ms| *ms > 0) else {
            // Zero would wait for ever.
            return Err(Failure::Late);
        };
        let mut both = pipe();
        both.add_command(cmd.clone()).cmd("WAIT").arg(self.replicas).arg(patience);
        let answers = writer.connection()?.req_packed_commands(&both, 0, 2).await.map_err(Failure::Redis)?;
        let mut answers = answers.into_iter().map(|answer| answer.extract_error().map_err(Failure::Redis));
        let (Some(answer), Some(waited)) = (answers.next(), answers.next()) else {
            return Err(Failure::Few { have: 0, want: self.replicas });
        };
        let answer = answer?;
        match waited {
            Ok(Value::Int(have)) if have >= i64::from(self.replicas) => Ok(answer),
            Ok(Value::Int(have)) => Err(Failure::Few { have, want: self.replicas }),
            // Whatever hinders the waiting, such as a master that is a replica since a moment ago.
            _ => Err(Failure::Few { have: 0, want: self.replicas }),
        }
    }

    async fn take(&self) -> std::result::Result<Writer<'_>, Failure> {
        let permit = self.free.acquire().await.map_err(|_| Failure::Late)?;
        let connection = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Ok(Writer { connection, home: self, _permit: permit })
    }
}

/// A connection that is taken, and given back when dropped.
struct Writer<'a> {
    connection: Option<Connection>,
    home: &'a Writers,
    _permit: SemaphorePermit<'a>,
}

impl Writer<'_> {
    fn connection(&mut self) -> std::result::Result<&mut Connection, Failure> {
        self.connection.as_mut().ok_or(Failure::Late)
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        let connection = self.connection.take();
        self.home.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(connection);
    }
}

fn is_unknown_script(failure: &Failure) -> bool {
    matches!(failure, Failure::Redis(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript))
}

fn late(limit: Duration) -> StoreError {
    StoreError::Unavailable(format!("no answer within {} ms", limit.as_millis()))
}

fn sorted(failure: Failure) -> StoreError {
    match failure {
        Failure::Redis(error) => sort(&error),
        Failure::Few { have, want } => StoreError::Unavailable(format!("{have} of {want} replicas have the write")),
        Failure::Late => StoreError::Unavailable("no connection was free in time".to_owned()),
    }
}

/// What Redis says when it cannot at the moment.
const PASSING: [&str; 12] = [
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

/// Whether asking again may help.
pub(super) fn sort(error: &RedisError) -> StoreError {
    let text = error.to_string();
    if may_pass(error) { StoreError::Unavailable(text) } else { StoreError::Broken(text) }
}

fn may_pass(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Io | ErrorKind::ClusterConnectionNotFound | ErrorKind::Parse => true,
        // Redis 6 puts the reason of a script's failed command inside a sentence of its own.
        ErrorKind::Server(ServerErrorKind::ResponseError) => error.detail().is_some_and(|detail| {
            detail.starts_with("max number of clients")
                || detail.split(|c: char| !c.is_ascii_uppercase()).any(|word| PASSING.contains(&word))
        }),
        _ => error.code().is_some_and(|code| PASSING.contains(&code)),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn sorted_answer(answer: &str) -> StoreError {
        let value = ::redis::parse_redis_value(format!("-{answer}\r\n").as_bytes()).unwrap();
        sort(&value.extract_error().unwrap_err())
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
            assert!(matches!(sorted_answer(answer), StoreError::Unavailable(_)), "{answer}");
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
            assert!(matches!(sorted_answer(answer), StoreError::Broken(_)), "{answer}");
        }
    }
}
