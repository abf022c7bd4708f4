//! Redis servers with `config/redis.conf`, each in its own folder; single or as the masters of a cluster.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::server_process::{ServerProcess, free_address};

/// The number of slots of a cluster.
const SLOTS: usize = 16_384;

/// A running Redis with the shipped configuration.
pub(crate) struct RedisServer {
    server: ServerProcess,
    /// The cluster bus port.
    bus: u16,
}

impl RedisServer {
    /// Starts a server with its files in `folder`.
    pub(crate) fn start(folder: &Path, more: &[&str]) -> RedisServer {
        std::fs::create_dir_all(folder).unwrap();
        // The default bus port is the port plus 10,000, which may not exist.
        let (address, bus) = (free_address(), free_address().port());
        let conf = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/redis.conf");
        let mut command = Command::new("redis-server");
        command.arg(conf).arg("--port").arg(address.port().to_string()).arg("--dir").arg(folder);
        command.arg("--logfile").arg(folder.join("log")).args(more);
        command.arg("--cluster-port").arg(bus.to_string());
        RedisServer { server: ServerProcess::start(command, address), bus }
    }

    /// Its URL for clients.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.server.address)
    }

    /// Runs a command, and returns the output of `redis-cli`.
    fn run_command(&self, words: &[&str]) -> String {
        let port = self.server.address.port().to_string();
        let output = Command::new("redis-cli").args(["-p", &port]).args(words).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.server.id()
    }
}

/// Joins these masters into a cluster, with the slots split evenly. It has no replicas: they would only add the cost of
/// replication, and share the same cores.
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
        let info = node.run_command(&["CLUSTER", "INFO"]);
        info.contains("cluster_state:ok") && info.contains(&known)
    };
    while !nodes.iter().all(is_whole) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the nodes did not form a cluster");
        sleep(Duration::from_millis(20));
    }
}
