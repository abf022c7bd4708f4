//! Whether everybody who has earned a gift goes on having earned it.
//!
//! A gift takes so many stamps of a set of points, or so many complete routes. For each pair of
//! these the worst passport can be built: one that earned it before with as little as possible
//! that counts afterwards. If that one earns it afterwards, everybody does.

use std::collections::BTreeSet;

use crate::rules::carnival::{Carnival, Gift, Needs};
use crate::rules::ids::{PointNumber, RouteId};
use crate::rules::passport::Progress;

type Points = BTreeSet<PointNumber>;

/// What a gift takes at a moment.
enum Takes {
    /// So many stamps of these points.
    Stamps(Points, usize),
    /// So many of these routes complete.
    Routes(Vec<Walk>, usize),
}

/// A route as stamps count on it.
struct Walk {
    id: RouteId,
    points: Points,
    needed: usize,
}

/// Whether whatever stamps earned the gift in the carnival before earn it in the one after.
#[must_use]
pub fn implies(before: (&Carnival, &Gift), after: (&Carnival, &Gift)) -> bool {
    match (takes(before.0, before.1), takes(after.0, after.1)) {
        (Takes::Stamps(old, had), Takes::Stamps(new, need)) => had.saturating_sub(old.difference(&new).count()) >= need,
        (Takes::Stamps(old, had), Takes::Routes(new, need)) => most_without(&old, &new, need) < had,
        (Takes::Routes(old, had), Takes::Stamps(new, need)) => least_of(&old, &new, had) >= need,
        (Takes::Routes(old, had), Takes::Routes(new, need)) => {
            let lost = old.iter().filter(|walk| !stays_complete(walk, &new)).count();
            had.saturating_sub(lost) >= need
        }
    }
}

fn takes(carnival: &Carnival, gift: &Gift) -> Takes {
    let need = usize::from(Progress::of(carnival, []).towards(gift).need);
    match &gift.needs {
        Needs::AllOfRoute(route) | Needs::OfRoute { route, .. } => Takes::Stamps(points_of(carnival, route), need),
        Needs::Total(_) => Takes::Stamps(carnival.points.iter().map(|point| point.number).collect(), need),
        Needs::Routes(_) => {
            let walk = |route: &crate::rules::carnival::Route| Walk {
                id: route.id.clone(),
                points: points_of(carnival, &route.id),
                needed: usize::from(carnival.needed(route)),
            };
            Takes::Routes(carnival.routes.iter().map(walk).collect(), need)
        }
    }
}

fn points_of(carnival: &Carnival, route: &RouteId) -> Points {
    carnival.points_of(route).map(|point| point.number).collect()
}

/// The most stamps of these points that leave fewer than `need` routes complete: all of the routes
/// that give most, and of the others all but what completes them.
fn most_without(points: &Points, routes: &[Walk], need: usize) -> usize {
    let mut most = points.iter().filter(|point| routes.iter().all(|walk| !walk.points.contains(point))).count();
    let mut gains = Vec::new();
    for walk in routes {
        let all = walk.points.intersection(points).count();
        let incomplete = all.min(walk.needed.saturating_sub(1));
        most += incomplete;
        gains.push(all - incomplete);
    }
    gains.sort_unstable_by(|a, b| b.cmp(a));
    most + gains.iter().take(need.saturating_sub(1)).sum::<usize>()
}

/// The fewest stamps of these points among those that complete so many routes.
fn least_of(routes: &[Walk], points: &Points, complete: usize) -> usize {
    let mut each: Vec<usize> =
        routes.iter().map(|walk| walk.needed.saturating_sub(walk.points.difference(points).count())).collect();
    each.sort_unstable();
    each.iter().take(complete).sum()
}

/// Whether who completed the route has it complete afterwards.
fn stays_complete(walk: &Walk, new: &[Walk]) -> bool {
    new.iter()
        .find(|new| new.id == walk.id)
        .is_some_and(|new| walk.needed.saturating_sub(walk.points.difference(&new.points).count()) >= new.needed)
}
