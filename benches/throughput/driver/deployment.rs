//! A server with a fresh store for each run, and the load on it.

use std::fmt;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::{Options, work_folder};
use crate::baseline_server::{self, Filler, StoreSettings};
use crate::load::{Job, Outcome, Requests};
use crate::redis_server::{RedisServer, join};
use crate::server_process::{ServerProcess, free_address, memory_mb};
use crate::test_carnival::{self, Store};

/// The server under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Baseline,
    Program,
}

/// The kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreKind {
    Embedded,
    Redis,
    /// With this many masters.
    Cluster(usize),
}

impl fmt::Display for StoreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreKind::Embedded => f.write_str("embedded"),
            StoreKind::Redis => f.write_str("Redis"),
            StoreKind::Cluster(masters) => write!(f, "a Redis Cluster of {masters}"),
        }
    }
}

/// As many bytes as the program's answers; the tables show both.
const FILLER: Filler = Filler { stamp: 53, check_in: 271, claim: 760, redemption: 300, me: 700, document: 1000 };

/// A running server. Fields are dropped in this order: the processes that write first.
pub(crate) struct Deployment {
    pub(crate) subject: Subject,
    server: ServerProcess,
    redis: Vec<RedisServer>,
    folder: TempDir,
    /// Memory before the first request, in megabytes.
    pub(crate) idle_mb: f64,
}

impl Deployment {
    /// Starts a server on an empty store, with further settings of the program.
    pub(crate) fn set(options: &Options, subject: Subject, kind: StoreKind, settings: &[(&str, String)]) -> Deployment {
        let folder = tempfile::tempdir_in(work_folder()).unwrap();
        let redis = redis(&folder, kind);
        let store = match (kind, redis.as_slice()) {
            (StoreKind::Redis, [redis, ..]) => Store::Redis(redis.url()),
            (StoreKind::Cluster(_), nodes) => Store::Cluster(nodes.iter().map(RedisServer::url).collect()),
            _ => Store::Embedded(folder.path().join("data")),
        };
        let address = free_address();
        let mut command = match subject {
            Subject::Program => {
                test_carnival::command("serve", &test_carnival::write_settings(folder.path(), address, &store))
            }
            Subject::Baseline => baseline(&folder, address, store),
        };
        command.envs(settings.iter().map(|(name, value)| (name, value)));
        let server = ServerProcess::start(options.under(command), address);
        let idle_mb = memory_mb(server.id());
        Deployment { subject, server, redis, folder, idle_mb }
    }

    /// Sends requests without measuring, and returns the value after `name` in each answer's body.
    pub(crate) fn prepare(&self, name: &str, requests: Requests) -> Vec<String> {
        self.send(Job { capture: name.to_owned(), ..self.job(64, &[200, 201], requests) }).captured
    }

    /// A job for this server that measures every request.
    pub(crate) fn job(&self, connections: usize, statuses: &[u16], requests: Requests) -> Job {
        let pids = std::iter::once(self.server.id()).chain(self.redis.iter().map(RedisServer::id)).collect();
        let (address, statuses) = (self.server.address, statuses.to_vec());
        Job {
            address,
            connections,
            rate: None,
            warm: 0,
            statuses,
            pids,
            must_contain: String::new(),
            capture: String::new(),
            requests,
        }
    }

    /// Runs a job in a load generator process.
    pub(crate) fn send(&self, job: Job) -> Outcome {
        let path = self.folder.path().join("job.json");
        std::fs::write(&path, serde_json::to_vec(&job).unwrap()).unwrap();
        drop(job);
        let mut command = Command::new(std::env::current_exe().unwrap());
        let output = command.arg("load").arg(&path).stdin(Stdio::null()).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "the load generator failed");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs a command of the program beside its server, and returns its output.
    pub(crate) fn run_command(&self, word: &str, words: &[&str]) -> String {
        let output =
            test_carnival::command(word, &test_carnival::settings_in(self.folder.path())).args(words).output().unwrap();
        assert!(output.status.success(), "carnival {word}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The server's memory in megabytes.
    pub(crate) fn memory_mb(&self) -> f64 {
        memory_mb(self.server.id())
    }

    /// The server's address.
    pub(crate) fn address(&self) -> std::net::SocketAddr {
        self.server.address
    }
}

fn redis(folder: &TempDir, kind: StoreKind) -> Vec<RedisServer> {
    let start = |name: String, more: &[&str]| RedisServer::start(&folder.path().join(name), more);
    match kind {
        StoreKind::Embedded => Vec::new(),
        StoreKind::Redis => vec![start("redis".to_owned(), &[])],
        StoreKind::Cluster(masters) => {
            let one = |number| start(format!("redis-{number}"), &["--cluster-enabled", "yes"]);
            let nodes: Vec<_> = (0..masters).map(one).collect();
            join(&nodes);
            nodes
        }
    }
}

fn baseline(folder: &TempDir, listen: std::net::SocketAddr, store: Store) -> Command {
    let store = match store {
        Store::Embedded(_) => StoreSettings::Embedded(folder.path().to_owned()),
        Store::Redis(url) => StoreSettings::Redis(url),
        Store::Cluster(urls) => StoreSettings::Cluster(urls),
    };
    let secret = test_carnival::JWT_SECRET.to_owned();
    let settings = baseline_server::Settings { listen, store, secret, filler: FILLER };
    let path = folder.path().join("baseline.json");
    std::fs::write(&path, serde_json::to_vec(&settings).unwrap()).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("baseline").arg(path);
    command
}
