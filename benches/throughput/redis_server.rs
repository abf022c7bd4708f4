//! Redis servers under `config/redis.conf`, each in a folder of its own; alone or as the masters of a cluster.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::server_process::{ServerProcess, free_address};

/// How many slots a cluster has.
const SLOTS: usize = 16_384;

/// A running Redis, with the promise's settings.
pub(crate) struct RedisServer {
    server: ServerProcess,
    /// The port at which nodes of a cluster talk to each other.
    bus: u16,
}

impl RedisServer {
    /// Starts one that keeps in `folder`.
    pub(crate) fn start(folder: &Path, more: &[&str]) -> RedisServer {
        std::fs::create_dir_all(folder).unwrap();
        // By itself the bus would take the port plus 10,000, which may be none.
        let (address, bus) = (free_address(), free_address().port());
        let conf = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/redis.conf");
        let mut command = Command::new("redis-server");
        command.arg(conf).arg("--port").arg(address.port().to_string()).arg("--dir").arg(folder);
        command.arg("--logfile").arg(folder.join("log")).args(more);
        command.arg("--cluster-port").arg(bus.to_string());
        RedisServer { server: ServerProcess::start(command, address), bus }
    }

    /// Where clients find it.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.server.address)
    }

    /// A command, and what `redis-cli` prints of the answer.
    fn run_command(&self, words: &[&str]) -> String {
        let port = self.server.address.port().to_string();
        let output = Command::new("redis-cli").args(["-p", &port]).args(words).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.server.id()
    }
}

/// Makes a cluster of these masters, who share the slots evenly. It has no replicas: those cost the others nothing
/// but the sending, and here they would share the same two cores.
pub(crate) fn join(nodes: &[RedisServer]) {
    let count = nodes.len();
    for (at, node) in nodes.iter().enumerate() {
        let (first, end) = (SLOTS * at / count, SLOTS * (at + 1) / count);
        node.run_command(&["CLUSTER", "ADDSLOTSRANGE", &first.to_string(), &(end - 1).to_string()]);
        node.run_command(&["CLUSTER", "SET-CONFIG-EPOCH", &(at + 1).to_string()]);
    }
    for node in &nodes[1..] {
        let (port, bus) = (node.server.address.port().to_string(), node.bus.to_string());
        nodes[0].run_command(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus]);
    }
    let begun = Instant::now();
    let known = format!("cluster_known_nodes:{count}\r");
    let is_whole = |node: &RedisServer| {
        let told = node.run_command(&["CLUSTER", "INFO"]);
        told.contains("cluster_state:ok") && told.contains(&known)
    };
    while !nodes.iter().all(is_whole) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the nodes do not become a cluster");
        sleep(Duration::from_millis(20));
    }
}
