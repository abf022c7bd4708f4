//! What a command says at the terminal.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Why a command did not do what it was asked; one or more sentences for whoever typed it.
pub(crate) type CliError = Box<dyn std::error::Error>;

/// Prints what was asked for. A reader who closed the pipe has read enough.
pub(crate) fn print_line(line: &str) {
    let _closed = writeln!(std::io::stdout(), "{line}");
}

/// Prints bytes as they are; whether somebody still reads them.
///
/// # Errors
/// When they cannot be written, to a full disk for one.
pub(crate) fn write_all_to_stdout(bytes: &[u8]) -> std::io::Result<bool> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(cause) if cause.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        result => result.map(|()| true),
    }
}

/// Whether a program reads what is told: then each line is an object, like those of the log.
static JSON_LINES: AtomicBool = AtomicBool::new(false);

/// From now on a program reads what is told.
pub(crate) fn log_as_json() {
    JSON_LINES.store(true, Ordering::Relaxed);
}

/// Tells the person at the terminal how things are. It is not for the log's filter to hide.
pub(crate) fn info(line: &str) {
    write_stderr("INFO", line);
}

/// Tells the person at the terminal what is not as it should be.
pub(crate) fn warn(line: &str) {
    write_stderr("WARN", line);
}

/// Tells the person at the terminal why it was not done.
pub(crate) fn fatal(line: &str) {
    write_stderr("ERROR", line);
}

/// Tells how far a long work is, once a second.
pub(crate) struct Progress {
    label: &'static str,
    last_printed: Instant,
}

impl Progress {
    /// Of what there are more and more.
    pub(crate) fn new(label: &'static str) -> Progress {
        Progress { label, last_printed: Instant::now() }
    }

    /// So many by now.
    pub(crate) fn update(&mut self, count: u64) {
        if self.last_printed.elapsed() >= Duration::from_secs(1) {
            self.last_printed = Instant::now();
            info(&format!("{}: {count}", self.label));
        }
    }
}

fn write_stderr(level: &str, line: &str) {
    let mut stderr = std::io::stderr();
    let _closed = if JSON_LINES.load(Ordering::Relaxed) {
        let timestamp = Timestamp::now().to_string();
        let object = serde_json::json!({ "timestamp": timestamp, "level": level, "message": line });
        writeln!(stderr, "{object}")
    } else {
        writeln!(stderr, "{line}")
    };
}
