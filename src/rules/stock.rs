//! Movements of stock: what came, what broke, what was miscounted, what was carried to a booth.

use serde::{Deserialize, Serialize};

use super::ids::BoothId;
use super::refusal::Refusal;

/// Why there are more or fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockReason {
    /// What the carnival file said when the gift was first published.
    Initial,
    /// More were delivered.
    Delivered,
    /// Some were damaged or lost.
    Damaged,
    /// They were counted again.
    Correction,
    /// Some were carried from the storeroom to a booth, or back: no more and no fewer in all.
    Moved,
}

impl StockReason {
    /// How much a movement changes what there is in all.
    #[must_use]
    pub fn net_change(self, change: i64) -> i64 {
        if self == StockReason::Moved { 0 } else { change }
    }
}

/// The most that one movement may be of: more gifts than that have no vouchers.
const MAX_CHANGE: i64 = 500_000;

/// Whether a movement makes sense. What is there is the store's to count.
///
/// # Errors
/// A refusal for nothing, for a delivery of less than nothing, for damage that makes more, for a
/// move that names no booth, and for an absurd number.
pub fn check(reason: StockReason, change: i64, booth: Option<&BoothId>) -> Result<(), Refusal> {
    let makes_sense = match reason {
        StockReason::Initial => false,
        StockReason::Delivered => change > 0,
        StockReason::Damaged => change < 0,
        StockReason::Moved if booth.is_none() => return Err(Refusal::BoothNeeded),
        StockReason::Correction | StockReason::Moved => change != 0,
    };
    if makes_sense && (-MAX_CHANGE..=MAX_CHANGE).contains(&change) { Ok(()) } else { Err(Refusal::StockChangeOdd) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn a_movement_says_what_its_reason_says() {
        let booth: BoothId = "east".parse().unwrap();
        assert_eq!(check(StockReason::Delivered, 50, None), Ok(()));
        assert_eq!(check(StockReason::Damaged, -2, Some(&booth)), Ok(()));
        assert_eq!(check(StockReason::Correction, -2, None), Ok(()));
        assert_eq!(check(StockReason::Moved, 20, Some(&booth)), Ok(()));
        assert_eq!(check(StockReason::Moved, 20, None), Err(Refusal::BoothNeeded));
        for (reason, change) in [
            (StockReason::Delivered, -1),
            (StockReason::Damaged, 2),
            (StockReason::Correction, 0),
            (StockReason::Initial, 5),
            (StockReason::Delivered, 500_001),
            (StockReason::Correction, i64::MIN),
        ] {
            assert_eq!(check(reason, change, None), Err(Refusal::StockChangeOdd), "{reason:?} {change}");
        }
    }
}
