//! The time steps of display codes: 30 s each, counted from the Unix epoch.

use jiff::Timestamp;

const STEP_S: i64 = 30;

/// Number of steps with different codes: 2^21, nearly two years.
const CYCLE: i64 = 1 << 21;

/// The step that contains a moment.
pub(super) fn at(now: Timestamp) -> i64 {
    // Not `as_second`: it rounds towards 1970, so the step around 1970 would be twice as long.
    now.as_nanosecond().div_euclid(i128::from(STEP_S) * 1_000_000_000).try_into().unwrap_or(i64::MAX)
}

/// The end of a step, which is the start of the next one.
pub(super) fn end(step: i64) -> Timestamp {
    Timestamp::from_second(step.saturating_add(1).saturating_mul(STEP_S)).unwrap_or(Timestamp::MAX)
}

/// The bits of a step that a code contains.
pub(super) fn low_bits(step: i64) -> u64 {
    step.rem_euclid(CYCLE).unsigned_abs()
}

/// The step nearest to now with these low bits; `None` if it is more than one step ahead. One step ahead is accepted,
/// because the clocks of two instances differ.
pub(super) fn nearest(low_bits: u64, now: Timestamp) -> Option<i64> {
    let now = at(now);
    let ahead = (i64::try_from(low_bits).ok()? - now).rem_euclid(CYCLE);
    match ahead {
        0 | 1 => Some(now + ahead),
        _ if ahead < CYCLE / 2 => None,
        _ => Some(now + ahead - CYCLE),
    }
}
