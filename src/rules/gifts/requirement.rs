//! What a passport needs to earn a gift: what counts, the progress of a passport, what it lacks, and whether a change of
//! the carnival makes a gift harder to earn.
//!
//! A new kind of requirement is a variant of [`GiftRequirement`], its meaning here, and its form in the carnival file.
//!
//! For a change, each requirement is a number of stamps of a set of points, or a number of complete routes. For each pair
//! of requirements, the worst passport is constructed: it just earns the old gift with as little as possible that counts
//! for the new one. If this passport earns the new gift, every passport does.

use std::collections::BTreeSet;

use crate::rules::carnival::{Carnival, Gift, GiftRequirement, Point, Route};
use crate::rules::check_ins::passport::PassportProgress;
use crate::rules::ids::{PointNumber, RouteId};
use crate::rules::refusals::GiftUnit;

impl GiftRequirement {
    /// What is counted.
    #[must_use]
    pub fn unit(&self) -> GiftUnit {
        match self {
            GiftRequirement::CompleteRoute(_) | GiftRequirement::OfRoute { .. } | GiftRequirement::Total(_) => {
                GiftUnit::Stamps
            }
            GiftRequirement::Routes(_) => GiftUnit::Routes,
        }
    }

    /// The route whose stamps count; all of them if there is none.
    #[must_use]
    pub fn route(&self) -> Option<&RouteId> {
        match self {
            GiftRequirement::CompleteRoute(route) | GiftRequirement::OfRoute { route, .. } => Some(route),
            GiftRequirement::Total(_) | GiftRequirement::Routes(_) => None,
        }
    }

    /// The number in the carnival file; none if as many stamps are needed as complete the route.
    #[must_use]
    pub fn number(&self) -> Option<u16> {
        match self {
            GiftRequirement::CompleteRoute(_) => None,
            GiftRequirement::OfRoute { stamps: number, .. }
            | GiftRequirement::Total(number)
            | GiftRequirement::Routes(number) => Some(*number),
        }
    }
}

/// Progress of a passport towards one gift.
#[derive(Clone, Copy, Debug)]
pub struct GiftProgress<'a> {
    /// The gift.
    pub gift: &'a Gift,
    /// Stamps that count; complete routes if the gift requires routes.
    pub have: u16,
    /// The number required now.
    pub need: u16,
}

impl GiftProgress<'_> {
    /// Whether the gift is earned.
    #[must_use]
    pub fn is_earned(&self) -> bool {
        self.have >= self.need
    }
}

impl<'a> PassportProgress<'a> {
    /// Progress towards each gift, in the order of the file.
    pub fn gifts(&self) -> impl Iterator<Item = GiftProgress<'a>> + '_ {
        self.carnival.gifts.iter().map(|gift| self.for_gift(gift))
    }

    /// Progress towards one gift. The requirement drops when points close, and rises only when the file changes: no gift
    /// requires more than there are open points, or routes with open points.
    #[must_use]
    pub fn for_gift(&self, gift: &'a Gift) -> GiftProgress<'a> {
        let routes = self.routes();
        let counted = |complete: usize| u16::try_from(complete).unwrap_or(u16::MAX);
        let (have, most) = match (gift.needs.unit(), gift.needs.route()) {
            (GiftUnit::Stamps, Some(id)) => match routes.iter().find(|progress| progress.route.id == *id) {
                // A declared number applies even if fewer stamps complete the route.
                Some(progress) if gift.needs.number().is_some() => (progress.stamped, progress.open),
                Some(progress) => (progress.stamped, progress.needed),
                None => return GiftProgress { gift, have: 0, need: u16::MAX },
            },
            (GiftUnit::Stamps, None) => (
                routes.iter().map(|progress| progress.stamped).sum(),
                routes.iter().map(|progress| progress.open).sum(),
            ),
            (GiftUnit::Routes, _) => (
                counted(routes.iter().filter(|progress| progress.is_complete()).count()),
                counted(routes.iter().filter(|progress| progress.open > 0).count()),
            ),
        };
        let need = gift.needs.number().map_or(most, |number| number.min(most));
        GiftProgress { gift, have, need: need.max(1) }
    }

    /// Whether a stamp of this point would count towards the gift.
    pub(in crate::rules) fn would_count(&self, gift: &Gift, point: &Point) -> bool {
        match (gift.needs.unit(), gift.needs.route()) {
            (GiftUnit::Stamps, route) => route.is_none_or(|route| point.route == *route),
            // A route can be complete although a point is not stamped: a stamp of a point that closed later still counts.
            (GiftUnit::Routes, _) => {
                self.routes().iter().any(|route| route.route.id == point.route && !route.is_complete())
            }
        }
    }
}

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
    match (gift.needs.unit(), gift.needs.route()) {
        (GiftUnit::Stamps, Some(route)) => Requirement::Stamps(points_of(carnival, route), need),
        (GiftUnit::Stamps, None) => {
            Requirement::Stamps(carnival.points.iter().map(|point| point.number).collect(), need)
        }
        (GiftUnit::Routes, _) => {
            let route_requirement = |route: &Route| RouteRequirement {
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
