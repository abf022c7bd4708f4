//! `carnival`: check-ins, stamps and gifts for community carnivals.
//!
//! The modules, in reading order. Imports point one way only, which `tests/it/architecture.rs` enforces:
//!
//! `cli → config → http → actions → {store, tokens, pictures, wechat} → messages → rules`

pub mod actions;
pub mod cli;
pub mod config;
pub mod http;
pub mod messages;
pub mod pictures;
pub mod rules;
pub mod store;
pub mod tokens;
pub mod wechat;
