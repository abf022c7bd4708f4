//! Relief periods follow the closures of the published carnival: they begin with a closure and end with a reopening.

use jiff::Timestamp;
use jiff::civil::Date;

use super::point_status::own_hours;
use super::relief::{ClosedDay, PeriodId, ReliefPeriod, ReliefPeriods};
use super::{Carnival, Point};
use crate::rules::ids::PointNumber;

/// A closure of a point for one day, as an organiser asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayClosure {
    /// The point.
    pub point: PointNumber,
    /// The day.
    pub day: Date,
    /// Whether residents of that day are relieved of the point.
    pub relief: bool,
    /// Whether they shall stay away from it.
    pub keep_away: bool,
}

/// The periods that must be written so that they follow the carnival that is published now: new ones, and those that
/// change. `closure` is a closure that was just published. Settling again changes nothing.
#[must_use]
pub fn settle(
    carnival: &Carnival,
    periods: &ReliefPeriods,
    closure: Option<&DayClosure>,
    now: Timestamp,
) -> ReliefPeriods {
    let mut changed = ReliefPeriods::new();
    for (id, period) in periods.iter().filter(|(_, period)| period.is_running(now)) {
        let wanted = closure.filter(|one| one.point == period.point && Some(one.day) == period.day());
        let ends = !stands(carnival, period) || wanted.is_some_and(|one| !one.relief);
        let mut after = period.clone();
        if ends {
            after.to = Some(now);
        } else if let (Some(wanted), Some(closed)) = (wanted, &mut after.closed_day) {
            closed.keep_away = wanted.keep_away;
        }
        if after != *period {
            changed.insert(*id, after);
        }
    }
    let mut begin = |period: Option<ReliefPeriod>| {
        let Some(period) = period else { return };
        let runs = |(id, one): (&PeriodId, &ReliefPeriod)| {
            changed.get(id).unwrap_or(one).is_running(now) && one.point == period.point && one.day() == period.day()
        };
        let nth = periods.keys().chain(changed.keys()).filter(|id| id.point == period.point).map(|id| id.nth).max();
        if !periods.iter().any(runs) {
            changed.insert(PeriodId { point: period.point, nth: nth.unwrap_or(0) + 1 }, period);
        }
    };
    for point in carnival.points.iter().filter(|point| point.closed.is_some()) {
        begin(Some(ReliefPeriod { point: point.number, from: now, to: None, closed_day: None }));
    }
    begin(closure.filter(|one| one.relief).and_then(|one| day_period(carnival, *one, now)));
    changed
}

/// Whether the closure of a period is still in the carnival.
fn stands(carnival: &Carnival, period: &ReliefPeriod) -> bool {
    let closed = |point: &Point| match period.day() {
        Some(day) => point.closed.is_some() || point.hours.for_day(day).is_empty(),
        None => point.closed.is_some(),
    };
    carnival.point(period.point).is_some_and(closed)
}

/// The period of a closure for one day; none if the carnival does not have the closure, or the day is over.
fn day_period(carnival: &Carnival, closure: DayClosure, now: Timestamp) -> Option<ReliefPeriod> {
    let point = carnival.point(closure.point).filter(|point| point.hours.for_day(closure.day).is_empty())?;
    let hours = own_hours(carnival, point, closure.day);
    let to = hours.last().map(|span| span.to).filter(|to| *to > now)?;
    let route_points = carnival.points_of(&point.route).map(|point| point.number).collect();
    let closed_day = ClosedDay { day: closure.day, hours, route_points, keep_away: closure.keep_away };
    Some(ReliefPeriod { point: point.number, from: now, to: Some(to), closed_day: Some(closed_day) })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
