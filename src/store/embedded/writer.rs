//! The one thread that writes: it drains its queue, applies all steps in one transaction, commits
//! once, and answers each only then. There is no timer: the time of one commit gathers the next batch.
//!
//! A step that fails by itself (a record that cannot be read) changed nothing yet and is answered
//! alone. A failure of the database fails the whole batch, and after it redb answers nothing until
//! it is opened anew: the thread does so, at once and then after each `retry`, until it succeeds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{io, thread};

use redb::{Database, DatabaseError, Durability};
use tokio::sync::oneshot;

use super::super::{Result, StoreError};
use super::tables::{Tables, TxError, TxResult, to_store_error};

/// So many steps share a commit at most, and so many more wait before others are turned away.
const MAX_BATCH_SIZE: usize = 1024;
const QUEUE_CAPACITY: usize = 4 * MAX_BATCH_SIZE;

/// Opens the database, the first time and after a failure.
pub(super) type Opener = Box<dyn Fn() -> std::result::Result<Database, DatabaseError> + Send>;

/// The database, while it is open. Whoever uses it holds the lock for reading; the writer alone
/// takes it for writing, to close and to open anew.
#[derive(Default)]
pub(super) struct DatabaseSlot {
    database: RwLock<Option<Database>>,
    /// How often it was opened, and the last opening that is known to have failed. Numbers, because
    /// a slow reader may tell of a failure that was mended already.
    opened: AtomicU64,
    failed: AtomicU64,
}

impl DatabaseSlot {
    pub(super) fn database(&self) -> RwLockReadGuard<'_, Option<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which opening the database is of; stays while the lock is held.
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

/// What the thread is asked to do.
enum Message {
    Write(Box<dyn WriteCommand>),
    /// A reader met a failure of the database.
    Reopen,
}

/// A step of whatever answer.
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
            (None, None) => Err(unavailable("a step was not taken")),
        };
        // Whoever asked may have gone; the step is done all the same.
        let _ = self.reply_to.send(answer);
    }
}

pub(super) fn unavailable(why: &str) -> StoreError {
    StoreError::Unavailable(why.to_owned())
}

/// The way to the thread. Dropping it ends the thread after the steps that wait, and closes the database.
pub(super) struct Writer {
    queue: Option<SyncSender<Message>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread with a database that is open.
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

    /// Queues a step; its answer comes when it is on disk.
    pub(super) fn submit<T, F>(&self, command: F) -> Result<oneshot::Receiver<Result<T>>>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tables<'_>) -> TxResult<T> + Send + 'static,
    {
        let (reply_to, answer) = oneshot::channel();
        self.send(Message::Write(Box::new(PendingWrite { command: Some(command), outcome: None, reply_to })))?;
        Ok(answer)
    }

    /// Tells the thread that a reader of this opening met a failure.
    pub(super) fn reopen(&self, slot: &DatabaseSlot, opening: u64) {
        slot.fail(opening);
        // A full queue means that the thread will look soon anyway.
        let _ = self.send(Message::Reopen);
    }

    fn send(&self, command: Message) -> Result<()> {
        let queue = self.queue.as_ref().ok_or_else(|| unavailable("the store is closed"))?;
        queue.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => unavailable("too many writes wait"),
            TrySendError::Disconnected(_) => unavailable("the writer is gone"),
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // It caught its own panics; there is nobody left to tell of another.
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
                Err(TryRecvError::Empty) => {
                    self.reopen();
                }
                Err(TryRecvError::Disconnected) => break,
            }
        }
        self.slot.close();
    }

    /// Waits for one step and takes all that wait with it. Empty when it is time to try opening again.
    fn next_batch(&self) -> std::result::Result<Vec<Box<dyn WriteCommand>>, TryRecvError> {
        let first = if self.slot.is_failed() {
            self.commands.recv_timeout(self.retry).map_err(|error| match error {
                RecvTimeoutError::Timeout => TryRecvError::Empty,
                RecvTimeoutError::Disconnected => TryRecvError::Disconnected,
            })
        } else {
            self.commands.recv().map_err(|_| TryRecvError::Disconnected)
        }?;
        let waiting = std::iter::once(first).chain(self.commands.try_iter()).take(MAX_BATCH_SIZE);
        Ok(waiting
            .filter_map(|command| match command {
                Message::Write(command) => Some(command),
                Message::Reopen => None,
            })
            .collect())
    }

    fn process_batch(&mut self, mut batch: Vec<Box<dyn WriteCommand>>) {
        let failure =
            if self.reopen() { self.commit_batch(&mut batch) } else { Some(unavailable("the database failed")) };
        for command in batch {
            command.answer(failure.as_ref());
        }
        // At once, so that readers need not wait for the next write.
        self.reopen();
    }

    /// Takes the steps of a batch and commits them; what failed them all, if something did.
    fn commit_batch(&mut self, batch: &mut [Box<dyn WriteCommand>]) -> Option<StoreError> {
        let begun = Instant::now();
        // A panic inside redb must not end the one thread that writes: it is a failure like another.
        let run = catch_unwind(AssertUnwindSafe(|| commit(&self.slot, batch)));
        let failure = match run {
            Ok(Ok(())) => {
                record_commit_metrics(batch.len(), begun);
                return None;
            }
            Ok(Err(TxError::Operation(error))) => error,
            Ok(Err(TxError::Database(error))) => {
                tracing::error!(%error, "the database failed; it will be opened anew");
                to_store_error(&error)
            }
            Err(_) => unavailable("the database broke off"),
        };
        self.slot.fail(self.slot.opened());
        self.last_try = None;
        Some(failure)
    }

    /// Whether the database can be used; after a failure it is opened anew, if it is time to try.
    fn reopen(&mut self) -> bool {
        if !self.slot.is_failed() {
            return true;
        }
        if self.last_try.is_some_and(|last| last.elapsed() < self.retry) {
            return false;
        }
        self.last_try = Some(Instant::now());
        // Closed first: its own lock would keep it out. Readers are answered meanwhile, not made to wait.
        self.slot.close();
        match (self.opener)() {
            Ok(database) => {
                self.slot.open(database);
                tracing::info!("the database is open again");
                true
            }
            Err(error) => {
                tracing::warn!(%error, "the database cannot be opened yet");
                false
            }
        }
    }
}

/// A batch that holds nothing but a call to mend is no commit.
fn record_commit_metrics(commands: usize, begun: Instant) {
    if commands > 0 {
        metrics::histogram!("carnival_store_commit_seconds").record(begun.elapsed());
        metrics::histogram!("carnival_store_commit_steps").record(u32::try_from(commands).unwrap_or(u32::MAX));
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

/// Runs `write` in one transaction that is on disk when this returns. If it edited nothing, there
/// is nothing to wait for: what it read was on disk already.
pub(super) fn in_one_commit(database: &Database, write: impl FnOnce(&mut Tables<'_>) -> TxResult<()>) -> TxResult<()> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    // After kill -9 the database opens at once, however large it is.
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
