//! A refusal and its sentences, side by side.

use jiff::Zoned;

use super::super::super::refusal::Refusal;
use super::super::super::samples::{at, carnival};

/// A refusal, and what it says in Chinese and in English.
pub(super) type ExpectedMessage = (Refusal, &'static str, &'static str);

pub(super) fn zoned(local: &str) -> Zoned {
    carnival().zoned(at(local))
}
