//! `needs`: what a gift takes, and whether anybody can bring it.

use super::earn::Earn;
use super::entry::Kind;
use super::field::{Field, Key};
use super::notes::Read;
use super::points;
use super::surroundings::Surroundings;
use super::table::Table;
use crate::rules::carnival::Needs;
use crate::rules::ids::{PointNumber, RouteId};

pub(super) const NEEDS: Key = Key { name: "needs", like: r#"needs = { stamps = 3, of = "play" }"# };
const ALL_OF: Key = Key { name: "all_of", like: r#"needs = { all_of = "play" }"# };
const STAMPS: Key = Key { name: "stamps", like: "needs = { stamps = 10 }" };
const OF: Key = Key { name: "of", like: NEEDS.like };
const ROUTES: Key = Key { name: "routes", like: "needs = { routes = 3 }" };

/// Reads one of the four forms.
pub(super) fn read(field: &Field<'_>, around: &Surroundings<'_>) -> Read<Needs> {
    let mut table = Table::of(field)?;
    let all_of = table.optional(ALL_OF);
    let stamps = table.optional(STAMPS);
    let of = table.optional(OF);
    let routes = table.optional(ROUTES);
    table.finish();
    let route = |field: &Field<'_>| around.route_ids.refer(field, Kind::Route);
    match (all_of, stamps, of, routes) {
        (Some(all_of), None, None, None) => route(&all_of).map(Needs::AllOfRoute),
        (None, Some(stamps), Some(of), None) => {
            let (stamps, route) = (count(&stamps), route(&of));
            Ok(Needs::OfRoute { stamps: stamps?, route: route? })
        }
        (None, Some(stamps), None, None) => count(&stamps).map(Needs::Total),
        (None, None, None, Some(routes)) => count(&routes).map(Needs::Routes),
        _ => Err(field.tell(Earn::NeedsUnclear)),
    }
}

fn count(field: &Field<'_>) -> Read<u16> {
    let most = u32::from(*PointNumber::RANGE.end());
    let count = field.whole(0..=most)?;
    let path = field.path();
    u16::try_from(count).ok().filter(|count| *count > 0).ok_or_else(|| field.tell(Earn::NeedsNothing { path }))
}

/// Complains if the gift asks for more than there is. Closed points count, because what a gift takes
/// sinks by itself while points are closed; only a gift all of whose points are closed is beyond
/// everybody.
pub(super) fn can_be_met(field: &Field<'_>, needs: &Needs, around: &Surroundings<'_>) -> Read<()> {
    // While routes or points are missing from what was read, more may be possible than it seems.
    if !around.points_known || !around.route_ids.complete() {
        return Ok(());
    }
    match beyond(needs, around) {
        Some(earn) => Err(field.tell(earn)),
        None => Ok(()),
    }
}

fn beyond(needs: &Needs, around: &Surroundings<'_>) -> Option<Earn> {
    if !around.points.iter().any(points::Draft::may_be_open) {
        return Some(Earn::AllClosed);
    }
    match needs {
        Needs::AllOfRoute(id) => route_closed(id, around),
        Needs::OfRoute { route: id, stamps } => route_closed(id, around).or_else(|| {
            let (asked, points) = (*stamps, points_of(id, around));
            let route = id.to_string();
            // A route without any point is told of at the route.
            (points > 0 && asked > points).then_some(Earn::MoreThanRoute { route, asked, points })
        }),
        Needs::Total(stamps) => {
            let (asked, points) = (*stamps, counted(around.points.len()));
            (asked > points).then_some(Earn::MoreThanCarnival { asked, points })
        }
        Needs::Routes(routes) => {
            let (asked, routes) = (*routes, completable(around));
            (asked > routes).then_some(Earn::MoreRoutes { asked, routes })
        }
    }
}

/// Only a route whose points are all closed; one without any is told of at the route.
fn route_closed(id: &RouteId, around: &Surroundings<'_>) -> Option<Earn> {
    let route = id.to_string();
    (points_of(id, around) > 0 && open_points(id, around) == 0).then_some(Earn::RouteClosed { route })
}

fn completable(around: &Surroundings<'_>) -> u16 {
    let routes = around.routes.iter().filter(|route| {
        let id = route.id.as_ref();
        id.map_or(true, |id| open_points(id, around) > 0)
    });
    counted(routes.count())
}

pub(super) fn points_of(route: &RouteId, around: &Surroundings<'_>) -> u16 {
    counted(around.points.iter().filter(|point| point.may_be_of(route)).count())
}

fn open_points(route: &RouteId, around: &Surroundings<'_>) -> u16 {
    let open = around.points.iter().filter(|point| point.may_be_of(route) && point.may_be_open());
    counted(open.count())
}

fn counted(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
