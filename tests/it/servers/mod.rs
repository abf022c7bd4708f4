//! Real servers for tests: Redis, a Redis Cluster and a browser, each on free ports of the loopback, each gone when its value is dropped.
//!
//! A test that finds no such server on its machine fails with a sentence; it never passes by not running.

pub(crate) mod browser;
pub(crate) mod child_process;
pub(crate) mod redis_cluster;
pub(crate) mod redis_server;
pub(crate) mod tcp_proxy;

pub(crate) use child_process::cannot_run;
