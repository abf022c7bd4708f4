//! Every movement of stock: how many, why, where, who, and what there was in all afterwards.

use std::collections::BTreeMap;

use super::super::app::Result;
use super::super::current_carnival::FILE_AUTHOR;
use super::facts::Facts;
use super::sheet::Sheet;
use super::view::View;
use crate::rules::ids::GiftNumber;
use crate::rules::lang::Lang;
use crate::rules::roles::Station;
use crate::rules::stock::StockReason;
use crate::store::LogId;
use crate::store::record::StockLogEntry;

/// Movements of all gifts, by time.
pub(super) struct Movements {
    facts: Facts<StockLogEntry>,
    /// What there is of each gift so far.
    in_all: BTreeMap<GiftNumber, i64>,
}

impl Movements {
    pub(super) fn titles(lang: Lang) -> [&'static str; 8] {
        lang.pick(
            ["时间", "礼物", "原因", "数量", "地点", "经手人", "备注", "变动后总数"],
            ["time", "gift", "why", "change", "place", "by", "note", "stock after"],
        )
    }

    pub(super) fn new(view: &View) -> Movements {
        Movements { facts: Facts::of(view.gifts().into_iter().map(LogId::Stock)), in_all: BTreeMap::new() }
    }

    /// Adds the next row; whether there was one.
    pub(super) async fn write_next(&mut self, view: &View, sheet: &mut Sheet) -> Result<bool> {
        // All of them: what there is after one follows from those before it.
        while let Some((log, fact)) = self.facts.next(view.app.store.as_ref(), &|_| true).await? {
            let LogId::Stock(gift) = log else { continue };
            let in_all = self.in_all.entry(gift).or_default();
            *in_all += fact.reason.net_change(fact.change);
            if !view.wants(fact.at) {
                continue;
            }
            let place = fact.booth.clone().map(Station::Booth);
            sheet.row([
                view.time(fact.at).into(),
                view.gift_name(gift).into(),
                why(fact.reason, view.lang).into(),
                fact.change.into(),
                view.place_of_stock(place.as_ref()).into(),
                by(&fact.by, view.lang).into(),
                fact.note.as_str().into(),
                (*in_all).into(),
            ])?;
            return Ok(true);
        }
        Ok(false)
    }
}

/// Who, as typed; the first stock has nobody.
fn by(by: &str, lang: Lang) -> &str {
    if by == FILE_AUTHOR { lang.pick("嘉年华文件", FILE_AUTHOR) } else { by }
}

fn why(reason: StockReason, lang: Lang) -> &'static str {
    match reason {
        StockReason::Initial => lang.pick("初始", "initial"),
        StockReason::Delivered => lang.pick("到货", "delivered"),
        StockReason::Damaged => lang.pick("损坏", "damaged"),
        StockReason::Correction => lang.pick("更正", "correction"),
        StockReason::Moved => lang.pick("调拨", "moved"),
    }
}
