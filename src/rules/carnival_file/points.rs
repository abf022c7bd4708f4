//! `[[points]]`: the places where residents get stamps.

use std::collections::HashMap;

use jiff::civil::Date;

use super::carnival_table::{optional_name, optional_story};
use super::check_in_conditions::{codes, geofence, location};
use super::design;
use super::diagnostics::{Parsed, collect_all};
use super::entry::{Entry, EntryKind, SourcePosition};
use super::field::{Field, Key};
use super::format_errors::ExpectedType;
use super::gift_errors::GiftError;
use super::reference_errors::ReferenceError;
use super::registry::{IdRegistry, NumberRegistry};
use super::routes;
use super::schedule_errors::ScheduleError;
use super::table::Table;
use crate::rules::carnival::design::{ArtworkPath, CardPosition};
use crate::rules::carnival::hours::{OpeningHours, TimeRange};
use crate::rules::carnival::{CodeKinds, Geofence, Location, Point};
use crate::rules::ids::{PointId, PointNumber, RouteId};

const POINTS: Key = Key { name: "points", example: "[[points]]" };
const ID: Key = Key { name: "id", example: r#"id = "space-1""# };
const NUMBER: Key = Key { name: "number", example: "number = 1" };
const ROUTE: Key = Key { name: "route", example: r#"route = "play""# };
const NAME: Key = Key { name: "name", example: r#"name = "社区美空间·第1站""# };
const COMMUNITY: Key = Key { name: "community", example: r#"community = "杉板桥社区""# };
const HOURS: Key = Key { name: "hours", example: r#"hours = ["09:00-12:00", "14:00-18:00"]"# };
const EXCEPTIONS: Key =
    Key { name: "exceptions", example: r#"exceptions = [{ day = 2023-04-13, hours = ["14:00-18:00"] }]"# };
const EXCEPTION_DAY: Key = Key { name: "day", example: EXCEPTIONS.example };
const EXCEPTION_HOURS: Key = Key { name: "hours", example: EXCEPTIONS.example };
const REASON: Key = Key { name: "reason", example: r#"{ day = 2023-04-15, hours = [], reason = "因雨" }"# };
const FEWER: Key = Key { name: "fewer", example: "{ day = 2023-04-15, hours = [], fewer = true }" };
/// The hours of a day before it was closed. Validated here, and restored when the day is reopened.
const PLANNED: Key = Key { name: "planned", example: r#"planned = ["14:00-18:00"]"# };
const CLOSED: Key = Key { name: "closed", example: r#"closed = "因雨关闭""# };

/// A partly parsed point.
pub(super) struct Draft {
    pub(super) entry: Entry,
    id: Parsed<PointId>,
    number: Parsed<PointNumber>,
    route: Parsed<RouteId>,
    name: Parsed<String>,
    community: Parsed<Option<String>>,
    hours: Parsed<OpeningHours>,
    location: Parsed<Option<Location>>,
    geofence: Parsed<Option<Geofence>>,
    codes: Parsed<CodeKinds>,
    closed: Parsed<Option<String>>,
    story: Parsed<Option<String>>,
    stamp: Parsed<Option<ArtworkPath>>,
    /// With the source position of the key.
    pub(super) card_position: Parsed<Option<(CardPosition, SourcePosition)>>,
}

impl Draft {
    /// The point, if every value was parsed.
    pub(super) fn into_complete(self) -> Parsed<Point> {
        Ok(Point {
            id: self.id?,
            number: self.number?,
            route: self.route?,
            name: self.name?,
            community: self.community?,
            hours: self.hours?,
            location: self.location?,
            geofence: self.geofence?,
            codes: self.codes?,
            closed: self.closed?,
            story: self.story?,
            stamp: self.stamp?,
            card_position: self.card_position?.map(|(position, _)| position),
        })
    }

    /// Whether it belongs to the route, or could once its route is corrected. Used to avoid reporting one mistake
    /// several times.
    pub(super) fn may_belong_to(&self, route: &RouteId) -> bool {
        self.route.as_ref().map_or(true, |own| own == route)
    }

    /// Whether it belongs to the route.
    pub(super) fn belongs_to(&self, route: &RouteId) -> bool {
        self.route.as_ref().is_ok_and(|own| own == route)
    }

    /// Whether it is open, or could be.
    pub(super) fn may_be_open(&self) -> bool {
        !matches!(self.closed, Ok(Some(_)))
    }
}

/// Reports each route without points.
pub(super) fn report_routes_without_points(
    root: &Table<'_>,
    routes: &[routes::Draft],
    points: &[Draft],
    ids: &IdRegistry<PointId>,
) {
    if !ids.is_complete() {
        return;
    }
    for route in routes {
        let Ok(id) = &route.id else { continue };
        if !points.iter().any(|point| point.may_belong_to(id)) {
            let route_name = id.to_string();
            root.report_at(&route.position, ReferenceError::RouteWithoutPoint { route: route_name });
        }
    }
}

/// Reports each route whose `complete_with` exceeds its number of points. Closed points count, as with gifts: the
/// required number drops while points are closed.
pub(super) fn report_excessive_complete_with(
    root: &Table<'_>,
    routes: &[routes::Draft],
    points: &[Draft],
    ids: &IdRegistry<PointId>,
) {
    if !ids.is_complete() {
        return;
    }
    for route in routes {
        let (Ok(id), Some((required, position))) = (&route.id, route.complete_with()) else { continue };
        let points = points.iter().filter(|point| point.may_belong_to(id)).count();
        // A route without points is reported separately.
        if points > 0 && usize::from(required) > points {
            root.report_at(position, GiftError::CompleteWithMore { required, points });
        }
    }
}

pub(super) fn read(
    root: &mut Table<'_>,
    ids: &mut IdRegistry<PointId>,
    route_ids: &IdRegistry<RouteId>,
    routes: &[routes::Draft],
) -> Vec<Draft> {
    let entries = root.entries(POINTS, EntryKind::Point);
    ids.mark_incomplete(entries.incomplete);
    if entries.tables.is_empty() && entries.incomplete.is_none() {
        ids.mark_incomplete(Some(root.report(ReferenceError::NoneAtAll { kind: EntryKind::Point })));
    }
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
    let id = ids.declare(table.required(ID));
    let number = table.required(NUMBER).and_then(|field| numbers.declare(&field, max, EntryKind::Point));
    let route = table.required(ROUTE).and_then(|field| route_ids.resolve(&field, EntryKind::Route));
    let home = route.as_ref().ok().and_then(|id| routes::find(routes, id));
    let closed = optional_name(&mut table, CLOSED);
    let hours = hours(&mut table, home, matches!(closed, Ok(None)));
    let location = location(&mut table);
    let geofence = geofence(&mut table, !matches!(location, Ok(None)));
    let draft = Draft {
        entry: table.position().entry.clone(),
        id,
        number,
        route,
        name: table.required(NAME).and_then(|field| field.name()),
        community: optional_name(&mut table, COMMUNITY),
        hours,
        location,
        geofence,
        codes: codes(&mut table),
        closed,
        story: optional_story(&mut table),
        stamp: design::stamp(&mut table),
        card_position: design::card_position(&mut table),
    };
    table.finish();
    draft
}

fn hours(table: &mut Table<'_>, route: Option<&routes::Draft>, open: bool) -> Parsed<OpeningHours> {
    let usual = table.required(HOURS).and_then(|field| field.non_empty_time_ranges());
    let Some(field) = table.optional(EXCEPTIONS) else {
        return Ok(OpeningHours { usual: usual?, ..OpeningHours::default() });
    };
    let mut exceptions = Vec::new();
    let mut reasons = Vec::new();
    let mut excused_days = Vec::new();
    for one in read_exceptions(&field, route)? {
        exceptions.push((one.day, one.spans));
        reasons.extend(one.reason.map(|reason| (one.day, reason)));
        excused_days.extend(one.fewer.then_some(one.day));
    }
    if let (true, Some(route)) = (open, route)
        && closes_every_day(&exceptions, route)
    {
        let route = route.id.as_ref().map(ToString::to_string);
        return Err(field.report(ScheduleError::NeverOpen { route: route.map_err(|reported| *reported)? }));
    }
    Ok(OpeningHours { usual: usual?, exceptions, reasons, excused_days })
}

/// Compares counts: exceptions are unique and all on days of the route.
fn closes_every_day(exceptions: &[(Date, Vec<TimeRange>)], route: &routes::Draft) -> bool {
    let closed = exceptions.iter().filter(|(_, spans)| spans.is_empty());
    route.schedule().is_ok_and(|(days, extra_days)| {
        let week = (days.last - days.first).get_days();
        usize::try_from(week).is_ok_and(|week| closed.count() == week + 1 + extra_days.len())
    })
}

/// A day with different hours.
struct Exception {
    day: Date,
    spans: Vec<TimeRange>,
    reason: Option<String>,
    fewer: bool,
}

fn read_exceptions(field: &Field<'_>, route: Option<&routes::Draft>) -> Parsed<Vec<Exception>> {
    let mut lines = HashMap::new();
    let items = field.items(ExpectedType::List)?;
    collect_all(items.iter().map(|item| {
        let mut table = Table::of(item)?;
        let day_field = table.required(EXCEPTION_DAY);
        let day = day_field.and_then(|field| exception_day(&field, route, &mut lines));
        let spans = table.required(EXCEPTION_HOURS).and_then(|field| field.time_ranges());
        let reason = optional_name(&mut table, REASON);
        let fewer = table.optional(FEWER).map_or(Ok(false), |field| field.boolean());
        let planned = table.optional(PLANNED).map_or(Ok(Vec::new()), |field| field.non_empty_time_ranges());
        table.finish();
        planned?;
        Ok(Exception { day: day?, spans: spans?, reason: reason?, fewer: fewer? })
    }))
}

fn exception_day(field: &Field<'_>, route: Option<&routes::Draft>, lines: &mut HashMap<Date, usize>) -> Parsed<Date> {
    let day = field.day()?;
    if let Some(first) = lines.insert(day, field.line()) {
        return Err(field.report(ScheduleError::ExceptionDoubled { day, first }));
    }
    let Some(route) = route else { return Ok(day) };
    let Ok((days, extra_days)) = route.schedule() else {
        return Ok(day);
    };
    if days.contains(day) || extra_days.contains(&day) {
        return Ok(day);
    }
    let route = route.id.as_ref().map_err(|reported| *reported)?.to_string();
    Err(field.report(ScheduleError::ExceptionOffRoute { day, route, days }))
}
