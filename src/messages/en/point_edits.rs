//! What edits of points and routes change for people, in English; and the texts to pass on to a chat group.

use jiff::civil::{Date, Time};

use super::format::{all_of, day, days, hours};
use crate::messages::format::{clock, quoted, reason};
use crate::messages::point_edits::{PointAction, PointEditText, RouteMoveText};

pub(crate) fn point_edit(edit: &PointEditText<'_>) -> String {
    let mut says = vec![match edit.action {
        PointAction::Closed { reason: why, .. } => {
            format!("{} is closed {}: {}.", quoted(edit.point), when(edit), reason(why))
        }
        PointAction::Opened { .. } => format!("{} is open again.", quoted(edit.point)),
    }];
    match edit.action {
        PointAction::Closed { relief, .. } => closed(&mut says, edit, relief),
        PointAction::Opened { was_counting, later_days, .. } => opened(&mut says, edit, was_counting, later_days),
    }
    says.concat()
}

fn closed(says: &mut Vec<String>, edit: &PointEditText<'_>, relief: bool) {
    let (route, after) = (quoted(edit.route), edit.impact.needed.1);
    let before = was(edit.impact.needed);
    match (edit.day, edit.since) {
        (None, Some(since)) => {
            says.push(format!(
                " From {} on, the route {route} takes {after} stamps{before} for everybody, and never more again.",
                moment(since, edit.today)
            ));
        }
        (Some(_), Some(since)) if relief => {
            says.push(format!(
                " Everybody with a stamp of the route {route} {}, before or after ({} so far), need not visit it from {} on: the route takes {after} stamps{before}. This is never taken back.",
                when(edit),
                edit.walked,
                moment(since, edit.today)
            ));
        }
        (_, None) if relief => {
            says.push(" Less than 15 minutes of its hours are left, so nobody is affected.".to_owned());
        }
        _ => says.push(format!(" The route {route} still takes {after} stamps.")),
    }
    if edit.since.is_some() && !edit.in_force {
        says.push(" If it reopens before, nothing changes.".to_owned());
    }
    if edit.impact.is_at_half && edit.since.is_some() {
        says.push(
            " Note: half of the stamps are always required. With so many points closed, please find another day."
                .to_owned(),
        );
    }
    gifts(says, edit);
    if edit.stamped > 0 {
        says.push(format!(" Stamps that people have of it already ({}) count.", edit.stamped));
    }
    if edit.day.is_some() && relief {
        let at_the_door = match edit.action {
            PointAction::Closed { keep_away: true, .. } => " Its code gives no stamps.",
            _ => " People who are there already scan its code and get a rain stamp.",
        };
        says.push(at_the_door.to_owned());
    }
}

fn opened(says: &mut Vec<String>, edit: &PointEditText<'_>, was_counting: bool, later_days: &[Date]) {
    if !later_days.is_empty() {
        let days: Vec<String> = later_days.iter().map(|later| day(*later)).collect();
        says.push(format!(" Its closure on {} is cancelled too.", all_of(&days)));
    }
    if edit.in_force {
        says.push(format!(
            " People who need not visit it still need not: the route {} takes {} stamps.",
            quoted(edit.route),
            edit.impact.needed.1
        ));
    } else if was_counting {
        says.push(" It was closed for less than 15 minutes, so nothing has changed for anybody.".to_owned());
    }
}

fn gifts(says: &mut Vec<String>, edit: &PointEditText<'_>) {
    let changed = edit.gifts.iter().filter(|(_, before, after)| before != after);
    let changed: Vec<String> = changed
        .map(|(name, before, after)| format!("{} takes {after} stamps (before: {before})", quoted(name)))
        .collect();
    if !changed.is_empty() {
        says.push(format!(" The gifts follow: {}.", changed.join(", ")));
    }
    if edit.held > 0 {
        says.push(format!(" Gifts that are held ({}) can still be picked up.", edit.held));
    }
}

/// For residents, in a chat group.
pub(crate) fn point_announcement(edit: &PointEditText<'_>) -> String {
    let (point, route) = (quoted(edit.point), quoted(edit.route));
    match edit.action {
        PointAction::Opened { hours: [], .. } => format!("{point} is open again. Welcome!"),
        PointAction::Opened { hours: spans, .. } => format!("{point} is open again, today {}. Welcome!", hours(spans)),
        PointAction::Closed { reason: why, .. } if edit.day.is_none() => format!(
            "{point} is closed for good: {}. The route {route} now takes {} stamps. All stamps count.",
            reason(why),
            edit.impact.needed.1
        ),
        PointAction::Closed { reason: why, relief, keep_away } => {
            let relieved = if relief && edit.since.is_some() {
                format!(" With a stamp of the route {route} {}, before or after, you need not visit it.", when(edit))
            } else {
                " Please visit another point, or come another day.".to_owned()
            };
            let at_the_door = match (keep_away, relief) {
                (true, _) => " Please stay away from it.",
                (false, true) => " If you are there already, scan its poster for a rain stamp.",
                (false, false) => "",
            };
            format!("{point} is closed {}: {}.{relieved}{at_the_door} All stamps count.", when(edit), reason(why))
        }
    }
}

pub(crate) fn route_move(moved: &RouteMoveText<'_>) -> String {
    let mut says = vec![format!("The route {} now runs {}.", quoted(moved.route), all_days(moved))];
    if moved.stops_today {
        says.push(" It gives no more stamps today.".to_owned());
    }
    if moved.walked > 0 {
        says.push(format!(" Stamps that people have of it ({} people) count.", moved.walked));
    }
    if moved.kept_exceptions > 0 {
        says.push(format!(
            " {} special days of its points are kept, and return when the route is moved back.",
            moved.kept_exceptions
        ));
    }
    says.concat()
}

/// For residents, in a chat group.
pub(crate) fn route_announcement(moved: &RouteMoveText<'_>) -> String {
    format!("The route {} now runs {}. All stamps count.", quoted(moved.route), all_days(moved))
}

fn all_days(moved: &RouteMoveText<'_>) -> String {
    let extra = moved.extra_days.iter().filter(|extra| !moved.days.contains(**extra)).map(|extra| day(*extra));
    let all: Vec<String> = [days(moved.days)].into_iter().chain(extra).collect();
    all_of(&all)
}

fn when(edit: &PointEditText<'_>) -> String {
    match edit.day {
        Some(on) if on == edit.today => "today".to_owned(),
        Some(on) => format!("on {}", day(on)),
        None => "for good".to_owned(),
    }
}

fn was((before, after): (u16, u16)) -> String {
    if before == after { String::new() } else { format!(" (before: {before})") }
}

fn moment((date, time): (Date, Time), today: Date) -> String {
    if date == today { clock(time) } else { format!("{}, {}", day(date), clock(time)) }
}
