//! The steps of the carnival, one file each, called by JSON handlers, pages and the command line.

pub mod app;
pub mod availability;
pub mod belonging;
pub mod books;
pub mod booth;
pub mod check_in;
pub mod claim;
pub mod clock;
pub mod codes;
pub mod companions;
pub mod current_carnival;
pub mod erase;
pub mod log_in;
pub mod look_up;
pub mod me;
pub mod moving;
pub mod notebook;
pub mod notes;
pub mod office;
pub mod postcard;
pub mod practice;
pub mod press;
pub mod prints;
pub mod publish;
pub mod purge;
pub mod pushed;
pub mod pushes;
pub mod redeem;
pub mod refresh;
pub mod rehearsal;
pub mod remembered;
pub mod scan;
pub mod site_walk;
pub mod staff;
pub mod stock;
pub mod summary;
pub mod suspicions;

pub use app::{App, CurrentCarnivalCell, Error, LogIn, Practice, Result};
pub use notebook::Notebook;

pub use crate::store::deadline::with_shared_deadline as in_one_patience;
