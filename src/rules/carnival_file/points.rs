//! `[[points]]`: the places where stamps are given.

use std::collections::HashMap;

use jiff::civil::Date;

use super::card;
use super::earn::Earn;
use super::entry::{Entry, Kind, Place};
use super::field::{Field, Key};
use super::form::Wanted;
use super::head::{optional_name, optional_story};
use super::ids::{Ids, Numbers};
use super::link::Link;
use super::notes::{Read, gather};
use super::plan::Plan;
use super::routes;
use super::spot::{codes, geofence, location};
use super::table::Table;
use crate::rules::carnival::{CodeKinds, Geofence, Location, Point};
use crate::rules::hours::{Hours, Span};
use crate::rules::ids::{PointId, PointNumber, RouteId};
use crate::rules::look::{ArtworkPath, CardPlace};

const POINTS: Key = Key { name: "points", like: "[[points]]" };
const ID: Key = Key { name: "id", like: r#"id = "space-1""# };
const NUMBER: Key = Key { name: "number", like: "number = 1" };
const ROUTE: Key = Key { name: "route", like: r#"route = "play""# };
const NAME: Key = Key { name: "name", like: r#"name = "社区美空间·第1站""# };
const COMMUNITY: Key = Key { name: "community", like: r#"community = "杉板桥社区""# };
const HOURS: Key = Key { name: "hours", like: r#"hours = ["09:00-12:00", "14:00-18:00"]"# };
const EXCEPTIONS: Key =
    Key { name: "exceptions", like: r#"exceptions = [{ day = 2023-04-13, hours = ["14:00-18:00"] }]"# };
const EXCEPTION_DAY: Key = Key { name: "day", like: EXCEPTIONS.like };
const EXCEPTION_HOURS: Key = Key { name: "hours", like: EXCEPTIONS.like };
const REASON: Key = Key { name: "reason", like: r#"{ day = 2023-04-15, hours = [], reason = "因雨" }"# };
const FEWER: Key = Key { name: "fewer", like: "{ day = 2023-04-15, hours = [], fewer = true }" };
/// The hours of a day before it was closed: read to be sound, and brought back when it is opened again.
const PLANNED: Key = Key { name: "planned", like: r#"planned = ["14:00-18:00"]"# };
const CLOSED: Key = Key { name: "closed", like: r#"closed = "因雨关闭""# };

/// A point as far as it could be read.
pub(super) struct Draft {
    pub(super) entry: Entry,
    id: Read<PointId>,
    number: Read<PointNumber>,
    route: Read<RouteId>,
    name: Read<String>,
    community: Read<Option<String>>,
    hours: Read<Hours>,
    location: Read<Option<Location>>,
    geofence: Read<Option<Geofence>>,
    codes: Read<CodeKinds>,
    closed: Read<Option<String>>,
    story: Read<Option<String>>,
    stamp: Read<Option<ArtworkPath>>,
    /// With the line of its key.
    pub(super) place: Read<Option<(CardPlace, Place)>>,
}

impl Draft {
    /// The point, if all of it could be read.
    pub(super) fn whole(self) -> Read<Point> {
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
            place: self.place?.map(|(place, _)| place),
        })
    }

    /// Whether it belongs to the route, or may once its mistake is mended: one mistake should not
    /// be told as several.
    pub(super) fn may_be_of(&self, route: &RouteId) -> bool {
        self.route.as_ref().map_or(true, |own| own == route)
    }

    /// Whether it certainly belongs to the route.
    pub(super) fn is_of(&self, route: &RouteId) -> bool {
        self.route.as_ref().is_ok_and(|own| own == route)
    }

    /// Whether it is open, or may be.
    pub(super) fn may_be_open(&self) -> bool {
        !matches!(self.closed, Ok(Some(_)))
    }
}

/// Complains of each route to which no point belongs.
pub(super) fn every_route_has_one(root: &Table<'_>, routes: &[routes::Draft], points: &[Draft], ids: &Ids<PointId>) {
    if !ids.complete() {
        return;
    }
    for route in routes {
        let Ok(id) = &route.id else { continue };
        if !points.iter().any(|point| point.may_be_of(id)) {
            let route_name = id.to_string();
            root.tell_at(&route.place, Link::RouteWithoutPoint { route: route_name });
        }
    }
}

/// Complains of each route that asks for more stamps than it has points. Closed points count, as
/// with gifts: what a route asks for sinks by itself while points are closed.
pub(super) fn no_route_asks_for_more(root: &Table<'_>, routes: &[routes::Draft], points: &[Draft], ids: &Ids<PointId>) {
    if !ids.complete() {
        return;
    }
    for route in routes {
        let (Ok(id), Some((asked, place))) = (&route.id, route.complete_with()) else { continue };
        let points = points.iter().filter(|point| point.may_be_of(id)).count();
        // A route without any point is told of by itself.
        if points > 0 && usize::from(asked) > points {
            root.tell_at(place, Earn::CompleteWithMore { asked, points });
        }
    }
}

pub(super) fn read(
    root: &mut Table<'_>,
    ids: &mut Ids<PointId>,
    route_ids: &Ids<RouteId>,
    routes: &[routes::Draft],
) -> Vec<Draft> {
    let entries = root.entries(POINTS, Kind::Point);
    ids.cut(entries.cut);
    if entries.tables.is_empty() && entries.cut.is_none() {
        ids.cut(Some(root.tell(Link::NoneAtAll { kind: Kind::Point })));
    }
    let mut numbers = Numbers::new();
    let read = |table| read_point(table, ids, &mut numbers, route_ids, routes);
    entries.tables.into_iter().map(read).collect()
}

fn read_point(
    mut table: Table<'_>,
    ids: &mut Ids<PointId>,
    numbers: &mut Numbers<PointNumber>,
    route_ids: &Ids<RouteId>,
    routes: &[routes::Draft],
) -> Draft {
    let most = u32::from(*PointNumber::RANGE.end());
    let id = ids.declare(table.required(ID));
    let number = table.required(NUMBER).and_then(|field| numbers.declare(&field, most, Kind::Point));
    let route = table.required(ROUTE).and_then(|field| route_ids.refer(&field, Kind::Route));
    let home = route.as_ref().ok().and_then(|id| routes::find(routes, id));
    let closed = optional_name(&mut table, CLOSED);
    let hours = hours(&mut table, home, matches!(closed, Ok(None)));
    let location = location(&mut table);
    let geofence = geofence(&mut table, !matches!(location, Ok(None)));
    let draft = Draft {
        entry: table.place().entry.clone(),
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
        stamp: card::stamp(&mut table),
        place: card::place(&mut table),
    };
    table.finish();
    draft
}

fn hours(table: &mut Table<'_>, route: Option<&routes::Draft>, open: bool) -> Read<Hours> {
    let usual = table.required(HOURS).and_then(|field| field.open_spans());
    let Some(field) = table.optional(EXCEPTIONS) else {
        return Ok(Hours { usual: usual?, ..Hours::default() });
    };
    let mut exceptions = Vec::new();
    let mut reasons = Vec::new();
    let mut fewer = Vec::new();
    for one in read_exceptions(&field, route)? {
        exceptions.push((one.day, one.spans));
        reasons.extend(one.reason.map(|reason| (one.day, reason)));
        fewer.extend(one.fewer.then_some(one.day));
    }
    if let (true, Some(route)) = (open, route)
        && closes_every_day(&exceptions, route)
    {
        let route = route.id.as_ref().map(ToString::to_string);
        return Err(field.tell(Plan::NeverOpen { route: route.map_err(|told| *told)? }));
    }
    Ok(Hours { usual: usual?, exceptions, reasons, fewer })
}

/// Counted, not walked through: exceptions are on days of the route, each on another one.
fn closes_every_day(exceptions: &[(Date, Vec<Span>)], route: &routes::Draft) -> bool {
    let closed = exceptions.iter().filter(|(_, spans)| spans.is_empty());
    route.schedule().is_ok_and(|(days, extra_days)| {
        let week = (days.last - days.first).get_days();
        usize::try_from(week).is_ok_and(|week| closed.count() == week + 1 + extra_days.len())
    })
}

/// A day that differs.
struct Exception {
    day: Date,
    spans: Vec<Span>,
    reason: Option<String>,
    fewer: bool,
}

fn read_exceptions(field: &Field<'_>, route: Option<&routes::Draft>) -> Read<Vec<Exception>> {
    let mut lines = HashMap::new();
    let items = field.items(Wanted::List)?;
    gather(items.iter().map(|item| {
        let mut table = Table::of(item)?;
        let day_field = table.required(EXCEPTION_DAY);
        let day = day_field.and_then(|field| exception_day(&field, route, &mut lines));
        let spans = table.required(EXCEPTION_HOURS).and_then(|field| field.spans());
        let reason = optional_name(&mut table, REASON);
        let fewer = table.optional(FEWER).map_or(Ok(false), |field| field.yes_or_no());
        let planned = table.optional(PLANNED).map_or(Ok(Vec::new()), |field| field.open_spans());
        table.finish();
        planned?;
        Ok(Exception { day: day?, spans: spans?, reason: reason?, fewer: fewer? })
    }))
}

fn exception_day(field: &Field<'_>, route: Option<&routes::Draft>, lines: &mut HashMap<Date, usize>) -> Read<Date> {
    let day = field.day()?;
    if let Some(first) = lines.insert(day, field.line()) {
        return Err(field.tell(Plan::ExceptionDoubled { day, first }));
    }
    let Some(route) = route else { return Ok(day) };
    let Ok((days, extra_days)) = route.schedule() else {
        return Ok(day);
    };
    if days.hold(day) || extra_days.contains(&day) {
        return Ok(day);
    }
    let route = route.id.as_ref().map_err(|told| *told)?.to_string();
    Err(field.tell(Plan::ExceptionOffRoute { day, route, days }))
}
