//! The routes by audience. Each file holds the handlers of one noun with their request and response types.

pub(in crate::http) mod booth;
pub(in crate::http) mod organiser;
pub(in crate::http) mod public;
pub(in crate::http) mod resident;
pub mod views;
pub(in crate::http) mod wechat;
