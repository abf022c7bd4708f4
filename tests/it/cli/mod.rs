//! The built program at the command line, as its readers meet it.

mod commands;
mod instances;
mod log;
mod moving;
mod operating;
pub(crate) mod program;
mod records;
mod rehearsal;
mod slow_clients;
