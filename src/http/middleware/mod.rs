//! Middleware: what every request and connection passes.

pub(in crate::http) mod body_pieces;
pub(in crate::http) mod connection_guard;
pub(in crate::http) mod request;
pub(in crate::http) mod unread_body;
