//! What handlers take from a request: who asks, the body, ids in the path, language and address.

pub(in crate::http) mod auth;
pub(in crate::http) mod body;
pub(in crate::http) mod path;
pub(in crate::http) mod request_info;
