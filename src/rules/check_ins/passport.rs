//! Passports, their progress on routes, and the gifts that a stamp unlocks.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::rules::carnival::relief::{DayRelief, Relief};
use crate::rules::carnival::route_need::{RouteNeed, counted};
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
    /// Whether it is a rain stamp: given while its point was closed for rain.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rain: bool,
}

impl Stamp {
    /// The day that a volunteer named for a stamp by hand.
    #[must_use]
    pub fn named_day(&self) -> Option<Date> {
        match &self.how {
            StampSource::Hand { day, .. } => *day,
            StampSource::Printed | StampSource::Display => None,
        }
    }
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
        /// The day that the volunteer named, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        day: Option<Date>,
    },
}

impl StampSource {
    /// Whether both were recorded by hand in one session with the same nonce. Their days may differ.
    #[must_use]
    pub fn is_same_write(&self, other: &StampSource) -> bool {
        match (self, other) {
            (
                StampSource::Hand { session, nonce, .. },
                StampSource::Hand { session: other_session, nonce: other_nonce, .. },
            ) => session == other_session && nonce == other_nonce,
            _ => false,
        }
    }
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
#[derive(Clone, Debug)]
pub struct RouteProgress<'a> {
    /// The route.
    pub route: &'a Route,
    /// Number of stamps of the route.
    pub stamped: u16,
    /// Number of stamps that the route requires of this passport now.
    pub needed: u16,
    /// The points that this passport is relieved of: still asked for, and not stamped.
    pub relieved: Vec<PointNumber>,
    /// What the route asks for before relief.
    pub need: RouteNeed,
}

impl RouteProgress<'_> {
    /// Whether the route is complete.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.stamped >= self.needed
    }

    /// What remains of `number` stamps of the route for this passport.
    pub(in crate::rules) fn remaining_of(&self, number: u16) -> u16 {
        self.need.of(number, counted(self.relieved.len()))
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
        PassportProgress::with_relief(carnival, &carnival.relief, stamps)
    }

    fn with_relief<'s>(
        carnival: &'a Carnival,
        relief: &Relief,
        stamps: impl IntoIterator<Item = &'s Stamp>,
    ) -> PassportProgress<'a> {
        let of_route = |route: &'a Route| {
            let need = carnival.route_need(route, relief);
            RouteProgress { route, stamped: 0, needed: 0, relieved: Vec::new(), need }
        };
        let mut routes: Vec<_> = carnival.routes.iter().map(of_route).collect();
        let stamps: Vec<&Stamp> = stamps.into_iter().collect();
        for stamp in &stamps {
            if let Some(progress) = progress_on(carnival, &mut routes, stamp.point) {
                progress.stamped += 1;
            }
        }
        for day in relief.days().iter().filter(|day| !relief.is_lowered(day.point)) {
            let stamped = stamps.iter().any(|stamp| stamp.point == day.point);
            if !stamped
                && stamps.iter().any(|stamp| relieves(carnival, day, stamp))
                && let Some(progress) = progress_on(carnival, &mut routes, day.point)
                && !progress.relieved.contains(&day.point)
            {
                progress.relieved.push(day.point);
            }
        }
        for progress in &mut routes {
            progress.needed = progress.need.to_complete(counted(progress.relieved.len()));
        }
        PassportProgress { carnival, routes }
    }

    /// Progress on each route, in the order of the file.
    #[must_use]
    pub fn routes(&self) -> &[RouteProgress<'a>] {
        &self.routes
    }
}

/// The progress on the route of a point.
fn progress_on<'r, 'a>(
    carnival: &Carnival,
    routes: &'r mut [RouteProgress<'a>],
    point: PointNumber,
) -> Option<&'r mut RouteProgress<'a>> {
    let route = &carnival.point(point)?.route;
    routes.iter_mut().find(|progress| progress.route.id == *route)
}

fn relieves(carnival: &Carnival, relief: &DayRelief, stamp: &Stamp) -> bool {
    relief.is_earned_by(stamp.point, stamp.at, carnival.local(stamp.at).date(), stamp.named_day())
}

/// When the passport first completed the route: with a stamp, or when a closure took off what it lacked. Later closures
/// and later stamps do not change it.
#[must_use]
pub fn completed_at(carnival: &Carnival, route: &Route, passport: &Passport) -> Option<Timestamp> {
    let mut moments: Vec<Timestamp> = passport.stamps.iter().map(|stamp| stamp.at).collect();
    moments.extend(carnival.relief.effects());
    moments.sort_unstable();
    moments.dedup();
    moments.into_iter().find(|moment| {
        let relief = carnival.relief.clone().as_of(*moment);
        let stamps = passport.stamps.iter().filter(|stamp| stamp.at <= *moment);
        let progress = PassportProgress::with_relief(carnival, &relief, stamps);
        progress.routes().iter().any(|one| one.route.id == route.id && one.is_complete())
    })
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
