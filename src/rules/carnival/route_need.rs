//! How many stamps a route asks for.

use super::relief::Relief;
use super::{Carnival, Route};
use crate::rules::ids::{PointNumber, RouteId};

/// How many stamps a route asks for, before and after what closures take off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteNeed {
    /// Its points, open or closed.
    pub points: u16,
    /// Its points that were not closed for good.
    pub asked: u16,
    /// The number in the carnival file; `None` means one per point.
    pub complete_with: Option<u16>,
}

impl RouteNeed {
    /// The number of stamps that complete the route for a passport that is relieved of `relieved` points.
    #[must_use]
    pub fn to_complete(self, relieved: u16) -> u16 {
        self.of(self.complete_with.unwrap_or(u16::MAX), relieved)
    }

    /// What remains of `number` stamps of the route for a passport that is relieved of `relieved` points: as many as are
    /// still asked for, but at least half of what was required, and at least 1.
    #[must_use]
    pub fn of(self, number: u16, relieved: u16) -> u16 {
        number.min(self.asked.saturating_sub(relieved)).max(self.half_of(number)).max(1)
    }

    /// Half of `number` stamps, rounded up: closures never take off more.
    #[must_use]
    pub fn half_of(self, number: u16) -> u16 {
        number.min(self.points).div_ceil(2)
    }

    /// Whether more was closed than may be taken off.
    #[must_use]
    pub fn is_at_half(self, relieved: u16) -> bool {
        let number = self.complete_with.unwrap_or(u16::MAX);
        number.min(self.asked.saturating_sub(relieved)) < self.half_of(number)
    }
}

impl Carnival {
    /// How many stamps a route asks for with this relief.
    #[must_use]
    pub fn route_need(&self, route: &Route, relief: &Relief) -> RouteNeed {
        let asked = self.points_of(&route.id).filter(|point| !relief.is_lowered(point.number)).count();
        RouteNeed { points: self.point_count(&route.id), asked: counted(asked), complete_with: route.complete_with }
    }

    /// The number of stamps that complete a route now for a passport without relief: the declared number, capped at the
    /// number of points that are not closed for good.
    #[must_use]
    pub fn required_stamps(&self, route: &Route) -> u16 {
        self.route_need(route, &self.relief).to_complete(0)
    }

    /// Number of points of a route, open or closed.
    #[must_use]
    pub fn point_count(&self, route: &RouteId) -> u16 {
        counted(self.points_of(route).count())
    }

    /// The largest number of points of a route that a passport can be relieved of now.
    #[must_use]
    pub fn max_relieved(&self, route: &RouteId) -> u16 {
        let relieved = |point: PointNumber| {
            !self.relief.is_lowered(point) && self.relief.days().iter().any(|relief| relief.point == point)
        };
        counted(self.points_of(route).filter(|point| relieved(point.number)).count())
    }
}

/// A count as a number of stamps.
#[must_use]
pub fn counted(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
