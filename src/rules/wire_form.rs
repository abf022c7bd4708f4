//! How times and ids are written for programs, where their own serialisation differs.

use std::fmt::Display;

use jiff::Zoned;
use jiff::civil::Time;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Serialize, Serializer};

/// Whole seconds and a numeric offset. Much faster than a format string, which is parsed for each value.
pub const RFC_3339: DateTimePrinter = DateTimePrinter::new().precision(Some(0));

/// A time in RFC 3339, with its offset, to the second.
#[must_use]
pub fn rfc3339(at: &Zoned) -> String {
    RFC_3339.timestamp_with_offset_to_string(&at.timestamp(), at.offset())
}

/// Writes a time in RFC 3339.
pub(in crate::rules) fn moment<S: Serializer>(at: &Zoned, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(at))
}

/// Writes hours and minutes, if there are any.
pub(in crate::rules) fn clock<S: Serializer>(
    time: &(impl Copy + Into<Option<Time>>),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    (*time).into().map(|time: Time| time.strftime("%H:%M").to_string()).serialize(serializer)
}

/// Writes the text of an id.
pub(in crate::rules) fn text<S: Serializer>(id: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
