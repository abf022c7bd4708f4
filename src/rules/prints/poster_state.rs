//! The state of a poster that hangs at a point.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::rules::carnival::hours::TimeRange;
use crate::rules::carnival::point_status::next_open_hours;
use crate::rules::carnival::{Carnival, Point};
use crate::rules::ids::Generation;
use crate::rules::refusals::{CodeRefusal, Refusal};

/// The state of a poster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PosterState {
    /// The current poster.
    UpToDate,
    /// Its code was replaced: it must be taken down.
    Replaced,
    /// The point accepts only the tablet's code: the poster must be taken down.
    DisplayOnly,
}

/// When a point opens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextOpening<'a> {
    /// The organisers closed it, for this reason.
    Closed(&'a str),
    /// It does not open again.
    Never,
    /// Today, at these hours.
    Today(&'a [TimeRange]),
    /// On a later day, at these hours.
    On(Date, &'a [TimeRange]),
}

impl<'a> NextOpening<'a> {
    /// The next opening of the point after `now`.
    #[must_use]
    pub fn of(carnival: &Carnival, point: &'a Point, now: Timestamp) -> NextOpening<'a> {
        match (&point.closed, next_open_hours(carnival, point, now)) {
            (Some(why), _) => NextOpening::Closed(why),
            (None, None) => NextOpening::Never,
            (None, Some((on, hours))) if on == carnival.local(now).date() => NextOpening::Today(hours),
            (None, Some((on, hours))) => NextOpening::On(on, hours),
        }
    }
}

/// Evaluates a poster by the generation of its code.
///
/// # Errors
/// A refusal for a generation that was never printed.
pub fn evaluate(point: &Point, generation: Generation, current: Generation) -> Result<PosterState, Refusal> {
    if generation > current {
        Err(CodeRefusal::CodeUnknown.into())
    } else if !point.codes.printed {
        Ok(PosterState::DisplayOnly)
    } else if generation < current {
        Ok(PosterState::Replaced)
    } else {
        Ok(PosterState::UpToDate)
    }
}

/// Whether a poster should hang at the point.
#[must_use]
pub fn should_hang(point: &Point) -> bool {
    point.codes.printed && point.closed.is_none()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use crate::rules::samples::point;

    #[test]
    fn a_poster_is_current_replaced_unneeded_or_unknown() {
        let mut point = point(7, "play");
        let generation = |number: u64| Generation::try_from(number).unwrap();
        let evaluated = |point: &Point, number| evaluate(point, generation(number), generation(1));
        assert_eq!(evaluated(&point, 1), Ok(PosterState::UpToDate));
        assert_eq!(evaluated(&point, 0), Ok(PosterState::Replaced));
        assert_eq!(evaluated(&point, 2), Err(CodeRefusal::CodeUnknown.into()));
        point.codes.printed = false;
        assert_eq!(evaluated(&point, 1), Ok(PosterState::DisplayOnly));
    }
}
