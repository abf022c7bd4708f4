//! Mistakes in days and hours.

use jiff::civil::Date;

use crate::rules::carnival::DateRange;
use crate::rules::carnival::hours::TimeRange;
use crate::rules::lang::Lang;

/// Inconsistent days or hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ScheduleError {
    LastBeforeFirst {
        path: String,
        first: Date,
        last: Date,
    },
    OutsideCarnival {
        path: String,
        day: Date,
        days: DateRange,
    },
    /// An extra day on which the route already runs.
    ExtraDayIdle {
        day: Date,
    },
    ExceptionOffRoute {
        day: Date,
        route: String,
        days: DateRange,
    },
    ExceptionDoubled {
        day: Date,
        first: usize,
    },
    HoursOverlap {
        a: TimeRange,
        b: TimeRange,
    },
    HoursUnordered {
        a: TimeRange,
        b: TimeRange,
    },
    NoHours {
        path: String,
        example: &'static str,
    },
    /// Exceptions close the point on every day of its route.
    NeverOpen {
        route: String,
    },
}

impl ScheduleError {
    /// The message for the organiser.
    pub(super) fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.en(),
        }
    }

    fn zh(&self) -> String {
        match self {
            ScheduleError::LastBeforeFirst { path, first, last } => {
                format!("{path} 是 {last}，早于第一天 {first}。请改成 {first} 或更晚。")
            }
            ScheduleError::OutsideCarnival { path, day, days } => {
                format!("{path} 里的 {day} 不在嘉年华期间。请写 {} 到 {} 之间的日期。", days.first, days.last)
            }
            ScheduleError::ExtraDayIdle { day } => {
                format!("extra_days 里的 {day} 是多余的：路线这一天本来就开放，或者已经写过。请删去。")
            }
            ScheduleError::ExceptionOffRoute { day, route, days } => format!(
                "exceptions 里的 {day}，路线“{route}”并不开放（{} 到 {}，另加 extra_days）。请改日期，或删去这一项。",
                days.first, days.last
            ),
            ScheduleError::ExceptionDoubled { day, first } => {
                format!("exceptions 里 {day} 写了两次，第一次在第 {first} 行。请合成一项。")
            }
            ScheduleError::HoursOverlap { a, b } => {
                format!("时段 {a} 和 {b} 重叠。请合成一段，或错开，例如：[\"09:00-12:00\", \"14:00-18:00\"]")
            }
            ScheduleError::HoursUnordered { a, b } => {
                format!("时段 {b} 写在 {a} 之后，其实更早。请按先后排列：[\"{b}\", \"{a}\"]")
            }
            ScheduleError::NoHours { path, example } => {
                format!("{path} 里没有时段。请写开放时间，例如：{example}；长期关闭请写 closed = \"原因\"。")
            }
            ScheduleError::NeverOpen { route } => format!(
                "exceptions 让这个点位在路线“{route}”的每一天都关闭，没有人能盖章。\
                请留一天开放，或写 closed = \"原因\"。"
            ),
        }
    }

    fn en(&self) -> String {
        match self {
            ScheduleError::LastBeforeFirst { path, first, last } => {
                format!("{path} is {last}, before the first day {first}. Write {first} or a later day.")
            }
            ScheduleError::OutsideCarnival { path, day, days } => format!(
                "{day} in {path} is not a day of the carnival. Write a day from {} to {}.",
                days.first, days.last
            ),
            ScheduleError::ExtraDayIdle { day } => format!(
                "{day} in extra_days has no effect: the route already runs on that day, or the day is listed twice. \
                Remove it."
            ),
            ScheduleError::ExceptionOffRoute { day, route, days } => format!(
                "route \"{route}\" does not run on {day}, a day in exceptions ({} to {}, and its extra_days). \
                Change the day or remove it.",
                days.first, days.last
            ),
            ScheduleError::ExceptionDoubled { day, first } => {
                format!("{day} appears twice in exceptions, first on line {first}. Merge the two.")
            }
            ScheduleError::HoursOverlap { a, b } => format!(
                "the hours {a} and {b} overlap. Merge the two, or separate them, such as: \
                [\"09:00-12:00\", \"14:00-18:00\"]"
            ),
            ScheduleError::HoursUnordered { a, b } => {
                format!("the hours {b} come after {a} but are earlier. Put them in order: [\"{b}\", \"{a}\"]")
            }
            ScheduleError::NoHours { path, example } => format!(
                "{path} has no hours in it. Write when it is open, such as: {example}; \
                or closed = \"the reason\" if it is closed until further notice."
            ),
            ScheduleError::NeverOpen { route } => format!(
                "exceptions close this point on each day of route \"{route}\", so nobody could get its stamp. \
                Leave it open on one, or write closed = \"the reason\"."
            ),
        }
    }
}
