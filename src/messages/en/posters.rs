//! The sentences about posters in English, and the opening hours printed on them.

use super::format::{day, hours};
use crate::messages::format::{quoted, reason};
use crate::rules::carnival::Point;
use crate::rules::carnival::hours::OpeningHours;
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

pub(crate) fn opening_hours(opening: &OpeningHours) -> String {
    let usual = format!("Open {}", hours(&opening.usual));
    let differs = opening.exceptions.iter().map(|(on, spans)| match spans.as_slice() {
        [] => format!("{}: closed", day(*on)),
        spans => format!("{}: {}", day(*on), hours(spans)),
    });
    let differs: Vec<String> = differs.collect();
    if differs.is_empty() { usual } else { format!("{usual} ({})", differs.join("; ")) }
}
