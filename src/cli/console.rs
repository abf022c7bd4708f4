//! Output of the commands: results on standard output, messages on standard error.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Why a command failed: one or more sentences for the person at the terminal.
pub(crate) type CliError = Box<dyn std::error::Error>;

/// Prints a line of a command's result. A reader that closes the pipe early is not an error.
pub(crate) fn print_line(line: &str) {
    let _closed = writeln!(std::io::stdout(), "{line}");
}

/// Writes bytes to standard output unchanged. Returns whether the reader still has the pipe open.
///
/// # Errors
/// When standard output cannot be written, for example to a full disk.
pub(crate) fn write_all_to_stdout(bytes: &[u8]) -> std::io::Result<bool> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(cause) if cause.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        result => result.map(|()| true),
    }
}

/// Whether messages are written as JSON objects, one per line, like the log in JSON format.
static JSON_LINES: AtomicBool = AtomicBool::new(false);

/// Writes all further messages as JSON objects, for programs that collect logs.
pub(crate) fn log_as_json() {
    JSON_LINES.store(true, Ordering::Relaxed);
}

/// Prints a status message. The log filter does not apply to it.
pub(crate) fn info(line: &str) {
    write_stderr("INFO", line);
}

/// Prints a warning.
pub(crate) fn warn(line: &str) {
    write_stderr("WARN", line);
}

/// Prints the error that ends the command.
pub(crate) fn fatal(line: &str) {
    write_stderr("ERROR", line);
}

/// Prints the progress of a long operation, once a second.
pub(crate) struct Progress {
    label: &'static str,
    last_printed: Instant,
}

impl Progress {
    /// Starts counting; `label` names what is counted.
    pub(crate) fn new(label: &'static str) -> Progress {
        Progress { label, last_printed: Instant::now() }
    }

    /// Sets the current count.
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
