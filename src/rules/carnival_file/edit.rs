//! Edits single entries in the text of a carnival file and preserves comments and layout.
//!
//! The input was validated when it was published, so its entries have the expected structure. The result is parsed and
//! validated again before it takes effect.

mod toml_entries;

use jiff::civil::Date;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Value};

use self::toml_entries::{day, entry, is_for_day, set};
use super::field::{MAX_NAME_CHARS, MAX_NOTICE_CHARS};
use super::parse;
use crate::rules::carnival::{Carnival, DateRange, Point, Route};
use crate::rules::ids::{PointId, RouteId};
use crate::rules::refusals::{CarnivalRefusal, Refusal};

/// An edit of a carnival file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CarnivalEdit {
    /// Closes a point.
    Close {
        /// The point to close.
        point: PointId,
        /// The day to close it on; `None` means for good.
        day: Option<Date>,
        /// The reason shown to residents.
        reason: String,
        /// A notice for residents, which goes with the closure; `None` leaves the present one.
        notice: Option<String>,
    },
    /// Reopens a point from a day on, and removes the notices of its closures.
    Open {
        /// The point to reopen.
        point: PointId,
        /// The first day on which it is open again: today.
        from: Date,
    },
    /// Sets the organisers' own notice for residents; `None` removes it.
    Notice(Option<NoticeText>),
    /// Moves a route to other days. Exceptions of its points outside the new days stay in the file, so that moving the
    /// route back restores them.
    Move {
        /// The route to move.
        route: RouteId,
        /// Its new week.
        days: DateRange,
        /// Its new extra days; `None` keeps the present ones.
        extra_days: Option<Vec<Date>>,
        /// A notice for residents, which goes with the next move; `None` means no notice.
        notice: Option<String>,
    },
}

impl CarnivalEdit {
    /// Checks the lengths of reason and notice here, because mistakes in the file speak of its lines and keys.
    fn check_texts(&self) -> Result<(), CarnivalRefusal> {
        let (reason, notice) = match self {
            CarnivalEdit::Close { reason, notice, .. } => (Some(reason), notice.as_ref()),
            CarnivalEdit::Notice(notice) => (None, notice.as_ref().map(|notice| &notice.text)),
            CarnivalEdit::Move { notice, .. } => (None, notice.as_ref()),
            CarnivalEdit::Open { .. } => (None, None),
        };
        if let Some(length) = wrong_length(reason, MAX_NAME_CHARS) {
            return Err(CarnivalRefusal::ReasonLength { length, most: MAX_NAME_CHARS });
        }
        match wrong_length(notice, MAX_NOTICE_CHARS) {
            Some(length) => Err(CarnivalRefusal::NoticeLength { length, most: MAX_NOTICE_CHARS }),
            None => Ok(()),
        }
    }
}

/// The length of a text in characters, if it is empty or too long.
fn wrong_length(text: Option<&String>, most: usize) -> Option<usize> {
    text.map(|text| text.trim().chars().count()).filter(|length| !(1..=most).contains(length))
}

/// The organisers' own notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeText {
    /// Its text.
    pub text: String,
    /// The last day on which it is shown.
    pub until: Date,
}

/// Applies edits in order to the text of a published carnival. An edit that changes nothing leaves the text as it is.
/// Stops after an edit that makes the text invalid; the caller parses the result and reports the mistakes.
///
/// # Errors
/// A refusal for an unknown point or route, and for a reason or notice that is empty or too long.
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
    edit.check_texts()?;
    match edit {
        CarnivalEdit::Close { point, day: None, reason, notice } => {
            close_for_good(file, known_point(carnival, point)?, reason, notice.as_deref());
        }
        CarnivalEdit::Close { point, day: Some(day), reason, notice } => {
            close_for_day(file, known_point(carnival, point)?, *day, reason, notice.as_deref());
        }
        CarnivalEdit::Open { point, from } => open(file, known_point(carnival, point)?, *from),
        CarnivalEdit::Notice(notice) => set_notice(file, carnival, notice.as_ref()),
        CarnivalEdit::Move { route, days, extra_days, notice } => {
            let route = known_route(carnival, route)?;
            move_route(file, carnival, route, *days, extra_days.as_deref().unwrap_or(&route.extra_days));
            if route.notice.as_deref() != notice.as_deref().map(str::trim) {
                set(entry(file, "routes", route.id.as_str()), "notice", notice.as_deref().map(Value::from));
            }
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

fn set_notice(file: &mut DocumentMut, carnival: &Carnival, notice: Option<&NoticeText>) {
    let present = (carnival.notice.as_deref(), carnival.notice_until);
    if present == (notice.map(|notice| notice.text.trim()), notice.map(|notice| notice.until)) {
        return;
    }
    let head = |file: &'_ mut DocumentMut, key: &str, value: Option<Value>| {
        set(file.get_mut("carnival").and_then(Item::as_table_like_mut), key, value);
    };
    head(file, "notice", notice.map(|notice| Value::from(notice.text.as_str())));
    head(file, "notice_until", notice.map(|notice| day(notice.until)));
}

fn close_for_good(file: &mut DocumentMut, point: &Point, reason: &str, notice: Option<&str>) {
    if point.closed.as_deref() != Some(reason.trim()) {
        set(entry(file, "points", point.id.as_str()), "closed", Some(reason.into()));
    }
    if notice.is_some_and(|notice| point.notice.as_deref() != Some(notice.trim())) {
        set(entry(file, "points", point.id.as_str()), "notice", notice.map(Value::from));
    }
}

fn close_for_day(file: &mut DocumentMut, point: &Point, on: Date, reason: &str, notice: Option<&str>) {
    let hours = &point.hours;
    let stands = hours.for_day(on).is_empty() && hours.reason_for(on) == Some(reason.trim());
    if stands && notice.is_none_or(|notice| hours.notice_for(on) == Some(notice.trim())) {
        return;
    }
    let mut exception = InlineTable::new();
    exception.insert("day", day(on));
    exception.insert("hours", Value::Array(Array::new()));
    exception.insert("reason", reason.into());
    // Save the planned hours of this day, to restore them when the point is reopened. A day that the file closes without
    // a reason has none.
    let planned = hours
        .exceptions
        .iter()
        .find(|(day, spans)| *day == on && (!spans.is_empty() || hours.reason_for(on).is_none()));
    if let Some((_, spans)) = planned {
        exception.insert("planned", Value::Array(spans.iter().map(ToString::to_string).collect()));
    }
    if let Some(notice) = notice.or(hours.notice_for(on)) {
        exception.insert("notice", notice.into());
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

fn open(file: &mut DocumentMut, point: &Point, from: Date) {
    restore_planned_hours(file, point, &point.hours.closures_from(from));
    for (key, present) in [("closed", &point.closed), ("notice", &point.notice)] {
        if present.is_some() {
            set(entry(file, "points", point.id.as_str()), key, None);
        }
    }
}

/// Restores the planned hours of closed days; days without planned hours lose their exception.
fn restore_planned_hours(file: &mut DocumentMut, point: &Point, days: &[Date]) {
    if days.is_empty() {
        return;
    }
    change_exceptions(entry(file, "points", point.id.as_str()), |exceptions| {
        let reopened = |one: &Value| days.iter().any(|day| is_for_day(one, *day));
        exceptions.retain(|one| !(reopened(one) && planned_hours(one).is_none()));
        for one in exceptions.iter_mut().filter(|one| reopened(one)) {
            if let (Some(hours), Some(table)) = (planned_hours(one), one.as_inline_table_mut()) {
                table.insert("hours", hours);
                table.retain(|key, _| !["planned", "reason", "notice"].contains(&key));
            }
        }
    });
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
        let exceptions = point.hours.exceptions.iter().map(|(on, _)| *on);
        let moved: Vec<Date> = exceptions.filter(|on| off(*on) == route.runs_on(*on)).collect();
        if !moved.is_empty() {
            mark_off_route(file, point, &moved, off);
        }
    }
}

/// Marks the exceptions of these days that are off the route now, and removes the mark of the others.
fn mark_off_route(file: &mut DocumentMut, point: &Point, days: &[Date], off: impl Fn(Date) -> bool) {
    change_exceptions(entry(file, "points", point.id.as_str()), |exceptions| {
        for one in exceptions.iter_mut() {
            let Some(on) = days.iter().find(|day| is_for_day(one, **day)) else { continue };
            match one.as_inline_table_mut() {
                Some(table) if off(*on) => drop(table.insert("off_route", true.into())),
                Some(table) => drop(table.remove("off_route")),
                None => {}
            }
        }
    });
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "the samples are valid")]
mod tests;
