//! What handlers take from a request: who asks, the body, language and address.

pub(in crate::http) mod auth;
pub(in crate::http) mod bounded_body;
pub(in crate::http) mod json_body;
pub(in crate::http) mod request_info;
pub(in crate::http) mod toml_body;
