//! The gift ledger (礼品收发存): opening balance, receipts, redemptions, voids, damage and closing balance, for each day,
//! gift and place.
//!
//! Stock is in the storeroom until it is moved to a booth. If a booth hands out or damages more than was moved to it,
//! the difference is booked on the same day as a transfer from the storeroom. So a booth's balance is never negative,
//! and the balances of all places add up to the stock less the redeemed gifts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::stock::StockReason;
use crate::rules::carnival::DateRange;
use crate::rules::ids::{BoothId, GiftNumber};
use crate::rules::staff::roles::Station;
use crate::rules::statistics::tally::LocalDay;

/// A line of the ledger. `opening + received - redeemed + voided - damaged = closing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// The local day.
    pub day: LocalDay,
    /// The gift.
    pub gift: GiftNumber,
    /// The station; `None` is the storeroom.
    pub place: Option<Station>,
    /// Closing balance of the previous day.
    pub opening: i64,
    /// Receipts less gifts moved away or counted as missing.
    pub received: i64,
    /// Gifts handed over.
    pub redeemed: i64,
    /// Gifts handed over here whose redemption was voided on this day.
    pub voided: i64,
    /// Gifts damaged or lost.
    pub damaged: i64,
    /// Balance at the end of the day.
    pub closing: i64,
}

/// Movements of one gift at one place on one day.
#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    received: i64,
    redeemed: i64,
    voided: i64,
    damaged: i64,
}

type DayOfGift = BTreeMap<Option<Station>, Flow>;

/// All movements of gifts, added up by day and place.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    gifts: BTreeMap<GiftNumber, BTreeMap<LocalDay, DayOfGift>>,
}

impl Ledger {
    /// Records a movement of stock at a booth or in the storeroom.
    pub fn record_movement(
        &mut self,
        gift: GiftNumber,
        day: LocalDay,
        booth: Option<&BoothId>,
        reason: StockReason,
        change: i64,
    ) {
        let place = booth.map(|booth| Station::Booth(booth.clone()));
        match reason {
            StockReason::Damaged => self.flow(gift, day, place).damaged -= change,
            StockReason::Initial | StockReason::Delivered | StockReason::Correction => {
                self.flow(gift, day, place).received += change;
            }
            StockReason::Moved => {
                self.flow(gift, day, None).received -= change;
                self.flow(gift, day, place).received += change;
            }
        }
    }

    /// Records redemptions at a place.
    pub fn record_redemptions(&mut self, gift: GiftNumber, day: LocalDay, place: Option<Station>, count: u64) {
        self.flow(gift, day, place).redeemed += to_i64(count);
    }

    /// Records voids on this day, at the place of the redemption.
    pub fn record_voids(&mut self, gift: GiftNumber, day: LocalDay, place: Option<Station>, count: u64) {
        self.flow(gift, day, place).voided += to_i64(count);
    }

    fn flow(&mut self, gift: GiftNumber, day: LocalDay, place: Option<Station>) -> &mut Flow {
        self.gifts.entry(gift).or_default().entry(day).or_default().entry(place).or_default()
    }

    /// The lines, sorted by day, gift and place; the storeroom comes first. A gift has lines from the day of its first
    /// movement on, for every place that ever had a movement of it. The days are those of the carnival until today, and
    /// any other day with a movement of any gift.
    #[must_use]
    pub fn rows(&self, carnival: DateRange, today: Date) -> Vec<LedgerRow> {
        let mut gifts: Vec<Account<'_>> =
            self.gifts.iter().filter_map(|(gift, days)| Account::new(*gift, days)).collect();
        let mut rows = Vec::new();
        for day in self.days(carnival, today) {
            for gift in &mut gifts {
                gift.append_day(day, &mut rows);
            }
        }
        rows
    }

    fn days(&self, carnival: DateRange, today: Date) -> BTreeSet<LocalDay> {
        let happened: BTreeSet<LocalDay> = self.gifts.values().flat_map(BTreeMap::keys).copied().collect();
        let Some(first) = happened.first().copied() else { return happened };
        let last = carnival.last.min(today);
        let days = carnival.first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last);
        days.map(LocalDay::of).filter(|day| *day >= first).chain(happened).collect()
    }
}

/// The running balances of one gift.
struct Account<'a> {
    gift: GiftNumber,
    days: &'a BTreeMap<LocalDay, DayOfGift>,
    first: LocalDay,
    /// Balance per place, always including the storeroom.
    balances: BTreeMap<Option<Station>, i64>,
}

impl Account<'_> {
    fn new(gift: GiftNumber, days: &BTreeMap<LocalDay, DayOfGift>) -> Option<Account<'_>> {
        let (first, _) = days.first_key_value()?;
        let places = days.values().flat_map(BTreeMap::keys).cloned().chain([None]);
        Some(Account { gift, days, first: *first, balances: places.map(|place| (place, 0)).collect() })
    }

    fn append_day(&mut self, day: LocalDay, rows: &mut Vec<LedgerRow>) {
        if day < self.first {
            return;
        }
        let flows = self.days.get(&day);
        // `None` sorts first, so the storeroom's row is the first one.
        let storeroom = rows.len();
        let mut drawn_from_storeroom = 0;
        for (place, balance) in &mut self.balances {
            let flow = flows.and_then(|flows| flows.get(place)).copied().unwrap_or_default();
            let Flow { mut received, redeemed, voided, damaged } = flow;
            let opening = *balance;
            let mut closing = opening + received - redeemed + voided - damaged;
            if place.is_some() && closing < 0 {
                drawn_from_storeroom -= closing;
                received -= closing;
                closing = 0;
            }
            *balance = closing;
            let (gift, place) = (self.gift, place.clone());
            rows.push(LedgerRow { day, gift, place, opening, received, redeemed, voided, damaged, closing });
        }
        rows[storeroom].received -= drawn_from_storeroom;
        rows[storeroom].closing -= drawn_from_storeroom;
        self.balances.insert(None, rows[storeroom].closing);
    }
}

fn to_i64(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
