//! Promises about stamps and companion cards.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::sync::Arc;

use carnival::rules::check_ins::passport::{Passport, Stamp, StampSource, StampUndo};
use carnival::rules::gifts::voucher::Voucher;
use carnival::rules::ids::Holder;
use carnival::rules::statistics::tally::Tally;
use carnival::store::record::{self, ShardLogEntry, StampUndoEntry, StampUndoEvent};
use carnival::store::{ControlState, GiftState, JoinOutcome, LogId, PassportChange, PassportOutcome, Store};

use super::fixtures::{
    at, card, claimer, concurrently, counters, gift, holder, hour, log_entries, nonce, number, point, resident,
    session, staff_actor, stamp, stamp_from, stamp_in_the_rain, stamp_log_entries,
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
    let printed = |n, nth| Stamp { point: point(n), at: at(8), nth, how: StampSource::Printed, rain: false };
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
    let how = StampSource::Hand { session: session(4), nonce: nonce(4), day: None };
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

pub(crate) async fn stamps_keep_whether_it_rained_and_the_named_day(store: Arc<dyn Store>) {
    let day = Some(jiff::civil::date(2023, 4, 13));
    let hand = StampSource::Hand { session: session(4), nonce: nonce(4), day };
    let sources = [StampSource::Printed, StampSource::Display, hand];
    for (number, how) in (1..).zip(&sources) {
        stamp_in_the_rain(&*store, holder(1), &[number], how, i64::from(number)).await;
        stamp_from(&*store, holder(1), &[number + 10], how, i64::from(number)).await;
    }
    let passport = store.passport(holder(1)).await.unwrap().unwrap();
    let found: Vec<_> = passport.stamps.into_iter().map(|stamp| (stamp.how, stamp.rain)).collect();
    let expected: Vec<_> = sources.iter().flat_map(|how| [(how.clone(), true), (how.clone(), false)]).collect();
    assert_eq!(found, expected);
    let log = stamp_log_entries(&*store).await;
    assert!(log[4].ends_with(" H 0000000000000004 nonce-4-of-the-suite 2023-04-13"), "{log:?}");
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

/// The change that undoes a stamp, with the counters of a passport with other stamps of that day and route.
fn undo(holder: Holder, before: &Passport, n: u16) -> PassportChange {
    let undo = StampUndo { at: at(90), session: session(4), nonce: nonce(9) };
    let stamp = before.stamp(point(n)).unwrap().clone();
    let tallies = [(Tally::AllStamps(point(n)), -1), (Tally::Stamps(point(n), hour()), -1)];
    let (passport, by, reason) = (before.number.clone(), staff_actor(4), "看错了".to_owned());
    let entry = StampUndoEntry { at: undo.at, event: StampUndoEvent::Undone, passport, stamp, by, reason };
    let after = before.without(point(n), &undo);
    PassportChange { holder, before: before.clone(), after, entry, tallies: tallies.into() }
}

pub(crate) async fn an_undone_stamp_counts_nowhere_and_may_be_stamped_again(store: Arc<dyn Store>) {
    let how = StampSource::Hand { session: session(4), nonce: nonce(4), day: None };
    let first = stamp_from(&*store, holder(1), &[1, 2, 3], &how, 0).await.passport;
    for n in [3, 1] {
        let before = store.passport(holder(1)).await.unwrap().unwrap();
        let change = undo(holder(1), &before, n);
        assert_eq!(store.change_passport(&change).await.unwrap(), PassportOutcome::Changed);
        assert_eq!(store.passport(holder(1)).await.unwrap().as_ref(), Some(&change.after));
        assert_eq!(store.change_passport(&change).await.unwrap(), PassportOutcome::Conflict, "once");
    }
    let tallies = counters(&*store).await;
    assert_eq!((tallies["stamps:3"], tallies["stamps:2"], tallies["stamps:1:2023041312"]), (0, 1, 0));
    let log = stamp_log_entries(&*store).await;
    assert_eq!(log.len(), 5);
    let decoded = record::decode_shard_entry(log.last().unwrap()).unwrap();
    assert!(matches!(decoded, ShardLogEntry::Undo(undo) if undo.stamp == first.stamps[0]));
    let again = stamp_from(&*store, holder(1), &[3, 2, 5], &StampSource::Printed, 7).await;
    assert_eq!(again.new, [point(3), point(5)]);
    let found: Vec<_> = again.passport.stamps.iter().map(|stamp| (stamp.point.get(), stamp.nth)).collect();
    assert_eq!(found, [(2, 2), (3, 4), (5, 5)], "no ordinal is used twice");
    assert_eq!(again.passport.undone.len(), 2);
    assert_eq!(counters(&*store).await["passports"], 1);

    // The only stamp of a passport: the next one is its first again.
    let only = stamp_from(&*store, holder(2), &[6], &how, 20).await.passport;
    let mut change = undo(holder(2), &only, 6);
    change.tallies.insert(Tally::AllPassports, -1);
    assert_eq!(store.change_passport(&change).await.unwrap(), PassportOutcome::Changed);
    assert_eq!(counters(&*store).await["passports"], 1);
    let next = stamp(&*store, holder(2), &[6], 30).await;
    assert_eq!((next.new, next.passport.number), (vec![point(6)], only.number));
    assert_eq!(counters(&*store).await["passports"], 2);
}

pub(crate) async fn a_passport_changes_only_as_it_was_read(store: Arc<dyn Store>) {
    let how = StampSource::Hand { session: session(4), nonce: nonce(4), day: None };
    let before = stamp_from(&*store, holder(1), &[1, 2], &how, 0).await.passport;
    let outcomes = concurrently(8, |n| {
        let (store, change) = (Arc::clone(&store), undo(holder(1), &before, 1));
        async move {
            if n % 2 == 0 {
                store.change_passport(&change).await.unwrap() == PassportOutcome::Changed
            } else {
                stamp(&*store, holder(1), &[3 + u16::try_from(n).unwrap()], 5).await;
                false
            }
        }
    })
    .await;
    let undone = outcomes.into_iter().filter(|changed| *changed).count();
    let after = store.passport(holder(1)).await.unwrap().unwrap();
    assert!(undone <= 1 && after.undone.len() == undone, "{after:?}");
    assert_eq!(after.stamps.len(), 6 - undone, "no stamp of another call is lost");
    let change = undo(holder(3), &before, 1);
    assert_eq!(store.change_passport(&change).await.unwrap(), PassportOutcome::Conflict, "there is none");
}
