//! One server with its store, started afresh for each run; and the load on it.

use std::fmt;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::{Options, workshop};
use crate::carnival::{self, Store};
use crate::floor::{self, Beyond, Kept};
use crate::load::{Job, Outcome, Requests};
use crate::process::{Server, free_address, memory_mb};
use crate::redis::{Redis, join};

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Floor,
    Program,
}

/// On which store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Embedded,
    Redis,
    /// Of so many masters.
    Cluster(usize),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Embedded => f.write_str("embedded"),
            Kind::Redis => f.write_str("Redis"),
            Kind::Cluster(masters) => write!(f, "a Redis Cluster of {masters}"),
        }
    }
}

/// As many bytes as the program's answers have here; the tables show both.
const BEYOND: Beyond = Beyond { stamp: 53, check_in: 271, claim: 760, redemption: 300, me: 700, document: 1000 };

/// A server that runs. The fields are dropped in this order: first who writes.
pub(crate) struct Stage {
    pub(crate) who: Who,
    server: Server,
    redis: Vec<Redis>,
    folder: TempDir,
    /// Megabytes held before the first request.
    pub(crate) idle_mb: f64,
}

impl Stage {
    /// An empty store, and a server on it, with further settings of the program.
    pub(crate) fn set(options: &Options, who: Who, kind: Kind, settings: &[(&str, String)]) -> Stage {
        let folder = tempfile::tempdir_in(workshop()).unwrap();
        let redis = redis(&folder, kind);
        let store = match (kind, redis.as_slice()) {
            (Kind::Redis, [redis, ..]) => Store::Redis(redis.url()),
            (Kind::Cluster(_), nodes) => Store::Cluster(nodes.iter().map(Redis::url).collect()),
            _ => Store::Embedded(folder.path().join("data")),
        };
        let address = free_address();
        let mut command = match who {
            Who::Program => carnival::command("serve", &carnival::furnish(folder.path(), address, &store)),
            Who::Floor => floor(&folder, address, store),
        };
        command.envs(settings.iter().map(|(name, value)| (name, value)));
        let server = Server::start(options.under(command), address);
        let idle_mb = memory_mb(server.id());
        Stage { who, server, redis, folder, idle_mb }
    }

    /// Sends requests all the same, and gives back what stood behind `name` in each answer's body.
    pub(crate) fn prepare(&self, name: &str, requests: Requests) -> Vec<String> {
        self.send(Job { keep: name.to_owned(), ..self.job(64, &[200, 201], requests) }).kept
    }

    /// What is sent to this server, all of it counted.
    pub(crate) fn job(&self, connections: usize, statuses: &[u16], requests: Requests) -> Job {
        let pids = std::iter::once(self.server.id()).chain(self.redis.iter().map(Redis::id)).collect();
        let (address, statuses) = (self.server.address, statuses.to_vec());
        Job {
            address,
            connections,
            rate: None,
            warm: 0,
            statuses,
            pids,
            must: String::new(),
            keep: String::new(),
            requests,
        }
    }

    /// Does a job, by a generator in a process of its own.
    pub(crate) fn send(&self, job: Job) -> Outcome {
        let path = self.folder.path().join("job.json");
        std::fs::write(&path, serde_json::to_vec(&job).unwrap()).unwrap();
        drop(job);
        let mut command = Command::new(std::env::current_exe().unwrap());
        let output = command.arg("load").arg(&path).stdin(Stdio::null()).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "the load generator gave up");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A command of the program beside its server, and what it prints.
    pub(crate) fn tell(&self, word: &str, words: &[&str]) -> String {
        let output = carnival::command(word, &carnival::settings_in(self.folder.path())).args(words).output().unwrap();
        assert!(output.status.success(), "carnival {word}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Megabytes that the server holds.
    pub(crate) fn memory_mb(&self) -> f64 {
        memory_mb(self.server.id())
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> std::net::SocketAddr {
        self.server.address
    }
}

fn redis(folder: &TempDir, kind: Kind) -> Vec<Redis> {
    let start = |name: String, more: &[&str]| Redis::start(&folder.path().join(name), more);
    match kind {
        Kind::Embedded => Vec::new(),
        Kind::Redis => vec![start("redis".to_owned(), &[])],
        Kind::Cluster(masters) => {
            let one = |number| start(format!("redis-{number}"), &["--cluster-enabled", "yes"]);
            let nodes: Vec<_> = (0..masters).map(one).collect();
            join(&nodes);
            nodes
        }
    }
}

fn floor(folder: &TempDir, listen: std::net::SocketAddr, store: Store) -> Command {
    let kept = match store {
        Store::Embedded(_) => Kept::Embedded(folder.path().to_owned()),
        Store::Redis(url) => Kept::Redis(url),
        Store::Cluster(urls) => Kept::Cluster(urls),
    };
    let secret = carnival::JWT_SECRET.to_owned();
    let settings = floor::Settings { listen, kept, secret, beyond: BEYOND };
    let path = folder.path().join("floor.json");
    std::fs::write(&path, serde_json::to_vec(&settings).unwrap()).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("floor").arg(path);
    command
}
