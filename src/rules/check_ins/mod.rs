//! Check-ins: who gets a stamp, the passport that holds it, and what looks suspicious.

pub mod check_in;
pub mod passport;
pub mod stamp_undo;
pub mod suspicion;
