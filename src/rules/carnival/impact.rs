//! What an edit of a point changes for people: stamps that its route and the gifts need, and when.

use jiff::Timestamp;
use jiff::civil::Date;

use super::relief::{Relief, ReliefPeriods};
use super::route_need::{RouteNeed, counted};
use super::{Carnival, Gift, Point, Route};
use crate::rules::gifts::requirement::needed_in_total;
use crate::rules::ids::PointNumber;

/// What an edit of a point changes for the people it concerns: those with a stamp on its route on the day, or everybody
/// if it is closed for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointImpact {
    /// Stamps that complete the route, before and after.
    pub needed: (u16, u16),
    /// When people are relieved of the point, if they are.
    pub since: Option<Timestamp>,
    /// Whether more is closed than may be taken off: half of the stamps are always required.
    pub is_at_half: bool,
    /// Gifts that ask for stamps of the route, in the order of the file.
    pub gifts: Vec<GiftImpact>,
}

/// What an edit changes for a gift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiftImpact {
    /// The gift's position in the carnival.
    pub index: usize,
    /// Stamps that it needs, before and after.
    pub needed: (u16, u16),
}

/// One side of the comparison: the relief that is in force or will be, if no closure ends early.
struct Side {
    relief: Relief,
    need: RouteNeed,
    relieved: u16,
}

impl Side {
    fn of(carnival: &Carnival, route: &Route, day: Option<Date>, periods: &ReliefPeriods) -> Side {
        let relief = Relief::of(periods);
        let is_relieved = |number: PointNumber| {
            let of_day = |one: &super::relief::DayRelief| one.point == number && Some(one.day) == day;
            !relief.is_lowered(number) && relief.days().iter().any(of_day)
        };
        let relieved = counted(carnival.points_of(&route.id).filter(|point| is_relieved(point.number)).count());
        Side { need: carnival.route_need(route, &relief), relieved, relief }
    }

    fn needed_for(&self, carnival: &Carnival, route: &Route, gift: &Gift) -> Option<u16> {
        match (gift.needs.route(), gift.needs.number()) {
            (Some(own), number) if *own == route.id => {
                Some(self.need.of(number.or(route.complete_with).unwrap_or(u16::MAX), self.relieved))
            }
            (None, Some(number)) => needed_in_total(carnival, &self.relief, gift, number),
            _ => None,
        }
    }
}

impl PointImpact {
    /// Compares the periods before and after an edit. `day` is the day of the closure; none if it is for good.
    #[must_use]
    pub fn of(
        carnival: &Carnival,
        point: &Point,
        day: Option<Date>,
        (before, after): (&ReliefPeriods, &ReliefPeriods),
    ) -> Option<PointImpact> {
        let route = carnival.route(&point.route)?;
        let (before, after) = (Side::of(carnival, route, day, before), Side::of(carnival, route, day, after));
        let gifts = carnival.gifts.iter().enumerate().filter_map(|(index, gift)| {
            let needed = (before.needed_for(carnival, route, gift)?, after.needed_for(carnival, route, gift)?);
            let is_of_route = gift.needs.route().is_some();
            (is_of_route || needed.0 != needed.1).then_some(GiftImpact { index, needed })
        });
        Some(PointImpact {
            needed: (before.need.to_complete(before.relieved), after.need.to_complete(after.relieved)),
            since: after.relief.since(point.number, day),
            is_at_half: after.need.is_at_half(after.relieved),
            gifts: gifts.collect(),
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
