//! Statistics from counters: totals by route, point, day, hour and gift, with filters.

pub mod stamp_tallies;
pub mod tally;
use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::carnival::{Carnival, DateRange, Point};
use super::ids::{GiftNumber, PointId, PointNumber, RouteId};
use super::refusals::{CarnivalRefusal, Refusal};
use super::staff::roles::Station;
use super::statistics::tally::{LocalDay, LocalHour, Tally};

/// A filter for statistics; the default includes everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatisticsFilter {
    day: Option<LocalDay>,
    route: Option<RouteId>,
    point: Option<PointNumber>,
}

impl StatisticsFilter {
    /// Validates a filter.
    ///
    /// # Errors
    /// A refusal for a route or point that is not in the carnival, and for a point of another route than the given one.
    pub fn new(
        carnival: &Carnival,
        day: Option<Date>,
        route: Option<RouteId>,
        point: Option<&PointId>,
    ) -> Result<StatisticsFilter, Refusal> {
        if route.as_ref().is_some_and(|route| carnival.route(route).is_none()) {
            return Err(CarnivalRefusal::RouteUnknown.into());
        }
        let point = point.map(|point| carnival.point_by_id(point).ok_or(CarnivalRefusal::PointUnknown)).transpose()?;
        match (point, &route) {
            (Some(point), Some(route)) if point.route != *route => Err(CarnivalRefusal::PointUnknown.into()),
            _ => Ok(StatisticsFilter { day: day.map(LocalDay::of), route, point: point.map(|point| point.number) }),
        }
    }

    /// The selected day, if any.
    #[must_use]
    pub fn day(&self) -> Option<LocalDay> {
        self.day
    }

    /// Whether the filter includes the day.
    #[must_use]
    pub fn includes_day(&self, day: LocalDay) -> bool {
        self.day.is_none_or(|selected| selected == day)
    }

    /// Whether the filter includes the point.
    #[must_use]
    pub fn includes_point(&self, point: &Point) -> bool {
        self.point.is_none_or(|selected| selected == point.number)
            && self.route.as_ref().is_none_or(|selected| *selected == point.route)
    }

    /// Whether the filter includes all points.
    #[must_use]
    pub fn covers_all_points(&self) -> bool {
        self.route.is_none() && self.point.is_none()
    }
}

/// Number of stamps, and of people who got them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StampTotals {
    /// Number of stamps.
    pub stamps: u64,
    /// Number of people; `None` where it is not counted (per hour and route).
    pub people: Option<u64>,
}

/// Claims, redemptions and voids of gifts; the route filter does not apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = GiftFlowView)]
pub struct GiftFlow {
    /// Number of claims, including renewals.
    pub claims: u64,
    /// Number of redemptions.
    pub redeemed: u64,
    /// Number of voids.
    pub voided: u64,
}

/// Claims, redemptions and voids of one gift.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GiftStatistics {
    /// Over all stations.
    pub gift_flow: GiftFlow,
    /// Redemptions and voids by station; `None` for organisers, who work everywhere.
    pub places: BTreeMap<Option<Station>, GiftFlow>,
}

/// The statistics of a filter. Points, routes and days without counts are omitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Over the included points.
    pub total: StampTotals,
    /// All gifts; the filter by route or point does not apply.
    pub gift_flow: GiftFlow,
    /// Stamps per point, which is also the number of people, because a passport has at most one stamp per point.
    pub points: BTreeMap<PointNumber, u64>,
    /// Per route.
    pub routes: BTreeMap<RouteId, StampTotals>,
    /// Per day.
    pub days: BTreeMap<LocalDay, (StampTotals, GiftFlow)>,
    /// Per hour of one day, 0 to 23.
    pub hours: BTreeMap<u32, StampTotals>,
    /// Per gift; the filter by route or point does not apply.
    pub gifts: BTreeMap<GiftNumber, GiftStatistics>,
}

/// Adds up counters; `hours_of` is the day whose hours are included.
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
        // A passport has at most one stamp per point, so stamps of a single point are people.
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

/// The days that can have records: from the first publication, or the carnival's first day if that is earlier, to today,
/// or its last day if that is later.
#[must_use]
pub fn recorded_days(carnival: &Carnival, first_published: Timestamp, now: Timestamp) -> DateRange {
    let day = |at| carnival.local(at).date();
    DateRange { first: carnival.days.first.min(day(first_published)), last: carnival.days.last.max(day(now)) }
}

/// Whether one of these counters is of this day. A clock that was wrong can have left records of any day.
#[must_use]
pub fn counts_on(tallies: &BTreeMap<Tally, u64>, day: Date) -> bool {
    tallies.keys().any(|tally| tally.day() == Some(LocalDay::of(day)))
}

/// The days to show, in order: the selected one, or all days of the carnival and any other day with counts.
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
