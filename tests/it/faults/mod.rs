//! Fault injection under load: each acknowledged answer must remain true when the program, its disk, its clock or a
//! service that it uses fails.
//!
//! A [`load_generator`] of many clients records each answer in an [`answer_log`]; [`verification`] compares it with the
//! server and with an export; [`fault_table`] saves a row for each fault. `CARNIVAL_FAULTS=long` runs as many rounds as
//! `scripts/faults`; a number multiplies the short runs.

pub(crate) mod answer_log;
pub(crate) mod fault_table;
pub(crate) mod load_generator;
pub(crate) mod parsed_export;
pub(crate) mod simulated_disk;
pub(crate) mod test_site;
pub(crate) mod verification;

mod clock_changes;
mod damaged_file;
mod full_disk;
mod graceful_stop;
mod kills;
mod power_cuts;
mod redis;
mod wechat_outage;
