//! A poster that hangs: whether it is the right one.

use super::carnival::Point;
use super::ids::Generation;
use super::refusal::Refusal;

/// What a poster is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PosterState {
    /// It is the one that should hang.
    UpToDate,
    /// Its code was replaced: it must come down.
    Replaced,
    /// The point takes the tablet's code alone: it must come down.
    DisplayOnly,
}

/// Judges a poster by the generation of its code.
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
    use super::super::samples::point;
    use super::*;

    #[test]
    fn a_poster_is_right_replaced_useless_or_none_of_ours() {
        let mut point = point(7, "play");
        let generation = |number: u64| Generation::try_from(number).unwrap();
        let judged = |point: &Point, number| evaluate(point, generation(number), generation(1));
        assert_eq!(judged(&point, 1), Ok(PosterState::UpToDate));
        assert_eq!(judged(&point, 0), Ok(PosterState::Replaced));
        assert_eq!(judged(&point, 2), Err(Refusal::CodeUnknown));
        point.codes.printed = false;
        assert_eq!(judged(&point, 1), Ok(PosterState::DisplayOnly));
    }
}
