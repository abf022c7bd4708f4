//! The messages of refusals, and a time for them.

use jiff::Zoned;

use crate::messages::messages;
use crate::rules::lang::Lang::{En, Zh};
use crate::rules::refusals::Refusal;
use crate::rules::samples::{at, carnival};

/// The messages of each refusal: a line in Chinese, then one in English.
pub(super) fn messages_of(refusals: &[Refusal]) -> String {
    let lines = refusals.iter().flat_map(|refusal| [Zh, En].map(|lang| messages(lang).refusal(refusal)));
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn zoned(local: &str) -> Zoned {
    carnival().zoned(at(local))
}
