//! The sentences about posters in English, and the opening hours printed on them.

use std::ops::RangeInclusive;

use super::format::{day, hours};
use crate::messages::format::{quoted, reason, weekday_runs};
use crate::rules::carnival::Point;
use crate::rules::carnival::hours::{OpeningHours, TimeRange};
use crate::rules::prints::poster_state::{NextOpening, PosterState};

pub(crate) fn poster_state(state: PosterState, point: &Point, opening: NextOpening<'_>) -> String {
    let which = format!("Point {}, {}", point.number, quoted(&point.name));
    match state {
        PosterState::UpToDate => format!("{which}: right. {}", opens(opening)),
        PosterState::Replaced => format!("{which}: this poster was replaced. Take it down and hang the new one."),
        PosterState::DisplayOnly => {
            format!("{which}: only the code on the tablet counts here. Take this poster down.")
        }
    }
}

fn opens(opening: NextOpening<'_>) -> String {
    match opening {
        NextOpening::Closed(why) => format!("The point is closed: {}.", reason(why)),
        NextOpening::Never => "It does not open again.".to_owned(),
        NextOpening::Today(spans) => format!("Open today {}.", hours(spans)),
        NextOpening::On(date, spans) => format!("Opens on {}, {}.", day(date), hours(spans)),
    }
}

/// `09:00–18:00`; `Mon to Fri 09:00–18:00; Sat and Sun 10:00–20:00` if they differ.
fn usual_hours(opening: &OpeningHours) -> String {
    const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let Some(days) = &opening.by_weekday else { return hours(&opening.usual) };
    let run = |(run, spans): (RangeInclusive<usize>, &[TimeRange])| match (*run.start(), *run.end()) {
        (first, last) if first == last => format!("{} {}", NAMES[first], hours(spans)),
        (first, last) if first + 1 == last => format!("{} and {} {}", NAMES[first], NAMES[last], hours(spans)),
        (first, last) => format!("{} to {} {}", NAMES[first], NAMES[last], hours(spans)),
    };
    weekday_runs(days).into_iter().map(run).collect::<Vec<_>>().join("; ")
}

pub(crate) fn opening_hours(opening: &OpeningHours) -> String {
    let usual = format!("Open {}", usual_hours(opening));
    let differs = opening.exceptions.iter().map(|(on, spans)| match spans.as_slice() {
        [] => format!("{}: closed", day(*on)),
        spans => format!("{}: {}", day(*on), hours(spans)),
    });
    let differs: Vec<String> = differs.collect();
    if differs.is_empty() { usual } else { format!("{usual} ({})", differs.join("; ")) }
}
