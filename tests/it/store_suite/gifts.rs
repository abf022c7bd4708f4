//! Promises about claims and stock.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::sync::Arc;

use carnival::rules::gifts::claim_lifecycle::{Claim, ClaimEvent};
use carnival::rules::gifts::stock::StockReason;
use carnival::rules::gifts::voucher::Voucher;
use carnival::store::record::StockLogEntry;
use carnival::store::{ClaimChange, ClaimOutcome, LogId, Stock, StockOutcome, Store};

use super::fixtures::{
    ClaimResult, HOLD, at, claim, claimer, concurrently, gift, log_entries, nonce, number, publish_with_stock,
    published, release, session, stock, stock_numbers,
};

pub(crate) async fn two_hundred_concurrent_claims_get_twenty_gifts(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 20).await;
    let results = race(&store, 0..200, 0).await;
    assert_eq!(results.iter().filter(|result| result.is_stored()).count(), 20);
    assert_eq!(results.iter().filter(|result| **result == ClaimResult::SoldOut).count(), 180);
    assert_eq!(stock(&*store, 0).await, stock_numbers(20, 0, 20));
    let vouchers: BTreeSet<Voucher> =
        results.into_iter().filter(ClaimResult::is_stored).map(|result| result.stored().voucher).collect();
    assert_eq!(vouchers.len(), 20, "vouchers are unique");
}

pub(crate) async fn lapsed_holds_are_reassigned_within_the_stock(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 20).await;
    for who in 0..10 {
        claim(&*store, who, 0).await.stored();
    }
    for who in 10..20 {
        claim(&*store, who, HOLD / 2).await.stored();
    }
    assert_eq!(stock(&*store, HOLD).await, stock_numbers(20, 0, 20), "the last millisecond counts");
    assert_eq!(stock(&*store, HOLD + 1).await, stock_numbers(20, 0, 10));
    // Lapsed claims renew, active ones stay, and everyone else claims too.
    let results = race(&store, 0..200, HOLD + 1).await;
    assert_eq!(results.iter().filter(|result| result.is_stored()).count(), 20);
    assert_eq!(stock(&*store, HOLD + 1).await, stock_numbers(20, 0, 20));
}

/// Concurrent claims of gift 1.
async fn race(store: &Arc<dyn Store>, who: std::ops::Range<u32>, ms: i64) -> Vec<ClaimResult> {
    let answers = concurrently(who.end - who.start, |n| {
        let (store, who) = (Arc::clone(store), who.start + n);
        async move {
            let result = claim(&*store, who, ms).await;
            stock(&*store, ms).await;
            result
        }
    });
    answers.await
}

/// The first claim of a claimer, without the rules.
pub(crate) fn plain_claim(gift_number: u8, who: u32, random: u32) -> Claim {
    Claim {
        voucher: Voucher::new(gift(gift_number), random),
        passport: number(who),
        claimed_at: at(0),
        held_until: at(HOLD),
        redemptions: vec![],
    }
}

pub(crate) fn first_step(who: u32, claim: &Claim) -> ClaimChange<'_> {
    ClaimChange {
        claimer: claimer(who),
        expected: None,
        claim,
        needs_left: true,
        event: ClaimEvent::Claimed,
        by: None,
        at: at(0),
        tallies: &[],
    }
}

pub(crate) async fn a_claim_is_read_as_it_was_written(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 1).await;
    let claim = plain_claim(1, 5, 123_456);
    assert_eq!(store.change_claim(&first_step(5, &claim)).await.unwrap(), ClaimOutcome::Updated);
    let stored = store.claims(&[(gift(1), claimer(5))]).await.unwrap().remove(0).unwrap();
    assert_eq!((stored.claimer, &stored.claim), (claimer(5), &claim));
    assert_eq!(store.claim_by_voucher(claim.voucher).await.unwrap(), Some(stored));
}

pub(crate) async fn claims_are_returned_in_the_requested_order(store: Arc<dyn Store>) {
    let stocks: Vec<_> = (1..=12).map(|n| (gift(n), u32::from(n))).collect();
    store.publish(0, &published("text", 1), &stocks).await.unwrap();
    for n in [2, 11, 7] {
        let claim = plain_claim(n, 1, 42);
        assert_eq!(store.change_claim(&first_step(1, &claim)).await.unwrap(), ClaimOutcome::Updated);
    }
    let requested: Vec<_> = [11, 1, 2, 7, 3].map(|n| (gift(n), claimer(1))).into();
    let answers = store.claims(&requested).await.unwrap();
    let found: Vec<_> =
        answers.iter().map(|stored| stored.as_ref().map(|stored| stored.claim.voucher.gift().get())).collect();
    assert_eq!(found, [Some(11), None, Some(2), Some(7), None]);
    let states = store.gift_states(&[gift(12), gift(7), gift(50), gift(1)], at(0)).await.unwrap();
    let found: Vec<Stock> = states.into_iter().map(|state| state.stock).collect();
    assert_eq!(found, [stock_numbers(12, 0, 0), stock_numbers(7, 0, 1), Stock::default(), stock_numbers(1, 0, 0)]);
}

pub(crate) async fn a_voucher_belongs_to_one_claim(store: Arc<dyn Store>) {
    store.publish(0, &published("text", 1), &[(gift(1), 5), (gift(2), 5)]).await.unwrap();
    let answers = concurrently(20, |n| {
        let store = Arc::clone(&store);
        async move { store.change_claim(&first_step(n, &plain_claim(1, n, 7))).await.unwrap() }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| **answer == ClaimOutcome::Updated).count(), 1);
    assert_eq!(answers.iter().filter(|answer| **answer == ClaimOutcome::VoucherTaken).count(), 19);
    assert_eq!(stock(&*store, 0).await, stock_numbers(5, 0, 1));
    assert_eq!(log_entries(&*store, LogId::Gift(gift(1))).await.len(), 1);
    let other_gift = plain_claim(2, 1, 7);
    assert_eq!(store.change_claim(&first_step(1, &other_gift)).await.unwrap(), ClaimOutcome::Updated);
}

pub(crate) async fn a_write_on_an_outdated_record_returns_the_current_one(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 5).await;
    let claim = plain_claim(1, 1, 1);
    let unknown_record = ClaimChange { expected: Some("a record that never existed"), ..first_step(1, &claim) };
    assert_eq!(store.change_claim(&unknown_record).await.unwrap(), ClaimOutcome::Conflict(None));
    assert_eq!(store.change_claim(&first_step(1, &claim)).await.unwrap(), ClaimOutcome::Updated);
    let stored = store.claims(&[(gift(1), claimer(1))]).await.unwrap().remove(0);
    let other = plain_claim(1, 1, 2);
    assert_eq!(store.change_claim(&first_step(1, &other)).await.unwrap(), ClaimOutcome::Conflict(stored.clone()));
    assert_eq!(store.change_claim(&unknown_record).await.unwrap(), ClaimOutcome::Conflict(stored.clone()));
    assert_eq!(store.claims(&[(gift(1), claimer(1))]).await.unwrap(), [stored]);
    assert_eq!(store.claim_by_voucher(other.voucher).await.unwrap(), None);
    assert_eq!(log_entries(&*store, LogId::Gift(gift(1))).await.len(), 1);
}

pub(crate) async fn a_claimers_own_hold_does_not_block_its_renewal(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 1).await;
    let held = plain_claim(1, 1, 1);
    assert_eq!(store.change_claim(&first_step(1, &held)).await.unwrap(), ClaimOutcome::Updated);
    let stored = store.claims(&[(gift(1), claimer(1))]).await.unwrap().remove(0).unwrap();
    let longer = Claim { held_until: at(2 * HOLD), ..held };
    // The last millisecond of the hold, in which it still counts for others.
    let renewed = ClaimChange {
        expected: Some(&stored.record),
        at: at(HOLD),
        event: ClaimEvent::Renewed,
        ..first_step(1, &longer)
    };
    assert_eq!(store.change_claim(&renewed).await.unwrap(), ClaimOutcome::Updated);
    assert_eq!(stock(&*store, HOLD + 1).await, stock_numbers(1, 0, 1));
    let other = plain_claim(1, 2, 2);
    let late = ClaimChange { at: at(2 * HOLD), ..first_step(2, &other) };
    assert_eq!(store.change_claim(&late).await.unwrap(), ClaimOutcome::SoldOut);
}

pub(crate) async fn a_released_gift_can_be_claimed_by_another(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 1).await;
    let first = claim(&*store, 1, 0).await.stored();
    assert_eq!(claim(&*store, 2, 10).await, ClaimResult::SoldOut);
    release(&*store, 1, 20).await.stored();
    assert_eq!(stock(&*store, 20).await, stock_numbers(1, 0, 0));
    claim(&*store, 2, 20).await.stored();
    assert_eq!(claim(&*store, 1, 30).await, ClaimResult::SoldOut);
    let again = claim(&*store, 1, 20 + HOLD + 1).await.stored();
    assert_eq!(again.voucher, first.voucher, "the voucher never changes");
}

async fn restock(store: &dyn Store, change: i64, n: u32, ms: i64) -> StockOutcome {
    let change = StockLogEntry {
        reason: StockReason::Correction,
        change,
        booth: None,
        note: "送来一箱".to_owned(),
        by: "an organiser".to_owned(),
        at: at(ms),
        session: Some(session(1)),
        nonce: Some(nonce(n)),
    };
    store.change_stock(gift(1), &change).await.unwrap()
}

pub(crate) async fn concurrent_stock_changes_never_fall_below_the_promised_gifts(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 30).await;
    let changed = concurrently(120, |n| {
        let store = Arc::clone(&store);
        async move {
            let change = match n % 4 {
                0 => Some(-5),
                1 => Some(3),
                _ => None,
            };
            let Some(change) = change else {
                claim(&*store, n, 0).await;
                stock(&*store, 0).await;
                return 0;
            };
            match restock(&*store, change, n, 0).await {
                StockOutcome::Updated(stock) => {
                    assert!(stock.redeemed + stock.held <= stock.stock, "{stock:?}");
                    change
                }
                StockOutcome::OutOfBounds(_) => 0,
                StockOutcome::NonceReused => panic!("each change has its own nonce"),
            }
        }
    })
    .await;
    let now = stock(&*store, 0).await;
    assert_eq!(i64::from(now.stock), 30 + changed.into_iter().sum::<i64>());
}

pub(crate) async fn a_repeated_stock_change_counts_once(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 10).await;
    let answers = concurrently(10, |_| {
        let store = Arc::clone(&store);
        async move { restock(&*store, 5, 1, 0).await }
    })
    .await;
    assert!(answers.iter().all(|answer| *answer == StockOutcome::Updated(stock_numbers(15, 0, 0))), "{answers:?}");
    assert_eq!(restock(&*store, -2, 2, 0).await, StockOutcome::Updated(stock_numbers(13, 0, 0)));
    assert_eq!(
        restock(&*store, 5, 1, 0).await,
        StockOutcome::Updated(stock_numbers(13, 0, 0)),
        "a repeat returns the current numbers"
    );
    assert_eq!(restock(&*store, 7, 1, 0).await, StockOutcome::NonceReused, "the nonce is of another change");
    let log = log_entries(&*store, LogId::Stock(gift(1))).await;
    assert_eq!(log.len(), 1 + 2, "the first stock and two movements");
    assert!(log[1].contains("送来一箱"), "{log:?}");
}

pub(crate) async fn stock_stays_within_its_bounds(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 3).await;
    claim(&*store, 1, 0).await.stored();
    claim(&*store, 2, 0).await.stored();
    assert_eq!(restock(&*store, -2, 1, 0).await, StockOutcome::OutOfBounds(stock_numbers(3, 0, 2)));
    assert_eq!(restock(&*store, -1, 2, 0).await, StockOutcome::Updated(stock_numbers(2, 0, 2)));
    assert_eq!(
        restock(&*store, -2, 1, HOLD + 1).await,
        StockOutcome::Updated(stock_numbers(0, 0, 0)),
        "the holds have lapsed by now"
    );
    let most = i64::from(Voucher::PER_GIFT / 2);
    for (n, change) in [(3, most + 1), (4, i64::MAX), (5, i64::MIN), (6, -1)] {
        assert_eq!(
            restock(&*store, change, n, HOLD + 1).await,
            StockOutcome::OutOfBounds(stock_numbers(0, 0, 0)),
            "{change}"
        );
    }
    assert_eq!(restock(&*store, most, 7, HOLD + 1).await, StockOutcome::Updated(stock_numbers(500_000, 0, 0)));
    assert_eq!(log_entries(&*store, LogId::Stock(gift(1))).await.len(), 1 + 3);
}

pub(crate) async fn gift_availability_at_a_booth_is_set_and_reset(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 3).await;
    let (east, west) = ("east".parse().unwrap(), "west".parse().unwrap());
    for booth in [&west, &east, &east] {
        store.set_gift_available(gift(1), booth, false).await.unwrap();
    }
    let gone_at = async || store.gift_states(&[gift(1)], at(0)).await.unwrap().remove(0).unavailable_booths;
    assert_eq!(gone_at().await, [east.clone(), west.clone()]);
    store.set_gift_available(gift(1), &west, true).await.unwrap();
    store.set_gift_available(gift(1), &west, true).await.unwrap();
    assert_eq!(gone_at().await, [east]);
    assert_eq!(store.gift_states(&[gift(2)], at(0)).await.unwrap()[0].unavailable_booths, []);
}
