//! Routes that WeChat calls.

pub(in crate::http) mod events;
