//! The counters of stamps: which ones a stamp adds to, and what a whole passport has added.

use std::collections::BTreeMap;

use super::tally::{LocalMoment, Tally};
use crate::rules::carnival::Carnival;
use crate::rules::check_ins::passport::{Passport, Stamp, StampSource};
use crate::rules::ids::{PointNumber, RouteId};

/// The counters that a stamp adds one to. `before` has the earlier stamps of the passport; `route` is the one of the
/// point, with all its points. A person is counted once on a route, on a day and in an hour.
#[must_use]
pub fn tallies_of_stamp(
    before: &[Stamp],
    stamp: &Stamp,
    moment: LocalMoment,
    route: Option<(&RouteId, &[PointNumber])>,
) -> Vec<Tally> {
    let LocalMoment { hour, hour_began, day_began, .. } = moment;
    let mut tallies = vec![Tally::Stamps(stamp.point, hour), Tally::AllStamps(stamp.point)];
    if let StampSource::Hand { session, .. } = &stamp.how {
        tallies.push(Tally::StampsBy(session.clone()));
    }
    let last = before.iter().map(|stamp| stamp.at).max();
    if last.is_none() {
        tallies.push(Tally::AllPassports);
    }
    if last.is_none_or(|last| last < day_began) {
        tallies.push(Tally::UniqueVisitorsOn(hour.day()));
    }
    if last.is_none_or(|last| last < hour_began) {
        tallies.push(Tally::UniqueVisitorsIn(hour));
    }
    if let Some((route, points)) = route {
        let last = before.iter().filter(|stamp| points.contains(&stamp.point)).map(|stamp| stamp.at).max();
        if last.is_none() {
            tallies.push(Tally::UniqueRouteVisitors(route.clone()));
        }
        if last.is_none_or(|last| last < day_began) {
            tallies.push(Tally::UniqueRouteVisitorsOn(route.clone(), hour.day()));
        }
    }
    tallies
}

/// What the counters change by when a passport becomes another one. Both are counted stamp by stamp, so that the first
/// stamp of a day that is undone makes the next one the first.
#[must_use]
pub fn tally_changes(carnival: &Carnival, before: &Passport, after: &Passport) -> BTreeMap<Tally, i64> {
    let mut changes = BTreeMap::new();
    for (passport, change) in [(before, -1), (after, 1)] {
        for (nth, stamp) in passport.stamps.iter().enumerate() {
            let route = carnival.point(stamp.point).map(|point| &point.route);
            let points = route.map(|route| carnival.points_of(route).map(|point| point.number).collect::<Vec<_>>());
            let route = route.zip(points.as_deref());
            let moment = LocalMoment::of(carnival, stamp.at);
            for tally in tallies_of_stamp(&passport.stamps[..nth], stamp, moment, route) {
                *changes.entry(tally).or_default() += change;
            }
        }
    }
    changes.retain(|_, change| *change != 0);
    changes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::subsequence;

    use super::*;
    use crate::rules::check_ins::passport::StampUndo;
    use crate::rules::samples::{at, carnival, passport, passport_number, point_number, property_config, the};

    const TIMES: [&str; 4] = ["2023-04-13T10:00", "2023-04-14T10:00", "2023-04-14T10:30", "2023-04-14T15:00"];

    fn undo() -> StampUndo {
        StampUndo { at: at("2023-04-14T16:00"), session: the("0000000000000001"), nonce: the("undo-0001") }
    }

    #[test]
    fn the_next_stamp_of_a_day_takes_the_place_of_the_first() {
        let mut walked = passport(&[1, 2]);
        walked.stamps[0].at = at(TIMES[1]);
        walked.stamps[1].at = at(TIMES[3]);
        let changes = tally_changes(&carnival(), &walked, &walked.without(point_number(1), &undo()));
        let names: Vec<_> = changes.iter().map(|(tally, change)| (tally.to_string(), *change)).collect();
        let gone = |name: &str| (name.to_owned(), -1);
        let mut expected = [gone("stamps:1:2023041410"), gone("stamps:1"), gone("people-in:2023041410")];
        let mut names = names;
        names.sort();
        expected.sort();
        assert_eq!(names, expected, "still one person on that day and route");
    }

    proptest! {
        #![proptest_config(property_config())]
        /// The changes of a series of undone stamps add up to those of the passport that is left.
        #[test]
        fn what_is_left_is_counted_as_if_the_rest_had_never_been(
            times in prop::collection::vec(0usize..4, 6),
            undone in subsequence(vec![1u64, 2, 3, 4, 5, 6], 0..=6),
        ) {
            let carnival = carnival();
            let mut walked = passport(&[1, 2, 3, 4, 5, 6]);
            for (stamp, time) in walked.stamps.iter_mut().zip(times) {
                stamp.at = at(TIMES[time]);
            }
            let nobody = Passport { number: passport_number(), stamps: Vec::new(), undone: Vec::new() };
            let mut counted = tally_changes(&carnival, &nobody, &walked);
            let mut left = walked;
            for point in undone {
                let after = left.without(point_number(point), &undo());
                for (tally, change) in tally_changes(&carnival, &left, &after) {
                    *counted.entry(tally).or_default() += change;
                }
                left = after;
            }
            counted.retain(|_, count| *count != 0);
            prop_assert!(counted.values().all(|count| *count > 0), "{counted:?}");
            prop_assert_eq!(counted, tally_changes(&carnival, &nobody, &left));
        }
    }
}
