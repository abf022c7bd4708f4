//! The floor's stamps in redb: one thread drains its queue into one commit, and answers after it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use redb::{Database, Durability, ReadableTable, TableDefinition};
use tokio::sync::oneshot;

const PASSPORTS: TableDefinition<'_, &str, &str> = TableDefinition::new("passports");
const FACTS: TableDefinition<'_, u64, &str> = TableDefinition::new("facts");
const TALLIES: TableDefinition<'_, &str, u64> = TableDefinition::new("tallies");

/// As many as the program takes at once.
const BATCH: usize = 1024;

struct Step {
    resident: String,
    point: u16,
    stamp: String,
    to: oneshot::Sender<(bool, String)>,
}

/// The store.
pub(super) struct Embedded {
    queue: SyncSender<Step>,
}

impl Embedded {
    pub(super) fn open(folder: &Path) -> Embedded {
        let database = Database::builder().set_cache_size(64 << 20).create(folder.join("floor.redb")).unwrap();
        let (queue, steps) = sync_channel(4 * BATCH);
        thread::spawn(move || work(&database, &steps));
        Embedded { queue }
    }

    pub(super) async fn stamp(&self, resident: &str, point: u16, stamp: String) -> (bool, Vec<(String, String)>) {
        let (to, answer) = oneshot::channel();
        self.queue.try_send(Step { resident: resident.to_owned(), point, stamp, to }).expect("room in the queue");
        let (new, passport) = answer.await.expect("the writer lives");
        let stamps = passport.lines().filter_map(|line| line.split_once(' '));
        (new, stamps.map(|(point, stamp)| (point.to_owned(), stamp.to_owned())).collect())
    }
}

fn work(database: &Database, steps: &Receiver<Step>) {
    let mut facts = 0;
    while let Ok(first) = steps.recv() {
        let batch: Vec<_> = std::iter::once(first).chain(steps.try_iter()).take(BATCH).collect();
        let mut transaction = database.begin_write().unwrap();
        transaction.set_durability(Durability::Immediate).unwrap();
        transaction.set_quick_repair(true);
        let answers = {
            let mut passports = transaction.open_table(PASSPORTS).unwrap();
            let mut log = transaction.open_table(FACTS).unwrap();
            let mut tallies = transaction.open_table(TALLIES).unwrap();
            let mut counts: HashMap<String, u64> = HashMap::new();
            let mut answers = Vec::with_capacity(batch.len());
            for step in batch {
                let Step { resident, point, stamp, to } = step;
                let kept = passports.get(resident.as_str()).unwrap().map(|kept| kept.value().to_owned());
                let mut passport = kept.unwrap_or_default();
                let prefix = format!("{point} ");
                let new = !passport.lines().any(|line| line.starts_with(&prefix));
                if new {
                    passport.push_str(&format!("{point} {stamp}\n"));
                    passports.insert(resident.as_str(), passport.as_str()).unwrap();
                    log.insert(facts, format!("{resident} {point} {stamp}").as_str()).unwrap();
                    facts += 1;
                    *counts.entry(format!("stamps {point}")).or_default() += 1;
                    *counts.entry(format!("stamps {point} 2023-04-14 10")).or_default() += 1;
                }
                answers.push((to, (new, passport)));
            }
            for (name, more) in counts {
                let before = tallies.get(name.as_str()).unwrap().map_or(0, |count| count.value());
                tallies.insert(name.as_str(), before + more).unwrap();
            }
            answers
        };
        transaction.commit().unwrap();
        for (to, answer) in answers {
            // Whoever asked may have gone.
            let _ = to.send(answer);
        }
    }
}
