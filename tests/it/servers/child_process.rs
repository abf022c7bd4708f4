//! A child process with all its descendants; killed when dropped.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The time for a server to start. Generous, because other tests run on the same cores.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A running process in its own process group, with its output.
pub(super) struct ChildProcess {
    name: String,
    child: Child,
    log: PathBuf,
}

impl ChildProcess {
    /// Starts `command` with its output in the file `log`.
    ///
    /// Panics with one sentence if the program is missing.
    pub(super) fn start(mut command: Command, log: &Path) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let out = File::create(log).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            // So that the whole group can be killed: a browser has a dozen processes.
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{}", cannot_run(&name, &error)));
        Self { name, child, log: log.to_owned() }
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until `ready` returns true. Panics with the output if the process exits first or the time is up.
    pub(super) fn wait_until(&mut self, what: &str, mut ready: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !ready() {
            let ended = self.child.try_wait().unwrap();
            if ended.is_some() || begun.elapsed() > TIMEOUT {
                let (name, log) = (&self.name, self.log());
                panic!("{name}: not true that {what} (exited: {ended:?}). Its output:\n{log}");
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the process exits. Panics with its output if it still runs after the timeout.
    pub(super) fn wait_until_ended(&mut self) {
        let begun = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < TIMEOUT, "{} still runs. Its output:\n{}", self.name, self.log());
            sleep(Duration::from_millis(5));
        }
    }

    /// The output so far.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        // The shell's built-in `kill`, because a minimal machine has no other. The group may have exited already.
        let kill = format!("kill -s KILL -- -{}", self.id());
        let _ = Command::new("sh").args(["-c", &kill]).output();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for effects that take a moment, such as the exit of a killed process.
pub(super) fn assert_soon(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < TIMEOUT, "timed out waiting until {what}");
        sleep(Duration::from_millis(5));
    }
}

/// The message for a program that could not be run.
pub(crate) fn cannot_run(name: &str, error: &std::io::Error) -> String {
    format!("this test needs `{name}`, which could not be run ({error}); scripts/test installs it")
}

/// A free port of the loopback interface.
///
/// It is below the ephemeral ports. No other test process takes it until this one exits, even while its server is down:
/// each port has a name among the abstract sockets, and this process keeps that name bound.
pub(crate) fn free_port() -> u16 {
    static TRIED: AtomicU32 = AtomicU32::new(0);
    static RESERVED: Mutex<Vec<UnixListener>> = Mutex::new(Vec::new());
    let begin = std::process::id().wrapping_mul(31);
    loop {
        let tried = TRIED.fetch_add(1, Ordering::Relaxed);
        assert!(tried < 12_000, "no port between 20000 and 32000 is free");
        let port = 20_000 + u16::try_from(begin.wrapping_add(tried) % 12_000).unwrap();
        let name = SocketAddr::from_abstract_name(format!("carnival-test-port-{port}")).unwrap();
        let Ok(reserved) = UnixListener::bind_addr(&name) else { continue };
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            RESERVED.lock().unwrap().push(reserved);
            return port;
        }
    }
}

#[test]
#[should_panic(expected = "needs `no-such-server`, which could not be run")]
fn a_missing_program_fails_the_test_with_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    ChildProcess::start(Command::new("no-such-server"), &folder.path().join("log"));
}

#[test]
#[should_panic(expected = "that it is ready")]
fn a_server_that_exits_early_fails_the_test() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = ChildProcess::start(Command::new("true"), &folder.path().join("log"));
    process.wait_until("it is ready", || false);
}

#[test]
fn descendants_are_killed_with_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "sleep 600 & echo $!; wait"]);
    let log = folder.path().join("log");
    let mut process = ChildProcess::start(shell, &log);
    process.wait_until("its child runs", || fs::read_to_string(&log).unwrap().ends_with('\n'));
    let child = process.log().trim().to_owned();
    drop(process);
    assert_soon("its child has exited", || {
        let status = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        // Without an init process it remains a zombie.
        status.is_empty() || status.contains(") Z ")
    });
}
