//! The built program at the command line, as its readers meet it.

mod commands;
mod crashes;
mod log;
mod moving;
mod operating;
mod program;
mod records;
mod rehearsal;
mod slow_clients;
