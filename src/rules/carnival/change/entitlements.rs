//! Checks that everyone who has earned a gift keeps it after a change.
//!
//! A gift requires a number of stamps of a set of points, or a number of complete routes. For each pair of
//! requirements, the worst passport is constructed: it just earns the old gift with as little as possible that counts
//! for the new one. If this passport earns the new gift, every passport does.

use std::collections::BTreeSet;

use crate::rules::carnival::{Carnival, Gift, GiftRequirement};
use crate::rules::check_ins::passport::PassportProgress;
use crate::rules::ids::{PointNumber, RouteId};

type Points = BTreeSet<PointNumber>;

/// The requirement of a gift in one version of a carnival.
enum Requirement {
    /// A number of stamps of these points.
    Stamps(Points, usize),
    /// A number of complete routes among these.
    Routes(Vec<RouteRequirement>, usize),
}

/// A route, its points, and the number of stamps that complete it.
struct RouteRequirement {
    id: RouteId,
    points: Points,
    needed: usize,
}

/// Whether every set of stamps that earns the gift before the change earns it after the change.
#[must_use]
pub fn still_earns(before: (&Carnival, &Gift), after: (&Carnival, &Gift)) -> bool {
    match (requirement(before.0, before.1), requirement(after.0, after.1)) {
        (Requirement::Stamps(old, had), Requirement::Stamps(new, need)) => {
            had.saturating_sub(old.difference(&new).count()) >= need
        }
        (Requirement::Stamps(old, had), Requirement::Routes(new, need)) => {
            max_without_completing(&old, &new, need) < had
        }
        (Requirement::Routes(old, had), Requirement::Stamps(new, need)) => min_overlap(&old, &new, had) >= need,
        (Requirement::Routes(old, had), Requirement::Routes(new, need)) => {
            let lost = old.iter().filter(|route_requirement| !stays_complete(route_requirement, &new)).count();
            had.saturating_sub(lost) >= need
        }
    }
}

fn requirement(carnival: &Carnival, gift: &Gift) -> Requirement {
    let need = usize::from(PassportProgress::of(carnival, []).for_gift(gift).need);
    match &gift.needs {
        GiftRequirement::CompleteRoute(route) | GiftRequirement::OfRoute { route, .. } => {
            Requirement::Stamps(points_of(carnival, route), need)
        }
        GiftRequirement::Total(_) => {
            Requirement::Stamps(carnival.points.iter().map(|point| point.number).collect(), need)
        }
        GiftRequirement::Routes(_) => {
            let route_requirement = |route: &crate::rules::carnival::Route| RouteRequirement {
                id: route.id.clone(),
                points: points_of(carnival, &route.id),
                needed: usize::from(carnival.required_stamps(route)),
            };
            Requirement::Routes(carnival.routes.iter().map(route_requirement).collect(), need)
        }
    }
}

fn points_of(carnival: &Carnival, route: &RouteId) -> Points {
    carnival.points_of(route).map(|point| point.number).collect()
}

/// The maximum number of stamps of these points that leaves fewer than `need` routes complete: all stamps of the routes
/// that contribute most, and one stamp too few of each other route.
fn max_without_completing(points: &Points, routes: &[RouteRequirement], need: usize) -> usize {
    let mut most = points
        .iter()
        .filter(|point| routes.iter().all(|route_requirement| !route_requirement.points.contains(point)))
        .count();
    let mut gains = Vec::new();
    for route_requirement in routes {
        let all = route_requirement.points.intersection(points).count();
        let incomplete = all.min(route_requirement.needed.saturating_sub(1));
        most += incomplete;
        gains.push(all - incomplete);
    }
    gains.sort_unstable_by(|a, b| b.cmp(a));
    most + gains.iter().take(need.saturating_sub(1)).sum::<usize>()
}

/// The minimum number of stamps of these points in any passport that completes this number of routes.
fn min_overlap(routes: &[RouteRequirement], points: &Points, complete: usize) -> usize {
    let mut each: Vec<usize> = routes
        .iter()
        .map(|route_requirement| {
            route_requirement.needed.saturating_sub(route_requirement.points.difference(points).count())
        })
        .collect();
    each.sort_unstable();
    each.iter().take(complete).sum()
}

/// Whether a passport that just completes the route still completes it after the change.
fn stays_complete(route_requirement: &RouteRequirement, new: &[RouteRequirement]) -> bool {
    new.iter().find(|new| new.id == route_requirement.id).is_some_and(|new| {
        route_requirement.needed.saturating_sub(route_requirement.points.difference(&new.points).count()) >= new.needed
    })
}
