//! Counters added up for people: by route, point, day, hour and gift, whatever was asked for.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::carnival::{Carnival, Point};
use super::ids::{GiftNumber, PointId, PointNumber, RouteId};
use super::refusal::Refusal;
use super::roles::Place;
use super::tally::{LocalDay, LocalHour, Tally};

/// What is asked for; everything without a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    day: Option<LocalDay>,
    route: Option<RouteId>,
    point: Option<PointNumber>,
}

impl Scope {
    /// Reads what is asked for.
    ///
    /// # Errors
    /// A refusal for a day, a route or a point that is not the carnival's, and for a point that lies
    /// on another route than the one that is named.
    pub fn read(
        carnival: &Carnival,
        day: Option<Date>,
        route: Option<RouteId>,
        point: Option<&PointId>,
    ) -> Result<Scope, Refusal> {
        if day.is_some_and(|day| !carnival.days.hold(day)) {
            return Err(Refusal::DayUnknown { days: carnival.days });
        }
        if route.as_ref().is_some_and(|route| carnival.route(route).is_none()) {
            return Err(Refusal::RouteUnknown);
        }
        let point = point.map(|point| carnival.point_named(point).ok_or(Refusal::PointUnknown)).transpose()?;
        match (point, &route) {
            (Some(point), Some(route)) if point.route != *route => Err(Refusal::PointUnknown),
            _ => Ok(Scope { day: day.map(LocalDay::of), route, point: point.map(|point| point.number) }),
        }
    }

    /// The day, if one is asked for.
    #[must_use]
    pub fn day(&self) -> Option<LocalDay> {
        self.day
    }

    /// Whether the day is asked for.
    #[must_use]
    pub fn has_day(&self, day: LocalDay) -> bool {
        self.day.is_none_or(|asked| asked == day)
    }

    /// Whether the point is asked for.
    #[must_use]
    pub fn has(&self, point: &Point) -> bool {
        self.point.is_none_or(|asked| asked == point.number)
            && self.route.as_ref().is_none_or(|asked| *asked == point.route)
    }

    /// Whether all points are asked for.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        self.route.is_none() && self.point.is_none()
    }
}

/// Stamps, and how many people they were given to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamps {
    /// Stamps.
    pub stamps: u64,
    /// People; none where they are not counted: by hour on a route.
    pub people: Option<u64>,
}

/// What became of gifts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Set aside, renewals included.
    pub claims: u64,
    /// Confirmed.
    pub redeemed: u64,
    /// Undone.
    pub voided: u64,
}

/// What became of one gift, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GiftCounts {
    /// In all.
    pub given: Given,
    /// Where it was confirmed, and undone; none for organisers, who work everywhere.
    pub places: BTreeMap<Option<Place>, Given>,
}

/// Everything that was counted within a scope. Points, routes and days that have nothing are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// In all.
    pub total: Stamps,
    /// Gifts in all, of whichever route.
    pub given: Given,
    /// Point by point; whoever has its stamp has it once, so stamps are people.
    pub points: BTreeMap<PointNumber, u64>,
    /// Route by route.
    pub routes: BTreeMap<RouteId, Stamps>,
    /// Day by day.
    pub days: BTreeMap<LocalDay, (Stamps, Given)>,
    /// The hours of one day, from 0 to 23.
    pub hours: BTreeMap<u32, Stamps>,
    /// Gift by gift, of whichever route.
    pub gifts: BTreeMap<GiftNumber, GiftCounts>,
}

/// Adds counters up; `hours_of` is the day whose hours are wanted.
#[must_use]
pub fn count(carnival: &Carnival, scope: &Scope, tallies: &[&BTreeMap<Tally, u64>], hours_of: LocalDay) -> Counts {
    let mut counting = Counting { carnival, scope, hours_of, counts: Counts::default() };
    for (tally, count) in tallies.iter().copied().flatten() {
        counting.add(tally, *count);
    }
    counting.counts
}

struct Counting<'a> {
    carnival: &'a Carnival,
    scope: &'a Scope,
    hours_of: LocalDay,
    counts: Counts,
}

impl Counting<'_> {
    fn add(&mut self, tally: &Tally, count: u64) {
        let (scope, counts) = (self.scope, &mut self.counts);
        match tally {
            Tally::Stamps(point, hour) => {
                if let Some(point) = self.carnival.point(*point).filter(|point| scope.has(point)) {
                    self.stamps(point, *hour, count);
                }
            }
            Tally::AllPassports if scope.is_everywhere() && scope.day.is_none() => people(&mut counts.total, count),
            Tally::PeopleOfRoute(route) if scope.point.is_none() && scope.day.is_none() => {
                if scope.route.is_none() {
                    people(counts.routes.entry(route.clone()).or_default(), count);
                } else if scope.route.as_ref() == Some(route) {
                    people(counts.routes.entry(route.clone()).or_default(), count);
                    people(&mut counts.total, count);
                }
            }
            Tally::PeopleOfRouteOn(route, day) if scope.point.is_none() => self.people_of_route(route, *day, count),
            Tally::PeopleOn(day) if scope.is_everywhere() && scope.has_day(*day) => {
                people(&mut counts.days.entry(*day).or_default().0, count);
                if scope.day.is_some() {
                    people(&mut counts.total, count);
                }
            }
            Tally::PeopleIn(hour) if scope.is_everywhere() && hour.day() == self.hours_of => {
                people(counts.hours.entry(hour.of_day()).or_default(), count);
            }
            Tally::Claims(gift, hour) => self.given(*gift, None, *hour, |given| given.claims += count),
            Tally::Redemptions(gift, place, hour) => {
                self.given(*gift, Some(place), *hour, |given| given.redeemed += count);
            }
            Tally::Voids(gift, place, hour) => self.given(*gift, Some(place), *hour, |given| given.voided += count),
            _ => {}
        }
    }

    fn stamps(&mut self, point: &Point, hour: LocalHour, count: u64) {
        let (scope, counts) = (self.scope, &mut self.counts);
        // Whoever has the stamp of a point has it once: there, stamps are people.
        let add = |row: &mut Stamps| {
            row.stamps += count;
            if scope.point.is_some() {
                people(row, count);
            }
        };
        if hour.day() == self.hours_of {
            add(counts.hours.entry(hour.of_day()).or_default());
        }
        if scope.has_day(hour.day()) {
            add(&mut counts.total);
            add(counts.routes.entry(point.route.clone()).or_default());
            add(&mut counts.days.entry(hour.day()).or_default().0);
            *counts.points.entry(point.number).or_default() += count;
        }
    }

    fn people_of_route(&mut self, route: &RouteId, day: LocalDay, count: u64) {
        let (scope, counts) = (self.scope, &mut self.counts);
        let is_asked = scope.route.as_ref() == Some(route);
        if scope.day == Some(day) && (is_asked || scope.route.is_none()) {
            people(counts.routes.entry(route.clone()).or_default(), count);
        }
        if is_asked && scope.has_day(day) {
            people(&mut counts.days.entry(day).or_default().0, count);
            if scope.day.is_some() {
                people(&mut counts.total, count);
            }
        }
    }

    fn given(&mut self, gift: GiftNumber, place: Option<&Option<Place>>, hour: LocalHour, add: impl Fn(&mut Given)) {
        if !self.scope.has_day(hour.day()) {
            return;
        }
        let counts = &mut self.counts;
        add(&mut counts.given);
        add(&mut counts.days.entry(hour.day()).or_default().1);
        let of_gift = counts.gifts.entry(gift).or_default();
        add(&mut of_gift.given);
        if let Some(place) = place {
            add(of_gift.places.entry(place.clone()).or_default());
        }
    }
}

fn people(row: &mut Stamps, count: u64) {
    *row.people.get_or_insert(0) += count;
}

/// The days that a scope shows, in order: the one that is asked for, or all of the carnival and
/// whichever else something was counted on.
#[must_use]
pub fn days_of(carnival: &Carnival, scope: &Scope, counts: &Counts) -> Vec<LocalDay> {
    if let Some(day) = scope.day {
        return vec![day];
    }
    let declared = carnival.days.first.series(1.day()).take_while(|day| *day <= carnival.days.last).map(LocalDay::of);
    let mut days: Vec<LocalDay> = declared.chain(counts.days.keys().copied()).collect();
    days.sort_unstable();
    days.dedup();
    days
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
