//! Passports, their progress on routes, and the gifts that a stamp unlocks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rules::carnival::{Carnival, Gift, Route};
use crate::rules::ids::{Nonce, PassportNumber, PointNumber, SessionId};

/// All stamps of one holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passport {
    /// Random, assigned with the first stamp; log records refer to it.
    pub number: PassportNumber,
    /// In the order in which they were recorded, even if the clock stepped back.
    pub stamps: Vec<Stamp>,
    /// Stamps that were recorded by hand and undone. They count nowhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undone: Vec<UndoneStamp>,
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

/// A stamp that was undone. It stays in its passport, so that a repeated request is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoneStamp {
    /// The stamp.
    pub stamp: Stamp,
    /// The undo.
    pub undo: StampUndo,
}

/// Who undid a stamp, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StampUndo {
    /// When.
    pub at: Timestamp,
    /// The staff session.
    pub session: SessionId,
    /// The nonce of the write.
    pub nonce: Nonce,
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

    /// The ordinal of its next stamp. The ordinals of undone stamps are not used again.
    #[must_use]
    pub fn next_ordinal(&self) -> u16 {
        let undone = self.undone.iter().map(|undone| undone.stamp.nth);
        self.stamps.iter().map(|stamp| stamp.nth).chain(undone).max().map_or(1, |last| last + 1)
    }

    /// The same passport with the stamp of a point undone.
    #[must_use]
    pub fn without(&self, point: PointNumber, undo: &StampUndo) -> Passport {
        let (gone, stamps): (Vec<_>, Vec<_>) = self.stamps.iter().cloned().partition(|stamp| stamp.point == point);
        let gone = gone.into_iter().map(|stamp| UndoneStamp { stamp, undo: undo.clone() });
        let mut undone: Vec<UndoneStamp> = self.undone.iter().cloned().chain(gone).collect();
        undone.sort_by_key(|undone| undone.stamp.nth);
        Passport { stamps, undone, number: self.number.clone() }
    }

    /// The same passport with an undone stamp put back.
    #[must_use]
    pub fn restored(&self, stamp: &Stamp) -> Passport {
        let undone = self.undone.iter().filter(|undone| undone.stamp != *stamp).cloned().collect();
        let mut stamps: Vec<Stamp> = self.stamps.iter().chain([stamp]).cloned().collect();
        stamps.sort_by_key(|stamp| stamp.nth);
        Passport { stamps, undone, number: self.number.clone() }
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
    /// Number of its open points.
    pub open: u16,
}

impl RouteProgress<'_> {
    /// Whether the route is complete.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.stamped >= self.needed
    }
}

/// Progress of a set of stamps on all routes of a carnival. `rules::gifts::requirement` adds the progress towards gifts.
#[derive(Clone, Debug)]
pub struct PassportProgress<'a> {
    pub(in crate::rules) carnival: &'a Carnival,
    /// In the order of `carnival.routes`.
    routes: Vec<RouteProgress<'a>>,
}

impl<'a> PassportProgress<'a> {
    /// Computes the progress. Stamps of closed points count, because they were earned.
    #[must_use]
    pub fn of<'s>(carnival: &'a Carnival, stamps: impl IntoIterator<Item = &'s Stamp>) -> PassportProgress<'a> {
        let of_route = |route: &'a Route| {
            let (needed, open) = (carnival.required_stamps(route), carnival.open_point_count(&route.id));
            RouteProgress { route, stamped: 0, needed, open }
        };
        let mut routes: Vec<_> = carnival.routes.iter().map(of_route).collect();
        for point in stamps.into_iter().filter_map(|stamp| carnival.point(stamp.point)) {
            if let Some(progress) = routes.iter_mut().find(|progress| progress.route.id == point.route) {
                progress.stamped += 1;
            }
        }
        PassportProgress { carnival, routes }
    }

    /// Progress on each route, in the order of the file.
    #[must_use]
    pub fn routes(&self) -> &[RouteProgress<'a>] {
        &self.routes
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
