//! Routes for booth volunteers.

pub(in crate::http) mod desk;
pub(in crate::http) mod lookups;
pub(in crate::http) mod poster_checks;
pub(in crate::http) mod practice_views;
pub(in crate::http) mod redemptions;
