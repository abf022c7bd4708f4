//! `needs`: the requirement of a gift, and whether it can be met.

use super::diagnostics::Parsed;
use super::entry::EntryKind;
use super::field::{Field, Key};
use super::gift_context::GiftContext;
use super::gift_errors::GiftError;
use super::points;
use super::table::Table;
use crate::rules::carnival::GiftRequirement;
use crate::rules::ids::{PointNumber, RouteId};

pub(super) const NEEDS: Key = Key { name: "needs", example: r#"needs = { stamps = 3, of = "play" }"# };
const ALL_OF: Key = Key { name: "all_of", example: r#"needs = { all_of = "play" }"# };
const STAMPS: Key = Key { name: "stamps", example: "needs = { stamps = 10 }" };
const OF: Key = Key { name: "of", example: NEEDS.example };
const ROUTES: Key = Key { name: "routes", example: "needs = { routes = 3 }" };

/// Reads one of the four forms.
pub(super) fn read(field: &Field<'_>, context: &GiftContext<'_>) -> Parsed<GiftRequirement> {
    let mut table = Table::of(field)?;
    let all_of = table.optional(ALL_OF);
    let stamps = table.optional(STAMPS);
    let of = table.optional(OF);
    let routes = table.optional(ROUTES);
    table.finish();
    let route = |field: &Field<'_>| context.route_ids.resolve(field, EntryKind::Route);
    match (all_of, stamps, of, routes) {
        (Some(all_of), None, None, None) => route(&all_of).map(GiftRequirement::CompleteRoute),
        (None, Some(stamps), Some(of), None) => {
            let (stamps, route) = (count(&stamps), route(&of));
            Ok(GiftRequirement::OfRoute { stamps: stamps?, route: route? })
        }
        (None, Some(stamps), None, None) => count(&stamps).map(GiftRequirement::Total),
        (None, None, None, Some(routes)) => count(&routes).map(GiftRequirement::Routes),
        _ => Err(field.report(GiftError::NeedsUnclear)),
    }
}

fn count(field: &Field<'_>) -> Parsed<u16> {
    let max = u32::from(*PointNumber::RANGE.end());
    let count = field.integer(0..=max)?;
    let path = field.path();
    u16::try_from(count).ok().filter(|count| *count > 0).ok_or_else(|| field.report(GiftError::NeedsNothing { path }))
}

/// Reports a requirement that exceeds what the carnival offers. Closed points count, because a requirement drops while
/// points are closed; only a gift whose points are all closed cannot be earned.
pub(super) fn check_satisfiable(field: &Field<'_>, needs: &GiftRequirement, context: &GiftContext<'_>) -> Parsed<()> {
    // If routes or points failed to parse, the carnival may offer more than was read.
    if !context.all_points_parsed || !context.route_ids.is_complete() {
        return Ok(());
    }
    match unsatisfiable_reason(needs, context) {
        Some(earn) => Err(field.report(earn)),
        None => Ok(()),
    }
}

fn unsatisfiable_reason(needs: &GiftRequirement, context: &GiftContext<'_>) -> Option<GiftError> {
    if !context.points.iter().any(points::Draft::may_be_open) {
        return Some(GiftError::AllClosed);
    }
    match needs {
        GiftRequirement::CompleteRoute(id) => route_closed(id, context),
        GiftRequirement::OfRoute { route: id, stamps } => route_closed(id, context).or_else(|| {
            let (required, points) = (*stamps, points_of(id, context));
            let route = id.to_string();
            // A route without points is reported at the route.
            (points > 0 && required > points).then_some(GiftError::MoreThanRoute { route, required, points })
        }),
        GiftRequirement::Total(stamps) => {
            let (required, points) = (*stamps, counted(context.points.len()));
            (required > points).then_some(GiftError::MoreThanCarnival { required, points })
        }
        GiftRequirement::Routes(routes) => {
            let (required, routes) = (*routes, completable_routes(context));
            (required > routes).then_some(GiftError::MoreRoutes { required, routes })
        }
    }
}

/// Reported only for a route with points that are all closed; a route without points is reported at the route.
fn route_closed(id: &RouteId, context: &GiftContext<'_>) -> Option<GiftError> {
    let route = id.to_string();
    (points_of(id, context) > 0 && open_point_count(id, context) == 0).then_some(GiftError::RouteClosed { route })
}

fn completable_routes(context: &GiftContext<'_>) -> u16 {
    let routes = context.routes.iter().filter(|route| {
        let id = route.id.as_ref();
        id.map_or(true, |id| open_point_count(id, context) > 0)
    });
    counted(routes.count())
}

pub(super) fn points_of(route: &RouteId, context: &GiftContext<'_>) -> u16 {
    counted(context.points.iter().filter(|point| point.may_belong_to(route)).count())
}

fn open_point_count(route: &RouteId, context: &GiftContext<'_>) -> u16 {
    let open = context.points.iter().filter(|point| point.may_belong_to(route) && point.may_be_open());
    counted(open.count())
}

fn counted(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
