//! The lines add up to the stock and the redemptions.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::rules::samples::{days, gift_number, the};

fn day(of_april: i8) -> LocalDay {
    LocalDay::of(date(2023, 4, of_april))
}

fn booth(name: &str) -> Station {
    Station::Booth(the(name))
}

/// The lines of the ledger as text.
fn formatted_rows(ledger: &Ledger, today: i8) -> Vec<String> {
    let line = |row: LedgerRow| {
        let LedgerRow { day, gift, place, opening, received, redeemed, voided, damaged, closing } = row;
        let place = place.map_or_else(|| "storeroom".to_owned(), |place| place.to_string());
        format!("{day} {gift} {place}: {opening} {received:+} -{redeemed} +{voided} -{damaged} = {closing}")
    };
    ledger.rows(days("2023-04-13", "2023-04-30"), date(2023, 4, today)).into_iter().map(line).collect()
}

#[test]
fn unrecorded_transfers_are_drawn_from_the_storeroom() {
    let gift = gift_number(1);
    let mut ledger = Ledger::default();
    ledger.record_movement(gift, day(10), None, StockReason::Initial, 100);
    ledger.record_movement(gift, day(13), Some(&the("east")), StockReason::Moved, 5);
    ledger.record_redemptions(gift, day(13), Some(booth("east")), 7);
    ledger.record_redemptions(gift, day(13), None, 1);
    ledger.record_movement(gift, day(15), Some(&the("west")), StockReason::Damaged, -2);
    ledger.record_voids(gift, day(15), Some(booth("east")), 1);
    insta::assert_snapshot!(formatted_rows(&ledger, 15).join("\n"), @r"
    20230410 1 storeroom: 0 +100 -0 +0 -0 = 100
    20230410 1 booth/east: 0 +0 -0 +0 -0 = 0
    20230410 1 booth/west: 0 +0 -0 +0 -0 = 0
    20230413 1 storeroom: 100 -7 -1 +0 -0 = 92
    20230413 1 booth/east: 0 +7 -7 +0 -0 = 0
    20230413 1 booth/west: 0 +0 -0 +0 -0 = 0
    20230414 1 storeroom: 92 +0 -0 +0 -0 = 92
    20230414 1 booth/east: 0 +0 -0 +0 -0 = 0
    20230414 1 booth/west: 0 +0 -0 +0 -0 = 0
    20230415 1 storeroom: 92 -2 -0 +0 -0 = 90
    20230415 1 booth/east: 0 +0 -0 +1 -0 = 1
    20230415 1 booth/west: 0 +2 -0 +0 -2 = 0
    ");
}

#[test]
fn lines_begin_with_the_first_movement_and_include_other_days_with_movements() {
    let mut ledger = Ledger::default();
    ledger.record_movement(gift_number(1), day(12), None, StockReason::Initial, 3);
    ledger.record_movement(gift_number(2), day(14), None, StockReason::Initial, 4);
    ledger.record_movement(gift_number(2), LocalDay::of(date(2023, 5, 2)), None, StockReason::Correction, -1);
    let lines = formatted_rows(&ledger, 14);
    let days: Vec<&str> = lines.iter().map(|line| &line[..10]).collect();
    assert_eq!(days, ["20230412 1", "20230413 1", "20230414 1", "20230414 2", "20230502 1", "20230502 2"]);
    assert_eq!(lines[5], "20230502 2 storeroom: 4 -1 -0 +0 -0 = 3");
    assert_eq!(formatted_rows(&Ledger::default(), 14), [""; 0]);
}

/// A movement, a redemption or a void.
#[derive(Clone, Debug)]
enum LedgerEvent {
    Moved(Option<u8>, StockReason, i64),
    Redeemed(Option<u8>, u64),
    Voided(Option<u8>, u64),
}

fn any_event() -> impl Strategy<Value = (u64, i8, LedgerEvent)> {
    let at = || proptest::option::of(0..3_u8);
    let reason = prop_oneof![Just(StockReason::Initial), Just(StockReason::Delivered), Just(StockReason::Correction)];
    let what = prop_oneof![
        (at(), reason, -50..50_i64).prop_map(|(at, reason, change)| LedgerEvent::Moved(at, reason, change)),
        (0..3_u8, -50..50_i64).prop_map(|(at, change)| LedgerEvent::Moved(Some(at), StockReason::Moved, change)),
        (at(), -50..0_i64).prop_map(|(at, change)| LedgerEvent::Moved(at, StockReason::Damaged, change)),
        (at(), 0..50_u64).prop_map(|(at, count)| LedgerEvent::Redeemed(at, count)),
        (at(), 0..50_u64).prop_map(|(at, count)| LedgerEvent::Voided(at, count)),
    ];
    (1..4_u64, 10..30_i8, what)
}

proptest! {
    #![proptest_config(crate::rules::samples::property_config())]

    #[test]
    fn the_ledger_adds_up_for_any_movements(events in proptest::collection::vec(any_event(), 0..60), today in 1..30_i8) {
        let mut ledger = Ledger::default();
        let mut net_change: BTreeMap<GiftNumber, i64> = BTreeMap::new();
        for (gift, on, what) in events {
            let (gift, on) = (gift_number(gift), day(on));
            let name = |at: u8| format!("b-{at}");
            let total = net_change.entry(gift).or_default();
            match what {
                LedgerEvent::Moved(at, reason, change) => {
                    let booth: Option<BoothId> = at.map(|at| the(&name(at)));
                    *total += reason.net_change(change);
                    ledger.record_movement(gift, on, booth.as_ref(), reason, change);
                }
                LedgerEvent::Redeemed(at, count) => {
                    *total -= i64::try_from(count).unwrap();
                    ledger.record_redemptions(gift, on, at.map(|at| booth(&name(at))), count);
                }
                LedgerEvent::Voided(at, count) => {
                    *total += i64::try_from(count).unwrap();
                    ledger.record_voids(gift, on, at.map(|at| booth(&name(at))), count);
                }
            }
        }
        let mut left: BTreeMap<(GiftNumber, Option<Station>), i64> = BTreeMap::new();
        for row in ledger.rows(days("2023-04-13", "2023-04-30"), date(2023, 4, today)) {
            prop_assert_eq!(row.opening + row.received - row.redeemed + row.voided - row.damaged, row.closing);
            prop_assert!(row.place.is_none() || row.closing >= 0, "negative balance at a booth: {row:?}");
            let before = left.insert((row.gift, row.place.clone()), row.closing).unwrap_or(0);
            prop_assert_eq!(before, row.opening, "a day opens with the previous closing balance");
        }
        for (gift, total) in net_change {
            let sum: i64 = left.iter().filter(|((of, _), _)| *of == gift).map(|(_, left)| left).sum();
            prop_assert_eq!(sum, total, "sum over all places");
        }
    }
}
