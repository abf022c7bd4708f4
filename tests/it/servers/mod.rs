//! Real servers for tests: Redis, a Redis Cluster and a browser, each on free loopback ports, each stopped when its
//! value is dropped.
//!
//! A test whose server is not installed fails with a message; it is never skipped.

pub(crate) mod append_only_log;
pub(crate) mod browser;
pub(crate) mod child_process;
pub(crate) mod redis_cluster;
pub(crate) mod redis_server;
pub(crate) mod tcp_proxy;

pub(crate) use child_process::cannot_run;
