//! HTTP: the only module that handles status codes, headers, JSON and HTML.
//!
//! [`api`] has a street per audience, which registers its routes; each resource has one file with its request types,
//! response types and handlers. [`errors`] maps refusals and failures to responses.

pub mod api;
mod cache;
mod compressed_json;
mod device_cookie;
pub mod errors;
mod extract;
mod metrics;
mod metrics_server;
mod middleware;
mod openapi;
mod pages;
mod private_server;
pub mod rate_limit;
pub mod routes;
mod server;
mod state;

pub use metrics_server::{MetricsServer, MetricsSettings, OptionalAddr};
pub use middleware::connection_guard::raise_fd_limit;
pub use private_server::{PrivateServer, PrivateSocket};
pub use server::{Server, Settings, block_on, serve_privately};
