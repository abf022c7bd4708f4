//! Report of all stock movements: quantity, reason, place, author, and the total afterwards.

use std::collections::BTreeMap;

use super::context::ReportContext;
use super::csv_writer::CsvWriter;
use super::log_merge::MergedLog;
use crate::actions::app::Result;
use crate::actions::carnival::current_carnival::FILE_AUTHOR;
use crate::rules::gifts::stock::StockReason;
use crate::rules::ids::GiftNumber;
use crate::rules::lang::Lang;
use crate::rules::staff::roles::Station;
use crate::store::LogId;
use crate::store::record::StockLogEntry;

/// Movements of all gifts, by time.
pub(super) struct Movements {
    entries: MergedLog<StockLogEntry>,
    /// Running total of each gift.
    totals: BTreeMap<GiftNumber, i64>,
}

impl Movements {
    pub(super) fn titles(lang: Lang) -> [&'static str; 8] {
        lang.pick(
            ["时间", "礼物", "原因", "数量", "地点", "经手人", "备注", "变动后总数"],
            ["time", "gift", "why", "change", "place", "by", "note", "stock after"],
        )
    }

    pub(super) fn new(context: &ReportContext) -> Movements {
        Movements { entries: MergedLog::new(context.gifts().into_iter().map(LogId::Stock)), totals: BTreeMap::new() }
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
            let place = fact.booth.clone().map(Station::Booth);
            csv.row([
                context.time(fact.at).into(),
                context.gift_name(gift).into(),
                reason_label(fact.reason, context.lang).into(),
                fact.change.into(),
                context.stock_place(place.as_ref()).into(),
                by(&fact.by, context.lang).into(),
                fact.note.as_str().into(),
                (*total).into(),
            ])?;
            return Ok(true);
        }
        Ok(false)
    }
}

/// The author as typed; the initial stock comes from the carnival file.
fn by(by: &str, lang: Lang) -> &str {
    if by == FILE_AUTHOR { lang.pick("嘉年华文件", FILE_AUTHOR) } else { by }
}

fn reason_label(reason: StockReason, lang: Lang) -> &'static str {
    match reason {
        StockReason::Initial => lang.pick("初始", "initial"),
        StockReason::Delivered => lang.pick("到货", "delivered"),
        StockReason::Damaged => lang.pick("损坏", "damaged"),
        StockReason::Correction => lang.pick("更正", "correction"),
        StockReason::Moved => lang.pick("调拨", "moved"),
    }
}
