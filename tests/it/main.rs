//! All tests that need more than one module, in one binary: it links once.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod app;
mod document;
mod health;
mod openapi;
mod pages;
mod pictures;
mod redis_store;
mod servers;
mod store_embedded;
mod store_suite;
mod tidy;
mod walk;
mod wechat;
mod wechat_server;
