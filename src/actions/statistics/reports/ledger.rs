//! The gift ledger (礼品收发存), computed from stock logs and hourly tallies; it reads no claims.

use std::vec::IntoIter;

use super::context::ReportContext;
use super::csv_writer::CsvWriter;
use super::stock::stock_entries;
use crate::actions::app::Result;
use crate::rules::gifts::ledger::{Ledger, LedgerRow};
use crate::rules::statistics::tally::{LocalDay, Tally, TallyPeriod};
use crate::store::LogId;

/// Rows of the ledger.
pub(super) struct LedgerRows(IntoIter<LedgerRow>);

impl LedgerRows {
    /// Computes the whole ledger: a few rows for each day, gift and place.
    ///
    /// # Errors
    /// Only when the store fails.
    pub(super) async fn of(context: &ReportContext) -> Result<LedgerRows> {
        let (store, carnival) = (context.app.store.as_ref(), &context.current.carnival);
        let gifts = context.gifts();
        let mut ledger = Ledger::default();
        let mut entries = stock_entries(context);
        while let Some((log, fact)) = entries.next(store, &|_| true).await? {
            if let LogId::Stock(gift) = log {
                let day = LocalDay::of(carnival.local(fact.at).date());
                ledger.record_movement(gift, day, fact.booth.as_ref(), fact.reason, fact.change);
            }
        }
        for (tally, count) in store.tallies(TallyPeriod::ByHour).await? {
            match tally {
                Tally::Redemptions(gift, place, hour) if gifts.contains(&gift) => {
                    ledger.record_redemptions(gift, hour.day(), place, count);
                }
                Tally::Voids(gift, place, hour) if gifts.contains(&gift) => {
                    ledger.record_voids(gift, hour.day(), place, count);
                }
                _ => {}
            }
        }
        let today = carnival.local(context.app.now()).date();
        let mut rows = ledger.rows(carnival.days, today);
        rows.retain(|row| context.day.is_none_or(|day| LocalDay::of(day) == row.day));
        Ok(LedgerRows(rows.into_iter()))
    }

    /// Writes the next row; returns whether there was one.
    pub(super) fn write_next(&mut self, context: &ReportContext, csv: &mut CsvWriter) -> Result<bool> {
        let Some(row) = self.0.next() else { return Ok(false) };
        let day = row.day.date().map_or_else(|| row.day.to_string(), |day| day.to_string());
        csv.row([
            day.into(),
            context.gift_name(row.gift).into(),
            context.stock_place(row.place.as_ref()).into(),
            row.opening.into(),
            row.received.into(),
            row.redeemed.into(),
            row.voided.into(),
            row.damaged.into(),
            row.closing.into(),
        ])?;
        Ok(true)
    }
}
