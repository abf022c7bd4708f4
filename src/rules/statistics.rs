//! Counters added up for people: by route, point, day, hour and gift, whatever was asked for.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::carnival::{Carnival, Point};
use super::ids::{GiftNumber, PointId, PointNumber, RouteId};
use super::refusal::Refusal;
use super::roles::Station;
use super::tally::{LocalDay, LocalHour, Tally};

/// What is asked for; everything without a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatisticsFilter {
    day: Option<LocalDay>,
    route: Option<RouteId>,
    point: Option<PointNumber>,
}

impl StatisticsFilter {
    /// Reads what is asked for.
    ///
    /// # Errors
    /// A refusal for a day, a route or a point that is not the carnival's, and for a point that lies
    /// on another route than the one that is named.
    pub fn new(
        carnival: &Carnival,
        day: Option<Date>,
        route: Option<RouteId>,
        point: Option<&PointId>,
    ) -> Result<StatisticsFilter, Refusal> {
        if day.is_some_and(|day| !carnival.days.contains(day)) {
            return Err(Refusal::DayUnknown { days: carnival.days });
        }
        if route.as_ref().is_some_and(|route| carnival.route(route).is_none()) {
            return Err(Refusal::RouteUnknown);
        }
        let point = point.map(|point| carnival.point_by_id(point).ok_or(Refusal::PointUnknown)).transpose()?;
        match (point, &route) {
            (Some(point), Some(route)) if point.route != *route => Err(Refusal::PointUnknown),
            _ => Ok(StatisticsFilter { day: day.map(LocalDay::of), route, point: point.map(|point| point.number) }),
        }
    }

    /// The day, if one is asked for.
    #[must_use]
    pub fn day(&self) -> Option<LocalDay> {
        self.day
    }

    /// Whether the day is asked for.
    #[must_use]
    pub fn includes_day(&self, day: LocalDay) -> bool {
        self.day.is_none_or(|selected| selected == day)
    }

    /// Whether the point is asked for.
    #[must_use]
    pub fn includes_point(&self, point: &Point) -> bool {
        self.point.is_none_or(|selected| selected == point.number)
            && self.route.as_ref().is_none_or(|selected| *selected == point.route)
    }

    /// Whether all points are asked for.
    #[must_use]
    pub fn covers_all_points(&self) -> bool {
        self.route.is_none() && self.point.is_none()
    }
}

/// Stamps, and how many people they were given to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StampTotals {
    /// Stamps.
    pub stamps: u64,
    /// People; none where they are not counted: by hour on a route.
    pub people: Option<u64>,
}

/// What became of gifts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GiftFlow {
    /// Set aside, renewals included.
    pub claims: u64,
    /// Confirmed.
    pub redeemed: u64,
    /// Undone.
    pub voided: u64,
}

/// What became of one gift, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GiftStatistics {
    /// In all.
    pub gift_flow: GiftFlow,
    /// Where it was confirmed, and undone; none for organisers, who work everywhere.
    pub places: BTreeMap<Option<Station>, GiftFlow>,
}

/// Everything that was counted within a scope. Points, routes and days that have nothing are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// In all.
    pub total: StampTotals,
    /// Gifts in all, of whichever route.
    pub gift_flow: GiftFlow,
    /// Point by point; whoever has its stamp has it once, so stamps are people.
    pub points: BTreeMap<PointNumber, u64>,
    /// Route by route.
    pub routes: BTreeMap<RouteId, StampTotals>,
    /// Day by day.
    pub days: BTreeMap<LocalDay, (StampTotals, GiftFlow)>,
    /// The hours of one day, from 0 to 23.
    pub hours: BTreeMap<u32, StampTotals>,
    /// Gift by gift, of whichever route.
    pub gifts: BTreeMap<GiftNumber, GiftStatistics>,
}

/// Adds counters up; `hours_of` is the day whose hours are wanted.
#[must_use]
pub fn aggregate(
    carnival: &Carnival,
    filter: &StatisticsFilter,
    tallies: &[&BTreeMap<Tally, u64>],
    hours_of: LocalDay,
) -> Statistics {
    let mut aggregator = Aggregator { carnival, filter, hours_of, statistics: Statistics::default() };
    for (tally, count) in tallies.iter().copied().flatten() {
        aggregator.add(tally, *count);
    }
    aggregator.statistics
}

struct Aggregator<'a> {
    carnival: &'a Carnival,
    filter: &'a StatisticsFilter,
    hours_of: LocalDay,
    statistics: Statistics,
}

impl Aggregator<'_> {
    fn add(&mut self, tally: &Tally, count: u64) {
        let (filter, statistics) = (self.filter, &mut self.statistics);
        match tally {
            Tally::Stamps(point, hour) => {
                if let Some(point) = self.carnival.point(*point).filter(|point| filter.includes_point(point)) {
                    self.stamps(point, *hour, count);
                }
            }
            Tally::AllPassports if filter.covers_all_points() && filter.day.is_none() => {
                count_people(&mut statistics.total, count);
            }
            Tally::UniqueRouteVisitors(route) if filter.point.is_none() && filter.day.is_none() => {
                if filter.route.is_none() {
                    count_people(statistics.routes.entry(route.clone()).or_default(), count);
                } else if filter.route.as_ref() == Some(route) {
                    count_people(statistics.routes.entry(route.clone()).or_default(), count);
                    count_people(&mut statistics.total, count);
                }
            }
            Tally::UniqueRouteVisitorsOn(route, day) if filter.point.is_none() => {
                self.route_visitors(route, *day, count);
            }
            Tally::UniqueVisitorsOn(day) if filter.covers_all_points() && filter.includes_day(*day) => {
                count_people(&mut statistics.days.entry(*day).or_default().0, count);
                if filter.day.is_some() {
                    count_people(&mut statistics.total, count);
                }
            }
            Tally::UniqueVisitorsIn(hour) if filter.covers_all_points() && hour.day() == self.hours_of => {
                count_people(statistics.hours.entry(hour.hour_of_day()).or_default(), count);
            }
            Tally::Claims(gift, hour) => self.gift_flow(*gift, None, *hour, |flow| flow.claims += count),
            Tally::Redemptions(gift, place, hour) => {
                self.gift_flow(*gift, Some(place), *hour, |flow| flow.redeemed += count);
            }
            Tally::Voids(gift, place, hour) => self.gift_flow(*gift, Some(place), *hour, |flow| flow.voided += count),
            _ => {}
        }
    }

    fn stamps(&mut self, point: &Point, hour: LocalHour, count: u64) {
        let (filter, statistics) = (self.filter, &mut self.statistics);
        // Whoever has the stamp of a point has it once: there, stamps are people.
        let add = |row: &mut StampTotals| {
            row.stamps += count;
            if filter.point.is_some() {
                count_people(row, count);
            }
        };
        if hour.day() == self.hours_of {
            add(statistics.hours.entry(hour.hour_of_day()).or_default());
        }
        if filter.includes_day(hour.day()) {
            add(&mut statistics.total);
            add(statistics.routes.entry(point.route.clone()).or_default());
            add(&mut statistics.days.entry(hour.day()).or_default().0);
            *statistics.points.entry(point.number).or_default() += count;
        }
    }

    fn route_visitors(&mut self, route: &RouteId, day: LocalDay, count: u64) {
        let (filter, statistics) = (self.filter, &mut self.statistics);
        let is_asked = filter.route.as_ref() == Some(route);
        if filter.day == Some(day) && (is_asked || filter.route.is_none()) {
            count_people(statistics.routes.entry(route.clone()).or_default(), count);
        }
        if is_asked && filter.includes_day(day) {
            count_people(&mut statistics.days.entry(day).or_default().0, count);
            if filter.day.is_some() {
                count_people(&mut statistics.total, count);
            }
        }
    }

    fn gift_flow(
        &mut self,
        gift: GiftNumber,
        place: Option<&Option<Station>>,
        hour: LocalHour,
        add: impl Fn(&mut GiftFlow),
    ) {
        if !self.filter.includes_day(hour.day()) {
            return;
        }
        let statistics = &mut self.statistics;
        add(&mut statistics.gift_flow);
        add(&mut statistics.days.entry(hour.day()).or_default().1);
        let of_gift = statistics.gifts.entry(gift).or_default();
        add(&mut of_gift.gift_flow);
        if let Some(place) = place {
            add(of_gift.places.entry(place.clone()).or_default());
        }
    }
}

fn count_people(row: &mut StampTotals, count: u64) {
    *row.people.get_or_insert(0) += count;
}

/// The days that a scope shows, in order: the one that is asked for, or all of the carnival and
/// whichever else something was counted on.
#[must_use]
pub fn days_shown(carnival: &Carnival, filter: &StatisticsFilter, statistics: &Statistics) -> Vec<LocalDay> {
    if let Some(day) = filter.day {
        return vec![day];
    }
    let declared = carnival.days.first.series(1.day()).take_while(|day| *day <= carnival.days.last).map(LocalDay::of);
    let mut days: Vec<LocalDay> = declared.chain(statistics.days.keys().copied()).collect();
    days.sort_unstable();
    days.dedup();
    days
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
