//! The carnival: the version that is current, its availability, and publishing.

pub mod availability;
pub mod carnival_refresh;
pub mod current_carnival;
pub mod edits;
pub mod publication_base;
pub mod publish;
