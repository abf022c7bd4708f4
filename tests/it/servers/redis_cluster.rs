//! A Redis Cluster with six nodes.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::child_process::free_port;
use super::redis_server::{PausedServer, RedisServer};

/// Three masters and three replicas.
pub(crate) struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts six nodes and waits until each sees a complete cluster and every replica follows its master.
    ///
    /// It is formed by hand, because `redis-cli --cluster create` pauses for seconds.
    pub(crate) fn start() -> Self {
        let nodes = (0..6).map(|_| start_node()).collect();
        let cluster = Self { nodes };
        cluster.share_slots();
        cluster.meet();
        for (master, replica) in cluster.nodes[..3].iter().zip(&cluster.nodes[3..]) {
            let id = master.command(&["CLUSTER", "MYID"]);
            // Refused until the replica has heard of the master.
            cluster.wait_until("each replica has a master", || replica.command(&["CLUSTER", "REPLICATE", &id]) == "OK");
        }
        cluster.wait_whole();
        cluster
    }

    /// The URLs of all six nodes; the first three are masters.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(RedisServer::url).collect()
    }

    /// One node, to kill or query it.
    pub(crate) fn node(&mut self, index: usize) -> &mut RedisServer {
        &mut self.nodes[index]
    }

    /// The nodes that report to be masters.
    pub(crate) fn masters(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|node| self.nodes[*node].command(&["ROLE"]).starts_with("master")).collect()
    }

    /// The master that owns the slot of this key.
    pub(crate) fn master_of(&self, key: &str) -> usize {
        let slot: u16 = self.nodes[0].command(&["CLUSTER", "KEYSLOT", key]).parse().unwrap();
        // Ask each node about itself: its view of other nodes may be outdated. The slot may have no keys yet.
        let serves = |node: &usize| {
            let nodes = self.nodes[*node].command(&["CLUSTER", "NODES"]);
            let itself = nodes.lines().find(|line| line.contains("myself")).unwrap();
            itself.split_whitespace().skip(8).any(|range| {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                first.parse().is_ok_and(|first: u16| first <= slot) && last.parse().is_ok_and(|last: u16| slot <= last)
            })
        };
        self.masters().into_iter().find(serves).unwrap()
    }

    /// Pauses the replica of a master. Until the result is dropped it has no connection to its master, which keeps
    /// serving: as if the network between the two had failed.
    pub(crate) fn pause_replica_of(&self, master: usize) -> PausedServer {
        let port = self.nodes[master].port().to_string();
        let follows = |node: &&RedisServer| node.command(&["ROLE"]).lines().nth(2) == Some(port.as_str());
        let replica = self.nodes.iter().find(follows).unwrap();
        let frozen = PausedServer::new(replica);
        self.nodes[master].command(&["CLIENT", "KILL", "TYPE", "replica"]);
        frozen
    }

    /// Waits until a replica has replaced a dead master.
    pub(crate) fn wait_for_successor(&self, dead: usize) {
        self.wait_until("a replica took over", || {
            let living = self.masters().into_iter().filter(|node| *node != dead);
            living.count() == 3
        });
    }

    /// Waits until all nodes see a complete cluster, and each master has a replica that follows it.
    pub(crate) fn wait_whole(&self) {
        self.wait_until("all see a complete cluster", || self.is_whole());
    }

    /// Kills all nodes, as in a power failure, and starts them again.
    pub(crate) fn restart_all(&mut self) {
        self.nodes.iter_mut().for_each(RedisServer::kill);
        self.nodes.iter_mut().for_each(RedisServer::begin_restart);
    }

    fn share_slots(&self) {
        let slots = [("0", "5460"), ("5461", "10922"), ("10923", "16383")];
        for (node, (first, last)) in self.nodes.iter().zip(slots) {
            let answer = node.command(&["CLUSTER", "ADDSLOTSRANGE", first, last]);
            assert_eq!(answer, "OK");
        }
        for (node, epoch) in self.nodes.iter().zip(1..) {
            // Different from the start, so that the masters need not resolve a conflict.
            let epoch: i32 = epoch;
            node.command(&["CLUSTER", "SET-CONFIG-EPOCH", &epoch.to_string()]);
        }
    }

    fn meet(&self) {
        for node in &self.nodes[1..] {
            let (port, bus) = (node.port().to_string(), bus_port(node));
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
            let nodes = || self.nodes.iter().map(|node| node.command(&["CLUSTER", "NODES"])).collect::<Vec<_>>();
            let late = begun.elapsed() > Duration::from_secs(60);
            assert!(!late, "timed out waiting until {what}:\n{}", nodes().join("\n\n"));
            sleep(Duration::from_millis(20));
        }
    }
}

fn start_node() -> RedisServer {
    // The default bus port is the port plus 10,000, which may be in use.
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
    node.argument("--cluster-port").unwrap()
}

/// A slot that is being moved between two masters, key by key.
pub(crate) struct SlotMigration<'a> {
    six: &'a RedisCluster,
    slot: String,
    source: usize,
    target: usize,
}

impl<'a> SlotMigration<'a> {
    /// Starts the move: both masters know of it, and no key has moved yet.
    pub(crate) fn begin(six: &'a RedisCluster, key: &str) -> SlotMigration<'a> {
        let slot = six.nodes[0].command(&["CLUSTER", "KEYSLOT", key]);
        let source = six.master_of(key);
        let target = six.masters().into_iter().find(|node| *node != source).unwrap();
        let id = |node: usize| six.nodes[node].command(&["CLUSTER", "MYID"]);
        let set = |node: usize, how: &str, other: usize| {
            assert_eq!(six.nodes[node].command(&["CLUSTER", "SETSLOT", &slot, how, &id(other)]), "OK");
        };
        set(target, "IMPORTING", source);
        set(source, "MIGRATING", target);
        SlotMigration { six, slot, source, target }
    }

    /// Moves the keys with `only` in their names, at most `most` of them; returns how many.
    pub(crate) fn move_keys(&self, only: &str, most: usize) -> usize {
        let port = self.six.nodes[self.target].port().to_string();
        let keys = self.six.nodes[self.source].command(&["CLUSTER", "GETKEYSINSLOT", &self.slot, "100000"]);
        let keys: Vec<&str> = keys.lines().filter(|key| !key.is_empty() && key.contains(only)).take(most).collect();
        if !keys.is_empty() {
            let mut words = vec!["MIGRATE", "127.0.0.1", &port, "", "0", "5000", "KEYS"];
            words.extend(&keys);
            assert_eq!(self.six.nodes[self.source].command(&words), "OK");
        }
        keys.len()
    }

    /// Moves the remaining keys, and announces the new owner to all nodes.
    pub(crate) fn finish(self) {
        while self.move_keys("", 1000) > 0 {}
        let to = self.six.nodes[self.target].command(&["CLUSTER", "MYID"]);
        let others = (0..self.six.nodes.len()).filter(|node| ![self.target, self.source].contains(node));
        // The target first, so that no client is redirected to a node that does not own the slot yet.
        for node in [self.target, self.source].into_iter().chain(others) {
            let done = self.six.nodes[node].command(&["CLUSTER", "SETSLOT", &self.slot, "NODE", &to]);
            // Replicas follow their masters.
            assert!(done == "OK" || done.contains("only with masters"), "{done}");
        }
    }
}

#[test]
fn a_cluster_is_complete_and_survives_a_killed_master() {
    let mut cluster = RedisCluster::start();
    assert_eq!(cluster.urls().len(), 6);
    let first_port = cluster.nodes[0].port().to_string();
    let set = ["-c", "-p", &first_port, "SET", "{gift-1}", "held"];
    assert_eq!(cluster.node(0).command(&set), "OK");
    cluster.node(0).kill();
    cluster.wait_for_successor(0);
    assert_eq!(cluster.masters(), [1, 2, 3]);
    cluster.node(0).restart();
    cluster.wait_whole();
    assert_eq!(cluster.masters(), [1, 2, 3]);
}
