//! `needs`: the requirement of a gift, and whether it can be met.

use super::diagnostics::Parsed;
use super::field::{Field, Key};
use super::mistake::{EntryKind, MistakeKind};
use super::registry::IdRegistry;
use super::table::Table;
use super::{points, routes};
use crate::rules::carnival::{DateRange, GiftRequirement};
use crate::rules::ids::{BoothId, PointNumber, RouteId};

const ALL_OF: Key = Key { name: "all_of", example: r#"needs = { all_of = "play" }"# };
const STAMPS: Key = Key { name: "stamps", example: "needs = { stamps = 10 }" };
const ROUTES: Key = Key { name: "routes", example: "needs = { routes = 3 }" };

/// What gifts refer to: the entries that were parsed before them.
pub(super) struct GiftContext<'d> {
    pub(super) carnival_days: Option<DateRange>,
    pub(super) routes: &'d [routes::Draft],
    pub(super) points: &'d [points::Draft],
    /// Whether `points` contains every point of the file.
    pub(super) all_points_parsed: bool,
    pub(super) route_ids: &'d IdRegistry<RouteId>,
    pub(super) booth_ids: IdRegistry<BoothId>,
}

/// Reads one of the four forms.
pub(super) fn read(field: &Field<'_>, context: &GiftContext<'_>) -> Parsed<GiftRequirement> {
    let mut table = Table::of(field)?;
    let all_of = table.optional(ALL_OF);
    let stamps = table.optional(STAMPS);
    let of = table.optional("of");
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
        _ => Err(field.report(MistakeKind::NeedsUnclear)),
    }
}

fn count(field: &Field<'_>) -> Parsed<u16> {
    let max = u32::from(*PointNumber::RANGE.end());
    let count = field.integer(0..=max)?;
    u16::try_from(count).ok().filter(|count| *count > 0).ok_or_else(|| field.report(MistakeKind::NeedsNothing))
}

/// Reports a requirement that exceeds what the carnival offers. Closed points count: a relief period lowers
/// what they would have given.
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

fn unsatisfiable_reason(needs: &GiftRequirement, context: &GiftContext<'_>) -> Option<MistakeKind> {
    match needs {
        GiftRequirement::CompleteRoute(_) => None,
        GiftRequirement::OfRoute { route: id, stamps } => {
            let (required, points) = (*stamps, points_of(id, context));
            let route = id.to_string();
            // A route without points is reported at the route.
            (points > 0 && required > points).then_some(MistakeKind::MoreThanRoute { route, required, points })
        }
        GiftRequirement::Total(stamps) => {
            let (required, points) = (*stamps, counted(context.points.len()));
            (required > points).then_some(MistakeKind::MoreThanCarnival { required, points })
        }
        GiftRequirement::Routes(routes) => {
            let (required, routes) = (*routes, completable_routes(context));
            (required > routes).then_some(MistakeKind::MoreRoutes { required, routes })
        }
    }
}

fn completable_routes(context: &GiftContext<'_>) -> u16 {
    let routes = context.routes.iter().filter(|route| {
        let id = route.id.as_ref();
        id.map_or(true, |id| points_of(id, context) > 0)
    });
    counted(routes.count())
}

pub(super) fn points_of(route: &RouteId, context: &GiftContext<'_>) -> u16 {
    counted(context.points.iter().filter(|point| point.may_belong_to(route)).count())
}

fn counted(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
