//! Starts, measures (through `/proc`) and stops processes.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The time for a server to start.
const START_TIMEOUT: Duration = Duration::from_secs(120);

/// The time for a server to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// A running server; stopped when dropped.
pub(crate) struct ServerProcess {
    child: Child,
    /// Its address.
    pub(crate) address: SocketAddr,
}

impl ServerProcess {
    /// Starts a server that will listen at `address`, and waits until it does. Its output is discarded; if it exits at
    /// once it is started again with its error output visible.
    pub(crate) fn start(mut command: Command, address: SocketAddr) -> ServerProcess {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut server = ServerProcess { child, address };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if server.child.try_wait().unwrap().is_some() {
                let exit = command.stderr(Stdio::inherit()).status();
                panic!("{command:?} does not start ({exit:?})");
            }
            assert!(begun.elapsed() < START_TIMEOUT, "{command:?} does not listen");
            sleep(Duration::from_millis(2));
        }
        server
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // SIGTERM first, so that a tool around it can write its results. All may have exited already.
        let term = format!("kill -s TERM {}", self.id());
        let _ = Command::new("sh").args(["-c", &term]).stderr(Stdio::null()).status();
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && begun.elapsed() < STOP_TIMEOUT {
            sleep(Duration::from_millis(2));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A free loopback address.
///
/// It is below the ephemeral ports: the system could give the server's own port to a client that waits for the server,
/// and the client would then be connected to itself. Each port is returned once.
pub(crate) fn free_address() -> SocketAddr {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    loop {
        let tried = TRIED.fetch_add(1, Ordering::Relaxed);
        assert!(tried < 12_000, "no port between 20000 and 32000 is free");
        let address = SocketAddr::from(([127, 0, 0, 1], 20_000 + tried));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// The resources that a process has used so far.
pub(crate) struct ResourceUsage {
    /// CPU time of all its live threads, in nanoseconds.
    pub(crate) cpu_ns: u64,
    /// Bytes written to disk.
    pub(crate) written: u64,
}

impl ResourceUsage {
    /// The usage of the process with this id.
    pub(crate) fn by(pid: u32) -> ResourceUsage {
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap_or_else(|error| panic!("process {pid}: {error}"));
        // A thread may end while it is read.
        let cpu = |task: fs::DirEntry| {
            let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        };
        let cpu_ns = tasks.filter_map(Result::ok).filter_map(cpu).sum();
        let io = fs::read_to_string(format!("/proc/{pid}/io")).unwrap_or_default();
        ResourceUsage { cpu_ns, written: field(&io, "write_bytes:").unwrap_or(0) }
    }

    /// The difference to an earlier measurement.
    pub(crate) fn since(&self, before: &ResourceUsage) -> ResourceUsage {
        ResourceUsage {
            cpu_ns: self.cpu_ns.saturating_sub(before.cpu_ns),
            written: self.written.saturating_sub(before.written),
        }
    }
}

/// The resident memory of a process, in megabytes.
pub(crate) fn memory_mb(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    #[expect(clippy::cast_precision_loss, reason = "a machine's memory")]
    let kb = field(&status, "VmRSS:").expect("the resident memory of a process") as f64;
    kb / 1024.0
}

fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
