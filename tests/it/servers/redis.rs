//! Redis, alone and as a cluster.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::process::{Process, cannot_run, free_port};

/// One Redis with the promise that we ask of operators: each write is on disk before its answer.
pub(crate) struct RedisServer {
    port: u16,
    arguments: Vec<String>,
    /// None while it is killed. Before `folder`, so that nobody writes there any more when it is deleted.
    process: Option<Process>,
    folder: TempDir,
}

impl RedisServer {
    /// Starts one on a free port.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with more arguments; where they contradict ours, they win: `["--appendfsync", "no"]`.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let mut server = Self {
            port: free_port(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            process: None,
            folder: tempfile::tempdir().unwrap(),
        };
        server.restart();
        server
    }

    /// Where a client finds it.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// One command, such as `["GET", "key"]`, and what `redis-cli` prints of the answer.
    pub(crate) fn command(&self, words: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .args(words)
            .output()
            .unwrap_or_else(|error| panic!("{}", cannot_run("redis-cli", &error)));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// SIGKILL: no farewell, no last save.
    pub(crate) fn kill_hard(&mut self) {
        self.process = None;
    }

    /// Starts it again on its port and folder; kills it first if it still runs.
    pub(crate) fn restart(&mut self) {
        self.kill_hard();
        let mut command = Command::new("redis-server");
        command
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--appendonly", "yes", "--appendfsync", "always"])
            .args(["--maxmemory-policy", "noeviction", "--save", ""])
            .arg("--dir")
            .arg(self.folder.path())
            .args(&self.arguments);
        let mut process = Process::start(command, &self.folder.path().join("log"));
        let (port, id) = (self.port, process.id());
        process.wait_until("it answers PING", || answers(port, id).unwrap_or(false));
        self.process = Some(process);
    }
}

/// Whether the process `id`, and not somebody else at its port, answers PING.
fn answers(port: u16, id: u32) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(b"PING\r\nINFO server\r\nQUIT\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let own_id = format!("process_id:{id}\r\n");
    Ok(answer.starts_with("+PONG\r\n") && answer.contains(&own_id))
}

/// Three masters and three replicas that know each other.
pub(crate) struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts the six and waits until each of them sees a whole cluster and every replica follows its master.
    ///
    /// It is formed by hand, because `redis-cli --cluster create` pauses for seconds.
    pub(crate) fn start() -> Self {
        let nodes = (0..6).map(|_| start_node()).collect();
        let cluster = Self { nodes };
        cluster.share_slots();
        cluster.meet();
        for (master, replica) in cluster.nodes[..3].iter().zip(&cluster.nodes[3..]) {
            let id = master.command(&["CLUSTER", "MYID"]);
            // Refused until word of the master has reached the replica.
            cluster.wait_until("each replica has a master", || {
                replica.command(&["CLUSTER", "REPLICATE", &id]) == "OK"
            });
        }
        cluster.wait_until("all see a whole cluster", || cluster.is_whole());
        cluster
    }

    /// Where the clients of a cluster find the six; the first three are masters.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(RedisServer::url).collect()
    }

    /// One of the six, to kill it or to ask it.
    pub(crate) fn node(&mut self, index: usize) -> &mut RedisServer {
        &mut self.nodes[index]
    }

    fn share_slots(&self) {
        let slots = [("0", "5460"), ("5461", "10922"), ("10923", "16383")];
        for (node, (first, last)) in self.nodes.iter().zip(slots) {
            let answer = node.command(&["CLUSTER", "ADDSLOTSRANGE", first, last]);
            assert_eq!(answer, "OK");
        }
        for (node, epoch) in self.nodes.iter().zip(1..) {
            // Different from the start, or the masters would have to settle it first.
            let epoch: i32 = epoch;
            node.command(&["CLUSTER", "SET-CONFIG-EPOCH", &epoch.to_string()]);
        }
    }

    fn meet(&self) {
        for node in &self.nodes[1..] {
            let (port, bus) = (node.port.to_string(), bus_port(node));
            self.nodes[0].command(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus]);
        }
    }

    fn is_whole(&self) -> bool {
        self.nodes.iter().all(|node| {
            let state = node.command(&["CLUSTER", "INFO"]);
            let links = node.command(&["INFO", "replication"]);
            state.contains("cluster_state:ok")
                && state.contains("cluster_known_nodes:6")
                && (links.contains("state=online") || links.contains("master_link_status:up"))
        })
    }

    fn wait_until(&self, what: &str, mut ready: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !ready() {
            let nodes = || self.nodes[0].command(&["CLUSTER", "NODES"]);
            let late = begun.elapsed() > Duration::from_secs(60);
            assert!(!late, "not yet so far that {what}:\n{}", nodes());
            sleep(Duration::from_millis(20));
        }
    }
}

fn start_node() -> RedisServer {
    // By itself the bus would take the port plus 10,000, which nobody has looked at.
    let bus = free_port().to_string();
    RedisServer::start_with(&[
        "--cluster-enabled",
        "yes",
        "--cluster-port",
        &bus,
        "--cluster-node-timeout",
        "2000",
        // Otherwise the first copy waits five seconds for more replicas.
        "--repl-diskless-sync-delay",
        "0",
    ])
}

fn bus_port(node: &RedisServer) -> String {
    let at = node
        .arguments
        .iter()
        .position(|word| word == "--cluster-port");
    at.map(|at| node.arguments[at + 1].clone()).unwrap()
}

#[test]
fn what_redis_answered_is_there_after_a_hard_kill() {
    let mut redis = RedisServer::start();
    assert_eq!(redis.command(&["PING"]), "PONG");
    assert_eq!(redis.command(&["SET", "stamp", "7"]), "OK");
    let url = redis.url();
    redis.kill_hard();
    assert!(redis.command(&["PING"]).is_empty());
    redis.restart();
    assert_eq!(redis.url(), url);
    assert_eq!(redis.command(&["GET", "stamp"]), "7");
}

#[test]
fn redis_takes_a_tests_own_settings() {
    let redis = RedisServer::start_with(&["--appendfsync", "no"]);
    let setting = redis.command(&["CONFIG", "GET", "appendfsync"]);
    assert_eq!(setting, "appendfsync\nno");
}

#[test]
fn redis_is_gone_after_its_test() {
    let redis = RedisServer::start();
    let port = redis.port;
    drop(redis);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn a_cluster_is_whole_and_survives_a_master() {
    let mut cluster = RedisCluster::start();
    assert_eq!(cluster.urls().len(), 6);
    let first_port = cluster.nodes[0].port.to_string();
    let set = ["-c", "-p", &first_port, "SET", "{gift-1}", "held"];
    assert_eq!(cluster.node(0).command(&set), "OK");
    cluster.node(0).kill_hard();
    cluster.wait_until("a replica takes over", || {
        let role = cluster.nodes[3].command(&["ROLE"]);
        role.starts_with("master")
    });
}
