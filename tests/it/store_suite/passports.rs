//! Promises about stamps and companion cards.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::sync::Arc;

use carnival::rules::check_ins::passport::{Stamp, StampSource};
use carnival::rules::gifts::voucher::Voucher;
use carnival::rules::ids::Holder;
use carnival::store::{ControlState, GiftState, JoinOutcome, LogId, Store};

use super::fixtures::{
    at, card, claimer, concurrently, counters, gift, holder, log_entries, nonce, number, point, resident, session,
    stamp, stamp_from, stamp_log_entries,
};

pub(crate) async fn writing_no_stamps_changes_nothing_and_returns_the_passport(store: Arc<dyn Store>) {
    let nothing = stamp(&*store, holder(1), &[], 0).await;
    assert_eq!((nothing.new.len(), nothing.passport.stamps.len()), (0, 0));
    assert_eq!(store.passport(holder(1)).await.unwrap(), None);
    assert_eq!(counters(&*store).await, BTreeMap::new());
    let first = stamp(&*store, holder(1), &[7], 1).await.passport;
    assert_eq!(stamp(&*store, holder(1), &[], 2).await.passport, first);
    assert_eq!(stamp_log_entries(&*store).await.len(), 1);
}

pub(crate) async fn an_empty_store_has_no_records(store: Arc<dyn Store>) {
    store.ping().await.unwrap();
    assert_eq!(store.control().await.unwrap(), ControlState::default());
    assert_eq!(store.published_version(0).await.unwrap(), None);
    assert_eq!(store.published_version(1).await.unwrap(), None);
    assert_eq!(store.passport(holder(1)).await.unwrap(), None);
    assert_eq!(store.passport(Holder::Paper(card(1))).await.unwrap(), None);
    assert_eq!(store.companions(resident(1)).await.unwrap(), []);
    assert_eq!(store.claims(&[(gift(1), claimer(1)), (gift(2), claimer(1))]).await.unwrap(), [None, None]);
    assert_eq!(store.claims(&[]).await.unwrap(), []);
    assert_eq!(store.claim_by_voucher(Voucher::new(gift(1), 1)).await.unwrap(), None);
    let states = store.gift_states(&[gift(1), gift(99)], at(0)).await.unwrap();
    assert_eq!(states, [GiftState::default(), GiftState::default()]);
    assert_eq!(store.invitation(&"0000000000000001".parse().unwrap()).await.unwrap(), None);
    assert_eq!(store.invitations().await.unwrap(), []);
    assert_eq!(store.session(&session(1)).await.unwrap(), None);
    assert_eq!(counters(&*store).await, BTreeMap::new());
    assert_eq!(stamp_log_entries(&*store).await, Vec::<String>::new());
    assert_eq!(log_entries(&*store, LogId::Gift(gift(1))).await, Vec::<String>::new());
}

pub(crate) async fn the_first_of_fifty_concurrent_stamps_wins(store: Arc<dyn Store>) {
    let answers = concurrently(50, |n| {
        let store = Arc::clone(&store);
        async move { stamp(&*store, holder(1), &[7], i64::from(n)).await }
    })
    .await;
    let new: Vec<_> = answers.iter().filter(|answer| !answer.new.is_empty()).collect();
    assert_eq!(new.len(), 1);
    assert_eq!(new[0].new, [point(7)]);
    let first = &new[0].passport;
    assert!(answers.iter().all(|answer| answer.passport == *first), "all get the same stamp and number");
    assert_eq!(store.passport(holder(1)).await.unwrap().as_ref(), Some(first));
    assert_eq!(stamp_log_entries(&*store).await.len(), 1);
    let tallies = counters(&*store).await;
    let expected = [
        "passports",
        "people-in:2023041312",
        "people-on:20230413",
        "people:play",
        "people:play:20230413",
        "stamps:7",
        "stamps:7:2023041312",
    ];
    assert_eq!(tallies, expected.map(|name| (name.to_owned(), 1)).into());
}

pub(crate) async fn several_points_are_stamped_in_one_call(store: Arc<dyn Store>) {
    let answer = stamp(&*store, holder(1), &[9, 3, 5], 8).await;
    assert_eq!(answer.new, [point(9), point(3), point(5)]);
    assert_eq!(answer.passport.number, number(8));
    let printed = |n, nth| Stamp { point: point(n), at: at(8), nth, how: StampSource::Printed };
    assert_eq!(answer.passport.stamps, [printed(9, 1), printed(3, 2), printed(5, 3)]);
    assert_eq!(store.passport(holder(1)).await.unwrap(), Some(answer.passport));
}

pub(crate) async fn a_repeat_changes_neither_log_nor_counters(store: Arc<dyn Store>) {
    let first = stamp(&*store, holder(1), &[1, 2], 0).await;
    let (log, tallies) = (stamp_log_entries(&*store).await, counters(&*store).await);
    let again = stamp(&*store, holder(1), &[2, 1], 60_000).await;
    assert_eq!(again.new, []);
    assert_eq!(again.passport, first.passport);
    assert_eq!(stamp_log_entries(&*store).await, log);
    assert_eq!(counters(&*store).await, tallies);
}

pub(crate) async fn a_call_with_old_and_new_points_writes_only_the_new(store: Arc<dyn Store>) {
    stamp(&*store, holder(1), &[1], 0).await;
    let answer = stamp(&*store, holder(1), &[2, 1, 3], 5).await;
    assert_eq!(answer.new, [point(2), point(3)]);
    assert_eq!(answer.passport.number, number(0), "the passport keeps its number");
    let found: Vec<_> = answer.passport.stamps.iter().map(|stamp| (stamp.point.get(), stamp.nth, stamp.at)).collect();
    assert_eq!(found, [(1, 1, at(0)), (2, 2, at(5)), (3, 3, at(5))]);
    assert_eq!(counters(&*store).await["stamps:1"], 1);
    assert_eq!(counters(&*store).await["passports"], 1);
    assert_eq!(stamp_log_entries(&*store).await.len(), 3);
}

pub(crate) async fn stamps_are_numbered_in_order_when_time_goes_backwards(store: Arc<dyn Store>) {
    stamp(&*store, holder(1), &[5], 9000).await;
    stamp(&*store, holder(1), &[4], 3000).await;
    stamp(&*store, holder(1), &[6], 6000).await;
    let passport = store.passport(holder(1)).await.unwrap().unwrap();
    let found: Vec<_> = passport.stamps.iter().map(|stamp| (stamp.point.get(), stamp.nth, stamp.at)).collect();
    assert_eq!(found, [(5, 1, at(9000)), (4, 2, at(3000)), (6, 3, at(6000))]);
}

pub(crate) async fn stamps_by_hand_carry_session_and_nonce(store: Arc<dyn Store>) {
    let how = StampSource::Hand { session: session(4), nonce: nonce(4) };
    stamp_from(&*store, Holder::Paper(card(12)), &[1, 2], &how, 0).await;
    stamp_from(&*store, Holder::Paper(card(12)), &[3], &StampSource::Display, 1).await;
    stamp_from(&*store, Holder::Paper(card(12)), &[1, 2], &how, 2).await;
    let passport = store.passport(Holder::Paper(card(12))).await.unwrap().unwrap();
    let hows: Vec<_> = passport.stamps.into_iter().map(|stamp| stamp.how).collect();
    assert_eq!(hows, [how.clone(), how, StampSource::Display]);
    assert_eq!(counters(&*store).await["stamps-by:0000000000000004"], 2);
    let log = stamp_log_entries(&*store).await;
    assert!(log[0].ends_with(" h 0000000000000004 nonce-4-of-the-suite"), "{log:?}");
}

pub(crate) async fn a_card_and_a_resident_are_different_holders(store: Arc<dyn Store>) {
    stamp(&*store, Holder::Paper(card(1)), &[1], 0).await;
    assert_eq!(store.passport(holder(1)).await.unwrap(), None);
    let answer = stamp(&*store, holder(1), &[2], 1).await;
    assert_eq!(answer.passport.number, number(1));
    assert_eq!(answer.passport.stamps.len(), 1);
}

pub(crate) async fn concurrent_companions_never_exceed_their_limit(store: Arc<dyn Store>) {
    let joined = concurrently(20, |n| {
        let store = Arc::clone(&store);
        async move { (n, store.add_companion(resident(1), card(n + 1), 5).await.unwrap()) }
    })
    .await;
    let mut inside: Vec<u32> =
        joined.iter().filter(|(_, joined)| *joined == JoinOutcome::Joined(())).map(|(n, _)| n + 1).collect();
    inside.sort_unstable();
    assert_eq!(inside.len(), 5);
    assert!(joined.iter().all(|(_, joined)| matches!(joined, JoinOutcome::Joined(()) | JoinOutcome::Full)));
    let serials: Vec<u32> = store.companions(resident(1)).await.unwrap().iter().map(|serial| serial.get()).collect();
    assert_eq!(serials, inside);
    let again = store.add_companion(resident(1), card(inside[0]), 5).await.unwrap();
    assert_eq!(again, JoinOutcome::Joined(()), "an existing companion is accepted at the limit");
    assert_eq!(store.companions(resident(2)).await.unwrap(), []);
}

pub(crate) async fn companions_are_removed_and_listed_by_serial(store: Arc<dyn Store>) {
    for serial in [300, 20, 1000] {
        store.add_companion(resident(1), card(serial), 3).await.unwrap();
    }
    store.add_companion(resident(2), card(20), 3).await.unwrap();
    assert_eq!(store.companions(resident(1)).await.unwrap(), [card(20), card(300), card(1000)]);
    store.remove_companions(resident(1), Some(card(20))).await.unwrap();
    store.remove_companions(resident(1), Some(card(20))).await.unwrap();
    store.remove_companions(resident(1), Some(card(77))).await.unwrap();
    assert_eq!(store.companions(resident(1)).await.unwrap(), [card(300), card(1000)]);
    assert_eq!(store.companions(resident(2)).await.unwrap(), [card(20)]);
    assert_eq!(
        store.add_companion(resident(1), card(4), 3).await.unwrap(),
        JoinOutcome::Joined(()),
        "there is room again"
    );
}

pub(crate) async fn erasing_a_passport_keeps_log_and_counters(store: Arc<dyn Store>) {
    stamp(&*store, holder(1), &[1, 2], 0).await;
    stamp(&*store, Holder::Paper(card(1)), &[1], 1).await;
    store.add_companion(resident(1), card(1), 5).await.unwrap();
    store.add_companion(resident(1), card(2), 5).await.unwrap();
    let (log, tallies) = (stamp_log_entries(&*store).await, counters(&*store).await);
    for _ in 0..2 {
        store.erase_passport(holder(1)).await.unwrap();
        store.remove_companions(resident(1), None).await.unwrap();
    }
    assert_eq!(store.passport(holder(1)).await.unwrap(), None);
    assert_eq!(store.companions(resident(1)).await.unwrap(), []);
    assert!(store.passport(Holder::Paper(card(1))).await.unwrap().is_some(), "the card keeps its stamps");
    assert_eq!((stamp_log_entries(&*store).await, counters(&*store).await), (log, tallies));
    let again = stamp(&*store, holder(1), &[1], 7).await;
    assert_eq!((again.new, again.passport.number), (vec![point(1)], number(7)));
}
