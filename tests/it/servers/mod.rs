//! Real servers for tests: Redis, a Redis Cluster and a browser, each on free ports of the loopback, each gone when its value is dropped.
//!
//! A test that finds no such server on its machine fails with a sentence; it never passes by not running.

pub(crate) mod chromium;
pub(crate) mod cluster;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod redis;

pub(crate) use process::cannot_run;
