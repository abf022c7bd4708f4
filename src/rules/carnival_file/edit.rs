//! Edits single entries in the text of a carnival file and preserves comments and layout.
//!
//! The input was validated when it was published, so its entries have the expected structure. The result is parsed and
//! validated again before it takes effect.

mod toml_entries;

use jiff::civil::Date;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Value};

use self::toml_entries::{day, entry, is_for_day, set};
use super::parse;
use crate::rules::carnival::{Carnival, DateRange, Point, Route};
use crate::rules::check_ins::passport::PassportProgress;
use crate::rules::ids::{PointId, RouteId};
use crate::rules::refusals::{CarnivalRefusal, GiftUnit, Refusal};

/// An edit of a carnival file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CarnivalEdit {
    /// Closes a point.
    Close {
        /// The point to close.
        point: PointId,
        /// The day to close it on; `None` means until further notice.
        day: Option<Date>,
        /// The reason shown to residents.
        reason: String,
        /// Whether the route requires one stamp fewer from now on. Always the case when the point is closed until
        /// further notice.
        fewer: bool,
    },
    /// Reopens a point from a day on. The required stamps of its route and of the gifts stay as low as they are.
    Open {
        /// The point to reopen.
        point: PointId,
        /// The first day on which it is open again: today.
        from: Date,
    },
    /// Sets the notice for residents; `None` removes it.
    Notice(Option<String>),
    /// Moves a route to other days. Exceptions of its points outside the new days are removed.
    Move {
        /// The route to move.
        route: RouteId,
        /// Its new week.
        days: DateRange,
        /// Its new extra days.
        extra_days: Vec<Date>,
    },
}

/// Applies edits in order to the text of a published carnival. An edit that changes nothing leaves the text as it is.
/// Stops after an edit that makes the text invalid; the caller parses the result and reports the mistakes.
///
/// # Errors
/// A refusal for an unknown point or route.
pub fn apply(text: &str, edits: &[CarnivalEdit]) -> Result<String, Refusal> {
    let mut changed = text.to_owned();
    for edit in edits {
        let (Ok(carnival), Ok(mut file)) = (parse(&changed), changed.parse::<DocumentMut>()) else { break };
        apply_edit(&mut file, &carnival, edit)?;
        changed = file.to_string();
    }
    // `toml_edit` writes `\n`; restore the line endings of the input.
    Ok(if text.contains("\r\n") { changed.replace("\r\n", "\n").replace('\n', "\r\n") } else { changed })
}

fn apply_edit(file: &mut DocumentMut, carnival: &Carnival, edit: &CarnivalEdit) -> Result<(), Refusal> {
    match edit {
        CarnivalEdit::Close { point, day: None, reason, .. } => {
            close_until_further_notice(file, known_point(carnival, point)?, reason);
        }
        CarnivalEdit::Close { point, day: Some(day), reason, fewer } => {
            close_for_day(file, known_point(carnival, point)?, *day, reason, *fewer);
        }
        CarnivalEdit::Open { point, from } => open(file, carnival, known_point(carnival, point)?, *from)?,
        CarnivalEdit::Notice(notice) if carnival.notice.as_deref() == notice.as_deref().map(str::trim) => {}
        CarnivalEdit::Notice(notice) => {
            let head = file.get_mut("carnival").and_then(Item::as_table_like_mut);
            set(head, "notice", notice.as_deref().map(Value::from));
        }
        CarnivalEdit::Move { route, days, extra_days } => {
            move_route(file, carnival, known_route(carnival, route)?, *days, extra_days);
        }
    }
    Ok(())
}

fn known_point<'c>(carnival: &'c Carnival, id: &PointId) -> Result<&'c Point, CarnivalRefusal> {
    carnival.point_by_id(id).ok_or(CarnivalRefusal::PointUnknown)
}

fn known_route<'c>(carnival: &'c Carnival, id: &RouteId) -> Result<&'c Route, CarnivalRefusal> {
    carnival.route(id).ok_or(CarnivalRefusal::RouteUnknown)
}

fn close_until_further_notice(file: &mut DocumentMut, point: &Point, reason: &str) {
    if point.closed.as_deref() != Some(reason.trim()) {
        set(entry(file, "points", point.id.as_str()), "closed", Some(reason.into()));
    }
}

fn close_for_day(file: &mut DocumentMut, point: &Point, on: Date, reason: &str, fewer: bool) {
    let hours = &point.hours;
    let excused = hours.excused_days.contains(&on);
    let stands = hours.for_day(on).is_empty() && hours.reason_for(on) == Some(reason.trim());
    if stands && (excused || !fewer) {
        return;
    }
    let mut exception = InlineTable::new();
    exception.insert("day", day(on));
    exception.insert("hours", Value::Array(Array::new()));
    exception.insert("reason", reason.into());
    // Save the planned hours of this day, to restore them when the point is reopened.
    let planned = hours.exceptions.iter().find(|(day, spans)| *day == on && !spans.is_empty());
    if let Some((_, spans)) = planned {
        exception.insert("planned", Value::Array(spans.iter().map(ToString::to_string).collect()));
    }
    // An excused point stays excused: the route must never require more stamps than before.
    if fewer || excused {
        exception.insert("fewer", true.into());
    }
    change_exceptions(entry(file, "points", point.id.as_str()), |exceptions| {
        let before = exceptions.iter().find(|one| is_for_day(one, on)).and_then(planned_hours);
        if let Some(planned) = before {
            exception.insert("planned", planned);
        }
        exceptions.retain(|one| !is_for_day(one, on));
        exceptions.push(exception);
    });
}

/// The planned hours that an exception saved when its day was closed.
fn planned_hours(exception: &Value) -> Option<Value> {
    exception.as_inline_table()?.get("planned").cloned()
}

/// Gives `change` the point's exceptions as an array, whichever TOML syntax the file uses for them.
fn change_exceptions(table: Option<&mut dyn toml_edit::TableLike>, change: impl FnOnce(&mut Array)) {
    let Some(table) = table else { return };
    if table.get("exceptions").is_none() {
        table.insert("exceptions", Item::Value(Value::Array(Array::new())));
    }
    let Some(exceptions) = table.get_mut("exceptions") else { return };
    exceptions.make_value();
    if let Some(list) = exceptions.as_array_mut() {
        change(list);
        if list.is_empty() {
            table.remove("exceptions");
        }
    }
}

fn set_complete_with(file: &mut DocumentMut, route: &Route, stamps: u16) {
    if route.complete_with != Some(stamps) {
        set(entry(file, "routes", route.id.as_str()), "complete_with", Some(i64::from(stamps).into()));
    }
}

fn open(file: &mut DocumentMut, carnival: &Carnival, point: &Point, from: Date) -> Result<(), Refusal> {
    let hours = &point.hours;
    let closed =
        |day: Date| day >= from && hours.for_day(day).is_empty() && (day == from || hours.reason_for(day).is_some());
    let days: Vec<Date> = hours.exceptions.iter().map(|(day, _)| *day).filter(|day| closed(*day)).collect();
    restore_planned_hours(file, point, &days);
    if point.closed.is_some() {
        set(entry(file, "points", point.id.as_str()), "closed", None);
        lower_gift_requirements(file, carnival);
    }
    if point.closed.is_some() || days.iter().any(|day| hours.excused_days.contains(day)) {
        let route = known_route(carnival, &point.route)?;
        set_complete_with(file, route, carnival.required_stamps(route));
    }
    Ok(())
}

/// Restores the planned hours of closed days; days without planned hours lose their exception.
fn restore_planned_hours(file: &mut DocumentMut, point: &Point, days: &[Date]) {
    if days.is_empty() {
        return;
    }
    change_exceptions(entry(file, "points", point.id.as_str()), |exceptions| {
        for one in exceptions.iter_mut().filter(|one| days.iter().any(|day| is_for_day(one, *day))) {
            if let (Some(hours), Some(table)) = (planned_hours(one), one.as_inline_table_mut()) {
                table.insert("hours", hours);
                table.retain(|key, _| !["planned", "reason", "fewer"].contains(&key));
            }
        }
        let is_closed = |one: &Value| {
            let hours = one.as_inline_table().and_then(|table| table.get("hours")).and_then(Value::as_array);
            hours.is_some_and(Array::is_empty)
        };
        exceptions.retain(|one| !(is_closed(one) && days.iter().any(|day| is_for_day(one, *day))));
    });
}

fn drop_exceptions(file: &mut DocumentMut, point: &Point, days: &[Date]) {
    if !days.is_empty() {
        change_exceptions(entry(file, "points", point.id.as_str()), |exceptions| {
            exceptions.retain(|one| !days.iter().any(|day| is_for_day(one, *day)));
        });
    }
}

/// One more open point would raise the requirement of a gift that is capped at the number of open points. Writes the
/// present number into the file, so that the requirement stays the same.
fn lower_gift_requirements(file: &mut DocumentMut, carnival: &Carnival) {
    for progress in PassportProgress::of(carnival, []).gifts() {
        let key = match progress.gift.needs.unit() {
            GiftUnit::Stamps => "stamps",
            GiftUnit::Routes => "routes",
        };
        if progress.gift.needs.number().is_some_and(|number| progress.need < number) {
            let gift = entry(file, "gifts", progress.gift.id.as_str());
            let needs = gift.and_then(|gift| gift.get_mut("needs")).and_then(Item::as_table_like_mut);
            set(needs, key, Some(i64::from(progress.need).into()));
        }
    }
}

fn move_route(file: &mut DocumentMut, carnival: &Carnival, route: &Route, days: DateRange, extra_days: &[Date]) {
    let id = route.id.as_str();
    if route.days != days {
        set(entry(file, "routes", id), "first_day", Some(day(days.first)));
        set(entry(file, "routes", id), "last_day", Some(day(days.last)));
    }
    if route.extra_days != extra_days {
        let list: Array = extra_days.iter().map(|extra| day(*extra)).collect();
        set(entry(file, "routes", id), "extra_days", (!list.is_empty()).then_some(Value::Array(list)));
    }
    let off = |on: Date| !days.contains(on) && !extra_days.contains(&on);
    for point in carnival.points_of(&route.id) {
        let gone: Vec<Date> = point.hours.exceptions.iter().map(|(on, _)| *on).filter(|on| off(*on)).collect();
        drop_exceptions(file, point, &gone);
        if gone.iter().any(|on| point.hours.excused_days.contains(on)) {
            set_complete_with(file, route, carnival.required_stamps(route));
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "the samples are valid")]
mod tests;
