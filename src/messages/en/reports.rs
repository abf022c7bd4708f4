//! The words of reports in English.

use crate::messages::reports::{ReportHead, ReportTexts};
use crate::rules::check_ins::passport::StampSource;
use crate::rules::gifts::stock::StockReason;

#[rustfmt::skip]
pub(super) const REPORTS: ReportTexts = ReportTexts {
    check_ins: ReportHead { title: "check-ins", columns: ["time", "what", "route", "point number", "point id", "point", "passport", "stamp no.", "kind", "how", "by", "reason"] },
    redemptions: ReportHead { title: "redemptions", columns: ["time", "what", "gift", "voucher", "redemption", "booth", "by", "reason", "passport"] },
    stock: ReportHead { title: "stock", columns: ["time", "gift", "why", "change", "place", "by", "note", "stock after"] },
    ledger: ReportHead { title: "ledger", columns: ["day", "gift", "place", "opening", "in", "redeemed", "voided", "damaged", "closing"] },
    hours: ReportHead { title: "hours", columns: ["name", "role", "place", "on duty", "off duty", "minutes", "planned", "corrected by", "session"] },
    storeroom: "storeroom",
    carnival_file: "carnival file",
    stamped: "stamped",
    restored: "restored",
    handed_over: "handed over",
    voided: "undone",
    stamp_kind: |rain| if rain { "rain stamp" } else { "stamp" },
    stamp_source: |how| match how {
        StampSource::Printed => "poster",
        StampSource::Display => "tablet",
        StampSource::Hand { .. } => "by hand",
    },
    stock_reason: |reason| match reason {
        StockReason::Initial => "initial",
        StockReason::Delivered => "delivered",
        StockReason::Damaged => "damaged",
        StockReason::Correction => "correction",
        StockReason::Moved => "moved",
    },
};
