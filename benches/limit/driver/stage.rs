//! One server with its store, started afresh for each run; and the load on it.

use std::fmt;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::{Options, workshop};
use crate::carnival::{self, Store};
use crate::floor::{self, Beyond, Kept};
use crate::load::{Job, Outcome, Requests};
use crate::process::{Server, free_address, memory_mb};
use crate::redis::Redis;

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
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Embedded => "embedded",
            Kind::Redis => "Redis",
        })
    }
}

/// A server that runs. The fields are dropped in this order: first who writes.
pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) redis: Option<Redis>,
    folder: TempDir,
    /// Megabytes held by the program before its first request.
    pub(crate) idle_mb: f64,
}

/// As many bytes as the program's answers have here; the tables show both.
const BEYOND: Beyond = Beyond { stamp: 53, check_in: 271, claim: 900, redemption: 400, me: 700, document: 1000 };

impl Stage {
    /// An empty store, and a server on it; `more` are further settings of the program.
    pub(crate) fn set(options: &Options, who: Who, kind: Kind, more: &str) -> Stage {
        let folder = tempfile::tempdir_in(workshop()).unwrap();
        let redis = (kind == Kind::Redis).then(|| Redis::start(&folder.path().join("redis"), &[]));
        let address = free_address();
        let command = match (who, &redis) {
            (Who::Program, None) => program(&folder, address, &Store::Embedded(folder.path().join("data")), more),
            (Who::Program, Some(redis)) => program(&folder, address, &Store::Redis(redis.url()), more),
            (Who::Floor, None) => floor(&folder, address, Kept::Embedded(folder.path().to_owned())),
            (Who::Floor, Some(redis)) => floor(&folder, address, Kept::Redis(redis.url())),
        };
        // As under systemd the log goes somewhere; here to nobody.
        let server = Server::start(options.under(command), address);
        let idle_mb = memory_mb(server.id());
        Stage { server, redis, folder, idle_mb }
    }

    /// Sends requests by a generator in a process of its own.
    pub(crate) fn load(&self, connections: usize, rate: Option<f64>, statuses: &[u16], requests: Requests) -> Outcome {
        let pids = std::iter::once(self.server.id()).chain(self.redis.as_ref().map(Redis::id)).collect();
        let warm = requests.order.len() / 10;
        let statuses = statuses.to_vec();
        let job = Job { address: self.server.address, connections, rate, warm, statuses, pids, requests };
        let path = self.folder.path().join("job.json");
        std::fs::write(&path, serde_json::to_vec(&job).unwrap()).unwrap();
        drop(job);
        let mut command = Command::new(std::env::current_exe().unwrap());
        let output = command.arg("load").arg(&path).stdin(Stdio::null()).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "the load generator gave up");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn program(folder: &TempDir, address: std::net::SocketAddr, store: &Store, more: &str) -> Command {
    carnival::command("serve", &carnival::furnish(folder.path(), address, store, more))
}

fn floor(folder: &TempDir, listen: std::net::SocketAddr, kept: Kept) -> Command {
    let secret = carnival::JWT_SECRET.to_owned();
    let settings = floor::Settings { listen, kept, secret, beyond: BEYOND };
    let path = folder.path().join("floor.json");
    std::fs::write(&path, serde_json::to_vec(&settings).unwrap()).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("floor").arg(path);
    command
}
