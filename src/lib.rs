//! `carnival`: check-ins, stamps and gifts for community carnivals.
//!
//! The house, in reading order; imports point one way only, and `tests/it/architecture.rs` holds it:
//!
//! `main → config → http → actions → {store, tokens, pictures, wechat} → rules`

pub mod actions;
pub mod config;
pub mod http;
pub mod pictures;
pub mod rules;
pub mod store;
pub mod tokens;
pub mod wechat;
