//! Broken on purpose, under load: whatever happens to the program, its disk, its clock or its neighbours, each answer
//! that somebody was given stays true.
//!
//! A [`load_generator`] of many clients writes down each answer in a [`answer_log`]; [`verification`] compares all of them with the server
//! and with an export; [`fault_table`] keeps a row for each fault. `CARNIVAL_FAULTS=long` runs as many rounds as
//! `scripts/faults` does, a number so many times the short ones.

pub(crate) mod answer_log;
pub(crate) mod fault_table;
pub(crate) mod load_generator;
pub(crate) mod parsed_export;
pub(crate) mod simulated_disk;
pub(crate) mod test_site;
pub(crate) mod verification;

mod clock_changes;
mod full_disk;
mod graceful_stop;
mod kills;
mod power_cuts;
mod redis;
mod wechat_outage;
