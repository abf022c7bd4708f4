//! The state of a poster that hangs at a point.

use crate::rules::carnival::Point;
use crate::rules::ids::Generation;
use crate::rules::refusal::Refusal;

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

/// Evaluates a poster by the generation of its code.
///
/// # Errors
/// A refusal for a generation that was never printed.
pub fn evaluate(point: &Point, generation: Generation, current: Generation) -> Result<PosterState, Refusal> {
    if generation > current {
        Err(Refusal::CodeUnknown)
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
        assert_eq!(evaluated(&point, 2), Err(Refusal::CodeUnknown));
        point.codes.printed = false;
        assert_eq!(evaluated(&point, 1), Ok(PosterState::DisplayOnly));
    }
}
