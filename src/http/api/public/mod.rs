//! Routes that need no token, or the token of anyone.

pub(in crate::http) mod availability;
pub(in crate::http) mod carnival;
pub(in crate::http) mod carnival_view;
pub(in crate::http) mod code_pictures;
pub(in crate::http) mod health;
pub(in crate::http) mod photo_scans;
pub(in crate::http) mod sessions;
