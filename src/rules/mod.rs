//! The rules of a carnival.
//!
//! Pure: no clock, no randomness, no async, no I/O. `now` is always an argument.

pub mod carnival;
pub mod carnival_file;
pub mod change;
pub mod check_in;
pub mod claim;
pub mod design;
pub mod distance;
pub mod gift;
pub mod greeting;
pub mod hours;
pub mod ids;
pub mod invitation_terms;
pub mod lang;
pub mod ledger;
pub mod passport;
pub mod point_status;
pub mod postcard;
pub mod poster_state;
pub mod practice_scenario;
pub mod practice_voucher;
pub mod refusal;
pub mod roles;
pub mod sentences;
pub mod staff;
pub mod statistics;
pub mod stock;
pub mod suspicion;
pub mod tally;
pub mod voucher;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "the samples are valid")]
pub(crate) mod samples;
