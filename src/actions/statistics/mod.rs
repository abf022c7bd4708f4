//! Numbers: the dashboard, reports, and hints, which are counted in memory first.

pub mod dashboard;
pub mod hint_buffer;
pub mod hint_recording;
pub mod reports;
