//! Actions: one file per use case. JSON handlers, pages and the command line call them.

pub mod app;
pub mod caches;
pub mod carnival;
pub mod check_ins;
pub mod clock;
pub mod error;
pub mod gifts;
pub mod login;
pub mod personal_data;
pub mod prints;
pub mod rehearsal_default_start;
pub mod staff;
pub mod statistics;
pub mod store_identity;
pub mod store_problems;
pub mod store_transfer;

pub use app::{App, AppSettings, CurrentCarnivalCell, LoginProvider};
pub use error::{Error, Result};
pub use statistics::hint_buffer::HintBuffer;

pub use crate::store::deadline::with_shared_deadline;
