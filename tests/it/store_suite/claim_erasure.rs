//! Promises about erased claims and moved stock.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use carnival::rules::gifts::claim_lifecycle::{Claim, ClaimEvent};
use carnival::rules::gifts::stock::StockReason;
use carnival::rules::gifts::voucher::Voucher;
use carnival::rules::ids::BoothId;
use carnival::store::record::StockLogEntry;
use carnival::store::{ClaimOutcome, LogId, StockOutcome, Store, record};

use super::fixtures::{
    ClaimResult, at, claim, claimer, gift, log_entries, nonce, number, publish_with_stock, redeem, stock_numbers,
};
use super::gifts::{first_step, plain_claim};

pub(crate) async fn a_held_claim_is_dropped_with_its_voucher_and_frees_the_gift(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 1).await;
    let held = claim(&*store, 1, 0).await.stored();
    assert_eq!(claim(&*store, 2, 0).await, ClaimResult::SoldOut);
    let stored = store.claims(&[(gift(1), claimer(1))]).await.unwrap().pop().flatten().unwrap();
    assert_eq!(store.drop_claim(&stored, at(1)).await.unwrap(), ClaimOutcome::Updated);
    assert_eq!(store.drop_claim(&stored, at(1)).await.unwrap(), ClaimOutcome::Conflict(None));
    assert_eq!(store.claim_by_voucher(held.voucher).await.unwrap(), None);
    assert_eq!(store.gift_states(&[gift(1)], at(1)).await.unwrap()[0].stock, stock_numbers(1, 0, 0));
    claim(&*store, 2, 2).await.stored();
    let log = log_entries(&*store, LogId::Gift(gift(1))).await;
    let events: Vec<ClaimEvent> = log.iter().map(|fact| record::decode_claim_entry(fact).unwrap().event).collect();
    assert_eq!(events, [ClaimEvent::Claimed, ClaimEvent::Erased, ClaimEvent::Claimed]);
}

pub(crate) async fn a_changed_or_redeemed_claim_is_not_dropped(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 2).await;
    let voucher = claim(&*store, 1, 0).await.stored().voucher;
    let seen = store.claim_by_voucher(voucher).await.unwrap().unwrap();
    redeem(&*store, voucher, 1, nonce(1), 1).await.stored();
    let now = store.claim_by_voucher(voucher).await.unwrap().unwrap();
    assert_eq!(store.drop_claim(&seen, at(2)).await.unwrap(), ClaimOutcome::Conflict(Some(now.clone())));
    assert_eq!(store.drop_claim(&now, at(2)).await.unwrap(), ClaimOutcome::Conflict(Some(now.clone())));
    assert_eq!(store.claim_by_voucher(voucher).await.unwrap(), Some(now));
    assert_eq!(store.gift_states(&[gift(1)], at(2)).await.unwrap()[0].stock, stock_numbers(2, 1, 0));
}

pub(crate) async fn a_redeemed_claim_is_anonymised_and_still_counts(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 2).await;
    let voucher = claim(&*store, 1, 0).await.stored().voucher;
    let seen = store.claim_by_voucher(voucher).await.unwrap().unwrap();
    redeem(&*store, voucher, 1, nonce(1), 1).await.stored();
    let stored = store.claim_by_voucher(voucher).await.unwrap().unwrap();
    let instead = Claim { voucher: Voucher::new(gift(1), 77), passport: number(0), ..stored.claim.clone() };
    assert_eq!(store.anonymise_claim(&seen, &instead).await.unwrap(), ClaimOutcome::Conflict(Some(stored.clone())));
    let other = claim(&*store, 2, 2).await.stored().voucher;
    let taken = Claim { voucher: other, ..instead.clone() };
    assert_eq!(store.anonymise_claim(&stored, &taken).await.unwrap(), ClaimOutcome::VoucherTaken);
    assert_eq!(store.anonymise_claim(&stored, &instead).await.unwrap(), ClaimOutcome::Updated);
    assert_eq!(store.claim_by_voucher(voucher).await.unwrap(), None);
    let now = store.claims(&[(gift(1), claimer(1))]).await.unwrap().pop().flatten().unwrap();
    assert_eq!(now.claim, instead);
    assert_eq!(store.claim_by_voucher(instead.voucher).await.unwrap(), Some(now));
    assert_eq!(store.gift_states(&[gift(1)], at(2)).await.unwrap()[0].stock, stock_numbers(2, 1, 1));
    assert_eq!(log_entries(&*store, LogId::Gift(gift(1))).await.len(), 3, "it adds no log entry");
}

/// Otherwise a late request, or an old screenshot, would name the claim of another person.
pub(crate) async fn the_voucher_of_an_erased_claim_is_never_used_again(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 9).await;
    let dropped = claim(&*store, 1, 0).await.stored().voucher;
    let stored = store.claim_by_voucher(dropped).await.unwrap().unwrap();
    assert_eq!(store.drop_claim(&stored, at(1)).await.unwrap(), ClaimOutcome::Updated);
    let replaced = claim(&*store, 2, 0).await.stored().voucher;
    redeem(&*store, replaced, 1, nonce(1), 1).await.stored();
    let stored = store.claim_by_voucher(replaced).await.unwrap().unwrap();
    let taken = Claim { voucher: dropped, passport: number(0), ..stored.claim.clone() };
    assert_eq!(store.anonymise_claim(&stored, &taken).await.unwrap(), ClaimOutcome::VoucherTaken);
    let mark = Claim { voucher: Voucher::new(gift(1), 777_777), ..taken };
    assert_eq!(store.anonymise_claim(&stored, &mark).await.unwrap(), ClaimOutcome::Updated);
    for voucher in [dropped, replaced] {
        for who in [1, 3] {
            let again = Claim { voucher, ..plain_claim(1, who, 0) };
            assert_eq!(store.change_claim(&first_step(who, &again)).await.unwrap(), ClaimOutcome::VoucherTaken);
        }
        assert_eq!(store.claim_by_voucher(voucher).await.unwrap(), None);
    }
    assert_eq!(store.gift_states(&[gift(1)], at(1)).await.unwrap()[0].stock, stock_numbers(9, 1, 0));
}

pub(crate) async fn stock_movements_are_logged_and_transfers_change_no_total(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 5).await;
    let east: BoothId = "east".parse().unwrap();
    let change = |reason, change, booth, n| StockLogEntry {
        reason,
        change,
        booth,
        note: String::new(),
        by: "陈社工".to_owned(),
        at: at(1),
        session: None,
        nonce: Some(nonce(n)),
    };
    let moved = change(StockReason::Moved, 4, Some(east.clone()), 1);
    for _ in 0..2 {
        assert_eq!(store.change_stock(gift(1), &moved).await.unwrap(), StockOutcome::Updated(stock_numbers(5, 0, 0)));
    }
    let broken = change(StockReason::Damaged, -2, Some(east.clone()), 2);
    assert_eq!(store.change_stock(gift(1), &broken).await.unwrap(), StockOutcome::Updated(stock_numbers(3, 0, 0)));
    let log = log_entries(&*store, LogId::Stock(gift(1))).await;
    let read: Vec<_> = log.iter().map(|fact| record::decode_stock_entry(fact).unwrap()).collect();
    let logged: Vec<_> = read.iter().map(|fact| (fact.reason, fact.change, fact.booth.as_ref())).collect();
    let expected = [
        (StockReason::Initial, 5, None),
        (StockReason::Moved, 4, Some(&east)),
        (StockReason::Damaged, -2, Some(&east)),
    ];
    assert_eq!(logged, expected);
    assert_eq!(log_entries(&*store, LogId::Gift(gift(1))).await, Vec::<String>::new());
}
