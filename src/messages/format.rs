//! Formatting of names, hours and lists that all languages share.

use std::ops::RangeInclusive;

use jiff::civil::Time;

use crate::rules::carnival::hours::TimeRange;

/// A quoted name from the carnival file: `“友邻荟一号台”`. Quotation marks inside it become single ones.
pub(super) fn quoted(name: &str) -> String {
    format!("“{}”", name.replace('“', "‘").replace('”', "’"))
}

/// `14:05`.
pub(super) fn clock(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

/// `09:00–12:00`, each. Files use a hyphen in ranges; people read a dash, and a word before an end on the next day.
pub(super) fn dashed(spans: &[TimeRange], next_day: &str) -> Vec<String> {
    let dash = |span: &TimeRange| if span.passes_midnight() { format!("–{next_day}") } else { "–".to_owned() };
    spans.iter().map(|span| span.to_string().replace('-', &dash(span))).collect()
}

/// Weekdays in a row with the same hours, counted from Monday; closed ones are left out.
pub(super) fn weekday_runs(days: &[Vec<TimeRange>; 7]) -> Vec<(RangeInclusive<usize>, &[TimeRange])> {
    let mut runs: Vec<(RangeInclusive<usize>, &[TimeRange])> = Vec::new();
    for (nth, hours) in days.iter().enumerate().filter(|(_, hours)| !hours.is_empty()) {
        match runs.last_mut() {
            Some((run, same)) if *same == hours.as_slice() && run.end() + 1 == nth => *run = *run.start()..=nth,
            _ => runs.push((nth..=nth, hours)),
        }
    }
    runs
}

/// `A, B and C`, with what stands between two items and before the last one.
pub(super) fn joined(items: &[String], between: &str, before_last: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [others @ .., last] => format!("{}{before_last}{last}", others.join(between)),
    }
}

/// A reason as its author typed it, without a final full stop, because the message adds one.
pub(super) fn reason(text: &str) -> &str {
    text.trim().trim_end_matches(['。', '.', '！', '!'])
}

/// The code point of a character, which can be looked up, if the character itself cannot be seen.
pub(super) fn code_point(found: char) -> String {
    format!("U+{:04X}", u32::from(found))
}

/// Truncates to one decimal, so that a value below a limit is never rounded up to it.
pub(super) fn tenths(number: f64) -> f64 {
    (number * 10.0).floor() / 10.0
}

/// Whether a character can be seen.
pub(super) fn is_visible(found: char) -> bool {
    found.is_alphanumeric() || found.is_ascii_graphic()
}

/// Tenths of a kilometre, rounded in integers, so that 1,049 m is 1.0 km regardless of floating-point rounding.
pub(super) fn kilometres(metres: u32) -> String {
    let tenths = metres.saturating_add(50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// How many names a sentence lists. More do not fit on a phone in large type.
pub(super) const MAX_NAMES: usize = 3;
