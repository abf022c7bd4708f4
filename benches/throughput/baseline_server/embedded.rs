//! The baseline's store in redb: one thread drains its queue into one commit and replies afterwards; reads are
//! snapshots on tokio's blocking threads.
//!
//! The log has one sequence here; the program has one per shard, as on Redis.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use redb::{Database, Durability, ReadableDatabase, ReadableTable, Table, TableDefinition, WriteTransaction};
use tokio::sync::oneshot;

use super::{Claim, Stamps};

type Texts<'t> = Table<'t, &'static str, &'static str>;

const PASSPORTS: TableDefinition<'_, &str, &str> = TableDefinition::new("passports");
const CLAIMS: TableDefinition<'_, &str, &str> = TableDefinition::new("claims");
const VOUCHERS: TableDefinition<'_, &str, &str> = TableDefinition::new("vouchers");
const FACTS: TableDefinition<'_, u64, &str> = TableDefinition::new("facts");
const TALLIES: TableDefinition<'_, &str, u64> = TableDefinition::new("tallies");

/// The program's maximum batch size.
const BATCH: usize = 1024;

/// A write; returns the function that sends its reply.
type WriteCommand = Box<dyn FnOnce(&mut Batch<'_>) -> Box<dyn FnOnce()> + Send>;

/// The store.
pub(super) struct Embedded {
    queue: SyncSender<WriteCommand>,
    database: Arc<Database>,
}

impl Embedded {
    pub(super) fn open(folder: &Path) -> Embedded {
        let database = Database::builder().set_cache_size(64 << 20).create(folder.join("baseline.redb")).unwrap();
        let first = database.begin_write().unwrap();
        for table in [PASSPORTS, CLAIMS, VOUCHERS] {
            first.open_table(table).unwrap();
        }
        first.commit().unwrap();
        let database = Arc::new(database);
        let (queue, steps) = sync_channel(16 * BATCH);
        let owned = Arc::clone(&database);
        thread::spawn(move || run_writer(&owned, &steps));
        Embedded { queue, database }
    }

    pub(super) async fn stamp(&self, resident: &str, point: u16, stamp: String) -> (bool, Stamps) {
        let resident = resident.to_owned();
        let (new, passport) = self
            .write(move |batch| {
                let passports = batch.passports();
                let mut passport = text(passports, &resident).unwrap_or_default();
                let prefix = format!("{point} ");
                let new = !passport.lines().any(|line| line.starts_with(&prefix));
                if new {
                    // Writing to a String cannot fail.
                    let _ = writeln!(passport, "{point} {stamp}");
                    passports.insert(resident.as_str(), passport.as_str()).unwrap();
                    batch.log(&format!("{resident} {point} {stamp}"));
                    batch.count(format!("stamps {point}"));
                    batch.count(format!("stamps {point} 2023-04-14 10"));
                }
                (new, passport)
            })
            .await;
        (new, stamps_of(&passport))
    }

    pub(super) async fn claim(&self, claim: Claim) {
        let resident = claim.resident.clone();
        self.read(move |snapshot| snapshot.passport(&resident)).await;
        self.write(move |batch| {
            if text(batch.claims(), &claim.resident).is_none() {
                batch.claims().insert(claim.resident.as_str(), claim.record.as_str()).unwrap();
                batch.vouchers().insert(claim.voucher.as_str(), claim.resident.as_str()).unwrap();
                batch.log(&claim.record);
                batch.count("claims 1 2023-04-14 10".to_owned());
            }
        })
        .await;
    }

    pub(super) async fn redeem(&self, voucher: String, session: String) {
        self.read(move |snapshot| snapshot.passport(&session)).await;
        let claim_read = self.read(move |snapshot| snapshot.claim_of(&voucher)).await;
        let (resident, record) = claim_read.expect("a claim of this voucher");
        self.write(move |batch| {
            let stored = text(batch.claims(), &resident).expect("a claim");
            assert_eq!(stored, record, "no concurrent redemption");
            let record = format!("{record} redeemed");
            batch.claims().insert(resident.as_str(), record.as_str()).unwrap();
            batch.log(&record);
            batch.count("redeemed 1 market 2023-04-14 10".to_owned());
            batch.count("redeemed 1 by somebody".to_owned());
        })
        .await;
    }

    pub(super) async fn me(&self, resident: String) -> Stamps {
        self.read(move |snapshot| {
            let stamps = snapshot.passport(&resident);
            snapshot.of(CLAIMS, &resident);
            stamps
        })
        .await
    }

    async fn read<T: Send + 'static>(&self, look: impl FnOnce(Snapshot) -> T + Send + 'static) -> T {
        let database = Arc::clone(&self.database);
        let read = tokio::task::spawn_blocking(move || look(Snapshot(database.begin_read().unwrap())));
        read.await.unwrap()
    }

    async fn write<T: Send + 'static>(&self, apply: impl FnOnce(&mut Batch<'_>) -> T + Send + 'static) -> T {
        let (to, answer) = oneshot::channel();
        let apply: WriteCommand = Box::new(move |batch| {
            let answer = apply(batch);
            Box::new(move || {
                // The caller may be gone.
                let _ = to.send(answer);
            })
        });
        self.queue.try_send(apply).expect("room in the queue");
        answer.await.expect("the writer runs")
    }
}

/// A read snapshot.
struct Snapshot(redb::ReadTransaction);

impl Snapshot {
    fn of(&self, table: TableDefinition<'_, &'static str, &'static str>, key: &str) -> Option<String> {
        let table = self.0.open_table(table).unwrap();
        table.get(key).unwrap().map(|stored| stored.value().to_owned())
    }

    fn passport(&self, resident: &str) -> Stamps {
        stamps_of(&self.of(PASSPORTS, resident).unwrap_or_default())
    }

    fn claim_of(&self, voucher: &str) -> Option<(String, String)> {
        let resident = self.of(VOUCHERS, voucher)?;
        let record = self.of(CLAIMS, &resident)?;
        Some((resident, record))
    }
}

/// One transaction; its tables are opened on demand.
struct Batch<'t> {
    transaction: &'t WriteTransaction,
    passports: Option<Texts<'t>>,
    claims: Option<Texts<'t>>,
    vouchers: Option<Texts<'t>>,
    facts: Option<Table<'t, u64, &'static str>>,
    next: &'t mut u64,
    counts: HashMap<String, u64>,
}

impl<'t> Batch<'t> {
    fn passports(&mut self) -> &mut Texts<'t> {
        self.passports.get_or_insert_with(|| self.transaction.open_table(PASSPORTS).unwrap())
    }

    fn claims(&mut self) -> &mut Texts<'t> {
        self.claims.get_or_insert_with(|| self.transaction.open_table(CLAIMS).unwrap())
    }

    fn vouchers(&mut self) -> &mut Texts<'t> {
        self.vouchers.get_or_insert_with(|| self.transaction.open_table(VOUCHERS).unwrap())
    }

    fn log(&mut self, fact: &str) {
        let facts = self.facts.get_or_insert_with(|| self.transaction.open_table(FACTS).unwrap());
        facts.insert(*self.next, fact).unwrap();
        *self.next += 1;
    }

    fn count(&mut self, name: String) {
        *self.counts.entry(name).or_default() += 1;
    }

    fn write_counts(&mut self) {
        let mut tallies = self.transaction.open_table(TALLIES).unwrap();
        for (name, more) in self.counts.drain() {
            let before = tallies.get(name.as_str()).unwrap().map_or(0, |count| count.value());
            tallies.insert(name.as_str(), before + more).unwrap();
        }
    }
}

fn text(table: &Texts<'_>, key: &str) -> Option<String> {
    table.get(key).unwrap().map(|stored| stored.value().to_owned())
}

fn stamps_of(passport: &str) -> Stamps {
    let stamps = passport.lines().filter_map(|line| line.split_once(' '));
    stamps.map(|(point, stamp)| (point.to_owned(), stamp.to_owned())).collect()
}

fn run_writer(database: &Database, steps: &Receiver<WriteCommand>) {
    let mut next = 0;
    while let Ok(first) = steps.recv() {
        let mut transaction = database.begin_write().unwrap();
        transaction.set_durability(Durability::Immediate).unwrap();
        transaction.set_quick_repair(true);
        let mut batch = Batch {
            transaction: &transaction,
            passports: None,
            claims: None,
            vouchers: None,
            facts: None,
            next: &mut next,
            counts: HashMap::new(),
        };
        let steps = std::iter::once(first).chain(steps.try_iter()).take(BATCH);
        let answers: Vec<_> = steps.map(|apply| apply(&mut batch)).collect();
        batch.write_counts();
        drop(batch);
        transaction.commit().unwrap();
        for answer in answers {
            answer();
        }
    }
}
