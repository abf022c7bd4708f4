//! The rules of a carnival.
//!
//! Pure: no clock, no randomness, no async, no I/O. `now` is always an argument.

pub mod carnival;
pub mod carnival_file;
pub mod check_ins;
pub mod gifts;
pub mod ids;
pub mod lang;
pub mod prints;
pub mod refusals;
pub mod staff;
pub mod statistics;
pub mod visible_text;
pub mod wire_form;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "the samples are valid")]
pub(crate) mod samples;
