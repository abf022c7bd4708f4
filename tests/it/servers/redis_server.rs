//! A single Redis server.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use tempfile::TempDir;

use super::child_process::{ChildProcess, cannot_run, free_port};

/// A Redis with the durability that the documentation requires: each write is on disk before its reply.
pub(crate) struct RedisServer {
    port: u16,
    /// A configuration file, read before the arguments.
    config: Option<&'static str>,
    arguments: Vec<String>,
    /// None while it is killed. Declared before `folder`, so that it stops before its files are deleted.
    process: Option<ChildProcess>,
    folder: TempDir,
}

impl RedisServer {
    /// Starts a server on a free port.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server with further arguments, which override the defaults: `["--appendfsync", "no"]`.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        Self::begin(None, arguments)
    }

    /// Starts a server with the shipped configuration file; only port and folder are set.
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

    /// Its URL for clients.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The value after this word in its arguments.
    pub(super) fn argument(&self, word: &str) -> Option<String> {
        let at = self.arguments.iter().position(|argument| argument == word)?;
        self.arguments.get(at + 1).cloned()
    }

    /// Its process id, while it runs.
    pub(crate) fn id(&self) -> u32 {
        self.process.as_ref().unwrap().id()
    }

    /// Runs a command, such as `["GET", "key"]`, and returns the output of `redis-cli`.
    pub(crate) fn command(&self, words: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .args(words)
            .output()
            .unwrap_or_else(|error| panic!("{}", cannot_run("redis-cli", &error)));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Kills it with SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Restarts it with its port and folder; kills it first if it still runs.
    pub(crate) fn restart(&mut self) {
        self.begin_restart();
        self.wait_until_it_answers();
    }

    fn wait_until_it_answers(&mut self) {
        let port = self.port;
        let process = self.process.as_mut().unwrap();
        let id = process.id();
        process.wait_until("it answers PING", || answers(port, id).unwrap_or(false));
    }

    /// Restarts it without a repair of its log and waits until it exits without having served; returns its output.
    pub(crate) fn fail_to_restart(&mut self) -> String {
        self.kill();
        self.start_process();
        let process = self.process.as_mut().unwrap();
        process.wait_until_ended();
        process.log()
    }

    /// The folder that holds its append-only log.
    pub(crate) fn append_only_folder(&self) -> PathBuf {
        self.folder.path().join("appendonlydir")
    }

    /// Restarts it without a repair of its log.
    pub(crate) fn restart_unrepaired(&mut self) {
        self.kill();
        self.start_process();
        self.wait_until_it_answers();
    }

    /// Restarts it without waiting until it replies.
    pub(crate) fn begin_restart(&mut self) {
        self.kill();
        self.repair_log();
        self.start_process();
    }

    /// Repairs the log before a start as the drop-in for systemd does: a kill can cut a write in the middle, and this Redis
    /// then refuses to start.
    fn repair_log(&self) {
        let repair = self.try_repair_log();
        assert!(repair.status.success(), "{}", String::from_utf8_lossy(&repair.stderr));
    }

    /// Runs the script of the drop-in.
    pub(crate) fn try_repair_log(&self) -> Output {
        let manifest = self.append_only_folder().join("appendonly.aof.manifest");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/config/repair-redis-log");
        Command::new(script).arg(manifest).output().unwrap_or_else(|error| panic!("{}", cannot_run(script, &error)))
    }

    fn start_process(&mut self) {
        let mut command = Command::new("redis-server");
        match self.config {
            Some(file) => command.arg(file),
            None => command.args(["--bind", "127.0.0.1", "--appendonly", "yes", "--appendfsync", "always"]).args([
                "--aof-load-truncated",
                "no",
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

/// A Redis process that is paused until this is dropped.
pub(crate) struct PausedServer(u32);

impl PausedServer {
    /// Pauses a server.
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
    // The shell's built-in `kill`, because a minimal machine has no other.
    let done = Command::new("sh").args(["-c", &format!("kill -s {name} {process}")]).status().unwrap();
    assert!(done.success());
}

/// Whether process `id`, and no other at its port, replies to PING.
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
fn acknowledged_writes_survive_sigkill() {
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
fn a_tests_own_settings_take_precedence() {
    let redis = RedisServer::start_with(&["--appendfsync", "no"]);
    let setting = redis.command(&["CONFIG", "GET", "appendfsync"]);
    assert_eq!(setting, "appendfsync\nno");
}

#[test]
fn redis_stops_when_dropped() {
    let redis = RedisServer::start();
    let port = redis.port;
    drop(redis);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}
