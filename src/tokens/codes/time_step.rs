//! The steps of display codes: 30 s each, counted from the Unix epoch.

use jiff::Timestamp;

const STEP_S: i64 = 30;

/// So many steps have codes of their own: 2^21, which is nearly two years.
const CYCLE: i64 = 1 << 21;

/// The step of a moment.
pub(super) fn at(now: Timestamp) -> i64 {
    // Not `as_second`, which rounds towards 1970 and so would make the step around it twice as long.
    now.as_nanosecond().div_euclid(i128::from(STEP_S) * 1_000_000_000).try_into().unwrap_or(i64::MAX)
}

/// The moment when a step ends and the next one begins.
pub(super) fn end(step: i64) -> Timestamp {
    Timestamp::from_second(step.saturating_add(1).saturating_mul(STEP_S)).unwrap_or(Timestamp::MAX)
}

/// What a code holds of a step.
pub(super) fn low_bits(step: i64) -> u64 {
    step.rem_euclid(CYCLE).unsigned_abs()
}

/// The step nearest to now with these bits; none if it lies more than one step ahead. One is
/// granted because the clocks of two instances differ.
pub(super) fn nearest(low_bits: u64, now: Timestamp) -> Option<i64> {
    let now = at(now);
    let ahead = (i64::try_from(low_bits).ok()? - now).rem_euclid(CYCLE);
    match ahead {
        0 | 1 => Some(now + ahead),
        _ if ahead < CYCLE / 2 => None,
        _ => Some(now + ahead - CYCLE),
    }
}
