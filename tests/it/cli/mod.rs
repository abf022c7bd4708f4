//! The built program at the command line, as its readers meet it.

mod commands;
mod crashes;
mod log;
mod program;
mod records;
mod rehearsal;
