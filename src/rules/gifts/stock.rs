//! Stock movements: deliveries, damage, corrections, and transfers to booths.

use serde::{Deserialize, Serialize};

use crate::rules::ids::BoothId;
use crate::rules::refusals::{AccessRefusal, GiftRefusal, Refusal};

/// The reason for a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockReason {
    /// The stock in the carnival file when the gift was first published.
    Initial,
    /// Delivered by a supplier.
    Delivered,
    /// Damaged or lost.
    Damaged,
    /// Correction after a recount.
    Correction,
    /// Moved from the storeroom to a booth, or back; the total stays the same.
    Moved,
}

impl StockReason {
    /// The change of the total stock.
    #[must_use]
    pub fn net_change(self, change: i64) -> i64 {
        if self == StockReason::Moved { 0 } else { change }
    }
}

/// Maximum size of a movement. More gifts than this cannot have vouchers.
const MAX_CHANGE: i64 = 500_000;

/// Checks that a movement is plausible. The store checks it against the present stock.
///
/// # Errors
/// A refusal for 0, a delivery below 0, damage above 0, a transfer without a booth, and a number beyond the maximum.
pub fn check(reason: StockReason, change: i64, booth: Option<&BoothId>) -> Result<(), Refusal> {
    let makes_sense = match reason {
        StockReason::Initial => false,
        StockReason::Delivered => change > 0,
        StockReason::Damaged => change < 0,
        StockReason::Moved if booth.is_none() => return Err(AccessRefusal::BoothNeeded.into()),
        StockReason::Correction | StockReason::Moved => change != 0,
    };
    if makes_sense && (-MAX_CHANGE..=MAX_CHANGE).contains(&change) {
        Ok(())
    } else {
        Err(GiftRefusal::StockChangeOdd.into())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn a_movement_must_fit_its_reason() {
        let booth: BoothId = "east".parse().unwrap();
        assert_eq!(check(StockReason::Delivered, 50, None), Ok(()));
        assert_eq!(check(StockReason::Damaged, -2, Some(&booth)), Ok(()));
        assert_eq!(check(StockReason::Correction, -2, None), Ok(()));
        assert_eq!(check(StockReason::Moved, 20, Some(&booth)), Ok(()));
        assert_eq!(check(StockReason::Moved, 20, None), Err(AccessRefusal::BoothNeeded.into()));
        for (reason, change) in [
            (StockReason::Delivered, -1),
            (StockReason::Damaged, 2),
            (StockReason::Correction, 0),
            (StockReason::Initial, 5),
            (StockReason::Delivered, 500_001),
            (StockReason::Correction, i64::MIN),
        ] {
            assert_eq!(check(reason, change, None), Err(GiftRefusal::StockChangeOdd.into()), "{reason:?} {change}");
        }
    }
}
