//! A refusal with its expected messages.

use jiff::Zoned;

use crate::rules::refusals::Refusal;
use crate::rules::samples::{at, carnival};

/// A refusal and its messages in Chinese and English.
pub(super) type ExpectedMessage = (Refusal, &'static str, &'static str);

pub(super) fn zoned(local: &str) -> Zoned {
    carnival().zoned(at(local))
}
