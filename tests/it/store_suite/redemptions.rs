//! Promises about redemptions and voids.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use carnival::rules::gifts::claim_lifecycle::ClaimEvent;
use carnival::rules::refusals::{GiftRefusal, Refusal};
use carnival::store::record::ClaimLogEntry;
use carnival::store::{ClaimChange, ClaimOutcome, LogId, Store};

use super::fixtures::{
    ClaimResult, HOLD, at, claim, claimer, concurrently, counters, gift, log_entries, nonce, publish_with_stock,
    redeem, redeem_read, release, staff_actor, stock, stock_numbers, void,
};

pub(crate) async fn one_of_two_concurrent_redemptions_succeeds(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 5).await;
    let voucher = claim(&*store, 1, 0).await.stored().voucher;
    let seen = store.claim_by_voucher(voucher).await.unwrap().unwrap();
    let results = concurrently(2, |n| {
        let (store, seen) = (Arc::clone(&store), seen.clone());
        async move { redeem_read(&*store, seen, n, nonce(n), 10).await }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_stored()).count(), 1);
    assert!(
        results
            .iter()
            .any(|result| matches!(result, ClaimResult::Refused(Refusal::Gift(GiftRefusal::AlreadyRedeemed { .. })))),
        "{results:?}"
    );
    assert_eq!(stock(&*store, 10).await, stock_numbers(5, 1, 0));
    // The slower volunteer, step by step: the conflict returns the record of the faster one.
    let stored = store.claim_by_voucher(voucher).await.unwrap();
    let mut late = seen.claim.clone();
    late.redemptions.clone_from(&stored.as_ref().unwrap().claim.redemptions);
    let change = ClaimChange {
        claimer: claimer(1),
        expected: Some(&seen.record),
        claim: &late,
        needs_left: false,
        event: ClaimEvent::Redeemed,
        by: Some(&staff_actor(3)),
        at: at(11),
        tallies: &[],
    };
    assert_eq!(store.change_claim(&change).await.unwrap(), ClaimOutcome::Conflict(stored));
    assert_eq!(stock(&*store, 11).await, stock_numbers(5, 1, 0));
}

pub(crate) async fn the_same_nonce_gets_the_same_answer(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 5).await;
    let voucher = claim(&*store, 1, 0).await.stored().voucher;
    let seen = store.claim_by_voucher(voucher).await.unwrap().unwrap();
    let results = concurrently(10, |_| {
        let (store, seen) = (Arc::clone(&store), seen.clone());
        async move { redeem_read(&*store, seen, 1, nonce(1), 10).await }
    })
    .await;
    assert!(results.iter().all(|answer| answer.is_stored() && *answer == results[0]), "{results:?}");
    assert_eq!(stock(&*store, 10).await, stock_numbers(5, 1, 0));
    assert_eq!(counters(&*store).await["redemptions-by:1:0000000000000001"], 1);
    assert_eq!(log_entries(&*store, LogId::Gift(gift(1))).await.len(), 2);
}

pub(crate) async fn a_voided_redemption_is_held_and_can_be_redeemed_again(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 1).await;
    let voucher = claim(&*store, 1, 0).await.stored().voucher;
    redeem(&*store, voucher, 1, nonce(1), 10).await.stored();
    assert_eq!(stock(&*store, 10).await, stock_numbers(1, 1, 0));
    let voided = void(&*store, voucher, 1, 1, nonce(2), 20).await.stored();
    assert_eq!(voided.held_until, at(20 + HOLD));
    assert_eq!(void(&*store, voucher, 1, 1, nonce(2), 25).await.stored(), voided, "a repeat changes nothing");
    assert_eq!(stock(&*store, 20).await, stock_numbers(1, 0, 1), "held again");
    assert_eq!(claim(&*store, 2, 20).await, ClaimResult::SoldOut);
    let retry = redeem(&*store, voucher, 1, nonce(1), 30).await;
    assert!(matches!(retry, ClaimResult::Refused(Refusal::Gift(GiftRefusal::Voided { .. }))), "{retry:?}");
    let again = redeem(&*store, voucher, 2, nonce(3), 40).await.stored();
    let (id, standing) = again.active_redemption().unwrap();
    assert_eq!((id.nth, &standing.nonce), (2, &nonce(3)));
    assert_eq!(stock(&*store, 40).await, stock_numbers(1, 1, 0));
    assert_eq!(store.claim_by_voucher(voucher).await.unwrap().unwrap().claim, again);
}

pub(crate) async fn a_lapsed_claim_is_redeemed_only_while_stock_remains(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 2).await;
    let lapsed = claim(&*store, 1, 0).await.stored().voucher;
    let late = claim(&*store, 2, 0).await.stored().voucher;
    claim(&*store, 3, HOLD + 1).await.stored();
    redeem(&*store, lapsed, 1, nonce(1), HOLD + 2).await.stored();
    assert_eq!(stock(&*store, HOLD + 2).await, stock_numbers(2, 1, 1));
    assert_eq!(redeem(&*store, late, 1, nonce(2), HOLD + 3).await, ClaimResult::SoldOut);
    assert_eq!(stock(&*store, HOLD + 3).await, stock_numbers(2, 1, 1));
}

pub(crate) async fn redemptions_never_exceed_the_stock_when_the_clock_goes_backwards(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 1).await;
    let first = claim(&*store, 1, 0).await.stored().voucher;
    let second = claim(&*store, 2, HOLD + 1).await.stored().voucher;
    redeem(&*store, second, 1, nonce(1), HOLD + 2).await.stored();
    // At this time the first hold is active, and a held claim needs no further gift.
    assert_eq!(redeem(&*store, first, 1, nonce(2), HOLD - 1).await, ClaimResult::SoldOut);
    let state = store.gift_states(&[gift(1)], at(HOLD - 1)).await.unwrap()[0].stock;
    assert_eq!((state.stock, state.redeemed, state.left()), (1, 1, 0));
}

pub(crate) async fn concurrent_redemptions_of_many_vouchers_count_once_each(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 20).await;
    let mut vouchers = Vec::new();
    for who in 0..20 {
        vouchers.push(claim(&*store, who, 0).await.stored().voucher);
    }
    let results = concurrently(60, |n| {
        let (store, voucher) = (Arc::clone(&store), vouchers[n as usize % 20]);
        async move {
            let result = redeem(&*store, voucher, n / 20, nonce(n), 10).await;
            stock(&*store, 10).await;
            result
        }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_stored()).count(), 20);
    assert_eq!(stock(&*store, 10).await, stock_numbers(20, 20, 0));
    assert_eq!(counters(&*store).await["redemptions:1:booth/east:2023041312"], 20);
}

pub(crate) async fn claim_steps_are_logged_and_counted_in_order(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 5).await;
    let voucher = claim(&*store, 1, 0).await.stored().voucher;
    release(&*store, 1, 1).await.stored();
    claim(&*store, 1, 2).await.stored();
    redeem(&*store, voucher, 7, nonce(1), 1).await.stored();
    void(&*store, voucher, 1, 7, nonce(2), 3).await.stored();
    let log = log_entries(&*store, LogId::Gift(gift(1))).await;
    let log: Vec<ClaimLogEntry> = log.iter().map(|fact| serde_json::from_str(fact).unwrap()).collect();
    let found: Vec<_> = log.iter().map(|fact| (fact.event, fact.at, fact.by.is_some())).collect();
    let expected = [
        (ClaimEvent::Claimed, at(0), false),
        (ClaimEvent::Released, at(1), false),
        (ClaimEvent::Renewed, at(2), false),
        (ClaimEvent::Redeemed, at(1), true),
        (ClaimEvent::Voided, at(3), true),
    ];
    assert_eq!(found, expected);
    assert_eq!(log[4].reason.as_deref(), Some("按错了"));
    assert!(log.iter().all(|fact| fact.voucher == voucher));
    let tallies = counters(&*store).await;
    let count = |name: &str| tallies.get(name).copied();
    assert_eq!(count("claims:1:2023041312"), Some(2));
    assert_eq!(count("redemptions-by:1:0000000000000007"), Some(1));
    assert_eq!(count("voids-by:1:0000000000000007"), Some(1));
}
