//! Promises about counters, erasure, stock movements, hints, suspicions, holds of passports and poster checks.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use carnival::rules::check_ins::suspicion::{Suspicion, SuspicionDecision, SuspicionId};
use carnival::rules::gifts::claim::{Claim, ClaimEvent};
use carnival::rules::gifts::stock::StockReason;
use carnival::rules::gifts::voucher::Voucher;
use carnival::rules::ids::{Holder, PassportNumber};
use carnival::rules::statistics::tally::RefusalTally;
use carnival::store::{
    ClaimOutcome, DropOutcome, Hints, LogId, PosterCheck, Resolution, StockChange, StockOutcome, Store, record,
};

use super::fixtures::{
    ClaimResult, at, card, claim, claimer, counters, gift, holder, hour, log_entries, nonce, number, point,
    publish_with_stock, redeem, resident, session, stamp, stamp_log_entries, stock_numbers,
};

const HOUR: i64 = 3_600_000;

/// A returning resident is counted again only for a new route, day or hour.
pub(crate) async fn people_are_counted_once_per_route_day_and_hour(store: Arc<dyn Store>) {
    let people = async |name: &str| counters(&*store).await.get(name).copied().unwrap_or(0);
    stamp(&*store, holder(1), &[1, 2], 0).await;
    stamp(&*store, holder(2), &[1, 8], 0).await;
    assert_eq!((people("people:play").await, people("people:active").await), (2, 1));
    assert_eq!((people("people-on:20230413").await, people("people-in:2023041312").await), (2, 2));
    // Stamps of yesterday and of an hour ago, relative to this suite's noon.
    stamp(&*store, holder(3), &[1], -13 * HOUR).await;
    let before = (people("people-on:20230413").await, people("people-in:2023041312").await);
    stamp(&*store, holder(3), &[3], -HOUR).await;
    stamp(&*store, holder(3), &[4], 5).await;
    let after = (people("people-on:20230413").await, people("people-in:2023041312").await);
    assert_eq!((after.0 - before.0, after.1 - before.1), (1, 2), "once for the day, twice for hours");
    assert_eq!((people("people:play").await, people("people:play:20230413").await), (3, 4));
    stamp(&*store, holder(3), &[30], 6).await;
    assert_eq!(people("people:play").await, 3, "a point of no route counts for none");
}

pub(crate) async fn erasing_a_passport_keeps_log_and_counters(store: Arc<dyn Store>) {
    stamp(&*store, holder(1), &[1, 2], 0).await;
    stamp(&*store, Holder::Paper(card(1)), &[1], 1).await;
    store.add_companion(resident(1), card(1), 5).await.unwrap();
    store.add_companion(resident(1), card(2), 5).await.unwrap();
    let (log, tallies) = (stamp_log_entries(&*store).await, counters(&*store).await);
    for _ in 0..2 {
        store.erase_passport(holder(1)).await.unwrap();
        store.remove_companions(resident(1)).await.unwrap();
    }
    assert_eq!(store.passport(holder(1)).await.unwrap(), None);
    assert_eq!(store.companions(resident(1)).await.unwrap(), []);
    assert!(store.passport(Holder::Paper(card(1))).await.unwrap().is_some(), "the card keeps its stamps");
    assert_eq!((stamp_log_entries(&*store).await, counters(&*store).await), (log, tallies));
    let again = stamp(&*store, holder(1), &[1], 7).await;
    assert_eq!((again.new, again.passport.number), (vec![point(1)], number(7)));
}

pub(crate) async fn a_held_claim_is_dropped_with_its_voucher_and_frees_the_gift(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 1).await;
    let held = claim(&*store, 1, 0).await.stored();
    assert_eq!(claim(&*store, 2, 0).await, ClaimResult::SoldOut);
    let stored = store.claims(&[(gift(1), claimer(1))]).await.unwrap().pop().flatten().unwrap();
    assert_eq!(store.drop_claim(&stored, at(1)).await.unwrap(), DropOutcome::Dropped);
    assert_eq!(store.drop_claim(&stored, at(1)).await.unwrap(), DropOutcome::Conflict(None));
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
    assert_eq!(store.drop_claim(&seen, at(2)).await.unwrap(), DropOutcome::Conflict(Some(now.clone())));
    assert_eq!(store.drop_claim(&now, at(2)).await.unwrap(), DropOutcome::Conflict(Some(now.clone())));
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

pub(crate) async fn stock_movements_are_logged_and_transfers_change_no_total(store: Arc<dyn Store>) {
    publish_with_stock(&*store, 5).await;
    let east = "east".parse().unwrap();
    let change = |reason, change, booth, n| StockChange {
        gift: gift(1),
        reason,
        change,
        booth,
        note: "",
        by: "陈社工",
        at: at(1),
        nonce: Box::leak(Box::new(nonce(n))),
    };
    let moved = change(StockReason::Moved, 4, Some(&east), 1);
    for _ in 0..2 {
        assert_eq!(store.change_stock(&moved).await.unwrap(), StockOutcome::Updated(stock_numbers(5, 0, 0)));
    }
    let broken = change(StockReason::Damaged, -2, Some(&east), 2);
    assert_eq!(store.change_stock(&broken).await.unwrap(), StockOutcome::Updated(stock_numbers(3, 0, 0)));
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

fn suspicion(passport: PassportNumber) -> Suspicion {
    let id = SuspicionId { passport, nth: 2 };
    Suspicion { id, from: point(1), from_at: at(0), to: point(2), to_at: at(60_000), metres: 1_900 }
}

pub(crate) async fn hints_add_up_and_later_times_replace_earlier_ones(store: Arc<dyn Store>) {
    let refused = RefusalTally { point: Some(point(7)), code: "code_replaced".to_owned(), hour: hour() };
    let found = suspicion(number(3));
    let mut notes = Hints::default();
    notes.refusals.insert(refused.clone(), 3);
    notes.refusals.insert(RefusalTally { point: None, ..refused.clone() }, 1);
    notes.last_seen.insert(session(1), at(500));
    notes.last_stamped.insert(point(7), at(500));
    notes.suspicions.insert(found.id.clone(), found.clone());
    store.record_hints(&notes).await.unwrap();
    assert_eq!(store.hints().await.unwrap(), notes);
    notes.last_seen.insert(session(1), at(400));
    notes.last_stamped.insert(point(7), at(600));
    notes.suspicions.insert(found.id.clone(), Suspicion { metres: 1, ..found.clone() });
    store.record_hints(&notes).await.unwrap();
    let now = store.hints().await.unwrap();
    assert_eq!(
        (now.refusals[&refused], now.last_seen[&session(1)], now.last_stamped[&point(7)]),
        (6, at(500), at(600))
    );
    assert_eq!(now.suspicions[&found.id], found, "the first value is kept");
    assert_eq!(store.last_seen().await.unwrap(), now.last_seen);
    assert_eq!(store.suspicion(&found.id).await.unwrap(), Some(found));
    assert_eq!(store.suspicion(&suspicion(number(4)).id).await.unwrap(), None);
}

pub(crate) async fn the_newest_suspicions_and_the_resolved_ones_are_kept(store: Arc<dyn Store>) {
    let later = |n: u32| Suspicion { to_at: at(60_000 + i64::from(n)), ..suspicion(number(n)) };
    let settled = Resolution { action: SuspicionDecision::Hold, by: "陈社工".parse().unwrap(), at: at(0) };
    let most = u32::try_from(Hints::MAX_SUSPICIONS).unwrap();
    let note = async |from: u32, to: u32| {
        let suspicions = (from..=to).map(|n| (later(n).id, later(n))).collect();
        store.record_hints(&Hints { suspicions, ..Hints::default() }).await.unwrap();
    };
    note(1, 9).await;
    store.resolve_suspicion(&later(3).id, &settled).await.unwrap();
    note(10, most).await;
    assert_eq!(store.hints().await.unwrap().suspicions.len(), Hints::MAX_SUSPICIONS);
    note(most + 1, most + 500).await;
    let stored = store.hints().await.unwrap().suspicions;
    assert_eq!(stored.len(), Hints::MAX_SUSPICIONS + 1);
    assert!(stored.contains_key(&later(3).id), "a held passport can still be released");
    assert!(!stored.contains_key(&later(500).id) && stored.contains_key(&later(501).id));
}

pub(crate) async fn a_passport_is_held_until_it_is_released(store: Arc<dyn Store>) {
    let id = suspicion(number(3)).id;
    let waiting = async || store.control().await.unwrap().blocked_passports.into_iter().collect::<Vec<_>>();
    for (action, waits) in [
        (SuspicionDecision::Seen, vec![]),
        (SuspicionDecision::Hold, vec![number(3)]),
        (SuspicionDecision::Hold, vec![number(3)]),
        (SuspicionDecision::Seen, vec![number(3)]),
        (SuspicionDecision::Release, vec![]),
    ] {
        let settled = Resolution { action, by: "陈社工".parse().unwrap(), at: at(1) };
        store.resolve_suspicion(&id, &settled).await.unwrap();
        assert_eq!(waiting().await, waits, "{action:?}");
        assert_eq!(store.resolutions().await.unwrap()[&id], settled);
    }
}

pub(crate) async fn the_last_poster_check_counts(store: Arc<dyn Store>) {
    for (generation, ms) in [(0, 5), (1, 9)] {
        let generation = u64::try_into(generation).unwrap();
        let check = PosterCheck { generation, at: at(ms), by: "李叔叔".parse().unwrap() };
        store.record_poster_check(point(7), &check).await.unwrap();
        assert_eq!(store.poster_checks().await.unwrap(), [(point(7), check)].into());
    }
}
