//! HTTP: the only module that handles status codes, headers, JSON and HTML.
//!
//! [`routes`] lists all routes. Each resource has one file with its request types, response types and handlers. [`error`]
//! maps refusals and failures to responses.

mod auth;
mod availability;
mod booth_desk;
mod bounded_body;
mod carnival;
mod carnival_cache;
mod carnival_edits;
mod carnival_view;
mod check_ins;
mod claims;
mod code_lookups;
mod code_pictures;
mod code_reissue;
mod connection_guard;
mod content_disposition;
pub mod error;
mod failure_limiter;
mod health;
mod json_body;
mod me;
mod metrics;
mod metrics_server;
mod openapi;
mod pages;
mod personal_data;
mod photo_scans;
mod postcards;
mod poster_checks;
mod practice_views;
mod printables;
mod publish;
pub mod rate_limits;
mod redemptions;
mod reports;
mod request_info;
mod request_middleware;
pub mod routes;
mod server;
mod sessions;
mod staff;
mod state;
mod stock;
mod summary;
mod suspicions;
mod timed_cache;
mod toml_body;
mod unread_body;
pub mod views;
mod voucher_attempts;
mod wechat_events;

pub use connection_guard::raise_fd_limit;
pub use metrics_server::{MetricsServer, MetricsSettings, OptionalAddr};
pub use server::{Server, Settings, block_on};
