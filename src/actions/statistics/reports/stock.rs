//! Report of all stock movements: quantity, reason, place, author, and the total afterwards.

use std::collections::BTreeMap;

use super::context::ReportContext;
use super::csv_writer::CsvWriter;
use super::log_merge::MergedLog;
use crate::actions::app::Result;
use crate::actions::carnival::current_carnival::FILE_AUTHOR;
use crate::rules::ids::GiftNumber;
use crate::rules::staff::roles::Station;
use crate::store::LogId;
use crate::store::record::{StockLogEntry, decode_stock_entry};

/// Movements of all gifts, by time.
pub(super) struct Movements {
    entries: MergedLog<StockLogEntry>,
    /// Running total of each gift.
    totals: BTreeMap<GiftNumber, i64>,
}

/// The movements of the filtered gift, or of all.
pub(super) fn stock_entries(context: &ReportContext) -> MergedLog<StockLogEntry> {
    MergedLog::new(context.gifts().into_iter().map(LogId::Stock), decode_stock_entry, |entry| entry.at)
}

impl Movements {
    pub(super) fn new(context: &ReportContext) -> Movements {
        Movements { entries: stock_entries(context), totals: BTreeMap::new() }
    }

    /// Writes the next row; returns whether there was one.
    pub(super) async fn write_next(&mut self, context: &ReportContext, csv: &mut CsvWriter) -> Result<bool> {
        // Read every movement: each total depends on the movements before it.
        while let Some((log, fact)) = self.entries.next(context.app.store.as_ref(), &|_| true).await? {
            let LogId::Stock(gift) = log else { continue };
            let total = self.totals.entry(gift).or_default();
            *total += fact.reason.net_change(fact.change);
            if !context.includes(fact.at) {
                continue;
            }
            // The initial stock comes from the carnival file.
            let by = if fact.by == FILE_AUTHOR { context.texts.carnival_file } else { fact.by.as_str() };
            let place = fact.booth.clone().map(Station::Booth);
            csv.row([
                context.time(fact.at).into(),
                context.gift_name(gift).into(),
                (context.texts.stock_reason)(fact.reason).into(),
                fact.change.into(),
                context.stock_place(place.as_ref()).into(),
                by.into(),
                fact.note.as_str().into(),
                (*total).into(),
            ])?;
            return Ok(true);
        }
        Ok(false)
    }
}
