//! Actions: one file per use case. JSON handlers, pages and the command line call them.

pub mod app;
pub mod availability;
pub mod booth;
pub mod caches;
pub mod carnival_refresh;
pub mod check_in;
pub mod claim;
pub mod clock;
pub mod code_lookup;
pub mod codes;
pub mod companions;
pub mod current_carnival;
pub mod dashboard;
pub mod erasure;
pub mod hint_buffer;
pub mod hints;
pub mod login;
pub mod photo_scan;
pub mod postcard;
pub mod poster_inspection;
pub mod practice;
pub mod print_documents;
pub mod publish;
pub mod purge;
pub mod redeem;
pub mod rehearsal_start;
pub mod render_pool;
pub mod replay_cache;
pub mod reports;
pub mod resident_overview;
pub mod staff;
pub mod staff_admin;
pub mod stock;
pub mod store_identity;
pub mod store_transfer;
pub mod suspicions;
pub mod wechat_push;

pub use app::{App, AppSettings, CurrentCarnivalCell, Error, LoginProvider, Result};
pub use hint_buffer::HintBuffer;

pub use crate::store::deadline::with_shared_deadline;
