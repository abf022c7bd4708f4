//! What a passport holds, how far it has come, and what it unlocks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::carnival::{Carnival, Gift, GiftRequirement, Route};
use super::ids::{Nonce, PassportNumber, PointNumber, RouteId, SessionId};

/// All stamps of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passport {
    /// Random, made with the first stamp; facts name it.
    pub number: PassportNumber,
    /// In the order in which they were made, which a stepping clock does not change.
    pub stamps: Vec<Stamp>,
}

/// One stamp.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Where.
    pub point: PointNumber,
    /// When, to the millisecond.
    pub at: Timestamp,
    /// The how-manieth stamp of this passport it is, from 1.
    pub nth: u16,
    /// How it was earned.
    pub how: StampSource,
}

/// How a stamp was earned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StampSource {
    /// By the code on the poster.
    Printed,
    /// By the code on the tablet.
    Display,
    /// A volunteer recorded it.
    Hand {
        /// Who.
        session: SessionId,
        /// For which intended write.
        nonce: Nonce,
    },
}

impl Passport {
    /// The stamp of a point, if there is one.
    #[must_use]
    pub fn stamp(&self, point: PointNumber) -> Option<&Stamp> {
        self.stamps.iter().find(|stamp| stamp.point == point)
    }
}

/// How far a passport has come on one route.
#[derive(Clone, Copy, Debug)]
pub struct RouteProgress<'a> {
    /// The route.
    pub route: &'a Route,
    /// How many of its points were stamped.
    pub stamped: u16,
    /// How many it asks for now.
    pub needed: u16,
}

impl RouteProgress<'_> {
    /// Whether the route is complete.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.stamped >= self.needed
    }
}

/// How far a passport has come towards one gift.
#[derive(Clone, Copy, Debug)]
pub struct GiftProgress<'a> {
    /// The gift.
    pub gift: &'a Gift,
    /// What was gathered: stamps, or routes for a gift that asks for routes.
    pub have: u16,
    /// What it takes now.
    pub need: u16,
}

impl GiftProgress<'_> {
    /// Whether the gift may be claimed.
    #[must_use]
    pub fn is_earned(&self) -> bool {
        self.have >= self.need
    }
}

/// How far stamps have come, over all routes and gifts of a carnival.
#[derive(Clone, Debug)]
pub struct PassportProgress<'a> {
    carnival: &'a Carnival,
    /// Beside `carnival.routes`.
    routes: Vec<RouteProgress<'a>>,
    total: u16,
    /// How many points can still be stamped, and on how many routes: no gift asks for more.
    open: OpenCounts,
}

#[derive(Clone, Copy, Debug, Default)]
struct OpenCounts {
    points: u16,
    routes: u16,
}

impl<'a> PassportProgress<'a> {
    /// Counts these stamps. A stamp of a closed point counts too: it was earned.
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

    /// Route by route, in the order of the file.
    #[must_use]
    pub fn routes(&self) -> &[RouteProgress<'a>] {
        &self.routes
    }

    /// Gift by gift, in the order of the file.
    pub fn gifts(&self) -> impl Iterator<Item = GiftProgress<'a>> + '_ {
        self.carnival.gifts.iter().map(|gift| self.for_gift(gift))
    }

    /// How far it is to one gift. What it takes sinks when points close; it never rises by itself.
    #[must_use]
    pub fn for_gift(&self, gift: &'a Gift) -> GiftProgress<'a> {
        let (have, need) = match &gift.needs {
            GiftRequirement::AllOfRoute(route) => self.on(route, |progress| progress.needed),
            // A gift that says a number means it, whatever completes the route.
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

/// The gifts that the stamps of these points unlocked: earned with them and not without.
///
/// It looks at the passport as it was when the last of them was made, so a repeated check-in is
/// told the same again, however many stamps came later.
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
