//! `[[activities]]`: what happens at points and markets.

use jiff::civil::Date;

use super::entry::Kind;
use super::field::{Field, Key};
use super::form::Wanted;
use super::head::optional_story;
use super::ids::Ids;
use super::link::Link;
use super::notes::{Read, gather};
use super::routes;
use super::table::Table;
use crate::rules::carnival::{Activity, Days, Venue};
use crate::rules::hours::Span;
use crate::rules::ids::{ActivityId, PointId, RouteId};

const ACTIVITIES: Key = Key { name: "activities", like: "[[activities]]" };
const ID: Key = Key { name: "id", like: r#"id = "music-lesson""# };
const NAME: Key = Key { name: "name", like: r#"name = "社区音乐人演出""# };
const POINT: Key = Key { name: "point", like: r#"point = "space-1""# };
const MARKET: Key = Key { name: "market", like: r#"market = "play""# };
const TIMES: Key = Key { name: "times", like: r#"times = [{ day = 2023-04-15, hours = "10:00-11:30" }]"# };
const DAY: Key = Key { name: "day", like: TIMES.like };
const HOURS: Key = Key { name: "hours", like: TIMES.like };

/// What was read before and activities refer to.
struct Places<'d> {
    route_ids: &'d Ids<RouteId>,
    point_ids: &'d Ids<PointId>,
    routes: &'d [routes::Draft],
}

pub(super) fn read(
    root: &mut Table<'_>,
    route_ids: &Ids<RouteId>,
    point_ids: &Ids<PointId>,
    routes: &[routes::Draft],
    frame: Option<Days>,
) -> Vec<Read<Activity>> {
    let places = Places { route_ids, point_ids, routes };
    let mut ids = Ids::default();
    let entries = root.entries(ACTIVITIES, Kind::Activity);
    let read = |table| read_activity(table, &mut ids, &places, frame);
    entries.tables.into_iter().map(read).collect()
}

fn read_activity(
    mut table: Table<'_>,
    ids: &mut Ids<ActivityId>,
    places: &Places<'_>,
    frame: Option<Days>,
) -> Read<Activity> {
    let id = ids.declare(table.required(ID));
    let name = table.required(NAME).and_then(|field| field.name());
    let venue = venue(&mut table, places);
    let times = table.required(TIMES).and_then(|field| times(&field, frame));
    let story = optional_story(&mut table);
    table.finish();
    Ok(Activity { id: id?, name: name?, venue: venue?, times: times?, story: story? })
}

fn venue(table: &mut Table<'_>, places: &Places<'_>) -> Read<Venue> {
    match (table.optional(POINT), table.optional(MARKET)) {
        (Some(point), None) => places.point_ids.refer(&point, Kind::Point).map(Venue::Point),
        (None, Some(market)) => {
            let id = places.route_ids.refer(&market, Kind::Route)?;
            if routes::find(places.routes, &id).is_some_and(routes::Draft::has_no_market) {
                let route = id.to_string();
                return Err(market.tell(Link::NoMarket { route }));
            }
            Ok(Venue::Market(id))
        }
        (None, None) | (Some(_), Some(_)) => Err(table.tell(Link::VenueUnclear)),
    }
}

fn times(field: &Field<'_>, frame: Option<Days>) -> Read<Vec<(Date, Span)>> {
    let items = field.items(Wanted::List)?;
    if items.is_empty() {
        return Err(field.tell(Link::NoTimes));
    }
    gather(items.iter().map(|item| {
        let mut table = Table::of(item)?;
        let day = table.required(DAY).and_then(|field| field.day_within(frame));
        let hours = table.required(HOURS).and_then(|field| field.span());
        table.finish();
        Ok((day?, hours?))
    }))
}
