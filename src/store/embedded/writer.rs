//! The only thread that writes. It takes all queued commands, applies them in one transaction, commits once, and then
//! replies to each. There is no timer: the next batch collects while a commit is written.
//!
//! A command that fails (a record that cannot be read) has changed nothing and fails alone. A failure of the database
//! fails the whole batch. After it redb rejects every call until the database is reopened; the thread tries that at
//! once and then every `retry`, until it succeeds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{io, thread};

use redb::{Database, Durability};
use tokio::sync::oneshot;

use super::tables::{Tables, TxError, TxResult, to_store_error};
use super::verified_file::{OpenedDatabase, Verification};
use crate::store::{Result, StoreError};

/// Maximum number of commands per commit, and capacity of the queue; further commands are rejected.
const MAX_BATCH_SIZE: usize = 1024;
const QUEUE_CAPACITY: usize = 4 * MAX_BATCH_SIZE;

/// Opens the database, the first time and after a failure.
pub(super) type Opener = Box<dyn Fn(Verification) -> OpenedDatabase + Send>;

/// The database, while it is open. Users hold the lock for reading; only the writer takes it for writing, to close
/// and to reopen the database.
#[derive(Default)]
pub(super) struct DatabaseSlot {
    database: RwLock<Option<Database>>,
    /// How often it was opened, and the last opening that is known to have failed. Numbers instead of a flag, because
    /// a slow reader may report a failure after the database was reopened.
    opened: AtomicU64,
    failed: AtomicU64,
}

impl DatabaseSlot {
    pub(super) fn database(&self) -> RwLockReadGuard<'_, Option<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the current opening; constant while the lock is held.
    pub(super) fn opened(&self) -> u64 {
        self.opened.load(Ordering::Acquire)
    }

    fn is_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire) >= self.opened()
    }

    fn fail(&self, opening: u64) {
        self.failed.fetch_max(opening, Ordering::AcqRel);
    }

    fn open(&self, database: Database) {
        let mut guard = self.database.write().unwrap_or_else(PoisonError::into_inner);
        *guard = Some(database);
        self.opened.fetch_add(1, Ordering::AcqRel);
    }

    fn close(&self) {
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// A message to the thread; without a command it says that a reader met a failure of the database.
type Message = Option<Box<dyn WriteCommand>>;

/// A command with its result type erased.
trait WriteCommand: Send {
    fn apply(&mut self, tables: &mut Tables<'_>) -> std::result::Result<(), redb::Error>;
    fn answer(self: Box<Self>, failure: Option<&StoreError>);
}

struct PendingWrite<T, F> {
    command: Option<F>,
    outcome: Option<Result<T>>,
    reply_to: oneshot::Sender<Result<T>>,
}

impl<T, F> WriteCommand for PendingWrite<T, F>
where
    T: Send,
    F: FnOnce(&mut Tables<'_>) -> TxResult<T> + Send,
{
    fn apply(&mut self, tables: &mut Tables<'_>) -> std::result::Result<(), redb::Error> {
        if let Some(command) = self.command.take() {
            self.outcome = Some(match command(tables) {
                Ok(answer) => Ok(answer),
                Err(TxError::Operation(error)) => Err(error),
                Err(TxError::Database(error)) => return Err(error),
            });
        }
        Ok(())
    }

    fn answer(self: Box<Self>, failure: Option<&StoreError>) {
        let answer = match (failure, self.outcome) {
            (Some(failure), _) => Err(failure.clone()),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(unavailable("the write was not executed")),
        };
        // The caller may have given up; the write is committed nevertheless.
        let _ = self.reply_to.send(answer);
    }
}

pub(super) fn unavailable(why: &str) -> StoreError {
    StoreError::Unavailable(why.to_owned())
}

/// The handle of the thread. Dropping it completes the queued commands, ends the thread, and closes the database.
pub(super) struct Writer {
    queue: Option<SyncSender<Message>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread with an open database.
    pub(super) fn start(
        database: Database,
        opener: Opener,
        retry: Duration,
        slot: Arc<DatabaseSlot>,
    ) -> io::Result<Writer> {
        let (queue, commands) = sync_channel(QUEUE_CAPACITY);
        slot.open(database);
        let mut worker = WriterThread { commands, opener, retry, last_try: None, slot };
        let thread = thread::Builder::new().name("store-writer".to_owned()).spawn(move || worker.run())?;
        Ok(Writer { queue: Some(queue), thread: Some(thread) })
    }

    /// Queues a command; the reply arrives after the commit is on disk.
    pub(super) fn submit<T, F>(&self, command: F) -> Result<oneshot::Receiver<Result<T>>>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tables<'_>) -> TxResult<T> + Send + 'static,
    {
        let (reply_to, answer) = oneshot::channel();
        self.send(Some(Box::new(PendingWrite { command: Some(command), outcome: None, reply_to })))?;
        Ok(answer)
    }

    /// Reports that a reader of this opening met a failure.
    pub(super) fn reopen(&self, slot: &DatabaseSlot, opening: u64) {
        slot.fail(opening);
        // If the queue is full, the thread checks for failures soon anyway.
        let _ = self.send(None);
    }

    fn send(&self, command: Message) -> Result<()> {
        let queue = self.queue.as_ref().ok_or_else(|| unavailable("the store is closed"))?;
        queue.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => unavailable("too many writes are queued"),
            TrySendError::Disconnected(_) => unavailable("the writer thread has ended"),
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // The thread catches its panics; there is nothing to report another one to.
            let _ = thread.join();
        }
    }
}

struct WriterThread {
    commands: Receiver<Message>,
    opener: Opener,
    retry: Duration,
    last_try: Option<Instant>,
    slot: Arc<DatabaseSlot>,
}

impl WriterThread {
    fn run(&mut self) {
        loop {
            match self.next_batch() {
                Ok(batch) => self.process_batch(batch),
                Err(RecvTimeoutError::Timeout) => _ = self.reopen(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.slot.close();
    }

    /// Waits for one command and takes all queued ones with it. `Timeout` when it is time to try reopening again.
    fn next_batch(&self) -> std::result::Result<Vec<Box<dyn WriteCommand>>, RecvTimeoutError> {
        let first =
            if self.slot.is_failed() { self.commands.recv_timeout(self.retry)? } else { self.commands.recv()? };
        Ok(std::iter::once(first).chain(self.commands.try_iter()).take(MAX_BATCH_SIZE).flatten().collect())
    }

    fn process_batch(&mut self, mut batch: Vec<Box<dyn WriteCommand>>) {
        let failure =
            if self.reopen() { self.commit_batch(&mut batch) } else { Some(unavailable("the database failed")) };
        for command in batch {
            command.answer(failure.as_ref());
        }
        // Reopens at once, so that readers need not wait for the next write.
        self.reopen();
    }

    /// Applies the commands of a batch and commits them; returns the failure of the whole batch, if any.
    fn commit_batch(&mut self, batch: &mut [Box<dyn WriteCommand>]) -> Option<StoreError> {
        let started = Instant::now();
        // A panic inside redb must not end the writer thread: it is handled like a failure of the database.
        let run = catch_unwind(AssertUnwindSafe(|| commit(&self.slot, batch)));
        let failure = match run {
            Ok(Ok(())) => {
                record_commit_metrics(batch.len(), started);
                return None;
            }
            Ok(Err(TxError::Operation(error))) => error,
            Ok(Err(TxError::Database(error))) => {
                tracing::error!(%error, "the database failed; reopening it");
                to_store_error(&error)
            }
            Err(_) => unavailable("the database panicked"),
        };
        self.slot.fail(self.slot.opened());
        self.last_try = None;
        Some(failure)
    }

    /// Whether the database can be used. After a failure, reopens it unless the last attempt was less than `retry`
    /// ago.
    fn reopen(&mut self) -> bool {
        if !self.slot.is_failed() {
            return true;
        }
        if self.last_try.is_some_and(|last| last.elapsed() < self.retry) {
            return false;
        }
        self.last_try = Some(Instant::now());
        // Closed first, because its own lock would prevent reopening. Readers get an error in the meantime instead of
        // waiting.
        self.slot.close();
        match (self.opener)(Verification::Header) {
            Ok(database) => {
                self.slot.open(database);
                tracing::info!("the database was reopened");
                true
            }
            Err(error) => {
                tracing::warn!(%error, "the database cannot be reopened yet");
                false
            }
        }
    }
}

/// A batch that held only a request to reopen is not a commit.
fn record_commit_metrics(commands: usize, started: Instant) {
    if commands > 0 {
        metrics::histogram!("carnival_store_commit_seconds").record(started.elapsed());
        metrics::histogram!("carnival_store_commit_commands").record(u32::try_from(commands).unwrap_or(u32::MAX));
    }
}

fn commit(slot: &DatabaseSlot, batch: &mut [Box<dyn WriteCommand>]) -> TxResult<()> {
    let guard = slot.database();
    let database = guard.as_ref().ok_or_else(|| unavailable("the database is closed"))?;
    if batch.is_empty() {
        return Ok(());
    }
    in_one_commit(database, |tables| {
        batch.iter_mut().try_for_each(|command| command.apply(tables)).map_err(TxError::Database)
    })
}

/// Runs `write` in one transaction that is on disk when this returns. If nothing was edited, there is no commit to
/// wait for: everything it read was on disk already.
pub(super) fn in_one_commit(database: &Database, write: impl FnOnce(&mut Tables<'_>) -> TxResult<()>) -> TxResult<()> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    // So that a damaged commit is an error and never undone in silence, and that the database is reopened at once after a
    // failure, independent of its size.
    transaction.set_quick_repair(true);
    let mut tables = Tables::new(&transaction);
    write(&mut tables)?;
    tables.flush_full_journal()?;
    tables.write_counts()?;
    let edited = tables.edited();
    drop(tables);
    if edited {
        transaction.commit()?;
    } else {
        transaction.abort()?;
    }
    Ok(())
}
