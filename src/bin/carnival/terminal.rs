//! What a command says at the terminal.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Why a command did not do what it was asked; one or more sentences for whoever typed it.
pub(crate) type Failed = Box<dyn std::error::Error>;

/// Prints what was asked for. A reader who closed the pipe has read enough.
pub(crate) fn say(line: &str) {
    let _closed = writeln!(std::io::stdout(), "{line}");
}

/// Prints bytes as they are; whether somebody still reads them.
///
/// # Errors
/// When they cannot be written, to a full disk for one.
pub(crate) fn pour(bytes: &[u8]) -> std::io::Result<bool> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(cause) if cause.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        done => done.map(|()| true),
    }
}

/// Whether a program reads what is told: then each line is an object, like those of the log.
static IN_JSON: AtomicBool = AtomicBool::new(false);

/// From now on a program reads what is told.
pub(crate) fn tell_in_json() {
    IN_JSON.store(true, Ordering::Relaxed);
}

/// Tells the person at the terminal how things are. It is not for the log's filter to hide.
pub(crate) fn tell(line: &str) {
    to_stderr("INFO", line);
}

/// Tells the person at the terminal what is not as it should be.
pub(crate) fn complain(line: &str) {
    to_stderr("WARN", line);
}

/// Tells the person at the terminal why it was not done.
pub(crate) fn give_up(line: &str) {
    to_stderr("ERROR", line);
}

/// Tells how far a long work is, once a second.
pub(crate) struct Progress {
    what: &'static str,
    told: Instant,
}

impl Progress {
    /// Of what there are more and more.
    pub(crate) fn new(what: &'static str) -> Progress {
        Progress { what, told: Instant::now() }
    }

    /// So many by now.
    pub(crate) fn at(&mut self, so_far: u64) {
        if self.told.elapsed() >= Duration::from_secs(1) {
            self.told = Instant::now();
            tell(&format!("{}: {so_far}", self.what));
        }
    }
}

fn to_stderr(level: &str, line: &str) {
    let mut stderr = std::io::stderr();
    let _closed = if IN_JSON.load(Ordering::Relaxed) {
        let timestamp = Timestamp::now().to_string();
        let object = serde_json::json!({ "timestamp": timestamp, "level": level, "message": line });
        writeln!(stderr, "{object}")
    } else {
        writeln!(stderr, "{line}")
    };
}
