//! What a passport needs to earn a gift: what counts, the progress of a passport, what it lacks, and whether a change of
//! the carnival makes a gift harder to earn.
//!
//! A new kind of requirement is a variant of [`GiftRequirement`], its meaning here, and its form in the carnival file.
//!
//! For a change, each requirement is a number of stamps of a set of points, or a number of complete routes. For each pair
//! of requirements, the worst passport is constructed: it just earns the old gift with as little as possible that counts
//! for the new one. If this passport earns the new gift, every passport does.

use std::collections::BTreeSet;

use crate::rules::carnival::relief::Relief;
use crate::rules::carnival::route_need::{RouteNeed, counted};
use crate::rules::carnival::{Carnival, Gift, GiftRequirement, Point, Route};
use crate::rules::check_ins::passport::{PassportProgress, RouteProgress};
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

    /// Progress towards one gift. Closures lower the requirement, and only a change of the file raises it: no gift
    /// requires more than there are points or routes that still ask for stamps, but always half of its number.
    #[must_use]
    pub fn for_gift(&self, gift: &'a Gift) -> GiftProgress<'a> {
        let routes = self.routes();
        let (have, need) = match (gift.needs.unit(), gift.needs.route()) {
            (GiftUnit::Stamps, Some(id)) => match routes.iter().find(|progress| progress.route.id == *id) {
                // A declared number applies even if fewer stamps complete the route.
                Some(progress) => {
                    let declared = gift.needs.number().map(|number| progress.remaining_of(number));
                    (progress.stamped, declared.unwrap_or(progress.needed))
                }
                None => (0, u16::MAX),
            },
            (GiftUnit::Stamps, None) => {
                let all = |count: fn(&RouteNeed) -> u16| routes.iter().map(|progress| count(&progress.need)).sum();
                let need = at_least_half(gift.needs.number(), all(|need| need.asked), all(|need| need.points));
                (routes.iter().map(|progress| progress.stamped).sum(), need)
            }
            (GiftUnit::Routes, _) => {
                let those = |of: fn(&RouteProgress<'_>) -> bool| counted(routes.iter().filter(|one| of(one)).count());
                let (asked, all) = (those(|one| one.need.asked > 0), those(|one| one.need.points > 0));
                (
                    counted(routes.iter().filter(|one| one.is_complete()).count()),
                    at_least_half(gift.needs.number(), asked, all),
                )
            }
        };
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

/// The number of stamps of any route that a gift needs with this relief; none for a gift of complete routes.
#[must_use]
pub fn needed_in_total(carnival: &Carnival, relief: &Relief, gift: &Gift, number: u16) -> Option<u16> {
    let needs = || carnival.routes.iter().map(|route| carnival.route_need(route, relief));
    let all = |count: fn(RouteNeed) -> u16| needs().map(count).sum();
    let need = || at_least_half(Some(number), all(|need| need.asked), all(|need| need.points)).max(1);
    (gift.needs.unit() == GiftUnit::Stamps).then(need)
}

/// A number, capped at what is still asked for, but at least half of what was required of all.
fn at_least_half(number: Option<u16>, asked: u16, all: u16) -> u16 {
    let number = number.unwrap_or(u16::MAX);
    number.min(asked).max(number.min(all).div_ceil(2))
}

type Points = BTreeSet<PointNumber>;

/// What remains of a requirement for passports that are relieved of 0, 1, 2, … points of a route; never empty, and never
/// rising.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Needed(Vec<usize>);

impl Needed {
    fn of(carnival: &Carnival, route: &RouteId, needed: impl Fn(u16) -> u16) -> Needed {
        Needed((0..=carnival.max_relieved(route)).map(|relieved| usize::from(needed(relieved))).collect())
    }

    /// Without relief.
    fn most(&self) -> usize {
        self.0.first().copied().unwrap_or_default()
    }

    /// With all relief that a passport can have.
    fn least(&self) -> usize {
        self.0.last().copied().unwrap_or_default()
    }

    /// Whether a passport that just fulfils this requirement, without `lost` of its stamps, fulfils the other one, with
    /// the same relief.
    fn still_suffices(&self, lost: usize, new: &Needed) -> bool {
        let at = |needed: &Needed, relieved: usize| needed.0.get(relieved).copied().unwrap_or(needed.least());
        let levels = self.0.len().max(new.0.len());
        (0..levels).all(|relieved| at(self, relieved).saturating_sub(lost) >= at(new, relieved))
    }
}

/// The requirement of a gift in one version of a carnival.
enum Requirement<'c> {
    /// A number of stamps of a route, or of all points.
    Stamps(Option<&'c RouteId>, Points, Needed),
    /// A number of complete routes among these.
    Routes(Vec<RouteRequirement<'c>>, usize),
}

/// A route, its points, and the number of stamps that complete it.
struct RouteRequirement<'c> {
    id: &'c RouteId,
    points: Points,
    needed: Needed,
}

/// Whether every set of stamps that earns the gift before the change earns it after the change, with any relief that is
/// in force. Both carnivals have the same relief. If the kind of the requirement changes, a passport with the most relief
/// is compared with one without, which may refuse more than necessary.
#[must_use]
pub fn still_earns(before: (&Carnival, &Gift), after: (&Carnival, &Gift)) -> bool {
    match (requirement(before.0, before.1), requirement(after.0, after.1)) {
        (Requirement::Stamps(old_route, old, had), Requirement::Stamps(new_route, new, need)) => {
            let lost = old.difference(&new).count();
            if old_route == new_route {
                had.still_suffices(lost, &need)
            } else {
                had.least().saturating_sub(lost) >= need.most()
            }
        }
        (Requirement::Stamps(_, old, had), Requirement::Routes(new, need)) => {
            max_without_completing(&old, &new, need) < had.least()
        }
        (Requirement::Routes(old, had), Requirement::Stamps(_, new, need)) => {
            min_overlap(&old, &new, had) >= need.most()
        }
        (Requirement::Routes(old, had), Requirement::Routes(new, need)) => {
            let lost = old.iter().filter(|route_requirement| !stays_complete(route_requirement, &new)).count();
            had.saturating_sub(lost) >= need
        }
    }
}

fn requirement<'c>(carnival: &'c Carnival, gift: &'c Gift) -> Requirement<'c> {
    let need = || usize::from(PassportProgress::of(carnival, []).for_gift(gift).need);
    match (gift.needs.unit(), gift.needs.route()) {
        (GiftUnit::Stamps, Some(id)) => {
            let needed = match carnival.route(id) {
                Some(route) => {
                    let route_need = carnival.route_need(route, &carnival.relief);
                    let number = gift.needs.number().or(route.complete_with).unwrap_or(u16::MAX);
                    Needed::of(carnival, id, |relieved| route_need.of(number, relieved))
                }
                None => Needed(vec![need()]),
            };
            Requirement::Stamps(Some(id), points_of(carnival, id), needed)
        }
        (GiftUnit::Stamps, None) => {
            let points = carnival.points.iter().map(|point| point.number).collect();
            Requirement::Stamps(None, points, Needed(vec![need()]))
        }
        (GiftUnit::Routes, _) => {
            let route_requirement = |route: &'c Route| {
                let route_need = carnival.route_need(route, &carnival.relief);
                RouteRequirement {
                    id: &route.id,
                    points: points_of(carnival, &route.id),
                    needed: Needed::of(carnival, &route.id, |relieved| route_need.to_complete(relieved)),
                }
            };
            Requirement::Routes(carnival.routes.iter().map(route_requirement).collect(), need())
        }
    }
}

fn points_of(carnival: &Carnival, route: &RouteId) -> Points {
    carnival.points_of(route).map(|point| point.number).collect()
}

/// The maximum number of stamps of these points that leaves fewer than `need` routes complete: all stamps of the routes
/// that contribute most, and one stamp too few of each other route.
fn max_without_completing(points: &Points, routes: &[RouteRequirement<'_>], need: usize) -> usize {
    let mut most = points
        .iter()
        .filter(|point| routes.iter().all(|route_requirement| !route_requirement.points.contains(point)))
        .count();
    let mut gains = Vec::new();
    for route_requirement in routes {
        let all = route_requirement.points.intersection(points).count();
        let incomplete = all.min(route_requirement.needed.most().saturating_sub(1));
        most += incomplete;
        gains.push(all - incomplete);
    }
    gains.sort_unstable_by(|a, b| b.cmp(a));
    most + gains.iter().take(need.saturating_sub(1)).sum::<usize>()
}

/// The minimum number of stamps of these points in any passport that completes this number of routes.
fn min_overlap(routes: &[RouteRequirement<'_>], points: &Points, complete: usize) -> usize {
    let mut each: Vec<usize> = routes
        .iter()
        .map(|route_requirement| {
            route_requirement.needed.least().saturating_sub(route_requirement.points.difference(points).count())
        })
        .collect();
    each.sort_unstable();
    each.iter().take(complete).sum()
}

/// Whether a passport that just completes the route still completes it after the change.
fn stays_complete(route_requirement: &RouteRequirement<'_>, new: &[RouteRequirement<'_>]) -> bool {
    new.iter().find(|new| new.id == route_requirement.id).is_some_and(|new| {
        let lost = route_requirement.points.difference(&new.points).count();
        route_requirement.needed.still_suffices(lost, &new.needed)
    })
}
