//! HTTP: the only place that knows status codes, headers, JSON and HTML.
//!
//! [`routes`] is the table of all routes; each resource has a file with its requests, its answers
//! and its handlers; [`error`] is the one table from refusals and failures to the wire.

mod auth;
mod availability;
mod books;
mod booth;
mod carnival;
mod changes;
mod check_ins;
mod claims;
mod client;
mod connections;
mod document;
mod downloads;
pub mod error;
mod guesses;
mod health;
mod json;
mod kept;
pub mod limits;
mod lookups;
mod made;
mod me;
mod measures;
mod observe;
mod openapi;
mod pages;
mod pictures;
mod postcards;
mod poster_checks;
mod practice;
mod prints;
mod publish;
mod reissue;
mod rights;
pub mod routes;
mod scans;
mod scrape;
mod server;
mod sessions;
mod staff;
mod state;
mod stock;
mod summary;
mod suspicions;
mod table;
mod toml;
mod tries;
mod unread;
pub mod views;
mod wechat_events;
mod whole;

pub use connections::room_for;
pub use scrape::{Listen, MetricsSettings, Scrapes};
pub use server::{Server, Settings, block_on};
