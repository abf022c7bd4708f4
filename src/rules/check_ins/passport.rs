//! Passports, their progress towards routes and gifts, and the gifts that a stamp unlocks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rules::carnival::{Carnival, Gift, GiftRequirement, Route};
use crate::rules::ids::{Nonce, PassportNumber, PointNumber, RouteId, SessionId};

/// All stamps of one holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passport {
    /// Random, assigned with the first stamp; log records refer to it.
    pub number: PassportNumber,
    /// In the order in which they were recorded, even if the clock stepped back.
    pub stamps: Vec<Stamp>,
}

/// One stamp.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The point.
    pub point: PointNumber,
    /// Time of the stamp, to the millisecond.
    pub at: Timestamp,
    /// Position of the stamp in this passport, counted from 1.
    pub nth: u16,
    /// How the stamp was obtained.
    pub how: StampSource,
}

/// How a stamp was obtained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StampSource {
    /// With the code on the poster.
    Printed,
    /// With the code on the tablet.
    Display,
    /// Recorded by a volunteer.
    Hand {
        /// The volunteer's staff session.
        session: SessionId,
        /// The nonce of the write.
        nonce: Nonce,
    },
}

impl Passport {
    /// The stamp of a point, if the passport has it.
    #[must_use]
    pub fn stamp(&self, point: PointNumber) -> Option<&Stamp> {
        self.stamps.iter().find(|stamp| stamp.point == point)
    }
}

/// Progress of a passport on one route.
#[derive(Clone, Copy, Debug)]
pub struct RouteProgress<'a> {
    /// The route.
    pub route: &'a Route,
    /// Number of stamps of the route.
    pub stamped: u16,
    /// Number of stamps that the route requires now.
    pub needed: u16,
}

impl RouteProgress<'_> {
    /// Whether the route is complete.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.stamped >= self.needed
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

/// Progress of a set of stamps on all routes and towards all gifts of a carnival.
#[derive(Clone, Debug)]
pub struct PassportProgress<'a> {
    carnival: &'a Carnival,
    /// In the order of `carnival.routes`.
    routes: Vec<RouteProgress<'a>>,
    total: u16,
    /// Open points and routes with open points: no gift requires more.
    open: OpenCounts,
}

#[derive(Clone, Copy, Debug, Default)]
struct OpenCounts {
    points: u16,
    routes: u16,
}

impl<'a> PassportProgress<'a> {
    /// Computes the progress. Stamps of closed points count, because they were earned.
    #[must_use]
    pub fn of<'s>(carnival: &'a Carnival, stamps: impl IntoIterator<Item = &'s Stamp>) -> PassportProgress<'a> {
        let mut open = OpenCounts::default();
        let mut routes = Vec::with_capacity(carnival.routes.len());
        for route in &carnival.routes {
            let points = carnival.open_point_count(&route.id);
            open.points += points;
            open.routes += u16::from(points > 0);
            routes.push(RouteProgress { route, stamped: 0, needed: carnival.required_stamps(route) });
        }
        let mut total = 0;
        for point in stamps.into_iter().filter_map(|stamp| carnival.point(stamp.point)) {
            if let Some(progress) = routes.iter_mut().find(|progress| progress.route.id == point.route) {
                progress.stamped += 1;
                total += 1;
            }
        }
        PassportProgress { carnival, routes, total, open }
    }

    /// Progress on each route, in the order of the file.
    #[must_use]
    pub fn routes(&self) -> &[RouteProgress<'a>] {
        &self.routes
    }

    /// Progress towards each gift, in the order of the file.
    pub fn gifts(&self) -> impl Iterator<Item = GiftProgress<'a>> + '_ {
        self.carnival.gifts.iter().map(|gift| self.for_gift(gift))
    }

    /// Progress towards one gift. The requirement drops when points close, and rises only when the file changes.
    #[must_use]
    pub fn for_gift(&self, gift: &'a Gift) -> GiftProgress<'a> {
        let (have, need) = match &gift.needs {
            GiftRequirement::CompleteRoute(route) => self.on(route, |progress| progress.needed),
            // A declared number applies even if fewer stamps complete the route.
            GiftRequirement::OfRoute { route, stamps } => {
                self.on(route, |_| *stamps.min(&self.carnival.open_point_count(route)))
            }
            GiftRequirement::Total(stamps) => (self.total, *stamps.min(&self.open.points)),
            GiftRequirement::Routes(routes) => {
                let complete = self.routes.iter().filter(|progress| progress.is_complete()).count();
                (u16::try_from(complete).unwrap_or(u16::MAX), *routes.min(&self.open.routes))
            }
        };
        GiftProgress { gift, have, need: need.max(1) }
    }

    fn on(&self, route: &RouteId, need: impl Fn(&RouteProgress<'_>) -> u16) -> (u16, u16) {
        let progress = self.routes.iter().find(|progress| progress.route.id == *route);
        progress.map_or((0, u16::MAX), |progress| (progress.stamped, need(progress)))
    }
}

/// The gifts unlocked by the stamps of these points: earned with them and not without them.
///
/// Evaluates the passport as of the last of these stamps. A repeated check-in therefore gets the same answer, even
/// after later stamps.
#[must_use]
pub fn gifts_unlocked_by<'a>(carnival: &'a Carnival, passport: &Passport, points: &[PointNumber]) -> Vec<&'a Gift> {
    let Some(last) = passport.stamps.iter().rposition(|stamp| points.contains(&stamp.point)) else {
        return Vec::new();
    };
    let with = &passport.stamps[..=last];
    let without = with.iter().filter(|stamp| !points.contains(&stamp.point));
    let (with, without) = (PassportProgress::of(carnival, with), PassportProgress::of(carnival, without));
    carnival
        .gifts
        .iter()
        .filter(|gift| with.for_gift(gift).is_earned() && !without.for_gift(gift).is_earned())
        .collect()
}

#[cfg(test)]
mod tests;
