//! The sentences about posters in Chinese, and the opening hours printed on them.

use std::ops::RangeInclusive;

use super::format::{day, hours};
use crate::messages::format::{quoted, reason, weekday_runs};
use crate::rules::carnival::Point;
use crate::rules::carnival::hours::{OpeningHours, TimeRange};
use crate::rules::prints::poster_state::{NextOpening, PosterState};

pub(crate) fn poster_state(state: PosterState, point: &Point, opening: NextOpening<'_>) -> String {
    let which = format!("{}号点位{}", point.number, quoted(&point.name));
    match state {
        PosterState::UpToDate => format!("{which}：海报没错。{}", opens(opening)),
        PosterState::Replaced => format!("{which}：这是换下来的旧海报，请取下，挂上新的。"),
        PosterState::DisplayOnly => format!("{which}：这里只认平板上的码，海报没有用，请取下。"),
    }
}

fn opens(opening: NextOpening<'_>) -> String {
    match opening {
        NextOpening::Closed(why) => format!("点位已关闭：{}。", reason(why)),
        NextOpening::Never => "这个点位之后不再开放。".to_owned(),
        NextOpening::Today(spans) => format!("今天{}开放。", hours(spans)),
        NextOpening::On(date, spans) => format!("{}{}开放。", day(date), hours(spans)),
    }
}

/// `09:00–18:00`; `周一至周五09:00–18:00，周六、周日10:00–20:00` if they differ.
fn usual_hours(opening: &OpeningHours) -> String {
    const NAMES: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    let Some(days) = &opening.by_weekday else { return hours(&opening.usual) };
    let run = |(run, spans): (RangeInclusive<usize>, &[TimeRange])| match (*run.start(), *run.end()) {
        (first, last) if first == last => format!("{}{}", NAMES[first], hours(spans)),
        (first, last) if first + 1 == last => format!("{}、{}{}", NAMES[first], NAMES[last], hours(spans)),
        (first, last) => format!("{}至{}{}", NAMES[first], NAMES[last], hours(spans)),
    };
    weekday_runs(days).into_iter().map(run).collect::<Vec<_>>().join("，")
}

pub(crate) fn opening_hours(opening: &OpeningHours) -> String {
    let usual = format!("开放时间：{}", usual_hours(opening));
    let differs = opening.exceptions.iter().map(|(on, spans)| match spans.as_slice() {
        [] => format!("{}不开放", day(*on)),
        spans => format!("{}{}", day(*on), hours(spans)),
    });
    let differs: Vec<String> = differs.collect();
    if differs.is_empty() { usual } else { format!("{usual}（{}）", differs.join("，")) }
}
