//! Output of the commands: results on standard output and in files, messages on standard error.

use std::fs::{File, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tempfile::{NamedTempFile, TempDir, TempPath};

use crate::messages::commands::CommandMessage;
use crate::messages::messages;
use crate::rules::lang::Lang;

/// Why a command failed: one or more sentences for the person at the terminal.
pub(crate) type CliError = Box<dyn std::error::Error>;

/// A message in the language of the command.
pub(crate) fn say(lang: Lang, message: &CommandMessage<'_>) -> String {
    messages(lang).command(message)
}

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

/// A function that receives the count of a long operation and prints it once a second; `label` names what is counted.
pub(crate) fn progress(label: String) -> impl FnMut(u64) + Send {
    let mut last_printed = Instant::now();
    move |count| {
        if last_printed.elapsed() >= Duration::from_secs(1) {
            last_printed = Instant::now();
            info(&format!("{label}: {count}"));
        }
    }
}

/// Creates the output folder if it does not exist.
pub(crate) fn make_folder(out: &Path, lang: Lang) -> Result<(), CliError> {
    std::fs::create_dir_all(out).map_err(|cause| cannot_write(out, &cause, lang))
}

/// The error for a file or folder that cannot be written.
pub(crate) fn cannot_write(path: &Path, cause: &std::io::Error, lang: Lang) -> CliError {
    say(lang, &CommandMessage::CannotWrite { path: &path.display(), cause: &cause }).into()
}

/// Creates a temporary folder that only its owner can enter; it is removed when dropped.
pub(crate) fn temporary_folder(purpose: &str) -> std::io::Result<TempDir> {
    let owner_only = Permissions::from_mode(0o700);
    tempfile::Builder::new().prefix(&format!("carnival-{purpose}-")).permissions(owner_only).tempdir()
}

/// Creates a file that must not exist, and that only its owner can access; it is removed when dropped, unless it is kept.
pub(crate) fn create_private_file(path: &Path) -> std::io::Result<NamedTempFile> {
    let file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    Ok(NamedTempFile::from_parts(file, TempPath::try_from_path(path)?))
}

/// Writes a file of a command's result.
pub(crate) fn write_file(path: &Path, bytes: impl AsRef<[u8]>, lang: Lang) -> Result<(), CliError> {
    std::fs::write(path, bytes).map_err(|cause| cannot_write(path, &cause, lang))
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
