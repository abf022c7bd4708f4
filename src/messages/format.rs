//! Formatting of names, hours and lists that all languages share.

/// The code point of a character, which can be looked up, if the character itself cannot be seen.
pub(super) fn code_point(found: char) -> String {
    format!("U+{:04X}", u32::from(found))
}

/// Truncates to one decimal, so that a value below a limit is never rounded up to it.
pub(super) fn tenths(number: f64) -> f64 {
    (number * 10.0).floor() / 10.0
}
