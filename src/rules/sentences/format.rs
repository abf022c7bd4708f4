//! Formatting of names, days, hours and distances for people.

use jiff::Zoned;
use jiff::civil::{Date, Time};

use crate::rules::carnival::DateRange;
use crate::rules::carnival::hours::TimeRange;
use crate::rules::lang::Lang;

/// A quoted name from the carnival file: `“友邻荟一号台”`. Quotation marks inside it become single ones.
pub(super) fn quoted(name: &str) -> String {
    format!("“{}”", name.replace('“', "‘").replace('”', "’"))
}

/// `4月13日`, `13 April`.
pub(super) fn day(day: Date, lang: Lang) -> String {
    lang.pick(format!("{}月{}日", day.month(), day.day()), day.strftime("%-d %B").to_string())
}

/// `4月13日至18日`, `13 to 18 April`.
pub(super) fn days(days: DateRange, lang: Lang) -> String {
    let DateRange { first, last } = days;
    if first == last {
        return day(first, lang);
    }
    let one_month = (first.year(), first.month()) == (last.year(), last.month());
    match lang {
        Lang::Zh if one_month => format!("{}至{}日", day(first, lang), last.day()),
        Lang::Zh => format!("{}至{}", day(first, lang), day(last, lang)),
        Lang::En if one_month => format!("{} to {}", first.day(), day(last, lang)),
        Lang::En => format!("{} to {}", day(first, lang), day(last, lang)),
    }
}

impl DateRange {
    /// The range for people: `4月13日至18日`.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        days(self, lang)
    }
}

/// `14:05`.
pub(super) fn clock(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

/// `4月13日 14:05`, `13 April, 14:05`.
pub(super) fn date_time(at: &Zoned, lang: Lang) -> String {
    format!("{}{}{}", day(at.date(), lang), lang.pick(" ", ", "), clock(at.time()))
}

/// `09:00–12:00和14:00–18:00`.
pub(super) fn hours(spans: &[TimeRange], lang: Lang) -> String {
    // Files use a hyphen in ranges; people read a dash.
    let spans: Vec<String> = spans.iter().map(|span| span.to_string().replace('-', "–")).collect();
    join_and(&spans, lang)
}

/// `850米`, `1.2公里`.
pub(super) fn distance(metres: u32, lang: Lang) -> String {
    if metres <= 1_000 {
        return format!("{metres}{}", lang.pick("米", " m"));
    }
    // Computed in integers, so that 1,049 m is 1.0 km regardless of floating-point rounding.
    let tenths = metres.saturating_add(50) / 100;
    format!("{}.{}{}", tenths / 10, tenths % 10, lang.pick("公里", " km"))
}

/// `12秒`; above two minutes, rounded up to minutes.
pub(super) fn duration(seconds: u64, lang: Lang) -> String {
    match (seconds, lang) {
        (0..=1, Lang::En) => "1 second".to_owned(),
        (2..=120, Lang::En) => format!("{seconds} seconds"),
        (_, Lang::En) => format!("{} minutes", seconds.div_ceil(60)),
        (0..=120, Lang::Zh) => format!("{}秒", seconds.max(1)),
        (_, Lang::Zh) => format!("{}分钟", seconds.div_ceil(60)),
    }
}

/// `甲、乙和丙`, `A, B and C`.
pub(super) fn join_and(items: &[String], lang: Lang) -> String {
    joined(items, lang.pick("、", ", "), lang.pick("和", " and "))
}

/// `甲、乙或丙`, `A, B or C`.
pub(super) fn join_or(items: &[String], lang: Lang) -> String {
    joined(items, lang.pick("、", ", "), lang.pick("或", " or "))
}

fn joined(items: &[String], between: &str, before_last: &str) -> String {
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
