//! Formatting of days, hours, distances and lists in English.

use jiff::Zoned;
use jiff::civil::Date;

use crate::messages::format::{clock, dashed, joined, kilometres};
use crate::rules::carnival::DateRange;
use crate::rules::carnival::hours::TimeRange;

/// `13 April`.
pub(super) fn day(day: Date) -> String {
    day.strftime("%-d %B").to_string()
}

/// `13 to 18 April`.
pub(crate) fn days(DateRange { first, last }: DateRange) -> String {
    if first == last {
        day(first)
    } else if (first.year(), first.month()) == (last.year(), last.month()) {
        format!("{} to {}", first.day(), day(last))
    } else {
        format!("{} to {}", day(first), day(last))
    }
}

/// `13 April`; `13 April 2024` if that is another year than today's.
pub(super) fn day_of(on: Date, today: Date) -> String {
    if on.year() == today.year() { day(on) } else { format!("{} {}", day(on), on.year()) }
}

/// `13 to 18 April`, with the year if it is another one than today's.
pub(super) fn days_of(range: DateRange, today: Date) -> String {
    let DateRange { first, last } = range;
    match (first.year(), last.year()) {
        (from, to) if from == to && from == today.year() => days(range),
        (from, to) if from == to => format!("{} {from}", days(range)),
        (from, to) => format!("{} {from} to {} {to}", day(first), day(last)),
    }
}

/// `13 April, 14:05`.
pub(super) fn date_time(at: &Zoned) -> String {
    format!("{}, {}", day(at.date()), clock(at.time()))
}

/// `09:00–12:00 and 14:00–18:00`.
pub(super) fn hours(spans: &[TimeRange]) -> String {
    all_of(&dashed(spans, "next day "))
}

/// `850 m`, `1.2 km`.
pub(crate) fn distance(metres: u32) -> String {
    if metres <= 1_000 { format!("{metres} m") } else { format!("{} km", kilometres(metres)) }
}

/// `12 seconds`; above two minutes, rounded up to minutes.
pub(crate) fn duration(seconds: u64) -> String {
    match seconds {
        0..=1 => "1 second".to_owned(),
        2..=120 => format!("{seconds} seconds"),
        121..=7200 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3600)),
    }
}

/// `A, B and C`.
pub(super) fn all_of(items: &[String]) -> String {
    joined(items, ", ", " and ")
}

/// `A, B or C`.
pub(super) fn one_of(items: &[String]) -> String {
    joined(items, ", ", " or ")
}
