//! Tests of the built program: its commands and their output.

mod commands;
mod edits;
pub(crate) mod harness;
mod log_privacy;
mod multiple_instances;
mod private_socket;
mod raw_connections;
mod records;
mod rehearsal;
mod server_operation;
mod slow_clients;
mod transfer;
