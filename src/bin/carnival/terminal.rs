//! What a command says at the terminal.

use std::io::Write;

/// Why a command did not do what it was asked; one or more sentences for whoever typed it.
pub(crate) type Failed = Box<dyn std::error::Error>;

/// Prints what was asked for. A reader who closed the pipe has read enough.
pub(crate) fn say(line: &str) {
    let _closed = writeln!(std::io::stdout(), "{line}");
}

/// Prints what the person at the terminal should know.
pub(crate) fn complain(line: &str) {
    let _closed = writeln!(std::io::stderr(), "{line}");
}
