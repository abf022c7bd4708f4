//! The gift ledger (礼品收发存): for each day, gift and place what was there, what came in, what was handed
//! over, taken back and damaged, and what is left.
//!
//! Stock belongs to the storeroom until it is carried to a booth. Where nobody recorded that, a booth
//! that hands out or breaks more than it has is fed from the storeroom on that day: in at the booth,
//! out of the storeroom. So no booth ever has less than nothing, and all places together have
//! what the stock says, less what was redeemed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::carnival::DateRange;
use super::ids::{BoothId, GiftNumber};
use super::roles::Station;
use super::stock::StockReason;
use super::tally::LocalDay;

/// One line of the ledger. `opening + received - redeemed + voided - damaged = closing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// The day on the carnival's clocks.
    pub day: LocalDay,
    /// The gift.
    pub gift: GiftNumber,
    /// Where; none is the storeroom.
    pub place: Option<Station>,
    /// What the day before left.
    pub opening: i64,
    /// What came in, less what was carried away or counted as missing.
    pub received: i64,
    /// How many were handed over.
    pub redeemed: i64,
    /// How many of those handed over here were undone on this day.
    pub voided: i64,
    /// How many were damaged or lost.
    pub damaged: i64,
    /// What is left.
    pub closing: i64,
}

/// What a day did to one gift at one place.
#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    received: i64,
    redeemed: i64,
    voided: i64,
    damaged: i64,
}

type DayOfGift = BTreeMap<Option<Station>, Flow>;

/// Everything that happened to gifts, added up by day and place.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    gifts: BTreeMap<GiftNumber, BTreeMap<LocalDay, DayOfGift>>,
}

impl Ledger {
    /// A movement of stock, at a booth or in the storeroom.
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

    /// Gifts that were handed over at a place.
    pub fn record_redemptions(&mut self, gift: GiftNumber, day: LocalDay, place: Option<Station>, count: u64) {
        self.flow(gift, day, place).redeemed += to_i64(count);
    }

    /// Gifts that had been handed over at a place, and were undone on this day.
    pub fn record_voids(&mut self, gift: GiftNumber, day: LocalDay, place: Option<Station>, count: u64) {
        self.flow(gift, day, place).voided += to_i64(count);
    }

    fn flow(&mut self, gift: GiftNumber, day: LocalDay, place: Option<Station>) -> &mut Flow {
        self.gifts.entry(gift).or_default().entry(day).or_default().entry(place).or_default()
    }

    /// The lines: by day, gift and place, the storeroom first. Each gift has its lines from the first day on
    /// which something happened to it, for each place that ever had something to do with it. The days are
    /// those of the carnival until today, and those outside of it on which something happened to any gift.
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

/// One gift, gone through day by day.
struct Account<'a> {
    gift: GiftNumber,
    days: &'a BTreeMap<LocalDay, DayOfGift>,
    first: LocalDay,
    /// What is at each place; the storeroom is always one.
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
        // Nothing sorts before something: the storeroom is the first.
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
