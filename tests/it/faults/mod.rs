//! Broken on purpose, under load: whatever happens to the program, its disk, its clock or its neighbours, each answer
//! that somebody was given stays true.
//!
//! A [`load`] of many clients writes down each answer in a [`ledger`]; [`check`] compares all of them with the server
//! and with an export; [`report`] keeps a row for each fault. `CARNIVAL_FAULTS=long` runs as many rounds as
//! `scripts/faults` does, a number so many times the short ones.

pub(crate) mod check;
pub(crate) mod disk;
pub(crate) mod export;
pub(crate) mod ledger;
pub(crate) mod load;
pub(crate) mod report;
pub(crate) mod site;

mod clock;
mod full;
mod kills;
mod login;
mod orderly;
mod power;
mod redis;
