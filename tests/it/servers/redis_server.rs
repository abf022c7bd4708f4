//! Redis, alone.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::child_process::{ChildProcess, cannot_run, free_port};

/// One Redis with the promise that we ask of operators: each write is on disk before its answer.
pub(crate) struct RedisServer {
    port: u16,
    /// Before everything else.
    config: Option<&'static str>,
    arguments: Vec<String>,
    /// None while it is killed. Before `folder`, so that nobody writes there any more when it is deleted.
    process: Option<ChildProcess>,
    folder: TempDir,
}

impl RedisServer {
    /// Starts one on a free port.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with more arguments; where they contradict ours, they win: `["--appendfsync", "no"]`.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        Self::begin(None, arguments)
    }

    /// Starts one with the file that we ship, and nothing of our own but port and folder.
    pub(crate) fn start_shipped() -> Self {
        Self::begin(Some(concat!(env!("CARGO_MANIFEST_DIR"), "/config/redis.conf")), &[])
    }

    fn begin(config: Option<&'static str>, arguments: &[&str]) -> Self {
        let mut server = Self {
            port: free_port(),
            config,
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

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What follows this word among the arguments that it was started with.
    pub(super) fn argument(&self, word: &str) -> Option<String> {
        let at = self.arguments.iter().position(|argument| argument == word)?;
        self.arguments.get(at + 1).cloned()
    }

    /// Its process, while it runs.
    pub(crate) fn id(&self) -> u32 {
        self.process.as_ref().unwrap().id()
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
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again on its port and folder; kills it first if it still runs.
    pub(crate) fn restart(&mut self) {
        self.begin_restart();
        let port = self.port;
        let process = self.process.as_mut().unwrap();
        let id = process.id();
        process.wait_until("it answers PING", || answers(port, id).unwrap_or(false));
    }

    /// The same without waiting until it answers.
    pub(crate) fn begin_restart(&mut self) {
        self.kill();
        let mut command = Command::new("redis-server");
        match self.config {
            Some(file) => command.arg(file),
            None => command.args(["--bind", "127.0.0.1", "--appendonly", "yes", "--appendfsync", "always"]).args([
                "--maxmemory-policy",
                "noeviction",
                "--save",
                "",
            ]),
        };
        command.args(["--port", &self.port.to_string(), "--dir"]).arg(self.folder.path()).args(&self.arguments);
        self.process = Some(ChildProcess::start(command, &self.folder.path().join("log")));
    }
}

/// A Redis that is stopped as if it were frozen, until this is dropped.
pub(crate) struct PausedServer(u32);

impl PausedServer {
    /// Freezes one.
    pub(crate) fn new(server: &RedisServer) -> PausedServer {
        signal("STOP", server.id());
        PausedServer(server.id())
    }
}

impl Drop for PausedServer {
    fn drop(&mut self) {
        signal("CONT", self.0);
    }
}

fn signal(name: &str, process: u32) {
    // The shell's own `kill`, because a bare machine has no other.
    let done = Command::new("sh").args(["-c", &format!("kill -s {name} {process}")]).status().unwrap();
    assert!(done.success());
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

#[test]
fn what_redis_answered_is_there_after_a_hard_kill() {
    let mut redis = RedisServer::start();
    assert_eq!(redis.command(&["PING"]), "PONG");
    assert_eq!(redis.command(&["SET", "stamp", "7"]), "OK");
    let url = redis.url();
    redis.kill();
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
