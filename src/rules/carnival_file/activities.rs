//! `[[activities]]`: events at points and markets.

use jiff::civil::Date;

use super::diagnostics::{Parsed, collect_all};
use super::field::Field;
use super::mistake::{EntryKind, ExpectedType, MistakeKind};
use super::registry::IdRegistry;
use super::routes;
use super::table::Table;
use crate::rules::carnival::hours::TimeRange;
use crate::rules::carnival::{Activity, DateRange, Venue};
use crate::rules::ids::{ActivityId, PointId, RouteId};

/// Entries that were read earlier and that activities refer to.
struct ReferencedEntries<'d> {
    route_ids: &'d IdRegistry<RouteId>,
    point_ids: &'d IdRegistry<PointId>,
    routes: &'d [routes::Draft],
}

pub(super) fn read(
    root: &mut Table<'_>,
    route_ids: &IdRegistry<RouteId>,
    point_ids: &IdRegistry<PointId>,
    routes: &[routes::Draft],
    carnival_days: Option<DateRange>,
) -> Parsed<Vec<Activity>> {
    let referenced = ReferencedEntries { route_ids, point_ids, routes };
    let mut ids = IdRegistry::default();
    let read = |table| read_activity(table, &mut ids, &referenced, carnival_days);
    collect_all(root.entries(EntryKind::Activity).tables.into_iter().map(read))
}

fn read_activity(
    mut table: Table<'_>,
    ids: &mut IdRegistry<ActivityId>,
    referenced: &ReferencedEntries<'_>,
    carnival_days: Option<DateRange>,
) -> Parsed<Activity> {
    let id = ids.declare(table.required(r#"id = "music-lesson""#));
    let name = table.read(r#"name = "社区音乐人演出""#, Field::name);
    let venue = venue(&mut table, referenced);
    let times =
        table.read(r#"times = [{ day = 2023-04-15, hours = "10:00-11:30" }]"#, |field| times(field, carnival_days));
    let story = table.story();
    table.finish();
    Ok(Activity { id: id?, name: name?, venue: venue?, times: times?, story: story? })
}

fn venue(table: &mut Table<'_>, referenced: &ReferencedEntries<'_>) -> Parsed<Venue> {
    match (table.optional(r#"point = "space-1""#), table.optional(r#"market = "play""#)) {
        (Some(point), None) => referenced.point_ids.resolve(&point, EntryKind::Point).map(Venue::Point),
        (None, Some(market)) => {
            let id = referenced.route_ids.resolve(&market, EntryKind::Route)?;
            if routes::find(referenced.routes, &id).is_some_and(|route| route.has_no_market) {
                let route = id.to_string();
                return Err(market.report(MistakeKind::NoMarket { route }));
            }
            Ok(Venue::Market(id))
        }
        (None, None) | (Some(_), Some(_)) => Err(table.report(MistakeKind::VenueUnclear)),
    }
}

fn times(field: &Field<'_>, carnival_days: Option<DateRange>) -> Parsed<Vec<(Date, TimeRange)>> {
    let items = field.items(ExpectedType::List)?;
    if items.is_empty() {
        return Err(field.report(MistakeKind::NoTimes));
    }
    collect_all(items.iter().map(|item| {
        let mut table = Table::of(item)?;
        let day = table.read("day", |field| field.day_within(carnival_days));
        let hours = table.read("hours", Field::time_range);
        table.finish();
        Ok((day?, hours?))
    }))
}
