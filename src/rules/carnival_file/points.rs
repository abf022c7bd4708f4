//! `[[points]]`: the places where residents get stamps.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use jiff::ToSpan;
use jiff::civil::Date;

use super::check_in_conditions::{codes, geofence, location};
use super::design::{artwork, card_position};
use super::diagnostics::{Parsed, collect_all, part, read_fields};
use super::field::{Field, Key};
use super::mistake::{Entry, EntryKind, ExpectedType, MistakeKind, SourcePosition};
use super::registry::{IdRegistry, NumberRegistry};
use super::routes;
use super::table::Table;
use crate::rules::carnival::Point;
use crate::rules::carnival::design::CardPosition;
use crate::rules::carnival::hours::{OpeningHours, TimeRange};
use crate::rules::ids::{PointId, PointNumber, RouteId};

const REASON: Key = Key { name: "reason", example: r#"{ day = 2023-04-15, hours = [], reason = "因雨" }"# };
/// The keys of hours that differ by weekday, each with its days counted from Monday. A single day overrides its group.
const WEEKDAYS: [(&str, RangeInclusive<usize>); 9] = [
    (r#"weekdays = "09:00-18:00""#, 0..=4),
    (r#"weekend = ["09:00-12:00", "14:00-20:00"]"#, 5..=6),
    (r#"mon = "09:00-18:00""#, 0..=0),
    (r#"tue = "09:00-18:00""#, 1..=1),
    (r#"wed = "09:00-18:00""#, 2..=2),
    (r#"thu = "09:00-18:00""#, 3..=3),
    (r#"fri = "18:00-02:00""#, 4..=4),
    (r#"sat = "18:00-02:00""#, 5..=5),
    (r#"sun = "09:00-18:00""#, 6..=6),
];
const NOTICE: Key = Key { name: "notice", example: r#"notice = "今天下雨，第3站不开放。""# };

/// A point, and what other entries need of it even if it has mistakes.
pub(super) struct Draft {
    pub(super) entry: Entry,
    route: Parsed<RouteId>,
    /// With the source position of the key.
    pub(super) card_position: Parsed<Option<(CardPosition, SourcePosition)>>,
    pub(super) point: Parsed<Point>,
}

impl Draft {
    /// Whether it belongs to the route, or could once its route is corrected. Used to avoid reporting one mistake
    /// several times.
    pub(super) fn may_belong_to(&self, route: &RouteId) -> bool {
        self.route.as_ref().map_or(true, |own| own == route)
    }

    /// Whether it belongs to the route.
    pub(super) fn belongs_to(&self, route: &RouteId) -> bool {
        self.route.as_ref().is_ok_and(|own| own == route)
    }
}

/// Reports each route without points, and each route whose `complete_with` exceeds its number of points. Closed points
/// count, as with gifts: the required number drops while points are closed.
pub(super) fn report_routes_with_too_few(
    root: &Table<'_>,
    routes: &[routes::Draft],
    points: &[Draft],
    ids: &IdRegistry<PointId>,
) {
    for route in routes.iter().filter(|_| ids.is_complete()) {
        let Ok(id) = &route.id else { continue };
        let points = points.iter().filter(|point| point.may_belong_to(id)).count();
        if points == 0 {
            root.report_at(&route.position, MistakeKind::RouteWithoutPoint { route: id.to_string() });
        } else if let Some((required, position)) = &route.complete_with
            && usize::from(*required) > points
        {
            root.report_at(position, MistakeKind::CompleteWithMore { required: *required, points });
        }
    }
}

pub(super) fn read(
    root: &mut Table<'_>,
    ids: &mut IdRegistry<PointId>,
    route_ids: &IdRegistry<RouteId>,
    routes: &[routes::Draft],
) -> Vec<Draft> {
    let entries = root.required_entries(EntryKind::Point);
    ids.mark_incomplete(entries.incomplete);
    let mut numbers = NumberRegistry::new();
    let read = |table| read_point(table, ids, &mut numbers, route_ids, routes);
    entries.tables.into_iter().map(read).collect()
}

fn read_point(
    mut table: Table<'_>,
    ids: &mut IdRegistry<PointId>,
    numbers: &mut NumberRegistry<PointNumber>,
    route_ids: &IdRegistry<RouteId>,
    routes: &[routes::Draft],
) -> Draft {
    let max = u32::from(*PointNumber::RANGE.end());
    let id = ids.declare(table.required(r#"id = "space-1""#));
    let number = table.read("number = 1", |field| numbers.declare(field, max, EntryKind::Point));
    let route = table.read(r#"route = "play""#, |field| route_ids.resolve(field, EntryKind::Route));
    let home = route.as_ref().ok().and_then(|id| routes::find(routes, id));
    let closed = table.read_optional(r#"closed = "因雨关闭""#, Field::name);
    let place;
    let point = read_fields!(Point {
        id,
        number,
        route: route.clone(),
        hours: hours(&mut table, home, matches!(closed, Ok(None))),
        location: location(&mut table),
        geofence: geofence(&mut table, !matches!(location, Ok(None))),
        name: table.read(r#"name = "社区美空间·第1站""#, Field::name),
        community: table.read_optional(r#"community = "杉板桥社区""#, Field::name),
        codes: codes(&mut table),
        story: table.story(),
        stamp: table.read_optional(r#"stamp = "artwork/stamps/space-1.svg""#, artwork),
        card_position: {
            place = table.read_optional("place = { x_mm = 25.5, y_mm = 40 }", card_position);
            part(&place).map(|place| place.as_ref().map(|(at, _)| *at))
        },
        closed: closed.clone(),
        notice: table.read_optional(NOTICE, Field::notice),
    });
    let entry = table.position.entry.clone();
    table.finish();
    Draft { entry, route, card_position: place, point }
}

fn hours(table: &mut Table<'_>, route: Option<&routes::Draft>, open: bool) -> Parsed<OpeningHours> {
    let usual = table.read(r#"hours = ["09:00-12:00", "14:00-18:00"]"#, usual_hours);
    let Some(field) = table.optional(r#"exceptions = [{ day = 2023-04-13, hours = ["14:00-18:00"] }]"#) else {
        return usual;
    };
    let read = read_exceptions(&field, route)?;
    let is_closed_on_purpose = read.iter().any(|one| one.spans.is_empty() && one.reason.is_some());
    let mut hours = usual?;
    for one in read {
        hours.exceptions.push((one.day, one.spans));
        hours.reasons.extend(one.reason.map(|reason| (one.day, reason)));
        hours.planned.extend(one.planned.map(|planned| (one.day, planned)));
        hours.notices.extend(one.notice.map(|notice| (one.day, notice)));
    }
    // A day with a reason was closed on purpose, such as for rain.
    if let (true, false, Some(route)) = (open, is_closed_on_purpose, route)
        && is_never_open(&hours, route)
    {
        let route = part(&route.id)?.to_string();
        return Err(field.report(MistakeKind::NeverOpen { route }));
    }
    Ok(hours)
}

/// The hours of a day without an exception: the same every day, or by weekday.
fn usual_hours(field: &Field<'_>) -> Parsed<OpeningHours> {
    if !field.is_table() {
        return Ok(OpeningHours { usual: field.non_empty_time_ranges()?, ..OpeningHours::default() });
    }
    let mut table = Table::of(field)?;
    let mut by_weekday: [Vec<TimeRange>; 7] = Default::default();
    let mut mistake = Ok(());
    for (key, days) in WEEKDAYS {
        match table.read_optional(key, Field::non_empty_time_ranges) {
            Ok(Some(spans)) => by_weekday[days].iter_mut().for_each(|day| day.clone_from(&spans)),
            Ok(None) => {}
            Err(reported) => mistake = Err(reported),
        }
    }
    table.finish();
    mistake?;
    if by_weekday.iter().all(Vec::is_empty) {
        return Err(field.report(MistakeKind::NoHours));
    }
    Ok(OpeningHours { by_weekday: Some(by_weekday), ..OpeningHours::default() })
}

/// Whether no day of the route has hours.
fn is_never_open(hours: &OpeningHours, route: &routes::Draft) -> bool {
    route.schedule().is_ok_and(|(days, extra_days)| {
        let week = days.first.series(1.day()).take_while(|day| *day <= days.last);
        week.chain(extra_days.iter().copied()).all(|day| hours.for_day(day).is_empty())
    })
}

/// A day with different hours.
struct Exception {
    day: Date,
    spans: Vec<TimeRange>,
    reason: Option<String>,
    /// The hours of the day before it was closed.
    planned: Option<Vec<TimeRange>>,
    notice: Option<String>,
}

fn read_exceptions(field: &Field<'_>, route: Option<&routes::Draft>) -> Parsed<Vec<Exception>> {
    let mut lines = HashMap::new();
    let items = field.items(ExpectedType::List)?;
    collect_all(items.iter().map(|item| {
        let mut table = Table::of(item)?;
        // The route was moved to other days; the exception counts again when it is moved back.
        let off_route = table.read_or_default("off_route = true", Field::boolean);
        let home = route.filter(|_| matches!(off_route, Ok(false)));
        let day = table.read("day", |field| exception_day(field, home, &mut lines));
        let spans = table.read("hours", Field::time_ranges);
        let reason = table.read_optional(REASON, Field::name);
        let planned = table.read_optional(r#"planned = ["14:00-18:00"]"#, Field::time_ranges);
        let notice = table.read_optional(NOTICE, Field::notice);
        table.finish();
        off_route?;
        Ok(Exception { day: day?, spans: spans?, reason: reason?, planned: planned?, notice: notice? })
    }))
}

fn exception_day(field: &Field<'_>, route: Option<&routes::Draft>, lines: &mut HashMap<Date, usize>) -> Parsed<Date> {
    let day = field.day()?;
    if let Some(first) = lines.insert(day, field.position.line) {
        return Err(field.report(MistakeKind::ExceptionDoubled { day, first }));
    }
    let Some(route) = route else { return Ok(day) };
    let Ok((days, extra_days)) = route.schedule() else {
        return Ok(day);
    };
    if days.contains(day) || extra_days.contains(&day) {
        return Ok(day);
    }
    let route = part(&route.id)?.to_string();
    Err(field.report(MistakeKind::ExceptionOffRoute { day, route, days }))
}
