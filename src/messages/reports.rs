//! The words of reports: file names, heads of columns, and what stands in cells.

use crate::rules::check_ins::passport::StampSource;
use crate::rules::gifts::stock::StockReason;

/// The title of a report and the heads of its columns.
pub struct ReportHead<const COLUMNS: usize> {
    pub(crate) title: &'static str,
    pub(crate) columns: [&'static str; COLUMNS],
}

/// The words of reports.
pub struct ReportTexts {
    pub(crate) check_ins: ReportHead<12>,
    pub(crate) redemptions: ReportHead<9>,
    pub(crate) stock: ReportHead<8>,
    pub(crate) ledger: ReportHead<9>,
    pub(crate) hours: ReportHead<9>,
    pub(crate) storeroom: &'static str,
    /// The author of the stock that the carnival file declares.
    pub(crate) carnival_file: &'static str,
    pub(crate) stamped: &'static str,
    /// A stamp that was undone counts again.
    pub(crate) restored: &'static str,
    pub(crate) handed_over: &'static str,
    pub(crate) voided: &'static str,
    /// Whether a stamp is a rain stamp.
    pub(crate) stamp_kind: fn(bool) -> &'static str,
    pub(crate) stamp_source: fn(&StampSource) -> &'static str,
    pub(crate) stock_reason: fn(StockReason) -> &'static str,
}
