//! The sentences about posters in Chinese, and the opening hours printed on them.

use super::format::{day, hours};
use crate::messages::format::{quoted, reason};
use crate::rules::carnival::Point;
use crate::rules::carnival::hours::OpeningHours;
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

pub(crate) fn opening_hours(opening: &OpeningHours) -> String {
    let usual = format!("开放时间：{}", hours(&opening.usual));
    let differs = opening.exceptions.iter().map(|(on, spans)| match spans.as_slice() {
        [] => format!("{}不开放", day(*on)),
        spans => format!("{}{}", day(*on), hours(spans)),
    });
    let differs: Vec<String> = differs.collect();
    if differs.is_empty() { usual } else { format!("{usual}（{}）", differs.join("，")) }
}
