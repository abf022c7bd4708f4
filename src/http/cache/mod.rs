//! Caches of responses.

pub(in crate::http) mod carnival;
pub(in crate::http) mod timed;
