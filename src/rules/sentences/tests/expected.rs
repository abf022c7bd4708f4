//! A refusal with its expected messages.

use jiff::Zoned;

use super::super::super::refusal::Refusal;
use super::super::super::samples::{at, carnival};

/// A refusal and its messages in Chinese and English.
pub(super) type ExpectedMessage = (Refusal, &'static str, &'static str);

pub(super) fn zoned(local: &str) -> Zoned {
    carnival().zoned(at(local))
}
