//! The steps of the carnival, one file each, called by JSON handlers, pages and the command line.

pub mod app;
pub mod availability;
pub mod belonging;
pub mod booth;
pub mod check_in;
pub mod claim;
pub mod clock;
pub mod codes;
pub mod companions;
pub mod live;
pub mod log_in;
pub mod look_up;
pub mod me;
pub mod moving;
pub mod purge;
pub mod redeem;
pub mod refresh;
pub mod rehearsal;
pub mod staff;

pub use app::{App, Current, Error, LogIn, Practice, Result};
