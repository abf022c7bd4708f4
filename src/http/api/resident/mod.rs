//! Routes for residents.

pub(in crate::http) mod check_ins;
pub(in crate::http) mod claims;
pub(in crate::http) mod me;
pub(in crate::http) mod personal_data;
pub(in crate::http) mod postcards;
