//! Default start time of a rehearsal.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::rules::carnival::Carnival;
use crate::rules::check_ins::check_in::is_open;
use crate::rules::gifts::gift::check_hand_over;

/// A moment of the first route at which newcomers can walk the whole route: the half hour with the most open points
/// and gifts on offer. Among equals the earliest wins, but not on the first day, which is often short.
#[must_use]
pub fn default_start(carnival: &Carnival) -> Option<Timestamp> {
    let route = carnival.routes.first()?;
    let days = route.days.first.series(1.day()).take_while(|day| *day <= route.days.last);
    let score = |at: &Timestamp| {
        let open = carnival.points_of(&route.id).filter(|point| is_open(carnival, point, *at)).count();
        let gifts = carnival.gifts.iter().filter(|gift| check_hand_over(carnival, gift, None, *at).is_ok()).count();
        let later = carnival.local(*at).date() > route.days.first;
        (open, gifts, later)
    };
    let half_hours = days.flat_map(|day| half_hours(carnival, day)).collect::<Vec<_>>();
    // Of equals, `max_by_key` returns the last.
    half_hours.into_iter().rev().max_by_key(score)
}

fn half_hours(carnival: &Carnival, day: Date) -> Vec<Timestamp> {
    (0..48)
        .filter_map(|half: i8| day.at(half / 2, half % 2 * 30, 0, 0).to_zoned(carnival.time_zone.clone()).ok())
        .map(|at| at.timestamp())
        .collect()
}
