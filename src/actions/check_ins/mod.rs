//! Check-ins, the passport and companions of a resident, photo scans, and suspicions.

pub mod check_in;
pub mod companions;
pub mod photo_scan;
pub mod resident_overview;
pub mod stamp_undo;
pub mod suspicion_resolution;
