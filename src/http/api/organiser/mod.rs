//! Routes for organisers.

pub(in crate::http) mod carnival_edits;
pub(in crate::http) mod code_reissue;
pub(in crate::http) mod printables;
pub(in crate::http) mod publish;
pub(in crate::http) mod reports;
pub(in crate::http) mod staff;
pub(in crate::http) mod stock;
pub(in crate::http) mod summary;
pub(in crate::http) mod suspicions;
