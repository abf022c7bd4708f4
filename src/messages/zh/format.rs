//! Formatting of days, hours, distances and lists in Chinese.

use jiff::Zoned;
use jiff::civil::Date;

use crate::messages::format::{clock, dashed, joined, kilometres, quoted};
use crate::rules::carnival::DateRange;
use crate::rules::carnival::hours::TimeRange;

/// `4月13日`.
pub(super) fn day(day: Date) -> String {
    format!("{}月{}日", day.month(), day.day())
}

/// `4月13日至18日`.
pub(crate) fn days(DateRange { first, last }: DateRange) -> String {
    if first == last {
        day(first)
    } else if (first.year(), first.month()) == (last.year(), last.month()) {
        format!("{}至{}日", day(first), last.day())
    } else {
        format!("{}至{}", day(first), day(last))
    }
}

/// `4月13日`; `2024年4月13日` if that is another year than today's.
pub(super) fn day_of(on: Date, today: Date) -> String {
    if on.year() == today.year() { day(on) } else { format!("{}年{}", on.year(), day(on)) }
}

/// `4月13日至18日`, with the year if it is another one than today's.
pub(super) fn days_of(range: DateRange, today: Date) -> String {
    let DateRange { first, last } = range;
    match (first.year(), last.year()) {
        (from, to) if from == to && from == today.year() => days(range),
        (from, to) if from == to => format!("{from}年{}", days(range)),
        (from, to) => format!("{from}年{}至{to}年{}", day(first), day(last)),
    }
}

/// `4月13日 14:05`.
pub(super) fn date_time(at: &Zoned) -> String {
    format!("{} {}", day(at.date()), clock(at.time()))
}

/// `09:00–12:00和14:00–18:00`.
pub(super) fn hours(spans: &[TimeRange]) -> String {
    all_of(&dashed(spans, "次日"))
}

/// `“江边路线”`, `“玩”美社区路线`: the word is not doubled, because many routes have it in their names.
pub(super) fn route_words(route: &str) -> String {
    if route.ends_with("路线") { quoted(route) } else { format!("{}路线", quoted(route)) }
}

/// `850米`, `1.2公里`.
pub(crate) fn distance(metres: u32) -> String {
    if metres <= 1_000 { format!("{metres}米") } else { format!("{}公里", kilometres(metres)) }
}

/// `12秒`; above two minutes, rounded up to minutes.
pub(crate) fn duration(seconds: u64) -> String {
    match seconds {
        0..=120 => format!("{}秒", seconds.max(1)),
        121..=7200 => format!("{}分钟", seconds.div_ceil(60)),
        _ => format!("{}小时", seconds.div_ceil(3600)),
    }
}

/// `甲、乙和丙`.
pub(super) fn all_of(items: &[String]) -> String {
    joined(items, "、", "和")
}

/// `甲、乙或丙`.
pub(super) fn one_of(items: &[String]) -> String {
    joined(items, "、", "或")
}
